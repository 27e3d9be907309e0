mod ballots;
mod bytes;
mod samples;

use serde_json::json;

use super::*;
use samples::{bodies, member_key, node, node_key, unsigned};

/// Every sample, signed, with the key that signed it.
fn signed() -> Vec<(SignedStatement, SecretKey)> {
    let sign = |body| {
        let (unsigned, key) = unsigned(body);
        (unsigned.sign(&key).expect("samples are within the limits"), key)
    };
    bodies().into_iter().map(sign).collect()
}

/// The document with a new id and a new, valid signature: what an inventive signer can publish.
fn sign_again(mut document: Value, key: &SecretKey) -> Value {
    let members = document.as_object_mut().expect("an object");
    let mut options = members.remove("proof").unwrap_or_else(|| json!({}));
    if members.remove("id").is_some() {
        let name = Digest::of(&json::canonical(&members)).short(32);
        members.insert("id".to_owned(), json!(format!("{}/statements/{name}", node().base())));
    }
    // By hand, since `proof::sign` refuses to sign some of what is tried here.
    if let Some(options) = options.as_object_mut() {
        options.remove("proofValue");
    }
    let hash = |value: &Value| Digest::of(&json::canonical(value)).0;
    let message = [hash(&options), hash(&document)].concat();
    if options.is_object() {
        options["proofValue"] = json!(proof::encode_signature(&key.sign(&message)));
    }
    document["proof"] = options;
    document
}

/// Paths of all objects inside `value`, but not of what lies in members that hold any JSON.
fn objects(value: &Value, path: &str, found: &mut Vec<String>) {
    const OPEN: [&str; 6] = ["@context", "outcome", "finals", "proposed", "skips", "votes"];
    match value {
        Value::Object(members) => {
            found.push(path.to_owned());
            for (name, member) in members.iter().filter(|(name, _)| !OPEN.contains(&name.as_str())) {
                objects(member, &format!("{path}/{name}"), found);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| objects(item, &format!("{path}/{at}"), found));
        }
        _ => {}
    }
}

#[test]
fn every_kind_of_statement_reads_back_as_it_was_signed() {
    for (statement, _) in signed() {
        assert_eq!(Statement::read(&statement.bytes, MAX_STATEMENT_BYTES).as_ref(), Ok(&statement));
        assert_eq!(Statement::read_kept(&statement.bytes).as_ref(), Ok(&statement));
        assert_eq!(json::canonical(&statement.to_value()), statement.bytes);
        let mut batch = Batch::default();
        assert_eq!(Statement::from_value_in(&statement.to_value(), &mut batch).as_ref(), Ok(&statement));
        assert!(batch.verify(&mut |bytes| bytes.fill(7)));
    }
}

#[test]
fn the_samples_hold_every_kind_of_body() {
    let kind = |body: &Body| serde_json::to_value(body).expect("JSON")["type"].as_str().map(str::to_owned);
    let kinds: std::collections::BTreeSet<_> = bodies().iter().filter_map(kind).collect();
    // The kinds, as serde itself lists them when it meets an unknown one.
    let error = serde_json::from_value::<Body>(json!({"type": "None"})).expect_err("no such kind").to_string();
    let listed = error.matches('`').count() / 2 - 1;
    assert_eq!(kinds.len(), listed, "{error}");
}

#[test]
fn signing_again_changes_nothing() {
    for (statement, key) in signed() {
        assert_eq!(json::canonical(&sign_again(statement.to_value(), &key)), statement.bytes);
    }
}

#[test]
fn an_unknown_member_is_refused_wherever_it_is() {
    for (statement, key) in signed() {
        let (document, mut paths) = (statement.to_value(), Vec::new());
        objects(&document, "", &mut paths);
        assert!(paths.len() >= 4, "{paths:?}");
        for path in paths {
            let mut altered = document.clone();
            let members = altered.pointer_mut(&path).and_then(Value::as_object_mut).expect("found just now");
            members.insert("surprise".to_owned(), json!(1));
            let altered = sign_again(altered, &key);
            let read = Statement::from_value(&altered);
            assert!(read.is_err(), "surprise in {path:?} of {:?}", statement.statement.body);
            assert_ne!(read, Err(ProofError::Signature.into()), "the signature is not what is wrong");
        }
    }
}

#[test]
fn a_missing_or_empty_member_is_never_overlooked() {
    for (statement, key) in signed() {
        let (document, mut paths) = (statement.to_value(), Vec::new());
        objects(&document, "", &mut paths);
        for path in paths {
            let names: Vec<String> =
                document.pointer(&path).and_then(Value::as_object).expect("found").keys().cloned().collect();
            // Signing again mends the id and the signature.
            for name in names.into_iter().filter(|name| *name != "id" && *name != "proofValue") {
                let mut altered = document.clone();
                let members = altered.pointer_mut(&path).and_then(Value::as_object_mut).expect("found");
                members.remove(&name);
                let mut emptied = altered.clone();
                emptied.pointer_mut(&path).expect("found")[&name] = Value::Null;
                // What is optional may be absent, and then says something else; it is never null.
                let read = Statement::from_value(&sign_again(altered, &key));
                assert!(!read.is_ok_and(|other| other.statement == statement.statement), "without {path}/{name}");
                let any_json = ["outcome", "proposed"].contains(&name.as_str());
                let read = Statement::from_value(&sign_again(emptied, &key));
                assert!(any_json || read.is_err(), "null {path}/{name}");
            }
        }
    }
}

