//! Signing in: accounts with argon2 passwords, browser sessions, and bearer tokens. Secrets are stored as digests.

use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use folkmoot_governance::id::{Digest, MemberId, Time};
use tokio::sync::SemaphorePermit;

use super::error::{ActionError, Refusal, Result};
use super::{Person, view_members};
use crate::app::App;
use crate::storage::accounts::{self, AccountRow};
use crate::storage::{Conn, consortium, rates};
use crate::words::Message;

/// How long a browser stays signed in.
pub const SESSION_SECONDS: i64 = 14 * 86_400;
const QUARTER_HOUR: i64 = 900;
/// How many times as many wrong passwords may come from one address, behind which a whole office may be, and for one login
/// from all addresses together.
const ADDRESS_TIMES: u64 = 10;
const LOGIN_TIMES: u64 = 100;
const PASSWORD_LEAST: usize = 10;
const PASSWORD_MOST: usize = 200;

/// A browser session: the secret goes into the cookie, the other into every form.
#[derive(Debug, Clone)]
pub struct Session {
    pub secret: String,
    pub csrf: String,
    pub person: Person,
}

/// How long somebody waits for a turn before being asked to come back.
const WAIT: Duration = Duration::from_secs(10);
/// Most tokens of one account; a further one ends the oldest.
const TOKENS_MOST: usize = 100;

/// Refuses what is too short or too long for a password.
pub fn check_password(password: &str) -> Result<()> {
    if (PASSWORD_LEAST..=PASSWORD_MOST).contains(&password.chars().count()) {
        return Ok(());
    }
    let message = Message::new("refused-password").with("least", PASSWORD_LEAST).with("most", PASSWORD_MOST);
    Err(ActionError::Refused(Refusal::new("password", message).about("password")))
}

/// Hashes a password off the async threads, in turn.
pub async fn hash_password(app: &App, password: &str) -> Result<String> {
    check_password(password)?;
    let _turn = turn(app).await?;
    hash(password).await
}

/// A turn for working on a password.
async fn turn(app: &App) -> Result<SemaphorePermit<'_>> {
    match tokio::time::timeout(WAIT, app.passwords.acquire()).await {
        Ok(Ok(permit)) => Ok(permit),
        _ => Err(ActionError::refused("too-many", "refused-sign-in-crowd")),
    }
}

async fn hash(password: &str) -> Result<String> {
    let password = password.to_owned();
    tokio::task::spawn_blocking(move || {
        let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>()).map_err(ActionError::corrupt("salt"))?;
        let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(ActionError::corrupt("password"))
    })
    .await
    .map_err(ActionError::corrupt("password"))?
}

async fn verifies(password: &str, hash: String) -> Result<bool> {
    let password = password.to_owned();
    tokio::task::spawn_blocking(move || {
        let parsed = PasswordHash::new(&hash).map_err(ActionError::corrupt("password"))?;
        Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
    })
    .await
    .map_err(ActionError::corrupt("password"))?
}

/// Wrong passwords of this quarter of an hour: for a login from one address, from that address whatever the login, and for
/// the login from anywhere. Nobody locks somebody else out from one place, and nobody guesses for long from many.
struct Guesses {
    /// Each with how many there may be.
    buckets: [(String, u64); 3],
}

impl Guesses {
    fn of(app: &App, login: &str, from: &str) -> Self {
        let most = u64::from(app.config.limits.sign_in_attempts);
        // Neither addresses nor what was typed for a login is stored.
        let bucket = |name: &str, of: &str| format!("{name} {}", Digest::of(of.as_bytes()).short(32));
        let buckets = [
            (bucket("sign-in", &format!("{from} {login}")), most),
            (bucket("sign-in from", from), most * ADDRESS_TIMES),
            (bucket("sign-in as", login), most * LOGIN_TIMES),
        ];
        Self { buckets }
    }

    async fn must_be_few(&self, app: &App, now: Time) -> Result<()> {
        let mut conn = app.db.read().await?;
        for (bucket, most) in &self.buckets {
            if rates::so_far(&mut conn, bucket, QUARTER_HOUR, now).await? >= *most {
                return Err(ActionError::refused("too-many", "refused-sign-in-tries"));
            }
        }
        Ok(())
    }

