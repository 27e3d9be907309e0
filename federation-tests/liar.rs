//! A node that lies: it tells different peers different things.

use anyhow::{Context, ensure};
use folkmoot::federation::journal_page::{JournalPage, journal_path};
use folkmoot_governance::codec::SignedStatement;
use folkmoot_governance::id::{Digest, JournalId};
use folkmoot_governance::journal::{Checkpoint, SignedCheckpoint, leaf_hash, root};
use folkmoot_governance::json;
use folkmoot_governance::statement::Body;
use serde_json::Value;

use crate::harness::closing::{Recount, vote_is_heard};
use crate::harness::delivery::now;
use crate::harness::liar::Liar;
use crate::harness::people::PRODUCER;
use crate::harness::process::{Database, Node};
use crate::harness::votes::{Counted, Draft, Vote};
use crate::harness::{Consortium, PATIENCE_SECONDS, Plan};

on_both_databases!(
    two_votes_of_a_node_are_proven_and_decide_nothing,
    two_journals_of_a_node_are_proven_and_decide_nothing,
    chair_that_proposes_two_results_is_proven_and_one_is_certified,
    a_forked_journal_and_silence_stop_no_vote,
    chair_that_proposes_the_right_value_with_a_worthless_cut_is_passed_over,
    chair_that_keeps_its_proposal_from_one_node_and_dies_stops_nobody,
);

async fn two_votes_of_a_node_are_proven_and_decide_nothing(database: Database) -> anyhow::Result<()> {
    let mut consortium = Plan::new(4).on(database).found().await?;
    let vote = consortium.open(Draft::regular("Rent a second server").lasting(8)).await?;
    let cast = consortium.everybody_votes(&vote).await?;
    let real = Recount::at(&consortium.nodes[0], &vote).await?;
    consortium.nodes[3].kill().await?;
    consortium.voting_is_over(&vote).await?;
    let liar = Liar::take_over(&consortium, 3).await?;
    for node in &consortium.nodes[..2] {
        // From then on the proof of the lie, which stands in the journals, comes too late to change the cut.
        let frozen = |proposal: &Value| proposal["closing"]["stage"] == "agreeing";
        node.until(&vote.path(), "its snapshot is frozen", PATIENCE_SECONDS, frozen).await?;
    }
    let other = Body::CutVote { proposal: real.vote, sitting: 0, round: 0, value: Digest::of(b"another") };
    liar.tell(&consortium.nodes[0], real.vote()).await?;
    liar.tell(&consortium.nodes[1], other).await?;
    let decided = consortium.decided(&vote).await?;
    assert_eq!(decided["value"], real.value.to_string());
    assert_eq!(Counted(&decided).turnout().0, cast as u64);
    consortium.fault_is_shown(&consortium.nodes[3], "two-votes").await?;
    consortium.nobody_else_is_at_fault(&consortium.nodes[3]).await?;
    consortium.stop().await
}

