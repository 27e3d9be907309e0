//! A party that shows this node one branch of its journal and lets a quorum cosign another: the certified one is the
//! journal, whatever was stored before, and this node's cosignature stands under one branch alone.

use axum::http::StatusCode;
use folkmoot::actions::error::{ActionError, Result};
use folkmoot::actions::other_branch::{self, Wanted};
use folkmoot::actions::rebuild;
use folkmoot::actions::receive_journal::{Incoming, receive_note};
use folkmoot_governance::codec::SignedStatement;
use folkmoot_governance::id::{Digest, JournalId, NodeId};
use folkmoot_governance::journal::{Checkpoint, SignedCheckpoint, leaf_hash, root};
use folkmoot_governance::key::SecretKey;
use folkmoot_governance::statement::{Basis, Body, Custody, Party, RollEntry, Visibility};
use serde_json::{Value, json};

use super::peer::Peer;

/// Four parties: the node, the one that lies, and two that cosign what they are shown.
struct Four {
    liar: Peer,
    others: Vec<(NodeId, SecretKey)>,
}

impl Four {
    /// The liar's journal begins with its acceptance of the charter, which is certified.
    async fn found() -> Self {
        let names = ["ladder", "mill"];
        let others: Vec<(NodeId, SecretKey)> = names
            .iter()
            .zip([21, 22])
            .map(|(name, seed)| {
                let node = format!("https://{name}.example/actor").parse().expect("an address");
                (node, SecretKey::from_seed([seed; 32]))
            })
            .collect();
        let party = |(name, (node, key)): (&&str, &(NodeId, SecretKey))| Party {
            name: (*name).into(),
            node: node.clone(),
            key: key.public(),
        };
        let parties: Vec<Party> = names.iter().zip(&others).map(party).collect();
        let four = Self { liar: Peer::join_with(Visibility::Public, &parties).await, others };
        let begun = four.certified(&four.liar.leaves());
        receive_note(&four.liar.test.app, &begun, four.liar.now()).await.expect("it is kept");
        four
    }

    /// A checkpoint over these leaves that the liar signed and three of the four cosigned: all but this node.
    fn certified(&self, leaves: &[Digest]) -> String {
        self.cosigned(self.liar.journal(), &self.liar.keys.statement, leaves, 2)
    }

    /// A checkpoint that `key` signed, and the liar and so many others cosigned.
    fn cosigned(&self, journal: JournalId, key: &SecretKey, leaves: &[Digest], others: usize) -> String {
        let checkpoint = Checkpoint { journal, size: leaves.len() as u64, root: root(leaves) };
        let mut note = checkpoint.clone().sign(key);
        let liar = &self.liar;
        note.signatures.push(checkpoint.cosign(&liar.node, &liar.keys.statement, liar.now()));
        for (node, key) in &self.others[..others] {
            note.signatures.push(checkpoint.cosign(node, key, liar.now()));
        }
        note.to_string()
    }

    /// What this node is shown: a notice, and a member on the roll. It stores and cosigns both.
    async fn show_one_branch(&mut self) {
        self.liar.publish(Body::Notice { subject: "We do not pay".into(), source: "Never.".into() }).await;
        let entry = RollEntry {
            change: false,
            member: "hypha".parse().expect("an id"),
            name: "hypha".into(),
            class: "producer".into(),
            level: String::new(),
            key: SecretKey::from_seed([23; 32]).public(),
            custody: Custody::Node,
            since: self.liar.now(),
            basis: Basis::Founding,
        };
        self.liar.publish(Body::RollEntry(entry)).await;
        assert_eq!(self.shown().await, (vec!["We do not pay".to_owned()], vec!["hypha".to_owned()]));
    }

    /// What the others are shown after the acceptance.
    fn other_branch(&self, subjects: &[&str]) -> Vec<SignedStatement> {
        subjects.iter().map(|subject| self.liar.notice(subject)).collect()
    }

    fn leaves(&self, branch: &[SignedStatement]) -> Vec<Digest> {
        let begun = leaf_hash(&self.liar.told[0].bytes);
        std::iter::once(begun).chain(branch.iter().map(|signed| leaf_hash(&signed.bytes))).collect()
    }

    async fn take(&self, branch: &[SignedStatement], note: &str) -> Result<()> {
        let entries = branch.iter().map(SignedStatement::to_value).collect();
        let page = Incoming { journal: self.liar.journal(), start: 1, entries, note: note.to_owned() };
        other_branch::take(&self.liar.test.app, page, self.liar.now()).await
    }

