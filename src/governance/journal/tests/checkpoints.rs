use proptest::prelude::*;

use super::*;
use crate::key::PublicKey;

/// The note of eight leaves with cosignatures of the parties at these times.
fn cosigned(times: &[(u8, i64)]) -> SignedCheckpoint {
    let mut signed = note(&leaves(8));
    for (at, time) in times {
        let line = signed.checkpoint.cosign(&node(*at), &key(*at), Time(*time));
        signed.signatures.push(line);
    }
    signed
}

#[test]
fn a_note_prints_what_it_parses() {
    let signed = cosigned(&[(0, 100), (1, 101)]);
    let text = signed.to_string();
    assert_eq!(text, include_str!("../../testdata/checkpoint.txt"));
    assert_eq!(text.parse(), Ok(signed));
}

/// Key and note out of the documentation of Go's `golang.org/x/mod/sumdb/note`.
#[test]
fn a_note_signed_by_another_program_verifies() {
    let bytes = [
        0x1a, 0x5c, 0xd9, 0x07, 0x14, 0x3c, 0x38, 0x4c, 0x41, 0xe8, 0x30, 0xc5, 0xbc, 0xe1, 0x2a, 0xa8, 0x81, 0x7e,
        0xc5, 0x64, 0x9a, 0xaa, 0xbf, 0x2c, 0x31, 0x38, 0x8b, 0x35, 0xb2, 0xd7, 0x44, 0xd6,
    ];
    let signer = PublicKey::from_bytes(bytes);
    let note = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let (text, signatures) = note::parse(note).expect("a note");
    assert_eq!(signatures[0].key_id, note::key_id("PeterNeumann", note::ED25519, &signer));
    let signature = signatures[0].signature.as_slice().try_into().expect("64 bytes");
    assert!(signer.verifies(text.as_bytes(), signature));
}

#[test]
fn only_one_text_is_a_note() {
    let text = cosigned(&[(0, 100), (1, 101)]).to_string();
    let check = |altered: String| {
        assert_ne!(altered, text, "nothing altered");
        assert!(altered.parse::<SignedCheckpoint>().is_err(), "{altered}");
    };
    check(text.replace("\n8\n", "\n08\n"));
    check(text.replace("\n8\n", "\n+8\n"));
    check(text.replace("\n8\n", "\n-8\n"));
    check(text.replace("\n8\n", "\n9007199254740992\n"));
    check(text.replace("\n8\n", "\n8\r\n"));
    check(text.replacen("=\n", "\n", 1));
    check(text.replacen("=\n", "=\nextension\n", 1));
    check(text.replacen("=\n\n", "=\n\n\n", 1));
    check(text.replacen("— ", "- ", 1));
    check(text.trim_end().to_owned());
    check(format!("{text}\n"));
    check(format!("{text}{text}"));
    check(format!("\n{text}"));
    check(text.replace("n1.example/witness", "n1.example/wit+ness"));
    check(text.replace("n1.example/witness", "n1.example/wit ness"));
    check(text.split_once("\n\n").expect("a note").0.to_owned());
    let last = text.lines().last().expect("a line");
    check(format!("{text}{last}\n"));
    check(format!("{text}— x AAAA\n"));
}

#[test]
fn notes_have_limits() {
    let lines = |count: usize| {
        let mut signed = note(&leaves(1));
        let line = |at| SignatureLine { name: format!("w{at}"), key_id: [0; 4], signature: vec![0; 72] };
        signed.signatures.extend((1..count).map(line));
        signed.to_string()
    };
    assert!(lines(MAX_SIGNATURES).parse::<SignedCheckpoint>().is_ok());
    assert_eq!(lines(MAX_SIGNATURES + 1).parse::<SignedCheckpoint>(), Err(NoteError::TooManySignatures));
    assert_eq!("x".repeat(MAX_NOTE_BYTES + 1).parse::<SignedCheckpoint>(), Err(NoteError::TooLong));
}

