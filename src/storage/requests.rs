//! Requests to join that this node received.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, MemberId, Time};

use super::schema::requests::dsl;
use super::{Conn, Result, digest, parsed};

/// `state`: `waiting`, `endorsed`, `declined`, `entered`.
#[derive(Debug, Clone)]
pub struct RequestRow {
    pub id: String,
    pub state: String,
    pub member: MemberId,
    pub name: String,
    pub class: String,
    pub level: String,
    pub terms: Digest,
    pub request: String,
    pub commitment: String,
    /// Login and password hash of the account that comes with the membership.
    pub account: Option<(String, String)>,
    pub application: Option<Digest>,
    pub reason: Option<String>,
    pub at: Time,
}

#[derive(Queryable)]
struct Columns {
    id: String,
    state: String,
    member: String,
    name: String,
    class: String,
    level: String,
    terms: Vec<u8>,
    request: String,
    commitment: String,
    login: Option<String>,
    password: Option<String>,
    application: Option<Vec<u8>>,
    reason: Option<String>,
    at: i64,
}

fn row(columns: Columns) -> Result<RequestRow> {
    Ok(RequestRow {
        id: columns.id,
        state: columns.state,
        member: parsed(&columns.member)?,
        name: columns.name,
        class: columns.class,
        level: columns.level,
        terms: digest(&columns.terms)?,
        request: columns.request,
        commitment: columns.commitment,
        account: columns.login.zip(columns.password),
        application: columns.application.map(|bytes| digest(&bytes)).transpose()?,
        reason: columns.reason,
        at: Time(columns.at),
    })
}

pub async fn insert(conn: &mut Conn, row: &RequestRow) -> Result<()> {
    let (login, password) = row.account.clone().unzip();
    let values = (
        dsl::id.eq(&row.id),
        dsl::state.eq(&row.state),
        dsl::member.eq(row.member.as_str()),
        dsl::name.eq(&row.name),
        dsl::class.eq(&row.class),
        dsl::level.eq(&row.level),
        dsl::terms.eq(row.terms.0.to_vec()),
        dsl::request.eq(&row.request),
        dsl::commitment.eq(&row.commitment),
        dsl::login.eq(login),
        dsl::password.eq(password),
        dsl::at.eq(row.at.0),
    );
    query!(conn, c => diesel::insert_into(dsl::requests).values(values).execute(c))?;
    Ok(())
}

pub async fn find(conn: &mut Conn, id: &str) -> Result<Option<RequestRow>> {
    let target = dsl::requests.filter(dsl::id.eq(id));
    query!(conn, c => target.load::<Columns>(c))?.pop().map(row).transpose()
}

/// Newest first.
pub async fn all(conn: &mut Conn) -> Result<Vec<RequestRow>> {
    let target = dsl::requests.order((dsl::at.desc(), dsl::id));
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}

/// Endorsed, and not on the roll yet.
pub async fn endorsed_waiting(conn: &mut Conn) -> Result<Vec<RequestRow>> {
    let target = dsl::requests.filter(dsl::state.eq("endorsed")).order((dsl::at, dsl::id));
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}

pub async fn endorsed(conn: &mut Conn, id: &str, application: Digest) -> Result<()> {
    let changes = (dsl::state.eq("endorsed"), dsl::application.eq(Some(application.0.to_vec())));
    query!(conn, c => diesel::update(dsl::requests.filter(dsl::id.eq(id))).set(changes).execute(c))?;
    Ok(())
}

pub async fn declined(conn: &mut Conn, id: &str, reason: &str) -> Result<()> {
    let changes = (dsl::state.eq("declined"), dsl::reason.eq(Some(reason)));
    query!(conn, c => diesel::update(dsl::requests.filter(dsl::id.eq(id))).set(changes).execute(c))?;
    Ok(())
}

pub async fn entered(conn: &mut Conn, id: &str) -> Result<()> {
    query!(conn, c => diesel::update(dsl::requests.filter(dsl::id.eq(id))).set(dsl::state.eq("entered")).execute(c))?;
    Ok(())
}