fn sample() -> (Value, SecretKey) {
    let (unsigned, key) = unsigned(Body::Notice { subject: "Flood".to_owned(), source: "Water".to_owned() });
    (unsigned.sign(&key).expect("within the limits").to_value(), key)
}

/// Sets `path` of a notice to `value`, signs it again, and expects it to be refused because of `reason`.
fn check_refused(path: &str, value: Value, reason: &str) {
    let (mut document, key) = sample();
    *document.pointer_mut(path).expect(path) = value;
    let refusal = Statement::from_value(&sign_again(document, &key)).expect_err(path).to_string();
    assert!(refusal.contains(reason), "{path}: {refusal}");
}

#[test]
fn the_envelope_is_exact() {
    check_refused("/@context", json!("https://www.w3.org/ns/activitystreams"), "`@context`");
    check_refused("/@context/2/object", json!("as:object"), "`@context`");
    check_refused("/type", json!("Update"), "`type`");
    check_refused("/type", json!(["Create"]), "`type`");
    check_refused("/actor", json!("coop.example"), "`actor`");
    check_refused("/actor", json!("https://other.example/actor"), "is not what");
    check_refused("/actor", json!(node_key().public().did()), "by a node");
    check_refused("/published", json!("2026-11-23T18:00:01Z"), "`proof.created`");
    check_refused("/published", json!("2026-11-23T18:00:00+00:00"), "`published`");
    check_refused("/folkmoot/epoch", json!("3"), "`folkmoot`");
    check_refused("/folkmoot/epoch", json!(-1), "`folkmoot`");
    check_refused("/folkmoot/epoch", json!(1.5), "number");
    check_refused("/folkmoot/consortium", json!("ni:///sha-256;AA"), "`folkmoot`");
    check_refused("/object/type", json!("Rumour"), "Rumour");
    check_refused("/proof/@context/1", json!("https://w3id.org/security/data-integrity/v1"), "`proof.@context`");
    check_refused("/proof/type", json!("Ed25519Signature2020"), "`proof.type`");
    check_refused("/proof/cryptosuite", json!("eddsa-rdfc-2022"), "`proof.cryptosuite`");
    check_refused("/proof/proofPurpose", json!("authentication"), "`proof.proofPurpose`");
    check_refused("/proof/verificationMethod", json!("https://coop.example/actor#main-key"), "verificationMethod");
    let key = node_key().public();
    check_refused("/proof/verificationMethod", json!(format!("https://x.example/actor#{key}")), "verificationMethod");
    check_refused("/proof/verificationMethod", json!(format!("{}#{key}", key.did())), "verificationMethod");
    check_refused("/proof", json!([]), "proof");
}

#[test]
fn the_id_is_that_of_the_content_under_the_signers_base() {
    let (document, _) = sample();
    let id = document["id"].as_str().expect("an id").to_owned();
    let name = id.strip_prefix("https://coop.example/statements/").expect("under the base");
    assert_eq!(name.len(), 32);
    for wrong in [
        format!("https://other.example/statements/{name}"),
        format!("https://coop.example/statements/{}", &name[..31]),
        format!("https://coop.example/statements/{}", Digest::of(b"other").short(32)),
    ] {
        let mut altered = document.clone();
        altered["id"] = json!(wrong);
        let mut options = altered.as_object_mut().and_then(|members| members.remove("proof")).expect("a proof");
        options.as_object_mut().and_then(|members| members.remove("proofValue")).expect("a signature");
        let altered = proof::sign(altered, options, &node_key()).expect("signable");
        let refusal = Statement::from_value(&altered).expect_err(&wrong).to_string();
        assert!(refusal.starts_with("`id`"), "{refusal}");
    }
}

#[test]
fn a_statement_without_id_or_signature_is_refused() {
    let (document, _) = sample();
    for (path, name) in [("", "id"), ("/proof", "proofValue"), ("", "proof")] {
        let mut altered = document.clone();
        altered.pointer_mut(path).and_then(Value::as_object_mut).and_then(|members| members.remove(name)).expect(name);
        assert!(Statement::from_value(&altered).is_err(), "without {name}");
    }
}

#[test]
fn a_signature_by_another_key_is_refused() {
    let (document, _) = sample();
    let forged = sign_again(document, &member_key());
    assert_eq!(Statement::from_value(&forged), Err(ProofError::Signature.into()));
    let mut batch = Batch::default();
    assert!(Statement::from_value_in(&forged, &mut batch).is_ok());
    assert!(!batch.verify(&mut |bytes| bytes.fill(7)));
}

