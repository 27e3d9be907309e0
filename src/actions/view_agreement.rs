//! Which nodes came to the same result, and, while they have not, who is still awaited and why. Reads only.

use std::collections::{BTreeMap, BTreeSet};

use folkmoot_governance::certification::Certificate;
use folkmoot_governance::epoch::Epoch;
use folkmoot_governance::id::{Digest, NodeId, Time};
use folkmoot_governance::proposal::{self, Sitting};
use serde::Serialize;

use super::error::Result;
use super::{decide, journals};
use crate::storage::{Conn, closings, decisions, peers};
use crate::words::Message;

/// What one node made of a vote, as far as it is known here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stand {
    pub name: String,
    pub node: NodeId,
    pub state: StandState,
    /// When its answer arrived here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StandState {
    /// It published this result.
    Agree,
    /// It published another result.
    Differs,
    /// It takes part in the closing; there is no result yet.
    Answered,
    /// Nothing was heard from it.
    Silent,
}

/// Where a closing stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Closing {
    pub stage: Stage,
    /// The latest round that anything was said in; 0 before the first.
    pub round: u32,
    pub sitting: u32,
    /// How many nodes must agree.
    pub quorum: usize,
    pub answered: usize,
    pub stands: Vec<Stand>,
    /// Why there is no certified result yet, sentence by sentence.
    #[serde(skip)]
    pub explanation: Vec<Message>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Ballots cast in time are being cosigned.
    Settling,
    /// Messages under way are given time to arrive.
    Freezing,
    /// The nodes exchange their counts.
    Agreeing,
    /// For so long that people settle it.
    Abandoned,
}

/// How each party of the epoch stands to the certified `value`.
pub async fn of_decision(
    conn: &mut Conn,
    epoch: &Epoch,
    proposal: Digest,
    sitting: u32,
    value: Digest,
) -> Result<Vec<Stand>> {
    let mut published = decisions::agreements(conn, proposal, sitting).await?;
    // Whoever signed the certificate agrees, even before its own journal has brought the decision.
    if let Some(row) = decisions::find(conn, proposal, sitting).await? {
        for node in signers(&decide::certificate(conn, &row).await?) {
            if !published.iter().any(|(known, _, _)| *known == node) {
                published.push((node, row.value, row.certified_at));
            }
        }
    }
    let stand = |party: &folkmoot_governance::statement::Party| {
        let answer = published.iter().find(|(node, _, _)| *node == party.node);
        let state = match answer {
            None => StandState::Silent,
            Some((_, theirs, _)) if *theirs == value => StandState::Agree,
            Some(_) => StandState::Differs,
        };
        Stand { name: party.name.clone(), node: party.node.clone(), state, at: answer.map(|(_, _, at)| *at) }
    };
    Ok(epoch.parties.iter().map(stand).collect())
}

/// The nodes whose finals make the certificate.
fn signers(certificate: &Certificate) -> Vec<NodeId> {
    let signer = |signed: &serde_json::Value| signed.get("actor")?.as_str()?.parse().ok();
    certificate.finals.iter().filter_map(signer).collect()
}

/// Where the closing of an undecided vote stands; `None` while voting goes on.
pub async fn of_closing(
    conn: &mut Conn,
    epoch: &Epoch,
    proposal: Digest,
    sitting: &Sitting,
    now: Time,
) -> Result<Option<Closing>> {
    if now < sitting.closes {
        return Ok(None);
    }
    let mut heard = Vec::new();
    for bytes in closings::messages(conn, proposal, sitting.number).await? {
        let signed = journals::read_bytes(&bytes)?;
        heard.extend(said(&signed.statement));
    }
    let failures = peers::all(conn).await?.into_iter().filter_map(|peer| Some((peer.node, peer.last_error?)));
    Ok(Some(judge(epoch, sitting, &heard, &failures.collect(), now)))
}

