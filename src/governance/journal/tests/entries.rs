use serde_json::json;

use super::*;
use crate::codec::{SignedStatement, Unsigned};
use crate::statement::{Ballot, Body, Signer};

fn statement(body: Body) -> SignedStatement {
    let signer = match body {
        Body::Ballot(_) => Signer::Member(key(0).public()),
        _ => Signer::Node(node(0)),
    };
    let unsigned = Unsigned { signer, published: Time(100), consortium: consortium(), epoch: 0, body };
    unsigned.sign(&key(0)).expect("within the limits")
}

fn notice() -> Entry {
    let body = Body::Notice { subject: "Flood".to_owned(), source: "Water".to_owned() };
    Entry::Statement(Box::new(statement(body)))
}

fn ballot() -> Entry {
    let ballot = Ballot { proposal: Digest::of(b"p"), index: 0, sequence: 1, choices: vec![0], block: None };
    Entry::Statement(Box::new(statement(Body::Ballot(ballot))))
}

#[test]
fn an_entry_reads_back_and_hiding_it_keeps_its_leaf() {
    for entry in [notice(), ballot()] {
        let hidden = Entry::Hidden(entry.leaf());
        assert_eq!(hidden.leaf(), entry.leaf());
        assert_eq!(Entry::from_value(&entry.to_value()), Ok(entry));
        assert_eq!(Entry::from_value(&hidden.to_value()), Ok(hidden));
    }
}

#[test]
fn what_is_neither_a_statement_nor_a_leaf_is_no_entry() {
    let leaf = Digest::of(b"leaf");
    for value in [json!(null), json!({}), json!({"leaf": "x"}), json!({"leaf": leaf, "more": 1}), json!([leaf])] {
        assert!(matches!(Entry::from_value(&value), Err(EntryError::Statement(_))), "{value}");
    }
    let mut forged = notice().to_value();
    forged["object"]["subject"] = json!("Fire");
    assert!(Entry::from_value(&forged).is_err());
}

#[test]
fn a_journal_holds_its_nodes_statements_and_anybodys_ballots() {
    let (own, other) = (key(0).public(), key(1).public());
    let elsewhere = ConsortiumId(Digest::of(b"other"));
    assert_eq!(notice().check(consortium(), &node(0), &own), Ok(()));
    assert_eq!(notice().check(consortium(), &node(1), &own), Err(EntryError::Signer));
    assert_eq!(notice().check(consortium(), &node(0), &other), Err(EntryError::Signer));
    assert_eq!(notice().check(elsewhere, &node(0), &own), Err(EntryError::Consortium));
    assert_eq!(ballot().check(consortium(), &node(1), &other), Ok(()));
    assert_eq!(ballot().check(elsewhere, &node(0), &own), Err(EntryError::Consortium));
    assert_eq!(Entry::Hidden(Digest::of(b"leaf")).check(consortium(), &node(1), &other), Ok(()));
}

#[test]
fn closing_messages_and_receipts_are_never_in_a_journal() {
    let digest = Digest::of(b"p");
    for body in [
        Body::CutVote { proposal: digest, sitting: 0, round: 0, value: digest },
        Body::CutSkip { proposal: digest, sitting: 0, round: 0 },
        Body::CutFinal { proposal: digest, sitting: 0, round: 0, value: digest },
        Body::Receipt { ballot: digest, journal: journal(), position: 0 },
    ] {
        let entry = Entry::Statement(Box::new(statement(body)));
        assert_eq!(entry.check(consortium(), &node(0), &key(0).public()), Err(EntryError::Kind));
    }
}
