//! Proposals: what a draft must have, when an opening is valid, and the sittings of its vote.
//! Nothing here shortens a vote: a closing time only ever moves later, by a certified result.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::charter::{Charter, DecisionType, Flaw, Problem, Right, Rules};
use crate::epoch::Epoch;
use crate::extract::CertifiedSize;
use crate::id::{ConsortiumId, Digest, JournalId, MemberId, NodeId, Time};
use crate::roll::{Roll, Status};
use crate::statement::{Body, Effect, Method, Question, Signer, Statement, Visibility, Voting};
use crate::tally::{Outcome, Verdict};

/// The choices of a consent vote, in ballot order.
pub const CONSENT: [&str; 4] = ["agree", "abstain", "disagree", "block"];
pub const TITLE_CHARS_MOST: usize = 200;
pub const TEXT_BYTES_MOST: usize = 64 * 1024;
pub const OPTIONS_MOST: usize = 50;
pub const REASON_CHARS_MOST: usize = 2000;
const LIST_MOST: usize = 50;
/// A vote lasts a year at most, extensions included.
pub const VOTE_SECONDS_MOST: i64 = 366 * 86_400;

/// A proposal that is frozen for its vote: the published question, apart from the terms of the vote.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    /// Digest of the statement: what ballots name.
    pub digest: Digest,
    pub consortium: ConsortiumId,
    pub epoch: u64,
    /// The proposer's node.
    pub node: NodeId,
    pub published: Time,
    /// Its `voting` is `None`: it stands beside it.
    pub question: Question,
    pub voting: Voting,
}

impl Opening {
    /// The opening that a node's statement is; `None` for drafts and everything else.
    pub fn read(statement: &Statement, digest: Digest) -> Option<Self> {
        let (Signer::Node(node), Body::Question(question)) = (&statement.signer, &statement.body) else { return None };
        let mut question = (**question).clone();
        let voting = question.voting.take()?;
        let Statement { published, consortium, epoch, .. } = *statement;
        Some(Self { digest, consortium, epoch, node: node.clone(), published, question, voting })
    }
}

/// One closing of a vote: sitting 0 ends at the `closes` of the opening, each certified extension adds one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sitting {
    pub number: u32,
    pub closes: Time,
    /// The type that it is counted as: another than the question's once it was challenged.
    pub decision_type: String,
    pub rules: Rules,
}

impl Sitting {
    pub fn first(opening: &Opening) -> Self {
        Self {
            number: 0,
            closes: opening.voting.closes,
            decision_type: opening.question.decision_type.clone(),
            rules: opening.voting.rules.clone(),
        }
    }

    /// The sitting that a certified outcome starts; `None` where the outcome ends the vote.
    pub fn after(&self, outcome: &Outcome, charter: &Charter) -> Option<Self> {
        let Verdict::Extended { closes, decision_type } = &outcome.verdict else { return None };
        let number = self.number.checked_add(1)?;
        self.converted(decision_type, charter).map(|sitting| Self { number, closes: *closes, ..sitting })
    }

    /// This sitting counted as another decision type.
    pub(crate) fn converted(&self, decision_type: &str, charter: &Charter) -> Option<Self> {
        if decision_type == self.decision_type {
            return Some(self.clone());
        }
        let rules = charter.rules_for(decision_type)?;
        Some(Self { number: self.number, closes: self.closes, decision_type: decision_type.to_owned(), rules })
    }
}

/// What never changes about a vote once it was opened.
#[derive(Debug, Clone)]
pub struct Frozen {
    pub opening: Opening,
    /// The epoch that the opening names.
    pub epoch: Epoch,
    /// The electorate, as of `opens`.
    pub roll: Roll,
    /// The certified sizes that the roll was read from.
    pub roll_cut: Vec<CertifiedSize>,
}

/// Everything that a ballot is judged by and a count is made from.
#[derive(Debug, Clone, Copy)]
pub struct Vote<'a> {
    pub opening: &'a Opening,
    pub sitting: &'a Sitting,
    /// Frozen at `opens`.
    pub roll: &'a Roll,
    /// The epoch that the opening names.
    pub epoch: &'a Epoch,
}

/// Where a vote stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Frozen, but not open yet.
    Announced,
    Open,
    /// Closed, no certificate yet.
    Counting,
    /// Without a certificate for so long that the assembly settles it.
    Uncertified,
    Passed,
    NotPassed,
    Withdrawn,
}

