//! Applications of persons: complete, agreed to the terms, and their objection window passed in silence.

use std::collections::BTreeMap;

use super::replay::Stated;
use super::{Reason, Register, Status};
use crate::charter::Charter;
use crate::id::{Digest, NodeId, Time};
use crate::statement::{Application, Body, RollEntry};

/// The applications below the cut, by digest, and the objections that were heard.
pub(super) struct Applications<'a> {
    known: BTreeMap<Digest, Applied<'a>>,
    objections: BTreeMap<Digest, NodeId>,
    refused: BTreeMap<(usize, Digest), Reason>,
}

struct Applied<'a> {
    stated: Stated<'a>,
    application: &'a Application,
}

impl Applied<'_> {
    /// When the window for objections ends.
    fn settled_at(&self) -> Time {
        self.stated.at.plus(self.stated.charter.roll.objection_seconds)
    }
}

impl<'a> Applications<'a> {
    pub fn read(statements: &[Stated<'a>]) -> Self {
        let mut known = BTreeMap::new();
        for stated in statements {
            if let Body::Application(application) = &stated.entry.statement.body {
                known.entry(stated.entry.digest).or_insert(Applied { stated: *stated, application });
            }
        }
        Self { known, objections: BTreeMap::new(), refused: BTreeMap::new() }
    }

    /// Sorts the objections once it is known which organisations each node sponsors.
    pub fn hear_objections(&mut self, statements: &[Stated<'a>], register: &Register) {
        for stated in statements {
            let Body::Objection { application, .. } = stated.entry.statement.body else { continue };
            match self.check_objection(stated, application, register) {
                Ok(()) => {
                    self.objections.entry(application).or_insert_with(|| stated.journal.node.clone());
                }
                Err(reason) => {
                    self.refused.insert((stated.journal.party, stated.entry.digest), reason);
                }
            }
        }
    }

    fn check_objection(&self, stated: &Stated<'_>, application: Digest, register: &Register) -> Result<(), Reason> {
        let applied = self.known.get(&application).ok_or(Reason::UnknownApplication)?;
        let settled_at = applied.settled_at();
        if stated.at >= settled_at {
            return Err(Reason::LateObjection(settled_at));
        }
        if may_object(stated.journal.node, stated.at, applied.stated.charter, register) {
            Ok(())
        } else {
            Err(Reason::NotAnObjector)
        }
    }

    /// Why the objection that `stated` is does not count, if so.
    pub fn objection_refusal(&self, stated: &Stated<'_>) -> Result<(), Reason> {
        self.refused.get(&(stated.journal.party, stated.entry.digest)).cloned().map_or(Ok(()), Err)
    }

    /// Whether the application allows the entry, and from when on.
    pub fn check(&self, stated: &Stated<'_>, entry: &RollEntry, digest: Digest) -> Result<Time, Reason> {
        let applied = self.known.get(&digest).filter(|applied| stands_before(&applied.stated, stated));
        let applied = applied.ok_or(Reason::NoApplication)?;
        let Application { member, class, level, terms, request, commitment, .. } = applied.application;
        if (member, class, level) != (&entry.member, &entry.class, &entry.level) {
            return Err(Reason::OtherApplication);
        }
        if *terms != applied.stated.charter.terms_digest() {
            return Err(Reason::OtherTerms);
        }
        if request.trim().is_empty() || commitment.trim().is_empty() {
            return Err(Reason::Incomplete);
        }
        if let Some(objector) = self.objections.get(&digest) {
            return Err(Reason::Objected(objector.clone()));
        }
        let settled_at = applied.settled_at();
        if stated.entry.statement.published < settled_at { Err(Reason::TooEarly(settled_at)) } else { Ok(settled_at) }
    }
}

/// Earlier in the same node's journals; a journal of an earlier key comes before the current one.
fn stands_before(earlier: &Stated<'_>, later: &Stated<'_>) -> bool {
    earlier.journal.party == later.journal.party && earlier.order < later.order
}

/// Whether `node` sponsors (or is) a member of a class that may object.
fn may_object(node: &NodeId, at: Time, charter: &Charter, register: &Register) -> bool {
    register.members.values().any(|member| {
        member.sponsor == *node
            && charter.roll.objectors.contains(&member.class)
            && matches!(member.status(at), Status::InForce(_))
    })
}
