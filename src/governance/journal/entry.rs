//! Entries of a journal: statements in their order, or only the hash where one is hidden or erased.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::merkle::leaf_hash;
use crate::codec::{SignedStatement, StatementError};
use crate::id::{ConsortiumId, Digest, NodeId};
use crate::key::PublicKey;
use crate::statement::{Body, Signer, Statement};

/// One entry as a page of a journal shows it.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    Statement(Box<SignedStatement>),
    /// The leaf hash of a statement that this reader may not see or that was erased: `{"leaf": HEX}`.
    Hidden(Digest),
}

/// Why something is not an entry of a journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    #[error(transparent)]
    Statement(#[from] StatementError),
    #[error("receipts and closing messages are not journal entries")]
    Kind,
    #[error("the statement belongs to another consortium")]
    Consortium,
    #[error("the statement is by another node, or by another key of this one")]
    Signer,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hidden {
    leaf: Digest,
}

/// Whether statements of this kind are journal entries; receipts and closing messages never are.
pub fn belongs_in_journals(body: &Body) -> bool {
    !matches!(
        body,
        Body::Receipt { .. }
            | Body::CutProposal(_)
            | Body::CutVote { .. }
            | Body::CutSkip { .. }
            | Body::CutFinal { .. }
    )
}

impl Entry {
    /// Reads an item of a journal page: a statement, verified, or a hidden leaf.
    pub fn from_value(value: &Value) -> Result<Self, EntryError> {
        if let Ok(Hidden { leaf }) = Hidden::deserialize(value)
            // serde reads a list for a struct, too.
            && value.is_object()
        {
            return Ok(Self::Hidden(leaf));
        }
        Ok(Self::Statement(Box::new(Statement::from_value(value)?)))
    }

    pub fn to_value(&self) -> Value {
        match self {
            Self::Statement(signed) => signed.to_value(),
            Self::Hidden(leaf) => json!({ "leaf": leaf }),
        }
    }

    /// The hash of this entry in the tree.
    pub fn leaf(&self) -> Digest {
        match self {
            Self::Statement(signed) => leaf_hash(&signed.bytes),
            Self::Hidden(leaf) => *leaf,
        }
    }

    /// Whether the entry may be in the journal of `node` in `consortium` under `key`. Ballots may be in any.
    pub fn check(&self, consortium: ConsortiumId, node: &NodeId, key: &PublicKey) -> Result<(), EntryError> {
        let Self::Statement(signed) = self else { return Ok(()) };
        let statement = &signed.statement;
        if !belongs_in_journals(&statement.body) {
            return Err(EntryError::Kind);
        }
        if statement.consortium != consortium {
            return Err(EntryError::Consortium);
        }
        match &statement.signer {
            Signer::Node(signer) if signer != node || statement.key != *key => Err(EntryError::Signer),
            Signer::Node(_) | Signer::Member(_) => Ok(()),
        }
    }
}