/// Who said something in which round.
fn said(statement: &folkmoot_governance::statement::Statement) -> Option<(NodeId, u32)> {
    use folkmoot_governance::statement::{Body, Signer};
    let Signer::Node(node) = &statement.signer else { return None };
    let round = match &statement.body {
        Body::CutProposal(proposed) => proposed.round,
        Body::CutVote { round, .. } | Body::CutSkip { round, .. } | Body::CutFinal { round, .. } => *round,
        _ => return None,
    };
    Some((node.clone(), round))
}

fn judge(
    epoch: &Epoch,
    sitting: &Sitting,
    heard: &[(NodeId, u32)],
    failures: &BTreeMap<NodeId, String>,
    now: Time,
) -> Closing {
    let round = heard.iter().map(|(_, round)| *round).max().unwrap_or(0);
    // Whoever spoke only in rounds long past may be gone since.
    let lately: BTreeSet<&NodeId> =
        heard.iter().filter(|(_, spoke)| spoke.saturating_add(1) >= round).map(|(node, _)| node).collect();
    let stands: Vec<Stand> = epoch
        .parties
        .iter()
        .map(|party| {
            let state = if lately.contains(&party.node) { StandState::Answered } else { StandState::Silent };
            Stand { name: party.name.clone(), node: party.node.clone(), state, at: None }
        })
        .collect();
    let answered = stands.iter().filter(|stand| stand.state == StandState::Answered).count();
    let stage = stage(epoch, sitting, now);
    let mut closing = Closing {
        stage,
        round,
        sitting: sitting.number,
        quorum: epoch.quorum(),
        answered,
        stands,
        explanation: Vec::new(),
    };
    closing.explanation = explain(&closing, epoch, sitting, failures);
    closing
}

fn stage(epoch: &Epoch, sitting: &Sitting, now: Time) -> Stage {
    let charter = &epoch.charter;
    if now >= sitting.closes.plus(charter.closing.abandon_seconds) {
        Stage::Abandoned
    } else if now >= proposal::freezes_at(sitting, charter) {
        Stage::Agreeing
    } else if now >= proposal::settles_at(sitting, charter) {
        Stage::Freezing
    } else {
        Stage::Settling
    }
}

fn explain(closing: &Closing, epoch: &Epoch, sitting: &Sitting, failures: &BTreeMap<NodeId, String>) -> Vec<Message> {
    let charter = &epoch.charter;
    match closing.stage {
        Stage::Settling => {
            vec![Message::new("closing-settling").naming("time", proposal::settles_at(sitting, charter))]
        }
        Stage::Freezing => {
            vec![Message::new("closing-freezing").naming("time", proposal::freezes_at(sitting, charter))]
        }
        Stage::Agreeing => awaited(closing, failures),
        Stage::Abandoned => {
            let mut sentences = awaited(closing, failures);
            sentences.push(Message::new("closing-abandoned").naming("recovery", &charter.closing.recovery));
            sentences
        }
    }
}

/// Who has not answered, with what this node met when it last tried to reach them.
fn awaited(closing: &Closing, failures: &BTreeMap<NodeId, String>) -> Vec<Message> {
    let silent = closing.stands.iter().filter(|stand| stand.state == StandState::Silent);
    let names: Vec<String> = silent
        .map(|stand| match failures.get(&stand.node) {
            Some(failure) => format!("{} ({})", stand.name, failure.trim_end_matches('.')),
            None => stand.name.clone(),
        })
        .collect();
    let key = if closing.answered < closing.quorum { "closing-awaited" } else { "closing-comparing" };
    let counted = Message::new(key)
        .with("answered", closing.answered)
        .with("total", closing.stands.len())
        .with("quorum", closing.quorum)
        .with("round", u64::from(closing.round));
    let missing = (!names.is_empty()).then(|| Message::new("closing-missing").with("nodes", names.join(", ")));
    [counted].into_iter().chain(missing).collect()
}

