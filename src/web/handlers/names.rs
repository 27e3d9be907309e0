//! What people and co-ops are called.

use std::collections::BTreeMap;

use folkmoot_governance::charter::Charter;
use folkmoot_governance::id::{MemberId, NodeId};

use crate::actions::error::Result;
use crate::actions::standing::Standing;
use crate::storage::Conn;
use crate::storage::members::{self, MemberRow};

/// Members that a page speaks of, as far as they are on the roll, by id.
pub struct Names(pub BTreeMap<MemberId, MemberRow>);

impl Names {
    pub async fn load(conn: &mut Conn, members: &[&MemberId]) -> Result<Self> {
        let rows = members::named(conn, members).await?;
        Ok(Self(rows.into_iter().map(|row| (row.member.clone(), row)).collect()))
    }

    /// The name of a member, or the id where there is none.
    pub fn member(&self, member: &MemberId) -> String {
        match self.0.get(member) {
            Some(row) if !row.name.is_empty() => row.name.clone(),
            _ => member.to_string(),
        }
    }
}

/// The co-op of a node, now or in any epoch before.
pub fn party(standing: &Standing, node: &NodeId) -> String {
    let parties = standing.epochs.iter().rev().flat_map(|epoch| &epoch.parties);
    parties
        .into_iter()
        .find(|party| party.node == *node)
        .map_or_else(|| node.authority().to_owned(), |p| p.name.clone())
}

pub fn class(charter: &Charter, id: &str) -> String {
    charter.class(id).map_or_else(|| id.to_owned(), |class| class.name.clone())
}

pub fn level(charter: &Charter, class: &str, level: &str) -> String {
    let known = charter.class(class).and_then(|class| class.levels.iter().find(|known| known.id == level));
    known.map_or_else(|| level.to_owned(), |known| known.name.clone())
}

pub fn decision_type(charter: &Charter, id: &str) -> String {
    charter.decision_type(id).map_or_else(|| id.to_owned(), |found| found.name.clone())
}

/// Cited principles by their numbers.
pub fn principles(charter: &Charter, cited: &[u8]) -> Vec<String> {
    let named = |number: &u8| charter.principles.get(usize::from(*number).checked_sub(1)?).cloned();
    cited.iter().filter_map(named).collect()
}
