//! Everything that can be wrong with a charter, a genesis document or an effect, by name and with its figures.

use serde::Serialize;

use crate::fraction::Fraction;
use crate::id::NodeId;
use crate::key::PublicKey;

/// Something that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{path}: {flaw}")]
pub struct Problem {
    /// Dotted path of the setting.
    pub path: String,
    #[serde(flatten)]
    pub flaw: Flaw,
}

impl Problem {
    pub(crate) fn new(path: impl Into<String>, flaw: Flaw) -> Self {
        Self { path: path.into(), flaw }
    }
}

/// What is wrong, as one sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Flaw {
    #[error("A text of 1 to {most} characters is expected.")]
    Line { most: usize },
    #[error("{least} to {most} entries are expected.")]
    Entries { least: usize, most: usize },
    #[error("An id has 1 to 40 characters out of a-z, 0-9, - _ and full stop.")]
    Id,
    #[error("This id is used twice.")]
    IdTwice,
    #[error("There is no class {class}.")]
    NoClass { class: String },
    #[error("A class is named twice.")]
    ClassTwice,
    #[error("Versions count from 1.")]
    Version,
    #[error("A handle has 1 to 30 characters out of a-z, 0-9 and _.")]
    Handle,
    #[error("A language tag such as en is expected.")]
    Language,
    #[error("Terms and conditions of at most 64 KiB are needed: applicants agree to them.")]
    Terms,
    #[error("1 to 99 principles are expected.")]
    Principles,
    #[error("An article has at most 64 KiB.")]
    ArticleText,
    #[error("It governs {setting}, which is no setting.")]
    GovernsNothing { setting: String },
    #[error("A strength lies between 0 and 1.")]
    Strength,
    #[error("A quorum lies between 0 and 1.")]
    Quorum,
    #[error("A class that does not vote has no strength.")]
    StrengthWithoutVote,
    #[error("A right is named twice.")]
    RightTwice,
    #[error("Only organisations sponsor members: they run the node.")]
    PersonSponsors,
    #[error("The strengths of all classes make {sum}, not 1.")]
    Strengths { sum: Fraction },
    #[error("No class has the right to propose: the charter could never be changed.")]
    NobodyProposes,
    #[error("No decision type may amend the charter: it could never be changed.")]
    NothingAmends,
    #[error("A vote lasts between {least} seconds and a year; {seconds} seconds is outside.")]
    VoteSeconds { least: i64, seconds: i64 },
    #[error("A threshold lies between 0 and 1.")]
    Threshold,
    #[error("More than everything can never be reached.")]
    ThresholdUnreachable,
    #[error("At least nothing would pass without anybody agreeing.")]
    ThresholdOfNothing,
    #[error("The class {class} cannot propose.")]
    CallerCannotPropose { class: String },
    #[error("No ballot would be accepted.")]
    NoCustody,
    #[error("There is no article {article}.")]
    NoArticle { article: String },
    #[error("There is no decision type {decision_type}.")]
    NoType { decision_type: String },
    #[error("A type cannot be converted to itself.")]
    ConvertsToItself,
    #[error("A converted vote cannot be challenged again.")]
    ChallengedAgain,
    #[error("A challenge never shortens a vote.")]
    ChallengeShortens,
    #[error("What the challenged type may do, the type that it is converted to may do as well.")]
    ChallengeForbids,
    #[error("A ground has 1 to {most} characters.")]
    Ground { most: usize },
    #[error("A ground is named twice.")]
    GroundTwice,
    #[error("A share above 0 and up to 1 is expected.")]
    Override,
    #[error("Between {least} seconds and a year is expected; {seconds} is outside.")]
    Seconds { least: i64, seconds: i64 },
    #[error("Organisations object: an objection is signed by their node.")]
    PersonObjects,
    #[error("A currency code such as EUR is expected.")]
    Currency,
    #[error("A whole number from 0 to 1,000,000,000 is expected.")]
    Amount,
    #[error("The most is less than the least.")]
    MostBelowLeast,
    #[error("A share lies between 0 and 1.")]
    Share,
    #[error("1 to 50 validators are expected.")]
    Validators,
    #[error("It marks a setting that does not exist.")]
    NoSetting,
    #[error("It is marked twice.")]
    MarkedTwice,
    #[error("The amendment was written for another version of the charter than the one in force.")]
    OtherBase,
    #[error("An amended charter carries the version number that follows the one in force.")]
    VersionSkipped,
    #[error("The last party cannot be removed.")]
    LastParty,
    #[error("This key is or was the key of a party.")]
    KeyUsed,
    #[error("{node} is not a party.")]
    NotAParty { node: NodeId },
    #[error("A consortium has at least one party.")]
    NoParty,
    #[error("A consortium has at most {most} parties.")]
    Parties { most: usize },
    #[error("A party's name has 1 to 200 characters.")]
    PartyName,
    #[error("Two parties are called {name}.")]
    PartyNameTwice { name: String },
    #[error("Two parties have the node {node}.")]
    PartyNodeTwice { node: String },
    #[error("Two parties have the key {key}.")]
    PartyKeyTwice { key: PublicKey },
    #[error("Two founding members have this id.")]
    MemberTwice,
    #[error("A member's name has at most 200 characters.")]
    MemberName,
    #[error("Only organisations are founding members.")]
    FoundingPerson,
    #[error("The charter has no class {class}.")]
    UnknownClass { class: String },
    #[error("The class {class} has no level {level}.")]
    UnknownLevel { class: String, level: String },
    #[error("The sponsor {sponsor} is not a party.")]
    SponsorNotAParty { sponsor: NodeId },
}
