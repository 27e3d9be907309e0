use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_altered_byte_is_found(at: prop::sample::Index, place: prop::sample::Index, byte: u8) {
        let all = cached();
        let statement = &all[at.index(all.len())];
        let mut bytes = statement.bytes.clone();
        let place = place.index(bytes.len());
        prop_assume!(bytes[place] != byte);
        bytes[place] = byte;
        prop_assert!(Statement::read(&bytes, MAX_STATEMENT_BYTES).is_err(), "{}", String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_removed_or_added_byte_is_found(at: prop::sample::Index, place: prop::sample::Index, byte in 0x21..=0xff_u8) {
        let all = cached();
        let statement = &all[at.index(all.len())];
        let place = place.index(statement.bytes.len());
        let (mut longer, mut shorter) = (statement.bytes.clone(), statement.bytes.clone());
        longer.insert(place, byte);
        shorter.remove(place);
        // `\/` is another way to write `/`: the same statement, whose canonical bytes are kept.
        let same = byte == b'\\' && longer[place + 1] == b'/';
        let read = Statement::read(&longer, MAX_STATEMENT_BYTES);
        let right = if same { read.as_ref() == Ok(statement) } else { read.is_err() };
        prop_assert!(right);
        prop_assert!(Statement::read(&shorter, MAX_STATEMENT_BYTES).is_err());
    }

    #[test]
    fn any_text_within_the_limits_survives(subject in "[^\\pC]{1,40}", source in "[^\\pC]{1,100}(\n[^\\pC]{1,100})?") {
        let (unsigned, key) = unsigned(Body::Notice { subject, source });
        let signed = unsigned.sign(&key).expect("within the limits");
        prop_assert_eq!(Statement::read(&signed.bytes, MAX_STATEMENT_BYTES), Ok(signed));
    }
}

/// The samples, signed once for all cases.
fn cached() -> &'static [SignedStatement] {
    static SIGNED: std::sync::OnceLock<Vec<SignedStatement>> = std::sync::OnceLock::new();
    SIGNED.get_or_init(|| signed().into_iter().map(|(statement, _)| statement).collect())
}

/// Other programs, and bundles of years ago, hold these bytes: they must never change.
#[test]
fn the_published_format_is_what_it_was() {
    let samples = cached().iter().map(|signed| String::from_utf8(signed.bytes.clone()).expect("UTF-8"));
    let samples: Vec<String> = samples.collect();
    let published: Vec<&str> = include_str!("../../testdata/statements.txt").lines().collect();
    assert!(published.len() >= 20);
    for line in published {
        assert!(Statement::read(line.as_bytes(), MAX_STATEMENT_BYTES).is_ok(), "{line}");
        assert!(samples.iter().any(|sample| sample == line), "{line}");
    }
}

/// Every byte, not a sample of them: what people vote with, what they are admitted with, what they are promised.
#[test]
fn ballots_roll_entries_and_receipts_have_no_byte_that_can_be_altered() {
    let told = |signed: &&SignedStatement| {
        matches!(signed.statement.body, Body::Ballot(_) | Body::RollEntry(_) | Body::RollEnd(_) | Body::Receipt { .. })
    };
    let all: Vec<_> = cached().iter().filter(told).collect();
    assert!(all.len() >= 4, "{}", all.len());
    for statement in all {
        for place in 0..statement.bytes.len() {
            let mut bytes = statement.bytes.clone();
            bytes[place] ^= 1;
            assert!(
                Statement::read(&bytes, MAX_STATEMENT_BYTES).is_err(),
                "{:?}, byte {place}",
                statement.statement.body
            );
        }
    }
}

#[test]
fn other_layouts_of_the_same_json_are_the_same_statement() {
    for statement in cached() {
        let pretty = serde_json::to_vec_pretty(&statement.to_value()).expect("JSON");
        assert_eq!(Statement::read(&pretty, MAX_STATEMENT_BYTES).as_ref(), Ok(statement));
    }
}

#[test]
fn garbage_is_refused() {
    for bytes in [&b""[..], b"null", b"[]", b"{}", b"{\"proof\":{}}", b"\xff", b"{\"@context\":[]}"] {
        assert!(Statement::read(bytes, MAX_STATEMENT_BYTES).is_err());
    }
}