#[cfg(test)]
mod tests {
    use folkmoot_governance::key::SecretKey;
    use folkmoot_governance::statement::{FoundingMember, Genesis, Party};

    use super::*;
    use crate::words::fallback;

    const CLOSES: Time = Time(1_795_456_800);

    fn epoch() -> Epoch {
        let node = |i: u8| format!("https://coop{i}.example/actor").parse::<NodeId>().expect("an address");
        let parties = (0..4).map(|i| Party {
            name: format!("Co-op {i}"),
            node: node(i),
            key: SecretKey::from_seed([i; 32]).public(),
        });
        let members = (0..4).map(|i| FoundingMember {
            member: format!("coop-{i}").parse().expect("a member id"),
            name: format!("Co-op {i}"),
            class: "producer".into(),
            sponsor: node(i),
        });
        let charter = crate::charters::parse(crate::charters::OCM).expect("the preset is valid");
        Epoch::genesis(&Genesis { charter, parties: parties.collect(), members: members.collect() }).expect("valid")
    }

    fn sitting(epoch: &Epoch) -> Sitting {
        Sitting {
            number: 0,
            closes: CLOSES,
            decision_type: "regular".into(),
            rules: epoch.charter.rules_for("regular").expect("a type"),
        }
    }

    fn closing(heard: &[(usize, u32)], after_seconds: i64) -> Closing {
        let epoch = epoch();
        let heard: Vec<_> = heard.iter().map(|(i, round)| (epoch.parties[*i].node.clone(), *round)).collect();
        let failures = BTreeMap::from([(epoch.parties[3].node.clone(), "connection refused.".to_owned())]);
        judge(&epoch, &sitting(&epoch), &heard, &failures, CLOSES.plus(after_seconds))
    }

    #[test]
    fn the_missing_nodes_are_named_with_what_was_met() {
        let closing = closing(&[(0, 1), (1, 1)], 7200);
        assert_eq!((closing.stage, closing.answered, closing.quorum), (Stage::Agreeing, 2, 3));
        assert_eq!(
            fallback().tell_all(&closing.explanation),
            "Not certified yet: 2 of 4 nodes have answered, and 3 must agree on the count. \
             Not heard from: Co-op 2, Co-op 3 (connection refused)."
        );
    }

    #[test]
    fn the_signers_of_a_certificate_are_known_from_it_alone() {
        let digest = Digest::of(b"a vote");
        let certificate = Certificate {
            proposal: digest,
            sitting: 0,
            round: 1,
            value: digest,
            cut: Vec::new(),
            finals: vec![serde_json::json!({"type": "CutFinal", "actor": "https://coop2.example/actor"})],
            proposed: serde_json::Value::Null,
        };
        assert_eq!(signers(&certificate), [epoch().parties[2].node.clone()]);
    }

    #[test]
    fn who_spoke_only_long_ago_counts_as_silent() {
        let closing = closing(&[(0, 1), (0, 5), (1, 4), (2, 3)], 7200);
        let states: Vec<_> = closing.stands.iter().map(|stand| stand.state).collect();
        assert_eq!(states, [StandState::Answered, StandState::Answered, StandState::Silent, StandState::Silent]);
        assert_eq!(closing.round, 5);
    }

    #[test]
    fn the_stages_follow_the_clock() {
        let rules = epoch().charter.closing;
        let settled = rules.settle_seconds;
        let frozen = settled + 2 * rules.delay_seconds;
        for (after, stage) in [
            (0, Stage::Settling),
            (settled, Stage::Freezing),
            (frozen, Stage::Agreeing),
            (rules.abandon_seconds, Stage::Abandoned),
        ] {
            assert_eq!(closing(&[], after).stage, stage, "{after} seconds after closing");
        }
        let abandoned = closing(&[], rules.abandon_seconds);
        assert!(fallback().tell_all(&abandoned.explanation).contains(&rules.recovery));
    }
}
