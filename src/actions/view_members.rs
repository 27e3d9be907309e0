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

/// Members that a person can act as: itself where it is on the roll, and whoever gave it a mandate.
pub async fn acts_for(conn: &mut Conn, person: &MemberId) -> Result<Vec<MemberId>> {
    let mut all = members::represented_by(conn, person).await?;
    if members::find(conn, person).await?.is_some() {
        all.insert(0, person.clone());
    }
    Ok(all)
}

/// What a row's status means at `now`: an end that lies ahead has not come yet.
pub fn status(row: &MemberRow, now: Time) -> &str {
    match row.until {
        Some(until) if until > now => "in-force",
        _ => &row.status,
    }
}

#[cfg(test)]
mod tests {
    use folkmoot_governance::key::SecretKey;
    use folkmoot_governance::statement::Custody;

    use super::*;

    #[test]
    fn an_end_that_lies_ahead_has_not_come_yet() {
        let row = MemberRow {
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
            history: Vec::new(),
        };
        assert_eq!(status(&row, Time(99)), "in-force");
        assert_eq!(status(&row, Time(100)), "withdrawn");
    }
}