#[test]
fn the_journals_signature_is_checked_against_its_key() {
    let signed = note(&leaves(8));
    assert!(signed.is_signed_by(&key(0).public()));
    assert!(!signed.is_signed_by(&key(1).public()));
    let other = Checkpoint { size: 9, ..signed.checkpoint.clone() };
    let moved = SignedCheckpoint { checkpoint: other, signatures: signed.signatures.clone() };
    assert!(!moved.is_signed_by(&key(0).public()));
    // A cosignature by the same key is no signature of the journal.
    let mut cosigned_only = cosigned(&[(0, 100)]);
    cosigned_only.signatures.remove(0);
    assert!(!cosigned_only.is_signed_by(&key(0).public()));
}

#[test]
fn a_cosignature_holds_for_one_checkpoint_witness_key_and_time() {
    let checkpoint = note(&leaves(8)).checkpoint;
    let line = checkpoint.cosign(&node(1), &key(1), Time(100));
    assert_eq!(checkpoint.cosigned_at(&line, &node(1), &key(1).public()), Some(Time(100)));
    assert_eq!(line.to_string().parse(), Ok(line.clone()));
    assert_eq!(checkpoint.cosigned_at(&line, &node(2), &key(1).public()), None);
    assert_eq!(checkpoint.cosigned_at(&line, &node(1), &key(2).public()), None);
    assert_eq!(note(&leaves(9)).checkpoint.cosigned_at(&line, &node(1), &key(1).public()), None);
    for place in 0..line.signature.len() {
        let mut altered = line.clone();
        altered.signature[place] ^= 1;
        assert_eq!(checkpoint.cosigned_at(&altered, &node(1), &key(1).public()), None, "byte {place}");
    }
    let never = checkpoint.cosign(&node(1), &key(1), Time(-1));
    assert_eq!(checkpoint.cosigned_at(&never, &node(1), &key(1).public()), None);
}

#[test]
fn certified_is_when_a_quorum_had_cosigned() {
    let parties = parties(4);
    let signed = cosigned(&[(0, 300), (1, 100), (3, 200)]);
    assert_eq!(certified_at(&signed, &parties, 1), Some(Time(100)));
    assert_eq!(certified_at(&signed, &parties, 2), Some(Time(200)));
    assert_eq!(certified_at(&signed, &parties, 3), Some(Time(300)));
    assert_eq!(certified_at(&signed, &parties, 4), None);
    assert_eq!(certified_at(&signed, &parties, 0), None);
    let mut kept = Witnessed::new(&signed, &key(0).public()).expect("signed by its journal");
    assert_eq!(kept.take(&signed, &parties).len(), 3);
    for quorum in 0..5 {
        assert_eq!(kept.certified_at(&parties, quorum), certified_at(&signed, &parties, quorum));
    }
}

#[test]
fn strangers_and_forgeries_certify_nothing() {
    let mut signed = cosigned(&[(0, 100), (9, 100)]);
    let mut forged = signed.checkpoint.cosign(&node(1), &key(1), Time(100));
    forged.signature[20] ^= 1;
    let mut borrowed = signed.checkpoint.cosign(&node(0), &key(0), Time(100));
    borrowed.name = witness_name(&node(2));
    signed.signatures.extend([forged, borrowed]);
    assert_eq!(certified_at(&signed, &parties(4), 1), Some(Time(100)));
    assert_eq!(certified_at(&signed, &parties(4), 2), None);
}

#[test]
fn a_party_listed_twice_counts_once() {
    let mut parties = parties(2);
    parties.push(parties[1].clone());
    // One key under two names is one party, too.
    parties.push(Party { name: "Alias".to_owned(), node: node(7), key: key(1).public() });
    let mut signed = cosigned(&[(0, 100), (1, 100)]);
    let alias = signed.checkpoint.cosign(&node(7), &key(1), Time(100));
    signed.signatures.push(alias);
    assert_eq!(certified_at(&signed, &parties, 2), Some(Time(100)));
    assert_eq!(certified_at(&signed, &parties, 3), None);
}