    /// Beyond the limits nothing is counted, so one address leaves no more rows than it may guess.
    async fn count(self, app: &App, now: Time) -> Result<()> {
        app.db
            .write(async move |conn| {
                for (bucket, _) in &self.buckets {
                    rates::count(conn, bucket, QUARTER_HOUR, now).await?;
                }
                Ok(())
            })
            .await
    }
}

/// Checks login and password. `from` is a client address as limits count it; wrong passwords are limited.
pub async fn check(app: &App, login: &str, password: &str, from: &str, now: Time) -> Result<Person> {
    let guesses = Guesses::of(app, login, from);
    // Whoever guessed too often does not stand in the way of others.
    guesses.must_be_few(app, now).await?;
    let _turn = turn(app).await?;
    // Nor is anybody ahead of the count who stood in line meanwhile: it goes up before the turn is passed on.
    guesses.must_be_few(app, now).await?;
    let account = {
        let mut conn = app.db.read().await?;
        accounts::find(&mut conn, login).await?
    };
    match account.filter(|account| account.login == login) {
        Some(account) if verifies(password, account.password.clone()).await? => return Ok(person(account)),
        Some(_) => {}
        // An unknown login takes as long as a wrong password, and is told apart from it by nothing.
        None => {
            hash("nobody has this password").await?;
        }
    }
    guesses.count(app, now).await?;
    Err(ActionError::Refused(Refusal::new("sign-in", "refused-sign-in").about("login")))
}

fn person(account: AccountRow) -> Person {
    Person { login: account.login, person: account.person, name: account.name, steward: account.steward }
}

fn secret() -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// Signs a program in: the bearer token, shown once.
pub async fn sign_in(app: &App, login: &str, password: &str, from: &str, name: &str, now: Time) -> Result<String> {
    let person = check(app, login, password, from, now).await?;
    new_token(app, &person, name, now).await
}

/// Signs a browser in.
pub async fn open_session(app: &App, login: &str, password: &str, from: &str, now: Time) -> Result<Session> {
    let person = check(app, login, password, from, now).await?;
    let (token, csrf) = (secret(), secret());
    let (digest, login, form) = (Digest::of(token.as_bytes()), person.login.clone(), csrf.clone());
    let expires = now.plus(SESSION_SECONDS);
    app.db.write(async move |conn| accounts::put_session(conn, digest, &login, &form, now, expires).await).await?;
    Ok(Session { secret: token, csrf, person })
}

/// The session behind a cookie, if it is still good.
pub async fn session(app: &App, secret: &str, now: Time) -> Result<Option<Session>> {
    let mut conn = app.db.read().await?;
    let Some(row) = accounts::session(&mut conn, Digest::of(secret.as_bytes()), now).await? else { return Ok(None) };
    let account = accounts::find(&mut conn, &row.login).await?;
    Ok(account.map(|account| Session { secret: secret.to_owned(), csrf: row.csrf, person: person(account) }))
}

pub async fn end_session(app: &App, secret: &str) -> Result<()> {
    let token = Digest::of(secret.as_bytes());
    app.db.write(async move |conn| accounts::end_session(conn, token).await).await.map_err(Into::into)
}

/// The person behind a bearer token.
pub async fn by_bearer(app: &App, token: &str) -> Result<Option<Person>> {
    let mut conn = app.db.read().await?;
    Ok(accounts::by_token(&mut conn, Digest::of(token.as_bytes())).await?.map(person))
}

/// A new bearer token for a person; shown once.
pub async fn new_token(app: &App, person: &Person, name: &str, now: Time) -> Result<String> {
    let token = secret();
    let (digest, login) = (Digest::of(token.as_bytes()), person.login.clone());
    let name: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
    app.db
        .write(async move |conn| {
            let known = accounts::tokens_of(conn, &login).await?;
            for (oldest, ..) in known.iter().take((known.len() + 1).saturating_sub(TOKENS_MOST)) {
                accounts::end_token(conn, &login, *oldest).await?;
            }
            accounts::put_token(conn, digest, &login, &name, now).await
        })
        .await?;
    Ok(token)
}

pub async fn end_token(app: &App, person: &Person, token: Digest) -> Result<()> {
    let login = person.login.clone();
    app.db.write(async move |conn| accounts::end_token(conn, &login, token).await).await.map_err(Into::into)
}

