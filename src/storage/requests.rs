//! Requests to join that this node received.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, MemberId, Time};

use super::page::beyond;
use super::schema::{members, requests::dsl};
use super::{Conn, Page, Result, Wanted, digest, nat, parsed};

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

/// Those that the stewards have not done with (waiting, or endorsed and not on the roll), or else all others; the newest
/// first.
pub async fn page(conn: &mut Conn, under_way: bool, wanted: &Wanted<i64, String>) -> Result<Page<RequestRow>> {
    let (at, id) = wanted.beside((i64::MAX, String::new()));
    // An organisation is entered by a decision rather than from its request.
    let on_roll = diesel::dsl::exists(members::table.filter(members::member.eq(dsl::member)));
    let open = dsl::state.eq("waiting").or(dsl::state.eq("endorsed").and(diesel::dsl::not(on_roll)));
    let target = dsl::requests.filter(open.eq(under_way));
    let rows = beyond!(conn, wanted, newest (dsl::at, at), (dsl::id, id.as_str()), target => Columns)?;
    let rows = rows.into_iter().map(row).collect::<Result<Vec<_>>>()?;
    Ok(Page::of(wanted, rows, |row| (row.at.0, row.id.clone())))
}

/// All of them, the newest first.
pub async fn newest(conn: &mut Conn, wanted: &Wanted<i64, String>) -> Result<Page<RequestRow>> {
    let (at, id) = wanted.beside((i64::MAX, String::new()));
    let rows = beyond!(conn, wanted, newest (dsl::at, at), (dsl::id, id.as_str()), dsl::requests => Columns)?;
    let rows = rows.into_iter().map(row).collect::<Result<Vec<_>>>()?;
    Ok(Page::of(wanted, rows, |row| (row.at.0, row.id.clone())))
}

/// How many wait for the stewards' answer.
pub async fn count_waiting(conn: &mut Conn) -> Result<u64> {
    let target = dsl::requests.filter(dsl::state.eq("waiting")).count();
    query!(conn, c => target.get_result::<i64>(c)).map(nat)
}

/// How many wait for an answer, or for their objection window to pass.
pub async fn count_under_way(conn: &mut Conn) -> Result<u64> {
    let target = dsl::requests.filter(dsl::state.eq_any(["waiting", "endorsed"])).count();
    query!(conn, c => target.get_result::<i64>(c)).map(nat)
}

/// Whether one of those is for this member id.
pub async fn is_under_way(conn: &mut Conn, member: &MemberId) -> Result<bool> {
    let target = dsl::requests
        .filter(dsl::member.eq(member.as_str()))
        .filter(dsl::state.eq_any(["waiting", "endorsed"]))
        .count();
    query!(conn, c => target.get_result::<i64>(c)).map(|count| count > 0)
}

/// Endorsed, and not on the roll yet.
pub async fn endorsed_waiting(conn: &mut Conn) -> Result<Vec<RequestRow>> {
    let target = dsl::requests.filter(dsl::state.eq("endorsed")).order((dsl::at, dsl::id));
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}

/// A steward stands for it. As of every answer: whether the request still waited for one.
pub async fn endorsed(conn: &mut Conn, id: &str, application: Digest) -> Result<bool> {
    let target = dsl::requests.filter(dsl::id.eq(id)).filter(dsl::state.eq("waiting"));
    let changes = (dsl::state.eq("endorsed"), dsl::application.eq(Some(application.0.to_vec())));
    query!(conn, c => diesel::update(target).set(changes).execute(c)).map(|rows| rows > 0)
}

pub async fn declined(conn: &mut Conn, id: &str, reason: &str) -> Result<bool> {
    let target = dsl::requests.filter(dsl::id.eq(id)).filter(dsl::state.eq("waiting"));
    let changes = (dsl::state.eq("declined"), dsl::reason.eq(Some(reason)));
    query!(conn, c => diesel::update(target).set(changes).execute(c)).map(|rows| rows > 0)
}

/// Whether it was endorsed and not on the roll yet.
pub async fn entered(conn: &mut Conn, id: &str) -> Result<bool> {
    let target = dsl::requests.filter(dsl::id.eq(id)).filter(dsl::state.eq("endorsed"));
    query!(conn, c => diesel::update(target).set(dsl::state.eq("entered")).execute(c)).map(|rows| rows > 0)
}
