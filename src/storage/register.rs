//! The register of members as it was replayed from the journals, in the tables that pages are made from. It is replayed
//! often and changes rarely, so only what changed is written.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::Time;
use folkmoot_governance::roll::{Details, Member, Register, Standing};
use folkmoot_governance::statement::{Custody, EndStatus};

use super::schema::{ignored, mandates, members};
use super::{Conn, Error, Result, int};

#[derive(PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = members)]
struct MemberLine {
    member: String,
    name: String,
    class: String,
    level: String,
    sponsor: String,
    key: String,
    custody: String,
    status: String,
    since: i64,
    until: Option<i64>,
    history: String,
}

#[derive(PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = mandates)]
struct MandateLine {
    organisation: String,
    holder: String,
    name: String,
    key: Option<String>,
    since: i64,
    until: Option<i64>,
}

#[derive(PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = ignored)]
struct IgnoredLine {
    statement: Vec<u8>,
    journal: String,
    position: i64,
    reason: String,
}

/// Rows by their primary key; the first one under a key stays.
type Lines<K, L> = BTreeMap<K, L>;

/// Puts the replayed register in place of the old one.
pub async fn replace(conn: &mut Conn, register: &Register) -> Result<()> {
    let lines = register.members.values().filter_map(|member| line(member).transpose());
    replace_members(conn, by(lines.collect::<Result<Vec<_>>>()?, |line| line.member.clone())).await?;
    let lines = register.members.values().filter(|member| details(member).is_some()).flat_map(mandate_lines);
    replace_mandates(conn, by(lines, mandate_key)).await?;
    let lines = register.ignored.iter().map(|statement| IgnoredLine {
        statement: statement.statement.0.to_vec(),
        journal: statement.journal.to_string(),
        position: int(statement.position),
        reason: statement.reason.to_string(),
    });
    replace_ignored(conn, by(lines, |line| line.statement.clone())).await
}

fn by<K: Ord, L>(lines: impl IntoIterator<Item = L>, key: impl Fn(&L) -> K) -> Lines<K, L> {
    let mut all = Lines::new();
    for line in lines {
        all.entry(key(&line)).or_insert(line);
    }
    all
}

/// The lines of `one` that `other` does not have like this.
fn only_in<'a, K: Ord, L: Eq>(one: &'a Lines<K, L>, other: &Lines<K, L>) -> Vec<&'a L> {
    one.iter().filter(|(key, line)| other.get(key) != Some(line)).map(|(_, line)| line).collect()
}

async fn replace_members(conn: &mut Conn, new: Lines<String, MemberLine>) -> Result<()> {
    let old = by(query!(conn, c => members::table.load::<MemberLine>(c))?, |line| line.member.clone());
    for line in only_in(&old, &new) {
        let target = members::table.filter(members::member.eq(&line.member));
        query!(conn, c => diesel::delete(target).execute(c))?;
    }
    for line in only_in(&new, &old) {
        query!(conn, c => diesel::insert_into(members::table).values(line).execute(c))?;
    }
    Ok(())
}

fn mandate_key(line: &MandateLine) -> (String, String, i64) {
    (line.organisation.clone(), line.holder.clone(), line.since)
}

async fn replace_mandates(conn: &mut Conn, new: Lines<(String, String, i64), MandateLine>) -> Result<()> {
    let old = by(query!(conn, c => mandates::table.load::<MandateLine>(c))?, mandate_key);
    for line in only_in(&old, &new) {
        let target = mandates::table
            .filter(mandates::organisation.eq(&line.organisation))
            .filter(mandates::holder.eq(&line.holder))
            .filter(mandates::since.eq(line.since));
        query!(conn, c => diesel::delete(target).execute(c))?;
    }
    for line in only_in(&new, &old) {
        query!(conn, c => diesel::insert_into(mandates::table).values(line).execute(c))?;
    }
    Ok(())
}

async fn replace_ignored(conn: &mut Conn, new: Lines<Vec<u8>, IgnoredLine>) -> Result<()> {
    let old = by(query!(conn, c => ignored::table.load::<IgnoredLine>(c))?, |line| line.statement.clone());
    for line in only_in(&old, &new) {
        let target = ignored::table.filter(ignored::statement.eq(&line.statement));
        query!(conn, c => diesel::delete(target).execute(c))?;
    }
    for line in only_in(&new, &old) {
        query!(conn, c => diesel::insert_into(ignored::table).values(line).execute(c))?;
    }
    Ok(())
}

/// What the member was last in force with; none who never was.
fn details(member: &Member) -> Option<&Details> {
    member.history.iter().rev().find_map(|event| match &event.change {
        Standing::InForce(details) => Some(details),
        Standing::Ended { .. } => None,
    })
}

fn line(member: &Member) -> Result<Option<MemberLine>> {
    let Some(Details { name, level, key, custody }) = details(member) else { return Ok(None) };
    let (status, until) = end(member);
    let history: Vec<(i64, String)> = member.history.iter().map(|event| (event.at.0, told(&event.change))).collect();
    Ok(Some(MemberLine {
        member: member.member.to_string(),
        name: name.clone(),
        class: member.class.clone(),
        level: level.clone(),
        sponsor: member.sponsor.to_string(),
        key: key.to_string(),
        custody: if *custody == Custody::Device { "device" } else { "node" }.to_owned(),
        status: status.to_owned(),
        since: history.iter().map(|(at, _)| *at).next().unwrap_or_default(),
        until: until.map(|at| at.0),
        history: serde_json::to_string(&history).map_err(Error::unreadable)?,
    }))
}

/// What the membership comes to in the end, and when it ceases to be in force: one that was suspended and is then ended
/// was not in force in between.
fn end(member: &Member) -> (&'static str, Option<Time>) {
    let ends = || {
        member.history.iter().rev().map_while(|event| match &event.change {
            Standing::Ended { status, .. } => Some((ended(*status), event.at)),
            Standing::InForce(_) => None,
        })
    };
    let status = ends().next().map_or("in-force", |(status, _)| status);
    (status, ends().last().map(|(_, at)| at))
}

fn mandate_lines(member: &Member) -> impl Iterator<Item = MandateLine> + '_ {
    member.mandates.iter().map(|mandate| MandateLine {
        organisation: member.member.to_string(),
        holder: mandate.holder.to_string(),
        name: mandate.name.clone(),
        key: mandate.key.map(|key| key.to_string()),
        since: mandate.since.0,
        until: mandate.until.map(|at| at.0),
    })
}

fn ended(status: EndStatus) -> &'static str {
    match status {
        EndStatus::Withdrawn => "withdrawn",
        EndStatus::Suspended => "suspended",
        EndStatus::Lapsed => "lapsed",
    }
}

fn told(change: &Standing) -> String {
    match change {
        Standing::InForce(details) => format!("in force, level {}", details.level),
        Standing::Ended { status, reason } => format!("{}: {reason}", ended(*status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_written() {
        let old = by([(1, "as it was"), (2, "to change"), (3, "to go")], |line| line.0);
        let new = by([(1, "as it was"), (2, "changed"), (4, "came"), (4, "said again")], |line| line.0);
        assert_eq!(only_in(&old, &new), [&(2, "to change"), &(3, "to go")]);
        assert_eq!(only_in(&new, &old), [&(2, "changed"), &(4, "came")]);
    }
}
