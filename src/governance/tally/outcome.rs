//! The outcome of a vote: everything that a reader needs to count again and to see why it passed or not.
//! Its canonical JSON is part of the value that nodes agree on; nothing in it depends on who counts.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::charter::{EmptyClass, Threshold, canonical_digest};
use crate::fraction::Fraction;
use crate::id::{Digest, Time};
use crate::statement::Method;

/// What a sitting of a vote comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Outcome {
    pub proposal: Digest,
    pub sitting: u32,
    /// The type that it was counted as.
    pub decision_type: String,
    pub method: Method,
    /// The choices in ballot order.
    pub options: Vec<String>,
    pub verdict: Verdict,
    /// Number in the register of decisions; only where it is decided, passed or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// The epoch that it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub becomes_epoch: Option<u64>,
    pub effects: Effects,
    /// Absent where the vote was extended or withdrawn: nothing was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<Count>,
    /// Why, in the order of a reader's questions.
    pub reasons: Vec<Reason>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", deny_unknown_fields, rename_all = "camelCase")]
pub enum Verdict {
    /// `winners` are positions of options: none for consent, one where a choice is decided, more in a tie.
    Decided {
        passed: bool,
        winners: Vec<u32>,
    },
    /// Voting goes on, as this decision type.
    #[serde(rename_all = "camelCase")]
    Extended {
        closes: Time,
        decision_type: String,
    },
    Withdrawn,
}

/// What becomes of the effects in the opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effects {
    /// There are none, or the vote did not pass.
    None,
    Taken,
    /// It passed, but parties or charter changed meanwhile so that they cannot be applied any more.
    Void,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Count {
    pub threshold: Threshold,
    pub empty_class: EmptyClass,
    pub override_at_least: Fraction,
    /// In the order of the charter.
    pub classes: Vec<ClassCount>,
    /// Consent: the weighted share that agrees. Choices: that of the leading option.
    pub result: Fraction,
    /// Weighted share per option; empty for consent.
    pub shares: Vec<Fraction>,
    pub readings: Readings,
    pub blocks: Vec<StandingBlock>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ClassCount {
    pub class: String,
    /// Members of the class on the frozen roll.
    pub eligible: u64,
    /// Members who cast a ballot, abstentions included.
    pub cast: u64,
    /// Ballots for each option, in ballot order; consent: agree, abstain, disagree, block.
    pub votes: Vec<u64>,
    /// Consent: the share that agrees. Choices: one share per option. Empty where nobody took a side.
    pub shares: Vec<Fraction>,
    pub strength: Fraction,
    /// The strength that the class counted with, after the rule for empty classes.
    pub used: Fraction,
    pub quorum: Fraction,
    pub quorum_met: bool,
}

/// The same ballots read in other ways; stated always, because the rule for empty classes can turn a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Readings {
    /// Every member with the same weight, whatever the class.
    pub head_count: Reading,
    pub lapse: Reading,
    pub redistribute: Reading,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Reading {
    pub result: Fraction,
    /// Options that lead; empty for consent.
    pub leading: Vec<u32>,
    pub passes: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StandingBlock {
    /// Position in the frozen roll.
    pub index: u32,
    pub class: String,
    pub ballot: Digest,
    pub ground: String,
}

/// Why the outcome is what it is: a code with its parameters, for any language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", deny_unknown_fields, rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Reason {
    /// Another member contested that the call is urgent.
    Challenged {
        from: String,
        to: String,
    },
    Extended {
        closes: Time,
    },
    Withdrawn,
    /// Nobody in the class took a side.
    ClassEmpty {
        class: String,
        rule: EmptyClass,
        strength: Fraction,
    },
    QuorumUnmet {
        class: String,
        cast: u64,
        eligible: u64,
        quorum: Fraction,
    },
    EmptyClassBlocks {
        class: String,
    },
    NobodyTookASide,
    ThresholdMet {
        result: Fraction,
        threshold: Threshold,
    },
    ThresholdMissed {
        result: Fraction,
        threshold: Threshold,
    },
    Tie,
    /// Several options lead with the same share.
    OptionsTie {
        winners: Vec<u32>,
    },
    BlocksStand {
        blocks: u64,
        result: Fraction,
        override_at_least: Fraction,
    },
    BlocksOverruled {
        blocks: u64,
        result: Fraction,
        override_at_least: Fraction,
    },
    /// Another reading of the same ballots comes to the opposite.
    ReadingDiffers {
        reading: ReadingKind,
        result: Fraction,
        passes: bool,
    },
    /// Parties or charter changed meanwhile.
    EffectsVoid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadingKind {
    HeadCount,
    Lapse,
    Redistribute,
}

/// The JSON is not an outcome in the one form that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an outcome in its canonical form")]
pub struct Unreadable;

impl Outcome {
    /// From JSON. Anything that would not be written back exactly is refused: unknown members, other spellings.
    pub fn read(json: &Value) -> Result<Self, Unreadable> {
        let outcome = Self::deserialize(json).map_err(|_| Unreadable)?;
        let same = serde_json::to_value(&outcome).is_ok_and(|written| written == *json);
        if same { Ok(outcome) } else { Err(Unreadable) }
    }

    /// SHA-256 of the canonical JSON.
    pub fn digest(&self) -> Digest {
        canonical_digest(self)
    }

    pub fn passed(&self) -> bool {
        matches!(self.verdict, Verdict::Decided { passed: true, .. })
    }
}

/// The value that nodes agree on when they close a sitting.
pub fn value(proposal: Digest, sitting: u32, cut: Digest, outcome: Digest) -> Digest {
    #[derive(Serialize)]
    struct Agreed {
        proposal: Digest,
        sitting: u32,
        cut: Digest,
        outcome: Digest,
    }
    canonical_digest(&Agreed { proposal, sitting, cut, outcome })
}
