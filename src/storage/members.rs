//! The roll as pages show it: replayed from the journals whenever something in it changes. Votes never read it.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{MemberId, NodeId, Time};
use folkmoot_governance::key::PublicKey;
use folkmoot_governance::statement::Custody;

use super::page::beyond;
use super::schema::{ignored, mandates, members};
use super::{Conn, Error, Page, Place, Result, Wanted, nat, parsed, time};

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

/// Which part of the roll.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    All,
    /// Of one class.
    Class(&'a str),
    /// Whom one co-op brought in.
    Sponsor(&'a NodeId),
    /// Of those the ones of some classes.
    SponsorIn(&'a NodeId, &'a [&'a str]),
}

/// Those who are or were on the roll, by name.
pub async fn by_name(conn: &mut Conn, part: Part<'_>, wanted: &Wanted<String, MemberId>) -> Result<Page<MemberRow>> {
    let key = match &wanted.place {
        Place::Start => None,
        Place::After(name, member) | Place::Before(name, member) => Some((name.as_str(), member.as_str())),
    };
    let (name, id) = key.unwrap_or_default();
    let rows = match part {
        Part::All => {
            beyond!(conn, wanted, first (members::name, name), (members::member, id), members::table => Columns)
        }
        Part::Class(class) => {
            let target = members::table.filter(members::class.eq(class));
            beyond!(conn, wanted, first (members::name, name), (members::member, id), target => Columns)
        }
        Part::Sponsor(node) => {
            let target = members::table.filter(members::sponsor.eq(node.as_str()));
            beyond!(conn, wanted, first (members::name, name), (members::member, id), target => Columns)
        }
        Part::SponsorIn(node, classes) => {
            let target = members::table
                .filter(members::sponsor.eq(node.as_str()))
                .filter(members::class.eq_any(classes.iter().copied()));
            beyond!(conn, wanted, first (members::name, name), (members::member, id), target => Columns)
        }
    };
    let rows = rows?.into_iter().map(row).collect::<Result<Vec<_>>>()?;
    Ok(Page::of(wanted, rows, |row| (row.name.clone(), row.member.clone())))
}

/// These members, as far as they are or were on the roll.
pub async fn named(conn: &mut Conn, members: &[&MemberId]) -> Result<Vec<MemberRow>> {
    let target = members::table.filter(members::member.eq_any(members.iter().map(|member| member.as_str())));
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}

/// In force at a time: an end that lies ahead has not come yet.
macro_rules! in_force {
    ($at:expr) => {
        members::status.eq("in-force").or(members::until.assume_not_null().gt($at.0))
    };
}

/// How many members of each class are in force at a time.
pub async fn in_force(conn: &mut Conn, at: Time) -> Result<BTreeMap<String, u64>> {
    let target = members::table
        .filter(in_force!(at))
        .group_by(members::class)
        .select((members::class, diesel::dsl::count_star()));
    let rows = query!(conn, c => target.load::<(String, i64)>(c))?;
    Ok(rows.into_iter().map(|(class, count)| (class, nat(count))).collect())
}

/// How many members that one co-op brought in are in force at a time.
pub async fn in_force_of(conn: &mut Conn, sponsor: &NodeId, at: Time) -> Result<u64> {
    let target = members::table.filter(members::sponsor.eq(sponsor.as_str())).filter(in_force!(at)).count();
    query!(conn, c => target.get_result::<i64>(c)).map(nat)
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
