//! The roll as pages and the API show it. Reads only; votes never look here.

use folkmoot_governance::id::{MemberId, Time};

use super::error::{ActionError, Result};
use crate::storage::Conn;
use crate::storage::members::{self, MandateRow, MemberRow};

/// One member with what happened so far.
pub struct View {
    pub row: MemberRow,
    /// Given by an organisation, in force or not.
    pub mandates: Vec<MandateRow>,
    /// Organisations that this person acts for.
    pub acts_for: Vec<MemberId>,
}

/// The member with this id.
pub async fn load(conn: &mut Conn, member: &MemberId) -> Result<View> {
    let row = members::find(conn, member).await?.ok_or(ActionError::NotFound("missing-member"))?;
    let mandates = members::mandates_of(conn, member).await?;
    let acts_for = members::represented_by(conn, member).await?;
    Ok(View { row, mandates, acts_for })
}

/// The members that a person is or acts for, the person itself first, whatever became of them.
pub async fn acting(conn: &mut Conn, person: &MemberId) -> Result<Vec<MemberRow>> {
    let held = members::represented_by(conn, person).await?;
    let ids: Vec<&MemberId> = std::iter::once(person).chain(&held).collect();
    let mut rows = members::named(conn, &ids).await?;
    rows.sort_by(|a, b| (a.member != *person, &a.member).cmp(&(b.member != *person, &b.member)));
    Ok(rows)
}

/// The ids of [`acting`].
pub async fn acts_for(conn: &mut Conn, person: &MemberId) -> Result<Vec<MemberId>> {
    Ok(acting(conn, person).await?.into_iter().map(|row| row.member).collect())
}

/// A member's status at a time: what lies ahead of it has not come yet, and nobody is suspended who has left before.
pub fn status(row: &MemberRow, at: Time) -> &str {
    let until_then = row.history.iter().take_while(|(since, _)| *since <= at);
    // An end is told with its reason.
    until_then.fold("in-force", |before, (_, told)| match told.split_once(": ") {
        Some(("suspended", _)) if matches!(before, "withdrawn" | "lapsed") => before,
        Some((ended @ ("suspended" | "withdrawn" | "lapsed"), _)) => ended,
        _ => "in-force",
    })
}

/// Refuses what only members in force may do.
pub fn must_be_in_force(row: &MemberRow, now: Time) -> Result<()> {
    match status(row, now) {
        "in-force" => Ok(()),
        "suspended" => Err(ActionError::refused("suspended", "refused-suspended")),
        _ => Err(ActionError::refused("ended", "refused-membership-ended")),
    }
}

#[cfg(test)]
mod tests {
    use folkmoot_governance::key::SecretKey;
    use folkmoot_governance::statement::Custody;

    use super::*;

    fn row(history: &[(i64, &str)]) -> MemberRow {
        MemberRow {
            member: "ada".parse().expect("a member id"),
            name: "Ada".into(),
            class: "consumer-individual".into(),
            level: "standard".into(),
            sponsor: "https://a.example/actor".parse().expect("an address"),
            key: SecretKey::from_seed([1; 32]).public(),
            custody: Custody::Node,
            status: "withdrawn".into(),
            since: Time(1),
            until: Some(Time(100)),
            history: history.iter().map(|(at, told)| (Time(*at), (*told).to_owned())).collect(),
        }
    }

    fn check(history: &[(i64, &str)], at: i64, expected: &str) {
        assert_eq!(status(&row(history), Time(at)), expected, "{history:?} at {at}");
    }

    #[test]
    fn an_end_that_lies_ahead_has_not_come_yet() {
        let leaves = [(1, "in force, level standard"), (100, "withdrawn: I move away.")];
        check(&leaves, 99, "in-force");
        check(&leaves, 100, "withdrawn");
        let returned = [(1, "in force, level a: b"), (5, "suspended: Fees: open."), (9, "in force, level a: b")];
        check(&returned, 4, "in-force");
        check(&returned, 8, "suspended");
        check(&returned, 9, "in-force");
    }

    #[test]
    fn whoever_is_suspended_stays_so_until_a_later_end_comes() {
        let history = [(1, "in force, level standard"), (5, "suspended: Fees."), (100, "withdrawn: I leave.")];
        check(&history, 50, "suspended");
        check(&history, 100, "withdrawn");
        let left = [(1, "in force, level standard"), (5, "withdrawn: I leave."), (9, "suspended: Fees.")];
        check(&left, 10, "withdrawn");
    }
}
