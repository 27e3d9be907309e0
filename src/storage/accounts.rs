//! People who sign in at this node: accounts, sessions of browsers, and tokens of programs.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, MemberId, Time};

use super::schema::{accounts::dsl, sessions, tokens};
use super::{Conn, Result, parsed};

#[derive(Debug, Clone)]
pub struct AccountRow {
    pub login: String,
    /// argon2 in PHC form.
    pub password: String,
    pub person: MemberId,
    pub name: String,
    pub steward: bool,
}

/// A browser that is signed in.
#[derive(Debug, Clone)]
pub struct SessionRow {
    pub login: String,
    pub csrf: String,
    pub expires_at: Time,
}

type Columns = (String, String, String, String, i64, i64);

fn row((login, password, person, name, steward, _): Columns) -> Result<AccountRow> {
    Ok(AccountRow { login, password, person: parsed(&person)?, name, steward: steward != 0 })
}

pub async fn find(conn: &mut Conn, login: &str) -> Result<Option<AccountRow>> {
    let target = dsl::accounts.filter(dsl::login.eq(login));
    query!(conn, c => target.load::<Columns>(c))?.pop().map(row).transpose()
}

/// Accounts by login, from behind `after` on.
pub async fn after(conn: &mut Conn, after: &str, most: usize) -> Result<Vec<AccountRow>> {
    let target = dsl::accounts.filter(dsl::login.gt(after)).order(dsl::login).limit(super::limit(most));
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}

/// Whether somebody signs in as this person.
pub async fn is_person(conn: &mut Conn, person: &MemberId) -> Result<bool> {
    let target = dsl::accounts.filter(dsl::person.eq(person.as_str())).count();
    query!(conn, c => target.get_result::<i64>(c)).map(|count| count > 0)
}

/// Whether there is a steward beside this one. Whoever asks the same meanwhile waits until this transaction has ended: of
/// two who go at once, the second learns that the first has gone. SQLite has one writer anyway.
pub async fn has_other_steward(conn: &mut Conn, login: &str) -> Result<bool> {
    let target = dsl::accounts.filter(dsl::steward.ne(0)).order(dsl::login).select(dsl::login);
    let stewards: Vec<String> = match conn {
        Conn::Sqlite(object) => target.load(&mut **object).await?,
        Conn::Postgres(object) => target.for_update().load(&mut ***object).await?,
    };
    Ok(stewards.iter().any(|steward| steward != login))
}

/// Adds an account; refuses a login that is taken.
pub async fn insert(
    conn: &mut Conn,
    login: &str,
    password: &str,
    person: &MemberId,
    name: &str,
    steward: bool,
    now: Time,
) -> Result<()> {
    let values = (
        dsl::login.eq(login),
        dsl::password.eq(password),
        dsl::person.eq(person.as_str()),
        dsl::name.eq(name),
        dsl::steward.eq(i64::from(steward)),
        dsl::created_at.eq(now.0),
    );
    query!(conn, c => diesel::insert_into(dsl::accounts).values(values).execute(c))?;
    Ok(())
}

/// Sets a new password and ends every session and token of the account.
pub async fn set_password(conn: &mut Conn, login: &str, password: &str) -> Result<()> {
    let target = dsl::accounts.filter(dsl::login.eq(login));
    query!(conn, c => diesel::update(target).set(dsl::password.eq(password)).execute(c))?;
    end_all(conn, login).await
}

/// Removes an account and all that signs in with it.
pub async fn remove(conn: &mut Conn, login: &str) -> Result<()> {
    end_all(conn, login).await?;
    query!(conn, c => diesel::delete(dsl::accounts.filter(dsl::login.eq(login))).execute(c))?;
    Ok(())
}

async fn end_all(conn: &mut Conn, login: &str) -> Result<()> {
    query!(conn, c => diesel::delete(sessions::table.filter(sessions::login.eq(login))).execute(c))?;
    query!(conn, c => diesel::delete(tokens::table.filter(tokens::login.eq(login))).execute(c))?;
    Ok(())
}