/// Where the vote stands at `now`; `outcome` is the certified one of this sitting, if there is.
pub fn phase(opening: &Opening, sitting: &Sitting, charter: &Charter, outcome: Option<&Outcome>, now: Time) -> Phase {
    match outcome.map(|outcome| &outcome.verdict) {
        Some(Verdict::Decided { passed: true, .. }) => return Phase::Passed,
        Some(Verdict::Decided { .. }) => return Phase::NotPassed,
        Some(Verdict::Withdrawn) => return Phase::Withdrawn,
        // The next sitting tells.
        Some(Verdict::Extended { closes, .. }) if now < *closes => return Phase::Open,
        Some(Verdict::Extended { .. }) => return Phase::Counting,
        None => {}
    }
    undecided_phase(opening.voting.opens, sitting.closes, charter, now)
}

/// As [`phase`], for a sitting that nothing is certified of.
pub fn undecided_phase(opens: Time, closes: Time, charter: &Charter, now: Time) -> Phase {
    if now < opens {
        Phase::Announced
    } else if now < closes {
        Phase::Open
    } else if now < closes.plus(charter.closing.abandon_seconds) {
        Phase::Counting
    } else {
        Phase::Uncertified
    }
}

/// When cosignatures on ballots stop counting: `closes + W`.
pub fn settles_at(sitting: &Sitting, charter: &Charter) -> Time {
    sitting.closes.plus(charter.closing.settle_seconds)
}

/// When nodes freeze what they have seen and agree on a cut: `closes + W + 2Δ`.
pub fn freezes_at(sitting: &Sitting, charter: &Charter) -> Time {
    settles_at(sitting, charter).plus(charter.closing.delay_seconds.saturating_mul(2))
}

/// Whatever was certified by then belongs into the roll cut of a vote that opens at `opens`: everybody has heard of it
/// (W + 2Δ) by the time that the cut is made, which is the charter's minimum age of a roll entry before opening, or
/// the time between announcing and opening where that is longer.
pub fn roll_known_by(opens: Time, charter: &Charter) -> Time {
    let made = opens.plus(-charter.roll.minimum_age_seconds.max(charter.closing.opening_seconds));
    made.plus(-charter.closing.settle_seconds).plus(-charter.closing.delay_seconds.saturating_mul(2))
}

/// Why a draft or an opening is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    #[error("The address of the proposal is longer than 255 bytes or empty.")]
    Id,
    #[error("Versions count from 1.")]
    Version,
    #[error("The title has 1 to {TITLE_CHARS_MOST} characters.")]
    Title,
    #[error("The text has 1 byte to 64 KiB.")]
    Text,
    #[error("The charter has no decision type {decision_type}.")]
    UnknownType { decision_type: String },
    #[error("A consent vote has exactly the choices agree, abstain, disagree and block.")]
    ConsentOptions,
    #[error("A choice has 2 to {OPTIONS_MOST} different options of 1 to {TITLE_CHARS_MOST} characters.")]
    Options,
    #[error("A decision of this type ({decision_type}) needs a reason of 1 to {REASON_CHARS_MOST} characters.")]
    ReasonMissing { decision_type: String },
    #[error("Only a decision that can be challenged carries a reason for its haste.")]
    ReasonUncalledFor,
    #[error("Principles are cited by number from 1 to {count}, ascending, each once.")]
    Principles { count: usize },
    #[error("At most {LIST_MOST} different decisions can be replaced at once.")]
    Supersedes,
    #[error("The review comes after the vote closes.")]
    Review,
    #[error("The charter keeps proposals within the consortium.")]
    Visibility,
    #[error("A proposal has at most {LIST_MOST} effects.")]
    TooManyEffects,
    #[error("Only a consent vote can have effects: a choice between options neither passes nor fails them.")]
    EffectsOfChoice,
    #[error("A decision of the type {decision_type} may not do this by itself.")]
    EffectNotAllowed { decision_type: String },
    #[error("{}", problem.flaw)]
    Effect { problem: Problem },
    #[error("{member} is not a member in force.")]
    ProposerUnknown { member: MemberId },
    #[error("{member} is on the roll of another node.")]
    ProposerElsewhere { member: MemberId },
    #[error("Members of the class {class} cannot call a decision of the type {decision_type}.")]
    MayNotCall { class: String, decision_type: String },
    #[error("Parties that have not accepted the charter yet: {missing}. Until they have, nothing else can be decided.")]
    NotRatified { missing: usize },
    #[error("This is not the opening of a proposal.")]
    NotAnOpening,
    #[error("The proposal belongs to another consortium.")]
    OtherConsortium,
    #[error("The proposal names epoch {named}; epoch {current} is meant.")]
    OtherEpoch { named: u64, current: u64 },
    #[error("The node that opens the vote is not a party.")]
    NotAParty,
    #[error("The rules in the opening are not those of the charter.")]
    OtherRules,
    #[error("A vote of the type {decision_type} lasts at least {least} seconds; this one has {seconds}.")]
    TooShort { decision_type: String, least: i64, seconds: i64 },
    #[error("A vote lasts at most a year.")]
    TooLong,
    #[error("The opening was not certified before the vote opened at {opens}.")]
    CertifiedLate { opens: Time },
    #[error("The cut names {journal}, which is not a journal of this epoch, or names it out of order.")]
    ForeignJournal { journal: JournalId },
    #[error("The cut of {journal} was certified later than {latest}.")]
    CutTooYoung { journal: JournalId, latest: Time },
    #[error("The cut of {journal} leaves out entries that were certified early enough to count.")]
    CutStale { journal: JournalId },
    #[error("The journal {journal} was frozen at {frozen_at} and cannot be cut beyond.")]
    CutBeyondEnd { journal: JournalId, frozen_at: u64 },
    #[error("The electorate named in the opening is not what the cut yields.")]
    OtherElectorate,
    #[error("Nobody on the roll could vote.")]
    NoElectorate,
}

