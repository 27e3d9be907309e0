//! Signed statements: the ActivityPub activities that nodes and members publish.
//! A statement's canonical bytes (RFC 8785, proof included) are the published format; its digest names it.
//! Parsing verifies nothing about rights: who may state what is decided in `epoch`, `roll`, `proposal`, `ballot`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::charter::Charter;
use crate::id::{ConsortiumId, Digest, JournalId, MemberId, NodeId, Time};
use crate::key::PublicKey;

/// Who signs: a node by its actor address, or a member by its key (`did:key:z6Mk…`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signer {
    Node(NodeId),
    Member(PublicKey),
}

/// One statement, read from verified bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    pub signer: Signer,
    /// The key that made the proof. For a node it must be the node's key of `epoch`; the caller checks that.
    pub key: PublicKey,
    pub published: Time,
    pub consortium: ConsortiumId,
    pub epoch: u64,
    pub body: Body,
}

/// What a statement says. The JSON `type` of the activity's `object` is the variant's name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub enum Body {
    /// `Accept`: this party accepts the founding charter.
    Charter {
        digest: Digest,
    },
    /// `Add`, or `Update` once the member is on this journal's roll (`change` true).
    RollEntry(RollEntry),
    /// `Remove`: withdrawal, suspension or lapse of a member.
    RollEnd(RollEnd),
    /// `Offer`: somebody's request to join, as endorsed by the stewards of the signing node.
    Application(Application),
    /// `Reject`: a producer's node objects to an application.
    Objection {
        application: Digest,
        reason: String,
    },
    /// `Add`: a person may act for an organisation.
    Mandate(Mandate),
    /// `Remove`: that mandate ends.
    MandateEnd {
        organisation: MemberId,
        holder: MemberId,
        effective: Time,
    },
    /// `Create` for version 1 of a draft, `Update` for later versions and for the opening.
    Question(Box<Question>),
    /// `Create`, signed by a member's key.
    Ballot(Ballot),
    /// `Create`: voting goes on until `closes`.
    Extension {
        proposal: Digest,
        closes: Time,
        reason: String,
    },
    /// `Create`: another producer contests that the call is urgent.
    Challenge {
        proposal: Digest,
        member: MemberId,
        reason: String,
    },
    /// `Create`: the proposer takes the proposal back.
    Withdrawal {
        proposal: Digest,
        reason: String,
    },
    /// `Create`: one contribution to the deliberation of a proposal.
    Note(Comment),
    /// `Create`: a notice to all parties, such as force majeure (charter art. 2.4).
    Notice {
        subject: String,
        source: String,
    },
    /// `Create`: this node holds the certificate of a decision.
    Article(Box<Decision>),
    /// `Flag`: proof that a signer broke the protocol; `evidence` are whole signed documents.
    Fault(FaultReport),
    /// `Accept`: the promise of a node that it appended this ballot to its journal. Never in a journal.
    Receipt {
        ballot: Digest,
        journal: JournalId,
        position: u64,
    },
    /// `Create`, closing messages; never in a journal. See `certification`.
    CutProposal(Box<CutProposal>),
    CutVote {
        proposal: Digest,
        sitting: u32,
        round: u32,
        value: Digest,
    },
    CutSkip {
        proposal: Digest,
        sitting: u32,
        round: u32,
    },
    CutFinal {
        proposal: Digest,
        sitting: u32,
        round: u32,
        value: Digest,
    },
}

/// Where a member's key is: at the node, which then signs for the member, or with the member alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Custody {
    Node,
    Device,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RollEntry {
    /// False: the member joins (`Add`). True: key, custody, name or level change, or a suspension is lifted (`Update`).
    pub change: bool,
    pub member: MemberId,
    /// Shown name, at most 200 characters; empty for a member who stays opaque.
    pub name: String,
    /// A class of the charter. Never changes: withdraw and join again.
    pub class: String,
    /// Contribution level within the class, as in the charter's `levels`.
    pub level: String,
    pub key: PublicKey,
    pub custody: Custody,
    pub since: Time,
    pub basis: Basis,
}

/// Why somebody is on the roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Named in the genesis document.
    Founding,
    /// Digest of an `Application` in the same journal whose objection window passed in silence (persons only).
    Application(Digest),
    /// Digest of the opening of a certified proposal that admits this member.
    Decision(Digest),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RollEnd {
    pub member: MemberId,
    pub status: EndStatus,
    pub effective: Time,
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EndStatus {
    Withdrawn,
    Suspended,
    Lapsed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Application {
    pub member: MemberId,
    pub name: String,
    pub class: String,
    pub level: String,
    /// Digest of the charter's terms that the applicant agreed to.
    pub terms: Digest,
    /// The written request.
    pub request: String,
    /// The committed contribution, in words ("20 hours and 250 €").
    pub commitment: String,
}

/// A person who may act for an organisation. `key` only where the holder signs on an own device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Mandate {
    pub organisation: MemberId,
    pub holder: MemberId,
    /// Shown name of the holder, at most 200 characters; may be empty.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<PublicKey>,
    pub since: Time,
}

/// A proposal: a draft version while `voting` is absent; the frozen, open version when it is there.
/// The *proposal digest* that ballots name is the digest of the statement that carries `voting`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Question {
    /// Address of the proposal on the proposer's node; the same for all versions.
    pub id: String,
    pub version: u32,
    /// Title, 1 to 200 characters.
    pub name: String,
    /// Markdown, at most 64 KiB.
    pub source: String,
    pub proposer: MemberId,
    /// Key of the charter's decision types: `urgent`, `regular`, `constitutional`.
    pub decision_type: String,
    pub method: Method,
    /// Choices in ballot order. Consent has exactly agree, abstain, disagree, block.
    pub options: Vec<String>,
    /// Why the call is urgent; required there, empty elsewhere.
    pub reason: String,
    pub visibility: Visibility,
    /// Principles of the charter that are cited, by their numbers from 1 on.
    pub principles: Vec<u8>,
    /// Proposal digests of the decisions that this one replaces.
    pub supersedes: Vec<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Time>,
    /// What happens by itself once it is certified as passed.
    pub effects: Vec<Effect>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voting: Option<Voting>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    Consent,
    SingleChoice,
    Approval,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    Public,
    Consortium,
}