/// One node does not see the last ballot in time. The chair proposes what that node counts to it, and what the others
/// count to them, and votes and signs for both: each half hears a good result, with the chair's word for it.
async fn chair_that_proposes_two_results_is_proven_and_one_is_certified(database: Database) -> anyhow::Result<()> {
    // Round 0 lasts long enough for everybody to hear of both results in it.
    let plan = Plan::new(4).on(database).with_charter(|charter| charter.closing.delay_seconds = 2);
    let mut consortium = plan.found().await?;
    let vote = consortium.open(Draft::regular("Rent a second server").lasting(10)).await?;
    let cast = consortium.everybody_votes(&vote).await?;
    let chair = consortium.chair_of(&vote)?;
    let honest: Vec<usize> = (0..4).filter(|position| *position != chair).collect();
    let [first, second, apart] = honest[..] else { unreachable!("three of four are honest") };
    let early = Recount::at(&consortium.nodes[apart], &vote).await?;
    consortium.partition(&[apart], &[chair, first, second]);
    let at_home = consortium.members.iter().find(|member| member.node == first && member.class == PRODUCER);
    consortium.cast(&vote, &at_home.context("a producer at each node")?.id, "disagree").await?;
    let late = Recount::at(&consortium.nodes[first], &vote).await?;
    ensure!(early.value != late.value, "both cuts come to one value");

    consortium.nodes[chair].kill().await?;
    consortium.voting_is_over(&vote).await?;
    let liar = Liar::take_over(&consortium, chair).await?;
    let [chair, first, second, apart] = [chair, first, second, apart].map(|position| &consortium.nodes[position]);
    liar.tell(apart, early.proposal()).await?;
    liar.tell(apart, early.vote()).await?;
    liar.tell(apart, early.finish()).await?;
    liar.tell(first, late.proposal()).await?;
    liar.tell(first, late.finish()).await?;
    liar.tell(second, late.proposal()).await?;
    // Each half takes what it was shown for its own count.
    vote_is_heard(apart, &vote, apart, early.value).await?;
    vote_is_heard(first, &vote, first, late.value).await?;
    vote_is_heard(second, &vote, second, late.value).await?;

    consortium.links.heal();
    for node in [first, second] {
        vote_is_heard(node, &vote, chair, early.value).await?;
    }
    consortium.fault_is_shown(chair, "two-finals").await?;
    // With this vote a quorum has voted for the later result in round 0; the chair's final for it is out already.
    liar.tell(first, late.vote()).await?;
    let decided = consortium.decided(&vote).await?;
    assert_eq!(decided["value"], late.value.to_string());
    assert_eq!(Counted(&decided).turnout().0, cast as u64);
    consortium.fault_is_shown(chair, "two-votes").await?;
    consortium.nobody_else_is_at_fault(chair).await?;
    consortium.stop().await
}

/// A vote of four parties that is over, with the first chair taken over by a liar.
struct Over {
    consortium: Consortium,
    vote: Vote,
    cast: usize,
    /// Positions of the other three.
    honest: Vec<usize>,
    /// What all of them have counted.
    real: Recount,
    liar: Liar,
}

impl Over {
    async fn of_four(database: Database) -> anyhow::Result<Self> {
        let mut consortium = Plan::new(4).on(database).found().await?;
        let vote = consortium.open(Draft::regular("Rent a second server").lasting(8)).await?;
        let cast = consortium.everybody_votes(&vote).await?;
        let chair = consortium.chair_of(&vote)?;
        let honest: Vec<usize> = (0..4).filter(|position| *position != chair).collect();
        let real = Recount::at(&consortium.nodes[honest[0]], &vote).await?;
        consortium.nodes[chair].kill().await?;
        consortium.voting_is_over(&vote).await?;
        let liar = Liar::take_over(&consortium, chair).await?;
        Ok(Self { consortium, vote, cast, honest, real, liar })
    }

    async fn decided_as_all_counted(self) -> anyhow::Result<()> {
        let decided = self.consortium.decided(&self.vote).await?;
        assert_eq!(decided["value"], self.real.value.to_string());
        assert_eq!(Counted(&decided).turnout().0, self.cast as u64);
        self.consortium.nobody_is_at_fault().await?;
        self.consortium.stop().await
    }
}

/// The chair proposes what everybody has counted, which everybody would sign at sight, with notes of which no certificate
/// can be made; then it votes and signs for it.
async fn chair_that_proposes_the_right_value_with_a_worthless_cut_is_passed_over(
    database: Database,
) -> anyhow::Result<()> {
    let over = Over::of_four(database).await?;
    let Over { consortium, honest, real, liar, .. } = &over;
    let notes = real.cut.to_notes();
    // Text, empty line and the journal's own signature, without the cosignatures.
    let bare = |note: &String| note.lines().take(5).map(|line| format!("{line}\n")).collect::<String>();
    let worthless = [Vec::new(), notes.iter().map(bare).collect(), notes[1..].to_vec()];
    for (to, cut) in honest.iter().map(|position| &consortium.nodes[*position]).zip(worthless) {
        liar.tell(to, real.proposal_with(cut)).await?;
        liar.tell(to, real.vote()).await?;
        liar.tell(to, real.finish()).await?;
    }
    over.decided_as_all_counted().await
}