impl Refusal {
    /// The form field that it is about.
    pub fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::Title => "title",
            Self::Text => "text",
            Self::UnknownType { .. } | Self::MayNotCall { .. } => "type",
            Self::ConsentOptions | Self::Options => "options",
            Self::ReasonMissing { .. } | Self::ReasonUncalledFor => "reason",
            Self::Principles { .. } => "principles",
            Self::Supersedes => "supersedes",
            Self::Review => "review",
            Self::Visibility => "visibility",
            Self::TooManyEffects | Self::EffectsOfChoice | Self::EffectNotAllowed { .. } | Self::Effect { .. } => {
                "effects"
            }
            Self::ProposerUnknown { .. } | Self::ProposerElsewhere { .. } => "as",
            Self::TooShort { .. } | Self::TooLong => "closes",
            _ => return None,
        })
    }
}

/// Everything that keeps this version of a proposal from being published under `epoch`.
pub fn check_draft(question: &Question, epoch: &Epoch) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let mut require = |holds: bool, refusal: Refusal| {
        if !holds {
            refusals.push(refusal);
        }
    };
    let charter = &epoch.charter;
    require((1..=255).contains(&question.id.len()), Refusal::Id);
    require(question.version >= 1, Refusal::Version);
    require(is_line(&question.name), Refusal::Title);
    require(
        (1..=TEXT_BYTES_MOST).contains(&question.source.len()) && !question.source.trim().is_empty(),
        Refusal::Text,
    );
    let principles = &question.principles;
    let known = principles.iter().all(|number| (1..=charter.principles.len()).contains(&usize::from(*number)));
    require(known && is_ascending(principles), Refusal::Principles { count: charter.principles.len() });
    let supersedes: BTreeSet<_> = question.supersedes.iter().collect();
    let different = supersedes.len() == question.supersedes.len() && supersedes.len() <= LIST_MOST;
    require(different, Refusal::Supersedes);
    let open_enough = charter.visibility == Visibility::Public || question.visibility == Visibility::Consortium;
    require(open_enough, Refusal::Visibility);
    refusals.extend(check_options(question));
    refusals.extend(check_type(question, charter));
    refusals.extend(check_effects(question, epoch));
    refusals
}

fn is_line(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= TITLE_CHARS_MOST && !text.chars().any(char::is_control)
}

fn is_ascending<T: PartialOrd>(list: &[T]) -> bool {
    list.windows(2).all(|pair| pair[0] < pair[1])
}

fn check_options(question: &Question) -> Option<Refusal> {
    let options = &question.options;
    if question.method == Method::Consent {
        return (*options != CONSENT).then_some(Refusal::ConsentOptions);
    }
    let different = options.iter().collect::<BTreeSet<_>>().len() == options.len();
    let fits = (2..=OPTIONS_MOST).contains(&options.len()) && different && options.iter().all(|option| is_line(option));
    (!fits).then_some(Refusal::Options)
}