/// What a node keeps that has seen these notes in this order.
fn kept(seen: &[&SignedCheckpoint], parties: &[Party]) -> Witnessed {
    let mut kept = Witnessed::new(seen[0], &key(0).public()).expect("signed by its journal");
    seen.iter().for_each(|note| drop(kept.take(note, parties)));
    kept
}

#[test]
fn only_valid_cosignatures_of_parties_are_kept_and_of_each_the_earliest() {
    let parties = parties(3);
    let line = |at: u8, time: i64| cosigned(&[]).checkpoint.cosign(&node(at), &key(at), Time(time));
    let mut kept = kept(&[&cosigned(&[(0, 100)])], &parties);
    let mut take = |lines: &[SignatureLine]| {
        let seen = SignedCheckpoint { signatures: lines.to_vec(), ..cosigned(&[]) };
        kept.take(&seen, &parties).into_iter().cloned().collect::<Vec<NodeId>>()
    };
    let mut forged = line(1, 100);
    forged.signature[70] ^= 1;
    let mut backdated = line(0, 100);
    backdated.signature[7] = 90;
    assert_eq!(take(&[forged.clone(), line(7, 100), line(0, 101), line(0, 100), backdated]), []);
    assert_eq!(take(&[line(0, 99)]), [node(0)]);
    // A forged line must not keep out the witness's own.
    assert_eq!(take(&[forged, line(1, 100)]), [node(1)]);
    assert_eq!(take(&[line(0, 99), line(1, 100)]), []);
    assert_eq!(kept.cosigned_at(&node(0), &key(0).public()), Some(Time(99)));
    assert_eq!(kept.cosigned_at(&node(1), &key(1).public()), Some(Time(100)));
    assert_eq!(kept.note().signatures.len(), 3);
    assert_eq!(Witnessed::stored(&kept.to_string()), Ok(kept));
}

#[test]
fn what_a_stranger_adds_displaces_no_cosignature() {
    let parties = parties(4);
    let genuine = cosigned(&[(0, 100), (1, 101), (2, 102)]);
    let mut full = cosigned(&[]);
    for at in 0..MAX_SIGNATURES - 1 {
        let line = SignatureLine { name: format!("stranger-{at}"), key_id: [0; 4], signature: vec![0; 72] };
        full.signatures.push(line);
    }
    let held = kept(&[&full, &genuine], &parties);
    assert_eq!(held, kept(&[&genuine, &full], &parties));
    assert_eq!(held.certified_at(&parties, 3), Some(Time(102)));
    assert_eq!(held.note().signatures.len(), 4);
}

#[test]
fn notes_of_one_checkpoint_are_taken_in_any_order() {
    let parties = parties(4);
    let (one, other) = (cosigned(&[(0, 100), (1, 105)]), cosigned(&[(1, 101), (2, 102)]));
    let (first, second) = (kept(&[&one, &other], &parties), kept(&[&other, &one], &parties));
    for (party, time) in parties.iter().zip([Some(100), Some(101), Some(102), None]) {
        assert_eq!(first.cosigned_at(&party.node, &party.key), time.map(Time));
    }
    let pruned = |kept: &Witnessed| kept.note().pruned(&key(0).public(), &parties);
    assert_eq!(pruned(&first), pruned(&second));
    assert!(kept(&[&note(&leaves(9)), &one], &parties).note().signatures.len() == 1, "cosignatures of another one");
    assert_eq!(Witnessed::new(&one, &key(1).public()), None);
}

#[test]
fn a_certified_checkpoint_has_no_byte_that_can_be_altered() {
    let (parties, signer) = (parties(3), key(0).public());
    let original = cosigned(&[(0, 100), (1, 101), (2, 102)]);
    let text = original.to_string();
    let holds = |note: &SignedCheckpoint| {
        let certified = certified_at(note, &parties, 3) == Some(Time(102));
        note.checkpoint == original.checkpoint && note.is_signed_by(&signer) && certified
    };
    assert!(holds(&original));
    for place in 0..text.len() {
        for flip in [1_u8, 0x20, 0x80] {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= flip;
            let read = String::from_utf8(bytes).ok().and_then(|text| text.parse::<SignedCheckpoint>().ok());
            assert!(!read.is_some_and(|note| holds(&note)), "byte {place} ^ {flip}");
        }
    }
}