/// Two of three honest nodes hear the proposal, and with the chair's vote they are a quorum. The third one hears of that
/// from them, and is the third to sign: nobody waits for the chair.
async fn chair_that_keeps_its_proposal_from_one_node_and_dies_stops_nobody(database: Database) -> anyhow::Result<()> {
    let over = Over::of_four(database).await?;
    let Over { consortium, honest, real, liar, .. } = &over;
    for position in &honest[..2] {
        liar.tell(&consortium.nodes[*position], real.proposal()).await?;
        liar.tell(&consortium.nodes[*position], real.vote()).await?;
    }
    over.decided_as_all_counted().await
}

async fn two_journals_of_a_node_are_proven_and_decide_nothing(database: Database) -> anyhow::Result<()> {
    let mut consortium = Plan::new(4).on(database).found().await?;
    let shows = consortium.nodes[3].public.get("/api/v1/node").await?;
    let journal: JournalId = shows["journal"]["id"].as_str().context("a journal has an id")?.parse()?;
    let same = |answer: &Value| {
        let mut peers = answer["peers"].as_array().into_iter().flatten();
        peers.any(|p| p["node"] == shows["node"] && p["mirroredSize"] == shows["journal"]["size"])
    };
    for node in &consortium.nodes[..2] {
        node.until("/api/v1/node", "it mirrors the journal", PATIENCE_SECONDS, same).await?;
    }
    let leaves = leaves(&consortium.nodes[0], &journal).await?;
    consortium.nodes[3].kill().await?;
    let liar = Liar::take_over(&consortium, 3).await?;
    for (to, subject) in consortium.nodes.iter().zip(["We pay", "We do not pay"]) {
        let notice = liar.state(Body::Notice { subject: subject.into(), source: subject.into() })?;
        show_journal(&liar, to, &journal, &leaves, &notice).await?;
    }
    consortium.fault_is_shown(&consortium.nodes[3], "fork").await?;

    let vote = consortium.open(Draft::regular("Rent a second server").lasting(8)).await?;
    let cast = consortium.cast_planned(&vote, |member| member.node != 3).await?;
    let decided = consortium.decided(&vote).await?;
    assert_eq!(Counted(&decided).turnout().0, cast as u64);
    consortium.stop().await
}

/// Tells `to` that the journal goes on with `statement` after `leaves`.
async fn show_journal(
    liar: &Liar,
    to: &Node,
    journal: &JournalId,
    leaves: &[Digest],
    statement: &SignedStatement,
) -> anyhow::Result<()> {
    let mut leaves = leaves.to_vec();
    let start = leaves.len() as u64;
    leaves.push(leaf_hash(&statement.bytes));
    let checkpoint = Checkpoint { journal: journal.clone(), size: start + 1, root: root(&leaves) };
    show_page(liar, to, statement, &checkpoint.sign(&liar.key)).await
}

/// Tells `to` that the journal ends with `statement`, as `note` says.
async fn show_page(liar: &Liar, to: &Node, statement: &SignedStatement, note: &SignedCheckpoint) -> anyhow::Result<()> {
    let (journal, start) = (note.checkpoint.journal.clone(), note.checkpoint.size - 1);
    let entries = vec![statement.bytes.clone()];
    let page = JournalPage { journal, start, entries, note: note.to_string() };
    let status = liar.deliver(to, &page.to_activity(&liar.name)).await?;
    assert_eq!(status, 200, "{} cosigns what it cannot know to be a lie", to.name);
    Ok(())
}

/// The leaves of a journal, as a peer mirrors them.
async fn leaves(node: &Node, journal: &JournalId) -> anyhow::Result<Vec<Digest>> {
    let page = node.public.get(&format!("/{}?from=0", journal_path(journal))).await?;
    let entries = page["entries"].as_array().context("a page has entries")?;
    let leaf = |entry: &Value| match entry["leaf"].as_str() {
        Some(hidden) => Ok(hidden.parse()?),
        None => Ok(leaf_hash(&json::canonical(entry))),
    };
    entries.iter().map(leaf).collect()
}