#[test]
fn ballots_are_the_members_and_nothing_else_is() {
    for body in bodies() {
        let (mut wrong, _) = unsigned(body);
        let key = if matches!(wrong.signer, Signer::Node(_)) { member_key() } else { node_key() };
        wrong.signer =
            if matches!(wrong.signer, Signer::Node(_)) { Signer::Member(key.public()) } else { Signer::Node(node()) };
        assert_eq!(wrong.sign(&key), Err(StatementError::WrongSigner));
    }
    let (ballot, _) = unsigned(bodies().into_iter().find(|body| matches!(body, Body::Ballot(_))).expect("a ballot"));
    assert_eq!(ballot.sign(&node_key()), Err(StatementError::OtherKey));
}

fn check_not_signed(body: Body, reason: &str) {
    let (unsigned, key) = unsigned(body);
    let refusal = unsigned.sign(&key).expect_err(reason).to_string();
    assert!(refusal.contains(reason), "{refusal}");
}

#[test]
fn texts_have_limits() {
    let notice = |subject: &str, source: &str| Body::Notice { subject: subject.to_owned(), source: source.to_owned() };
    let longest = notice(&"é".repeat(200), &"x".repeat(MAX_SOURCE_BYTES));
    let (longest, key) = unsigned(longest);
    assert!(longest.sign(&key).is_ok());
    check_not_signed(notice(&"é".repeat(201), "x"), "the subject must have 1 to 200 characters");
    check_not_signed(notice("", "x"), "the subject must have");
    check_not_signed(notice("a\nb", "x"), "the subject has a character");
    check_not_signed(notice("x", &"x".repeat(MAX_SOURCE_BYTES + 1)), "the notice must have 1 to 65536 bytes");
    check_not_signed(notice("x", "nul \0"), "the notice has a character");
}

#[test]
fn whole_statements_have_a_limit() {
    let opening = |notes: usize| {
        let mut all = bodies().into_iter().map(|body| serde_json::to_value(body).expect("JSON"));
        let mut object = all.rfind(|object| object["voting"].is_object()).expect("an opening");
        object["voting"]["cut"] = json!(vec!["x".repeat(50_000); notes]);
        serde_json::from_value::<Body>(object).expect("a body")
    };
    let (fits, key) = unsigned(opening(20));
    let signed = fits.sign(&key).expect("fits");
    assert!(Statement::read(&signed.bytes, MAX_STATEMENT_BYTES).is_ok());
    let short = Statement::read(&signed.bytes, signed.bytes.len() - 1).expect_err("a smaller limit");
    assert!(matches!(short, StatementError::Json(JsonError::TooLong { .. })));
    check_not_signed(opening(21), "at most 1048576 are read");
    let report =
        json!({"type": "Fault", "fault": "fork", "culprit": "c", "evidence": ["x".repeat(MAX_STATEMENT_BYTES)]});
    let (evidence, key) = unsigned(serde_json::from_value(report).expect("a body"));
    assert!(evidence.sign(&key).is_ok(), "evidence may be longer");
}

#[test]
fn contents_that_no_rule_could_read_are_refused() {
    let changed = |kind: &str, path: &str, value: Value| {
        let mut all = bodies().into_iter().map(|body| serde_json::to_value(body).expect("JSON"));
        let mut object = all.rfind(|object| object["type"] == kind).expect(kind);
        *object.pointer_mut(path).expect(path) = value;
        serde_json::from_value::<Body>(object).expect("a body")
    };
    check_not_signed(changed("Ballot", "/choices", json!([])), "the choices must have 1 to 50");
    check_not_signed(changed("Ballot", "/choices", json!([1, 0])), "ascend");
    check_not_signed(changed("Ballot", "/choices", json!([1, 1])), "ascend");
    check_not_signed(changed("Ballot", "/sequence", json!(json::MAX_INTEGER + 1)), "integer");
    check_not_signed(changed("Ballot", "/block/text", json!("")), "the text of a block");
    check_not_signed(changed("Question", "/principles", json!([0])), "1 to 99");
    check_not_signed(changed("Question", "/principles", json!([100])), "1 to 99");
    check_not_signed(changed("Question", "/principles", json!([2, 1])), "1 to 99");
    check_not_signed(changed("Question", "/version", json!(0)), "from 1");
    check_not_signed(changed("Question", "/options", json!([""])), "an option");
    check_not_signed(changed("Question", "/effects/0/name", json!("\u{7}")), "the name");
    check_not_signed(changed("Question", "/voting/cut", json!(vec![""; 1001])), "the cut");
    check_not_signed(changed("Note", "/source", json!("")), "the comment");
    check_not_signed(changed("Application", "/request", json!("")), "the request");
    check_not_signed(changed("Article", "/certificate/finals", json!([])), "the final votes");
}
