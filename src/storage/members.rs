//! The roll as pages show it: replayed from the journals whenever something in it changes. Votes never read it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{MemberId, NodeId, Time};
use folkmoot_governance::key::PublicKey;
use folkmoot_governance::statement::Custody;

use super::schema::{ignored, mandates, members};
use super::{Conn, Error, Result, parsed, time};

/// `status`: `in-force`, `withdrawn`, `suspended`, `lapsed`.
#[derive(Debug, Clone)]
pub struct MemberRow {
    pub member: MemberId,
    pub name: String,
    pub class: String,
    pub level: String,
    pub sponsor: NodeId,
    pub key: PublicKey,
    pub custody: Custody,
    pub status: String,
    pub since: Time,
    pub until: Option<Time>,
    /// What happened and when, oldest first.
    pub history: Vec<(Time, String)>,
}

#[derive(Debug, Clone)]
pub struct MandateRow {
    pub organisation: MemberId,
    pub holder: MemberId,
    pub name: String,
    pub key: Option<PublicKey>,
    pub since: Time,
    pub until: Option<Time>,
}

type Columns = (String, String, String, String, String, String, String, String, i64, Option<i64>, String);

fn row(columns: Columns) -> Result<MemberRow> {
    let (member, name, class, level, sponsor, key, custody, status, since, until, history) = columns;
    let history: Vec<(i64, String)> = serde_json::from_str(&history).map_err(Error::unreadable)?;
    Ok(MemberRow {
        member: parsed(&member)?,
        name,
        class,
        level,
        sponsor: parsed(&sponsor)?,
        key: parsed(&key)?,
        custody: if custody == "device" { Custody::Device } else { Custody::Node },
        status,
        since: Time(since),
        until: time(until),
        history: history.into_iter().map(|(at, what)| (Time(at), what)).collect(),
    })
}

pub async fn find(conn: &mut Conn, member: &MemberId) -> Result<Option<MemberRow>> {
    let target = members::table.filter(members::member.eq(member.as_str()));
    query!(conn, c => target.load::<Columns>(c))?.pop().map(row).transpose()
}

/// Everybody who is or was on the roll, by class and name.
pub async fn list(conn: &mut Conn) -> Result<Vec<MemberRow>> {
    let target = members::table.order((members::class, members::name, members::member));
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}

pub async fn mandates_of(conn: &mut Conn, organisation: &MemberId) -> Result<Vec<MandateRow>> {
    let target = mandates::table.filter(mandates::organisation.eq(organisation.as_str())).order(mandates::since);
    type Columns = (String, String, String, Option<String>, i64, Option<i64>);
    let rows = query!(conn, c => target.load::<Columns>(c))?;
    rows.into_iter()
        .map(|(organisation, holder, name, key, since, until)| {
            Ok(MandateRow {
                organisation: parsed(&organisation)?,
                holder: parsed(&holder)?,
                name,
                key: key.as_deref().map(parsed).transpose()?,
                since: Time(since),
                until: time(until),
            })
        })
        .collect()
}

/// Organisations for which somebody holds a mandate now.
pub async fn represented_by(conn: &mut Conn, holder: &MemberId) -> Result<Vec<MemberId>> {
    let target = mandates::table
        .filter(mandates::holder.eq(holder.as_str()))
        .filter(mandates::until.is_null())
        .order(mandates::organisation)
        .select(mandates::organisation);
    query!(conn, c => target.load::<String>(c))?.iter().map(|member| parsed(member)).collect()
}

/// Statements about the roll that change nothing, with the reason.
pub async fn ignored(conn: &mut Conn) -> Result<Vec<(String, i64, String)>> {
    let target = ignored::table.order((ignored::journal, ignored::position)).select((
        ignored::journal,
        ignored::position,
        ignored::reason,
    ));
    query!(conn, c => target.load::<(String, i64, String)>(c))
}
