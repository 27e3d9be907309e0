//! The roll by class, and one member with history and mandates.

use folkmoot_governance::fraction::Fraction;
use folkmoot_governance::id::{Digest, Time};
use folkmoot_governance::statement::Custody;
use serde::Serialize;

use super::proposal::Link;
use super::render::Page;
use super::turns::Turns;

#[derive(Debug, Serialize)]
pub struct MembersPage {
    pub classes: Vec<ClassRoll>,
    /// How many are in force.
    pub total: u64,
}

impl Page for MembersPage {
    const TEMPLATE: &'static str = "members.html";
}

/// The members of one class by name, as many as a page shows.
#[derive(Debug, Serialize)]
pub struct ClassRoll {
    pub id: String,
    pub name: String,
    pub strength: Fraction,
    pub organisations: bool,
    pub members: Vec<MemberRow>,
    /// How many are in force.
    pub count: u64,
    pub turns: Turns,
}

#[derive(Debug, Clone, Serialize)]
pub struct MemberRow {
    pub member: String,
    /// Empty for a member who stays opaque.
    pub name: String,
    pub url: String,
    pub sponsor: String,
    pub status: Standing,
    pub since: Time,
    pub level: String,
    /// People who act for the organisation.
    pub mandates: Vec<String>,
}

/// The message is `standing-NAME`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    InForce,
    Suspended,
    Withdrawn,
    Lapsed,
    /// Admitted; it counts for votes that open later.
    Coming,
}

#[derive(Debug, Serialize)]
pub struct MemberPage {
    pub member: String,
    pub name: String,
    pub class_name: String,
    pub organisation: bool,
    pub sponsor: String,
    pub level: String,
    pub custody: Custody,
    pub status: Standing,
    pub since: Time,
    pub history: Vec<HistoryLine>,
    pub mandates: Vec<MandateLine>,
    /// Digest of the statement that put the member on the roll.
    pub entry: Digest,
}

impl Page for MemberPage {
    const TEMPLATE: &'static str = "member.html";
}

/// The message is `history-KIND` with `time` and `detail`.
#[derive(Debug, Serialize)]
pub struct HistoryLine {
    pub kind: HistoryKind,
    pub at: Time,
    pub detail: String,
    /// The decision behind it, by its number.
    pub link: Option<Link>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HistoryKind {
    Founded,
    Requested,
    Objected,
    Admitted,
    Changed,
    Suspended,
    Reinstated,
    Withdrawn,
    Lapsed,
}

#[derive(Debug, Clone, Serialize)]
pub struct MandateLine {
    pub holder: String,
    pub name: String,
    pub since: Time,
    pub until: Option<Time>,
}

#[cfg(test)]
mod tests {
    use crate::web::sample;

    #[test]
    fn the_roll_stands_by_class_with_its_strength() {
        let html = sample::render(&sample::visitor(), &sample::members());
        for words in ["Producers", "40 %", "Koumbit", "12 members", "Brought in by Free Knowledge Institute"] {
            assert!(html.contains(words), "{words}: {html}");
        }
    }

    #[test]
    fn a_member_shows_who_acts_for_them_and_since_when() {
        let html = sample::render(&sample::visitor(), &sample::member_page());
        assert!(html.contains("Mònica Garriga") && html.contains("Admitted"), "{html}");
    }
}