/// The form of every login, however its account comes about.
pub fn check_login(login: &str) -> Result<()> {
    let fits = (1..=64).contains(&login.len())
        && login.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b));
    if fits {
        return Ok(());
    }
    Err(ActionError::Refused(Refusal::new("login", "refused-login").about("login")))
}

/// Whether somebody signs in here as this person.
pub(super) async fn is_known(conn: &mut Conn, person: &MemberId) -> Result<bool> {
    accounts::is_person(conn, person).await.map_err(Into::into)
}

/// Takes an account away, with every session and token: from then on nobody signs in or acts with it.
pub async fn remove(app: &App, steward: &Person, login: &str) -> Result<()> {
    steward.must_be_steward()?;
    let login = login.to_owned();
    app.db
        .write(async move |conn| {
            let account = accounts::find(conn, &login).await?.ok_or(ActionError::NotFound("missing-account"))?;
            if account.steward && !accounts::has_other_steward(conn, &login).await? {
                return Err(ActionError::refused("last-steward", "refused-last-steward-account"));
            }
            accounts::remove(conn, &login).await.map_err(Into::into)
        })
        .await
}

/// A new account. Made by stewards, and by the command line on the node's own machine; they may name any person.
pub async fn create(
    app: &App,
    login: &str,
    password: &str,
    person: Option<MemberId>,
    name: &str,
    steward: bool,
    now: Time,
) -> Result<()> {
    check_login(login)?;
    if name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(ActionError::Refused(Refusal::new("name", "refused-account-name").about("name")));
    }
    let hash = hash_password(app, password).await?;
    let (login, name) = (login.to_owned(), name.to_owned());
    app.db
        .write(async move |conn| {
            if accounts::find(conn, &login).await?.is_some() {
                return Err(ActionError::Refused(Refusal::new("taken", "refused-login-taken").about("login")));
            }
            let person = match person {
                Some(person) => person,
                None => person_of(conn, &login).await?,
            };
            accounts::insert(conn, &login, &hash, &person, &name, steward, now).await.map_err(Into::into)
        })
        .await
}

/// The person that a login stands for where nobody says another: one who is nobody else yet. Who becomes a member, or acts
/// for one, is settled under the same lock.
async fn person_of(conn: &mut Conn, login: &str) -> Result<MemberId> {
    consortium::lock(conn).await?;
    let person: MemberId = login.replace(['.', '_'], "-").parse().expect("what is left of a login fits a member id");
    if is_known(conn, &person).await? || !view_members::acting(conn, &person).await?.is_empty() {
        let message = Message::new("refused-account-person").naming("person", &person);
        return Err(ActionError::Refused(Refusal::new("taken", message).about("person")));
    }
    Ok(person)
}

/// A new password for somebody who lost it, and the end of every session and token: whoever had the old one is out.
/// Only for the command line on the node's own machine, which asks for nothing else.
pub async fn reset_password(app: &App, login: &str, password: &str) -> Result<()> {
    let hash = hash_password(app, password).await?;
    let login = login.to_owned();
    app.db
        .write(async move |conn| {
            accounts::find(conn, &login).await?.ok_or(ActionError::NotFound("missing-login"))?;
            accounts::set_password(conn, &login, &hash).await?;
            accounts::end_tokens(conn, &login).await.map_err(Into::into)
        })
        .await
}

/// Makes somebody a steward, or a steward no more. The last one stays: nobody could admit members any more.
pub async fn set_steward(app: &App, login: &str, steward: bool) -> Result<()> {
    let login = login.to_owned();
    app.db
        .write(async move |conn| {
            accounts::find(conn, &login).await?.ok_or(ActionError::NotFound("missing-login"))?;
            if !steward && !accounts::has_other_steward(conn, &login).await? {
                return Err(ActionError::refused("last-steward", "refused-last-steward"));
            }
            accounts::set_steward(conn, &login, steward).await.map_err(Into::into)
        })
        .await
}

/// A new password. Every browser and program is signed out: whoever learned the old one may have been among them.
pub async fn set_password(app: &App, person: &Person, old: &str, new: &str, from: &str, now: Time) -> Result<()> {
    check(app, &person.login, old, from, now).await?;
    let hash = hash_password(app, new).await?;
    let login = person.login.clone();
    app.db.write(async move |conn| accounts::set_password(conn, &login, &hash).await).await.map_err(Into::into)
}