fn check_type(question: &Question, charter: &Charter) -> Option<Refusal> {
    let decision_type = question.decision_type.clone();
    let Some(found) = charter.decision_type(&decision_type) else {
        return Some(Refusal::UnknownType { decision_type });
    };
    let (blank, length) = (question.reason.trim().is_empty(), question.reason.chars().count());
    match found.challenge {
        Some(_) if blank || length > REASON_CHARS_MOST => Some(Refusal::ReasonMissing { decision_type }),
        None if length > 0 => Some(Refusal::ReasonUncalledFor),
        _ => None,
    }
}

fn check_effects(question: &Question, epoch: &Epoch) -> Option<Refusal> {
    let effects = &question.effects;
    if effects.is_empty() {
        return None;
    }
    if effects.len() > LIST_MOST {
        return Some(Refusal::TooManyEffects);
    }
    if question.method != Method::Consent {
        return Some(Refusal::EffectsOfChoice);
    }
    let decision_type = epoch.charter.decision_type(&question.decision_type)?;
    if !effects.iter().all(|effect| decision_type.effects.contains(&effect.kind())) {
        return Some(Refusal::EffectNotAllowed { decision_type: question.decision_type.clone() });
    }
    let members = effects.iter().try_for_each(|effect| check_member_effect(effect, epoch));
    let problem = members.and_then(|()| epoch.check_effects(effects)).err()?;
    Some(Refusal::Effect { problem })
}

fn check_member_effect(effect: &Effect, epoch: &Epoch) -> Result<(), Problem> {
    let (Effect::AdmitMember { sponsor, .. } | Effect::EndMember { sponsor, .. }) = effect else { return Ok(()) };
    if epoch.party_of_node(sponsor).is_none() {
        return Err(Problem::new("effects.sponsor", Flaw::SponsorNotAParty { sponsor: sponsor.clone() }));
    }
    let Effect::AdmitMember { class, level, name, .. } = effect else { return Ok(()) };
    let Some(class) = epoch.charter.class(class) else {
        return Err(Problem::new("effects.class", Flaw::UnknownClass { class: class.clone() }));
    };
    if !class.levels.is_empty() && !class.levels.iter().any(|known| known.id == *level) {
        let flaw = Flaw::UnknownLevel { class: class.id.clone(), level: level.clone() };
        return Err(Problem::new("effects.level", flaw));
    }
    if name.chars().count() > 200 {
        return Err(Problem::new("effects.name", Flaw::MemberName));
    }
    Ok(())
}

/// What an opening is checked against.
#[derive(Debug, Clone, Copy)]
pub struct OpeningContext<'a> {
    /// The epoch in force.
    pub epoch: &'a Epoch,
    /// Parties that have not accepted the founding charter.
    pub unratified: usize,
    /// The roll that the cut in the opening yields.
    pub roll: &'a Roll,
    /// The notes of that cut, verified.
    pub cut: &'a [CertifiedSize],
    /// When the checkpoint that covers the opening was certified; absent while it is not.
    pub certified_at: Option<Time>,
}

/// The opening, or the first reason why it opens nothing.
pub fn check_opening(statement: &Statement, digest: Digest, context: &OpeningContext<'_>) -> Result<Opening, Refusal> {
    let opening = check_announcement(statement, digest, context)?;
    let opens = opening.voting.opens;
    if context.certified_at.is_none_or(|certified_at| certified_at > opens) {
        return Err(Refusal::CertifiedLate { opens });
    }
    Ok(opening)
}