#[test]
fn a_pruned_note_keeps_only_what_verifies() {
    let parties = parties(2);
    let mut signed = cosigned(&[(1, 100), (0, 101), (7, 102)]);
    signed.signatures.push(SignatureLine { name: "stranger".to_owned(), key_id: [0; 4], signature: vec![0; 64] });
    let pruned = signed.pruned(&key(0).public(), &parties);
    assert!(pruned.is_signed_by(&key(0).public()));
    let names: Vec<&str> = pruned.signatures.iter().map(|line| line.name.as_str()).collect();
    assert_eq!(names, [journal().as_str(), "n0.example/witness", "n1.example/witness"]);
}

/// Leaves that part from `leaves(size)` at `at`.
fn forked_leaves(size: u64, at: u64) -> Vec<Digest> {
    let mut forked = leaves(size);
    forked[usize::try_from(at).expect("small")..].iter_mut().for_each(|leaf| leaf.0[0] ^= 1);
    forked
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_fork_is_proven_from_the_leaves_and_its_evidence_alone((old, new, at) in (1..60_u64)
        .prop_flat_map(|old| (Just(old), old..90, 0..old)))
    {
        let newer = forked_leaves(new, at);
        let (older_note, newer_note) = (note(&leaves(old)), note(&newer));
        let fork = Fork::find(&older_note, &newer_note, &newer).expect("they contradict");
        let found = Fork::from_evidence(&fork.to_evidence());
        prop_assert_eq!(found.as_ref(), Some(&fork));
        prop_assert!(fork.is_signed_by(&key(0).public()));
        prop_assert!(!fork.is_signed_by(&key(1).public()));
    }

    #[test]
    fn an_honest_journal_cannot_be_shown_to_have_forked(old in 0..60_u64, more in 0..30_u64, path in any::<Vec<[u8; 32]>>()) {
        let all = leaves(old + more);
        let (older, newer) = (note(&all[..usize::try_from(old).expect("small")]), note(&all));
        prop_assert_eq!(Fork::find(&older, &newer, &all), None);
        let path: Vec<String> = path.into_iter().map(|hash| Digest(hash).to_string()).collect();
        let evidence = [older.to_string(), newer.to_string(), path.join("\n")];
        prop_assert_eq!(Fork::from_evidence(&evidence), None);
    }
}

#[test]
fn a_witness_of_both_sides_of_a_fork_is_at_fault() {
    let newer = forked_leaves(8, 3);
    let (mut one, mut other) = (note(&leaves(5)), note(&newer));
    let line = one.checkpoint.cosign(&node(1), &key(1), Time(100));
    one.signatures.push(line);
    let honest = Fork::find(&one, &other, &newer).expect("they contradict");
    assert!(!honest.is_cosigned_by(&node(1), &key(1).public()));
    let line = other.checkpoint.cosign(&node(1), &key(1), Time(200));
    other.signatures.push(line);
    let fork = Fork::find(&one, &other, &newer).expect("they contradict");
    assert!(fork.is_cosigned_by(&node(1), &key(1).public()));
    assert!(!fork.is_cosigned_by(&node(2), &key(2).public()));
}

#[test]
fn checkpoints_of_two_journals_are_no_fork() {
    let newer = forked_leaves(8, 3);
    let one = note(&leaves(8));
    let journal = JournalId::new(consortium(), &node(1), key(1).public().as_bytes());
    let other = Checkpoint { journal, size: 8, root: root(&newer) }.sign(&key(1));
    assert_eq!(Fork::find(&one, &other, &newer), None);
    assert_eq!(Fork::from_evidence(&[one.to_string(), other.to_string(), String::new()]), None);
    assert_eq!(Fork::from_evidence(&[one.to_string(), "x".to_owned(), String::new()]), None);
    assert_eq!(Fork::from_evidence(&[one.to_string()]), None);
}