    async fn wanted(&self, note: &str, refused: bool) -> Option<(u64, u64)> {
        let wanted = other_branch::wanted(&self.liar.test.app, note, refused).await.expect("an answer");
        wanted.map(|Wanted { start, size, .. }| (start, size))
    }

    /// Subjects of the notices, and the liar's members, as pages show them.
    async fn shown(&self) -> (Vec<String>, Vec<String>) {
        let names = |answer: &Value, list: &str, field: &str| {
            let all = answer[list].as_array().expect("a list").iter();
            let mut names: Vec<_> = all.map(|item| item[field].as_str().expect("text").to_owned()).collect();
            names.sort();
            names
        };
        let get = async |path: &str| self.liar.test.get("", path).await.expect(StatusCode::OK);
        let mut members = names(&get("/api/v1/members").await, "members", "member");
        members.retain(|member| member == "hypha");
        (names(&get("/api/v1/notices").await, "notices", "subject"), members)
    }

    async fn faults(&self) -> Vec<(String, String)> {
        let shown = self.liar.test.get("", "/api/v1/faults").await.expect(StatusCode::OK);
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let all = shown["faults"].as_array().expect("a list").iter();
        let mut faults: Vec<_> = all.map(|fault| (text(&fault["kind"]), text(&fault["culprit"]))).collect();
        faults.sort();
        faults
    }

    /// The newest checkpoint of the liar's journal that this node shows, and whether it has cosigned it.
    async fn newest(&self) -> (Checkpoint, bool) {
        let listed = self.liar.test.get("", "/journals").await.expect(StatusCode::OK);
        let mut items = listed["items"].as_array().expect("a list").iter();
        let item = items.find(|item| item["journal"] == self.liar.journal().as_str()).expect("it is mirrored");
        let note: SignedCheckpoint = item["note"].as_str().expect("a note").parse().expect("a note");
        let app = &self.liar.test.app;
        let cosigned = note.cosigned_at(&app.node, &app.keys.statement.public()).is_some();
        (note.checkpoint, cosigned)
    }

    async fn nothing_has_changed(&self) {
        assert_eq!(self.shown().await, (vec!["We do not pay".to_owned()], vec!["hypha".to_owned()]));
        let (newest, cosigned) = self.newest().await;
        assert_eq!((self.liar.stored().await, newest.root, cosigned), (3, root(&self.liar.leaves()), true));
    }
}

#[track_caller]
fn refused(result: Result<()>, code: &str) {
    match result {
        Err(ActionError::Refused(refusal)) => assert_eq!(refusal.code, code),
        other => panic!("{other:?}"),
    }
}

fn fork(four: &Four) -> (String, String) {
    ("fork".to_owned(), four.liar.node.to_string())
}

/// Shorter than what is stored, as long, and longer.
#[tokio::test]
async fn the_certified_branch_takes_the_place_of_the_one_that_was_stored_and_cosigned() {
    for subjects in [&["We pay"][..], &["On Friday", "We pay"], &["Friday", "We pay", "We will"]] {
        let mut four = Four::found().await;
        four.show_one_branch().await;
        let branch = four.other_branch(subjects);
        let leaves = four.leaves(&branch);
        let note = four.certified(&leaves);
        let size = leaves.len() as u64;
        // Of a longer branch only the mirror's entries tell that it does not go on from what is here.
        assert_eq!(four.wanted(&note, false).await, (size <= 3).then_some((1, size)));
        assert_eq!(four.wanted(&note, true).await, Some((1, size)));
        four.take(&branch, &note).await.expect("it is taken");
        let expected: Vec<String> = subjects.iter().map(|subject| (*subject).to_owned()).collect();
        assert_eq!(four.shown().await, (expected, Vec::new()));
        let (newest, cosigned) = four.newest().await;
        assert_eq!((four.liar.stored().await, newest.root, cosigned), (size, root(&leaves), false));
        // The evidence outlives what it is about, and nobody else is accused.
        assert_eq!(four.faults().await, [fork(&four)]);
        assert_eq!(rebuild::rebuild(&four.liar.test.app).await.expect("a rebuild"), []);
        // Taken once more, it changes nothing.
        assert_eq!(four.wanted(&note, true).await, None);
        four.take(&branch, &note).await.expect("nothing to do");
        assert_eq!((four.liar.stored().await, four.newest().await.1), (size, false));
    }
}