/// As [`check_opening`], before the opening can be certified: what its own node checks first.
pub fn check_announcement(
    statement: &Statement,
    digest: Digest,
    context: &OpeningContext<'_>,
) -> Result<Opening, Refusal> {
    let OpeningContext { epoch, unratified: missing, roll, .. } = *context;
    let opening = Opening::read(statement, digest).ok_or(Refusal::NotAnOpening)?;
    if opening.consortium != epoch.consortium {
        return Err(Refusal::OtherConsortium);
    }
    if opening.epoch != epoch.number {
        return Err(Refusal::OtherEpoch { named: opening.epoch, current: epoch.number });
    }
    if missing > 0 {
        return Err(Refusal::NotRatified { missing });
    }
    if epoch.party_of_node(&opening.node).is_none() {
        return Err(Refusal::NotAParty);
    }
    if let Some(refusal) = check_draft(&opening.question, epoch).into_iter().next() {
        return Err(refusal);
    }
    let unknown_type = || Refusal::UnknownType { decision_type: opening.question.decision_type.clone() };
    let decision_type = epoch.charter.decision_type(&opening.question.decision_type).ok_or_else(unknown_type)?;
    check_proposer(&opening.question.proposer, &opening.node, decision_type, &epoch.charter, roll)?;
    check_terms(&opening, decision_type, &epoch.charter)?;
    check_cut(context.cut, epoch, opening.voting.opens)?;
    if roll.opens != opening.voting.opens || roll.digest() != opening.voting.electorate {
        return Err(Refusal::OtherElectorate);
    }
    if roll.seats.is_empty() { Err(Refusal::NoElectorate) } else { Ok(opening) }
}

/// Whether `member` of `node` may call a decision of this type at the time the roll is frozen for.
pub fn check_proposer(
    member: &MemberId,
    node: &NodeId,
    decision_type: &DecisionType,
    charter: &Charter,
    roll: &Roll,
) -> Result<(), Refusal> {
    let unknown = || Refusal::ProposerUnknown { member: member.clone() };
    let found = roll.register.members.get(member).ok_or_else(unknown)?;
    if !matches!(found.status(roll.opens), Status::InForce(_)) {
        return Err(unknown());
    }
    if found.sponsor != *node {
        return Err(Refusal::ProposerElsewhere { member: member.clone() });
    }
    let may_propose = charter.class(&found.class).is_some_and(|class| class.has(Right::Propose));
    let may_call = decision_type.callers.is_empty() || decision_type.callers.contains(&found.class);
    if may_propose && may_call {
        return Ok(());
    }
    Err(Refusal::MayNotCall { class: found.class.clone(), decision_type: decision_type.id.clone() })
}

fn check_terms(opening: &Opening, decision_type: &DecisionType, charter: &Charter) -> Result<(), Refusal> {
    let Voting { opens, closes, rules, .. } = &opening.voting;
    if charter.rules_for(&decision_type.id).as_ref() != Some(rules) {
        return Err(Refusal::OtherRules);
    }
    let seconds = closes.0 - opens.0;
    if seconds < decision_type.minimum_seconds {
        let least = decision_type.minimum_seconds;
        return Err(Refusal::TooShort { decision_type: decision_type.id.clone(), least, seconds });
    }
    if seconds > VOTE_SECONDS_MOST {
        return Err(Refusal::TooLong);
    }
    let review_fits = opening.question.review.is_none_or(|review| review > *closes);
    if review_fits { Ok(()) } else { Err(Refusal::Review) }
}

/// Whether the roll cut takes in what this node knows to have been certified by [`roll_known_by`]. Nobody can keep
/// members out of a vote by naming checkpoints from before they came, as long as f + 1 honest nodes know of them.
pub fn check_cut_is_recent(cut: &[CertifiedSize], known: &[CertifiedSize]) -> Result<(), Refusal> {
    let size_of = |journal: &JournalId| cut.iter().find(|size| size.journal == *journal).map_or(0, |size| size.size);
    match known.iter().find(|known| size_of(&known.journal) < known.size) {
        Some(known) => Err(Refusal::CutStale { journal: known.journal.clone() }),
        None => Ok(()),
    }
}

fn check_cut(cut: &[CertifiedSize], epoch: &Epoch, opens: Time) -> Result<(), Refusal> {
    let latest = opens.plus(-epoch.charter.roll.minimum_age_seconds);
    let journals = epoch.journals();
    let mut rest = journals.iter();
    for CertifiedSize { journal, size, certified_at, .. } in cut {
        // Consuming the iterator checks order and repetition at once.
        let Some(known) = rest.find(|known| known.journal == *journal) else {
            return Err(Refusal::ForeignJournal { journal: journal.clone() });
        };
        if *certified_at > latest {
            return Err(Refusal::CutTooYoung { journal: journal.clone(), latest });
        }
        if let Some(frozen_at) = known.frozen_at.filter(|frozen_at| size > frozen_at) {
            return Err(Refusal::CutBeyondEnd { journal: journal.clone(), frozen_at });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