/// One node is shown another branch than the two that certify theirs with the liar, which then says nothing more: three
/// of four still decide, because the certified branch takes the place of the other.
async fn a_forked_journal_and_silence_stop_no_vote(database: Database) -> anyhow::Result<()> {
    let mut consortium = Plan::new(4).on(database).found().await?;
    let answer = consortium.nodes[3].public.get("/api/v1/node").await?;
    let journal: JournalId = answer["journal"]["id"].as_str().context("a journal has an id")?.parse()?;
    let size = answer["journal"]["size"].as_u64().context("a journal has a size")?;
    for node in &consortium.nodes[..3] {
        shows(node, &journal, "it mirrors the journal", |note| note.checkpoint.size == size).await?;
    }
    let leaves = leaves(&consortium.nodes[0], &journal).await?;
    consortium.nodes[3].kill().await?;
    let liar = Liar::take_over(&consortium, 3).await?;
    consortium.partition(&[2], &[0, 1]);
    let (other, other_note) = branch(&liar, &journal, &leaves, "We do not pay")?;
    show_page(&liar, &consortium.nodes[2], &other, &other_note).await?;
    let (certified, note) = branch(&liar, &journal, &leaves, "We pay")?;
    for node in &consortium.nodes[..2] {
        show_page(&liar, node, &certified, &note).await?;
    }
    // Its own signature, and the cosignatures of three.
    let is_certified = |shown: &SignedCheckpoint| shown.checkpoint == note.checkpoint && shown.signatures.len() == 4;
    for node in &consortium.nodes[..2] {
        shows(node, &journal, "the branch is certified", is_certified).await?;
    }
    consortium.links.heal();
    shows(&consortium.nodes[2], &journal, "the certified branch is here, not cosigned", is_certified).await?;
    consortium.fault_is_shown(&consortium.nodes[3], "fork").await?;

    let vote = consortium.open(Draft::regular("Rent a second server").lasting(8)).await?;
    let cast = consortium.cast_planned(&vote, |member| member.node != 3).await?;
    let decided = consortium.decided(&vote).await?;
    assert_eq!(Counted(&decided).turnout().0, cast as u64);
    consortium.nobody_else_is_at_fault(&consortium.nodes[3]).await?;
    consortium.stop().await
}

/// A notice that the journal may go on with after `leaves`, and a note over it with the liar's own cosignature.
fn branch(
    liar: &Liar,
    journal: &JournalId,
    leaves: &[Digest],
    subject: &str,
) -> anyhow::Result<(SignedStatement, SignedCheckpoint)> {
    let notice = liar.state(Body::Notice { subject: subject.into(), source: subject.into() })?;
    let leaves = [leaves, &[leaf_hash(&notice.bytes)]].concat();
    let checkpoint = Checkpoint { journal: journal.clone(), size: leaves.len() as u64, root: root(&leaves) };
    let mut note = checkpoint.clone().sign(&liar.key);
    note.signatures.push(checkpoint.cosign(&liar.name, &liar.key, now()?));
    Ok((notice, note))
}

/// Waits until the newest checkpoint of a journal at `node` is so.
async fn shows(
    node: &Node,
    journal: &JournalId,
    what: &str,
    is_so: impl Fn(&SignedCheckpoint) -> bool,
) -> anyhow::Result<()> {
    let done = |listed: &Value| {
        let mut items = listed["items"].as_array().into_iter().flatten();
        let item = items.find(|item| item["journal"] == journal.as_str());
        let note: Option<SignedCheckpoint> = item.and_then(|item| item["note"].as_str()?.parse().ok());
        note.is_some_and(|note| is_so(&note))
    };
    node.until("/journals", what, PATIENCE_SECONDS, done).await?;
    Ok(())
}
