//! Changing the roll: leaving, suspension, return, and a member's own key. A vote already cast is never touched.

use folkmoot_governance::charter::ClassKind;
use folkmoot_governance::id::{MemberId, Time};
use folkmoot_governance::key::PublicKey;
use folkmoot_governance::statement::{Basis, Body, Custody, EndStatus, RollEnd, RollEntry};

use super::error::{ActionError, Refusal, Result};
use super::standing::{self, Standing};
use super::{Person, journals, view_members};
use crate::app::App;
use crate::storage::members::{self, MemberRow};
use crate::storage::{Conn, entries};
use crate::words::Message;

/// Ends or suspends a membership of this node's roll, from `effective` on.
pub async fn end(
    app: &App,
    person: &Person,
    member: MemberId,
    status: EndStatus,
    effective: Option<Time>,
    reason: &str,
    now: Time,
) -> Result<()> {
    let leaves_itself = status == EndStatus::Withdrawn && person.person == member;
    if !leaves_itself {
        person.must_be_steward()?;
    }
    if reason.trim().is_empty() || reason.chars().count() > 1000 {
        return Err(ActionError::Refused(Refusal::new("reason", "refused-roll-reason").about("reason")));
    }
    let effective = effective.unwrap_or(now);
    if effective < now {
        return Err(ActionError::Refused(Refusal::new("effective", "refused-roll-past").about("effective")));
    }
    let body = Body::RollEnd(RollEnd { member: member.clone(), status, effective, reason: reason.to_owned() });
    publish(app, member, now, async move |_, standing, row| {
        if status != EndStatus::Withdrawn {
            must_be_person(standing, &row)?;
        }
        // From when on it shall hold: what is planned for later does not stand in the way.
        if view_members::status(&row, effective) != "suspended" || status == EndStatus::Suspended {
            view_members::must_be_in_force(&row, effective)?;
        }
        Ok(body)
    })
    .await
}

/// What befalls an organisation against its will is for all to decide, and no node's roll entry counts for it.
fn must_be_person(standing: &Standing, row: &MemberRow) -> Result<()> {
    match standing.epoch().charter.class(&row.class).map(|class| class.kind) {
        Some(ClassKind::Person) => Ok(()),
        _ => Err(ActionError::refused("organisation", "refused-organisation-by-decision")),
    }
}

/// Lifts a suspension that has begun. One that is still to come cannot be taken back: the return would be dated before it.
pub async fn reinstate(app: &App, person: &Person, member: MemberId, now: Time) -> Result<()> {
    person.must_be_steward()?;
    publish(app, member, now, async move |conn, standing, row| {
        let coming = row.history.iter().find(|(at, told)| *at > now && told.starts_with("suspended: "));
        if let Some((at, _)) = coming {
            let message = Message::new("refused-suspension-coming").naming("time", at);
            return Err(ActionError::refused("not-yet", message));
        }
        if view_members::status(&row, now) != "suspended" {
            return Err(ActionError::refused("not-suspended", "refused-not-suspended"));
        }
        must_be_person(standing, &row)?;
        changed(conn, standing, &row, row.key, row.custody).await
    })
    .await
}

/// Enters a key that the member keeps on an own device: from the next vote on, only it can vote. For members in force:
/// the entry of a suspended member would end the suspension.
pub async fn set_key(app: &App, person: &Person, member: MemberId, key: PublicKey, now: Time) -> Result<()> {
    if person.person != member {
        person.must_be_steward()?;
    }
    publish(app, member, now, async move |conn, standing, row| {
        view_members::must_be_in_force(&row, now)?;
        changed(conn, standing, &row, key, Custody::Device).await
    })
    .await
}

/// The entry with new details; its basis stays that of the entry on the roll.
async fn changed(
    conn: &mut Conn,
    standing: &Standing,
    row: &MemberRow,
    key: PublicKey,
    custody: Custody,
) -> Result<Body> {
    let basis = basis_of(conn, standing, row).await?;
    Ok(Body::RollEntry(RollEntry {
        change: true,
        member: row.member.clone(),
        name: row.name.clone(),
        class: row.class.clone(),
        level: row.level.clone(),
        key,
        custody,
        since: row.since,
        basis,
    }))
}

async fn basis_of(conn: &mut Conn, standing: &Standing, row: &MemberRow) -> Result<Basis> {
    let journal = standing.epoch().journals();
    for journal in journal.iter().filter(|journal| *journal.node == row.sponsor) {
        for entry in entries::below(conn, &journal.journal, &["RollEntry"], i64::MAX as u64).await? {
            let Some(bytes) = entry.bytes else { continue };
            if let Body::RollEntry(stated) = journals::read_bytes(&bytes)?.statement.body
                && stated.member == row.member
                && !stated.change
            {
                return Ok(stated.basis);
            }
        }
    }
    Err(ActionError::NotFound("missing-roll-entry"))
}

/// Publishes what `make` makes of the member's row, if the member is on this node's roll.
async fn publish<F>(app: &App, member: MemberId, now: Time, make: F) -> Result<()>
where
    F: AsyncFnOnce(&mut Conn, &Standing, MemberRow) -> Result<Body>,
{
    let app_in = app.clone();
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            standing.ratified()?;
            let row = members::find(conn, &member).await?.ok_or(ActionError::NotFound("missing-member"))?;
            if row.sponsor != app_in.node {
                return Err(ActionError::Forbidden("forbidden-roll-elsewhere"));
            }
            let body = make(conn, &standing, row).await?;
            journals::publish(conn, &app_in, &standing, body, now).await?;
            Ok(())
        })
        .await
}
