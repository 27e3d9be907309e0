//! One statement of every kind, for tests that go through all of them.

use serde_json::{Value, json};

use super::super::Unsigned;
use crate::id::{ConsortiumId, Digest, NodeId, Time};
use crate::key::SecretKey;
use crate::statement::{Body, Signer};

pub fn node_key() -> SecretKey {
    SecretKey::from_seed([1; 32])
}

pub fn member_key() -> SecretKey {
    SecretKey::from_seed([2; 32])
}

pub fn node() -> NodeId {
    "https://coop.example/actor".parse().expect("an address")
}

/// The statement before its signature, and the key that signs such ones.
pub fn unsigned(body: Body) -> (Unsigned, SecretKey) {
    let (signer, key) = match &body {
        Body::Ballot(_) => (Signer::Member(member_key().public()), member_key()),
        _ => (Signer::Node(node()), node_key()),
    };
    let consortium = ConsortiumId(Digest::of(b"genesis"));
    (Unsigned { signer, published: Time(1_795_456_800), consortium, epoch: 3, body }, key)
}

/// One body of each kind, with all optional members, and some without.
pub fn bodies() -> Vec<Body> {
    let body = |object: Value| serde_json::from_value(object).expect("a sample is a body");
    objects().into_iter().map(body).collect()
}

fn objects() -> Vec<Value> {
    let key = member_key().public();
    let (digest, time) = (Digest::of(b"something"), "2026-11-24T18:00:00Z");
    let party = json!({"name": "Hypha", "node": "https://hypha.example/actor", "key": key});
    let vote = json!({"proposal": digest, "sitting": 0, "round": 2, "value": digest});
    let mut objects = vec![
        json!({"type": "Charter", "digest": digest}),
        json!({"type": "RollEnd", "member": "ada", "status": "withdrawn", "effective": time, "reason": ""}),
        json!({"type": "Application", "member": "ada", "name": "Ada", "class": "person", "level": "basic",
            "terms": digest, "request": "I would like to join.", "commitment": "20 hours and 250 €"}),
        json!({"type": "Objection", "application": digest, "reason": "Unknown to us."}),
        json!({"type": "Mandate", "organisation": "hypha", "holder": "ada", "name": "Ada", "key": key, "since": time}),
        json!({"type": "Mandate", "organisation": "hypha", "holder": "ada", "name": "", "since": time}),
        json!({"type": "MandateEnd", "organisation": "hypha", "holder": "ada", "effective": time}),
        json!({"type": "Ballot", "proposal": digest, "index": 7, "sequence": 1, "choices": [0, 2]}),
        json!({"type": "Ballot", "proposal": digest, "index": 7, "sequence": 2, "choices": [3],
            "block": {"ground": "harm", "text": "It would \"break\" us\n\\ and others €\u{1d11e}"}}),
        json!({"type": "Extension", "proposal": digest, "closes": time, "reason": "Holidays."}),
        json!({"type": "Challenge", "proposal": digest, "member": "koumbit", "reason": "Not urgent."}),
        json!({"type": "Withdrawal", "proposal": digest, "reason": "Overtaken."}),
        json!({"type": "Note", "id": "https://coop.example/notes/1", "proposal": "https://coop.example/proposals/1",
            "inReplyTo": "https://coop.example/proposals/1", "author": "ada", "authorName": "Ada", "source": "Why?"}),
        json!({"type": "Notice", "subject": "Flood", "source": "Our *server room* is under water."}),
        json!({"type": "Article", "proposal": digest, "outcome": {"result": "247/360"}, "certificate": {
            "proposal": digest, "sitting": 0, "round": 0, "value": digest, "cut": ["note"],
            "finals": [{"any": "thing"}], "proposed": {}}}),
        json!({"type": "Fault", "fault": "two-ballots", "culprit": key.did(), "evidence": ["{}", "{}"]}),
        json!({"type": "Receipt", "ballot": digest, "position": 9,
            "journal": "coop.example/journals/0123456789abcdef/0123456789abcdef"}),
        json!({"type": "CutProposal", "proposal": digest, "sitting": 0, "round": 1, "value": digest, "cut": ["note"],
            "justification": {"skips": [{}], "votes": [{"any": "thing"}]}}),
        typed("CutVote", &vote),
        json!({"type": "CutSkip", "proposal": digest, "sitting": 0, "round": 1}),
        typed("CutFinal", &vote),
    ];
    for (change, basis) in
        [(false, json!("founding")), (false, json!({"application": digest})), (true, json!({"decision": digest}))]
    {
        objects.push(json!({"type": "RollEntry", "change": change, "member": "ada", "name": "Ada", "class": "person",
            "level": "basic", "key": key, "custody": "device", "since": time, "basis": basis}));
    }
    let effects = json!([
        {"type": "AdmitMember", "sponsor": node(), "member": "ada", "name": "Ada", "class": "person", "level": "basic"},
        {"type": "EndMember", "sponsor": node(), "member": "bob", "status": "suspended"},
        {"type": "AmendCharter", "base": digest, "charter": charter()},
        {"type": "AdmitParty", "party": party},
        {"type": "ChangeKey", "node": node(), "key": key},
        {"type": "RemoveParty", "node": node()}
    ]);
    objects.extend(questions(&effects));
    objects
}