pub async fn set_steward(conn: &mut Conn, login: &str, steward: bool) -> Result<()> {
    let target = dsl::accounts.filter(dsl::login.eq(login));
    query!(conn, c => diesel::update(target).set(dsl::steward.eq(i64::from(steward))).execute(c))?;
    Ok(())
}

/// Ends every token of the account.
pub async fn end_tokens(conn: &mut Conn, login: &str) -> Result<()> {
    query!(conn, c => diesel::delete(tokens::table.filter(tokens::login.eq(login))).execute(c))?;
    Ok(())
}

/// `token` is the digest of the secret in the browser's cookie.
pub async fn put_session(
    conn: &mut Conn,
    token: Digest,
    login: &str,
    csrf: &str,
    now: Time,
    expires: Time,
) -> Result<()> {
    query!(conn, c => diesel::delete(sessions::table.filter(sessions::expires_at.lt(now.0))).execute(c))?;
    let values = (
        sessions::token.eq(token.0.to_vec()),
        sessions::login.eq(login),
        sessions::csrf.eq(csrf),
        sessions::created_at.eq(now.0),
        sessions::expires_at.eq(expires.0),
    );
    query!(conn, c => diesel::insert_into(sessions::table).values(values).execute(c))?;
    Ok(())
}

pub async fn session(conn: &mut Conn, token: Digest, now: Time) -> Result<Option<SessionRow>> {
    let target = sessions::table
        .filter(sessions::token.eq(token.0.to_vec()))
        .filter(sessions::expires_at.ge(now.0))
        .select((sessions::login, sessions::csrf, sessions::expires_at));
    let found = query!(conn, c => target.load::<(String, String, i64)>(c))?.pop();
    Ok(found.map(|(login, csrf, at)| SessionRow { login, csrf, expires_at: Time(at) }))
}

pub async fn end_session(conn: &mut Conn, token: Digest) -> Result<()> {
    let target = sessions::table.filter(sessions::token.eq(token.0.to_vec()));
    query!(conn, c => diesel::delete(target).execute(c))?;
    Ok(())
}

/// `token` is the digest of the bearer token.
pub async fn put_token(conn: &mut Conn, token: Digest, login: &str, name: &str, now: Time) -> Result<()> {
    let values = (
        tokens::token.eq(token.0.to_vec()),
        tokens::login.eq(login),
        tokens::name.eq(name),
        tokens::created_at.eq(now.0),
    );
    query!(conn, c => diesel::insert_into(tokens::table).values(values).execute(c))?;
    Ok(())
}

/// The account behind a bearer token.
pub async fn by_token(conn: &mut Conn, token: Digest) -> Result<Option<AccountRow>> {
    let target = tokens::table.filter(tokens::token.eq(token.0.to_vec())).select(tokens::login);
    match query!(conn, c => target.load::<String>(c))?.pop() {
        Some(login) => find(conn, &login).await,
        None => Ok(None),
    }
}

/// Tokens of an account: (short name of the token, name given to it, since).
pub async fn tokens_of(conn: &mut Conn, login: &str) -> Result<Vec<(Digest, String, Time)>> {
    let target = tokens::table.filter(tokens::login.eq(login)).order(tokens::created_at).select((
        tokens::token,
        tokens::name,
        tokens::created_at,
    ));
    let rows = query!(conn, c => target.load::<(Vec<u8>, String, i64)>(c))?;
    rows.into_iter().map(|(token, name, at)| Ok((super::digest(&token)?, name, Time(at)))).collect()
}

pub async fn end_token(conn: &mut Conn, login: &str, token: Digest) -> Result<()> {
    let target = tokens::table.filter(tokens::token.eq(token.0.to_vec())).filter(tokens::login.eq(login));
    query!(conn, c => diesel::delete(target).execute(c))?;
    Ok(())
}