/// The frozen terms of a vote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Voting {
    pub opens: Time,
    pub closes: Time,
    /// Copied from the charter and checked against it: thresholds, quorum, empty-class rule, strengths.
    pub rules: crate::charter::Rules,
    /// The roll cut: one certified checkpoint per journal, each a whole signed note with its cosignatures.
    /// A journal that is absent counts as empty.
    pub cut: Vec<String>,
    /// Digest of the frozen roll (`roll::Roll::digest`).
    pub electorate: Digest,
}

/// What a passed proposal does. All but `AdmitMember` and `EndMember` begin a new epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub enum Effect {
    /// The sponsor's node may then publish the roll entry.
    AdmitMember {
        sponsor: NodeId,
        member: MemberId,
        name: String,
        class: String,
        level: String,
    },
    EndMember {
        sponsor: NodeId,
        member: MemberId,
        status: EndStatus,
    },
    AmendCharter {
        base: Digest,
        charter: Box<Charter>,
    },
    AdmitParty {
        party: Party,
    },
    /// The node's old journal is frozen at the cut of this decision; a new one begins under the new key.
    ChangeKey {
        node: NodeId,
        key: PublicKey,
    },
    RemoveParty {
        node: NodeId,
    },
}

/// The name of an effect, by which a charter says which decision types may have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EffectKind {
    AdmitMember,
    EndMember,
    AmendCharter,
    AdmitParty,
    ChangeKey,
    RemoveParty,
}

impl Effect {
    pub fn kind(&self) -> EffectKind {
        match self {
            Self::AdmitMember { .. } => EffectKind::AdmitMember,
            Self::EndMember { .. } => EffectKind::EndMember,
            Self::AmendCharter { .. } => EffectKind::AmendCharter,
            Self::AdmitParty { .. } => EffectKind::AdmitParty,
            Self::ChangeKey { .. } => EffectKind::ChangeKey,
            Self::RemoveParty { .. } => EffectKind::RemoveParty,
        }
    }

    pub fn begins_epoch(&self) -> bool {
        !matches!(self, Self::AdmitMember { .. } | Self::EndMember { .. })
    }
}

/// A member co-op that runs a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    pub name: String,
    pub node: NodeId,
    pub key: PublicKey,
}

/// The genesis document: what the founding parties accept. Its canonical bytes name the consortium.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    pub charter: Charter,
    /// In order; the order is that of epoch 0.
    pub parties: Vec<Party>,
    /// Organisations on the roll from the start.
    pub members: Vec<FoundingMember>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoundingMember {
    pub member: MemberId,
    pub name: String,
    pub class: String,
    pub sponsor: NodeId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ballot {
    pub proposal: Digest,
    /// Position in the frozen roll.
    pub index: u32,
    pub sequence: u64,
    /// Indexes into the proposal's options, ascending, no repeats.
    pub choices: Vec<u32>,
    /// Only with a block: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<BlockReason>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockReason {
    /// One of the charter's grounds.
    pub ground: String,
    /// 1 to 2,000 characters.
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Comment {
    pub id: String,
    /// `Question::id` of the proposal.
    pub proposal: String,
    /// Id of the note answered, or of the proposal.
    pub in_reply_to: String,
    /// Who wrote it: a member id of the signing node, or the address of a fediverse account.
    pub author: String,
    pub author_name: String,
    pub source: String,
}

/// A node's own record of a certified decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    pub proposal: Digest,
    /// As counted (`tally::Outcome` in its canonical JSON form).
    pub outcome: Value,
    pub certificate: crate::certification::Certificate,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultReport {
    pub fault: FaultKind,
    /// The address or `did:key` at fault.
    pub culprit: String,
    /// Signed documents that contradict each other: statements as JSON text, checkpoints as notes.
    pub evidence: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    TwoVotes,
    TwoFinals,
    SkipAndFinal,
    /// Two checkpoints of one journal, signed by its node, that no one tree has.
    Fork,
    /// Two cosignatures by one witness on such checkpoints.
    Cosignatures,
    TwoBallots,
    /// A receipt whose ballot is not where it was promised.
    BrokenReceipt,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CutProposal {
    pub proposal: Digest,
    /// 0 for the first closing; one more for each certified extension.
    pub sitting: u32,
    pub round: u32,
    pub value: Digest,
    /// The cut: certified checkpoints as whole signed notes, in the order of the epoch's journals.
    pub cut: Vec<String>,
    pub justification: Justification,
}

/// Why a chair may propose its value in its round: the signed messages themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Justification {
    /// q `CutSkip` activities for each skipped round that the rule asks for.
    pub skips: Vec<Value>,
    /// q `CutVote` activities for the value in one earlier round; empty where the value is free.
    pub votes: Vec<Value>,
}