/// A first draft, a second one, and an opening with everything.
fn questions(effects: &Value) -> [Value; 3] {
    let (digest, time) = (Digest::of(b"something"), "2026-11-24T18:00:00Z");
    let draft = json!({"type": "Question", "id": "https://coop.example/proposals/1", "version": 1,
        "name": "Buy a server", "source": "It is **slow**.", "proposer": "hypha", "decisionType": "regular",
        "method": "consent", "options": ["agree", "abstain", "disagree", "block"], "reason": "",
        "visibility": "public", "principles": [1, 7], "supersedes": [], "effects": []});
    let (mut second, mut opening) = (draft.clone(), draft.clone());
    second["version"] = json!(2);
    opening["version"] = json!(3);
    opening["supersedes"] = json!([digest]);
    opening["review"] = json!(time);
    opening["effects"] = effects.clone();
    opening["voting"] = json!({"opens": time, "closes": "2026-12-24T18:00:00Z", "cut": ["note"], "electorate": digest,
        "rules": {"threshold": {"fraction": "1/2", "strict": true}, "tie": "fails", "empty_class": "redistribute",
            "override_at_least": "3/4", "classes": [{"class": "person", "strength": "1", "quorum": "0"}],
            "custody": ["node", "device"]}});
    [draft, second, opening]
}

/// Through the type, so that members with a default are there.
fn charter() -> crate::charter::Charter {
    serde_json::from_value(json!({"version": 2, "name": "Example", "handle": "example", "language": "en",
        "demo": true, "visibility": "public", "terms": "Be kind.", "principles": ["Open membership"],
        "articles": [{"id": "1", "title": "Purpose", "text": ""}],
        "classes": [{"id": "person", "name": "Persons", "kind": "person", "strength": "1", "quorum": "0",
            "rights": ["propose", "vote"], "levels": [{"id": "basic", "name": "Basic", "commitment": "1 h"}]}],
        "types": [{"id": "regular", "name": "Regular", "minimum_seconds": 1, "custody": ["node"], "article": "1",
            "threshold": {"fraction": "1/2", "strict": true}, "callers": [], "challenge": "regular"}],
        "empty_class": "redistribute", "tie": "fails",
        "blocks": {"grounds": ["harm"], "override_at_least": "3/4"},
        "roll": {"minimum_age_seconds": 0, "objection_seconds": 0, "objectors": ["person"]},
        "closing": {"settle_seconds": 1, "delay_seconds": 1, "abandon_seconds": 9, "opening_seconds": 1,
            "recovery": "Meet."},
        "contribution": {"currency": "EUR", "first_year_minutes_least": 1, "first_year_minutes_most": 2,
            "first_year_cents_least": 1, "first_year_cents_most": 2, "producer_minutes_yearly": 1,
            "sponsor_share": "3/10", "categories": ["livelihood"], "validators": 2},
        "licences": {"software": "a", "content": "b", "data": "c", "designs": "d"},
        "provisional": [{"path": "tie", "why": "Blank."}]}))
    .expect("a charter")
}

fn typed(kind: &str, members: &Value) -> Value {
    let mut object = members.clone();
    object["type"] = json!(kind);
    object
}