#[tokio::test]
async fn a_branch_that_no_quorum_cosigned_or_whose_entries_are_others_replaces_nothing() {
    let mut four = Four::found().await;
    four.show_one_branch().await;
    let branch = four.other_branch(&["We pay", "On Friday"]);
    let leaves = four.leaves(&branch);
    let uncertified = four.cosigned(four.liar.journal(), &four.liar.keys.statement, &leaves, 1);
    assert_eq!(four.wanted(&uncertified, true).await, None);
    refused(four.take(&branch, &uncertified).await, "uncertified");
    // Cosigned, but not signed by the journal's node.
    let unsigned = four.cosigned(four.liar.journal(), &four.others[0].1, &leaves, 2);
    assert_eq!(four.wanted(&unsigned, true).await, None);
    refused(four.take(&branch, &unsigned).await, "checkpoint");
    let certified = four.certified(&leaves);
    refused(four.take(&four.other_branch(&["We pay", "On Monday"]), &certified).await, "root");
    refused(four.take(&branch[..1], &certified).await, "root");
    four.nothing_has_changed().await;
}

#[tokio::test]
async fn a_replaced_journal_goes_on_with_what_is_certified_and_is_never_cosigned_again() {
    let mut four = Four::found().await;
    four.show_one_branch().await;
    let mut branch = four.other_branch(&["We pay"]);
    four.take(&branch, &four.certified(&four.leaves(&branch))).await.expect("it is taken");

    branch.extend(four.other_branch(&["On Friday", "In cash"]));
    let leaves = four.leaves(&branch);
    let further: Vec<Value> = branch[1..].iter().map(SignedStatement::to_value).collect();
    let answer = four.liar.tell(&four.liar.page(2, &further, &four.liar.note(&leaves))).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::ACCEPTED, json!({"from": 2})));
    assert_eq!(four.liar.stored().await, 2);
    let certified = four.certified(&leaves);
    assert_eq!(four.wanted(&certified, false).await, Some((2, 4)));
    let answer = four.liar.tell(&four.liar.page(2, &further, &certified)).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::ACCEPTED, json!({"from": 4})));
    let (newest, cosigned) = four.newest().await;
    assert_eq!((four.liar.stored().await, newest.root, cosigned), (4, root(&leaves), false));
    assert_eq!(four.shown().await.0, ["In cash", "On Friday", "We pay"]);
    assert_eq!(four.faults().await, [fork(&four)]);
}

/// Only more than f liars together can bring that about.
#[tokio::test]
async fn of_two_certified_branches_neither_gives_way_and_whoever_cosigned_both_is_named() {
    let mut four = Four::found().await;
    four.show_one_branch().await;
    receive_note(&four.liar.test.app, &four.certified(&four.liar.leaves()), four.liar.now()).await.expect("it is kept");
    let branch = four.other_branch(&["We pay", "On Friday", "In cash"]);
    let note = four.certified(&four.leaves(&branch));
    four.take(&branch, &note).await.expect("the fault is told");
    four.nothing_has_changed().await;
    let mut culprits: Vec<_> =
        four.others.iter().map(|(node, _)| ("cosignatures".to_owned(), node.to_string())).collect();
    culprits.extend([("cosignatures".to_owned(), four.liar.node.to_string()), fork(&four)]);
    culprits.sort();
    assert_eq!(four.faults().await, culprits);
    let shorter = four.other_branch(&["We pay"]);
    assert_eq!(four.wanted(&four.certified(&four.leaves(&shorter)), false).await, None);
}

#[tokio::test]
async fn a_nodes_own_journal_is_never_replaced_whoever_signed_another_branch() {
    let four = Four::found().await;
    let app = &four.liar.test.app;
    let journal = JournalId::new(four.liar.consortium, &app.node, app.keys.statement.public().as_bytes());
    let size = async || {
        let listed = four.liar.test.get("", "/journals").await.expect(StatusCode::OK);
        let mut items = listed["items"].as_array().expect("a list").iter();
        let own = items.find(|item| item["journal"] == journal.as_str()).expect("it is there");
        own["size"].as_u64().expect("a number")
    };
    let before = size().await;
    assert!(before > 0);
    let note = four.cosigned(journal.clone(), &app.keys.statement, &[Digest::of(b"not what it wrote")], 2);
    assert_eq!(four.wanted(&note, true).await, None);
    let page = Incoming { journal: journal.clone(), start: 0, entries: Vec::new(), note };
    refused(other_branch::take(app, page, four.liar.now()).await, "own-journal");
    assert_eq!(size().await, before);
}
