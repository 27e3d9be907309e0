use super::*;
use crate::statement::Ballot;

#[test]
fn a_signed_statement_reads_back() {
    let key = SecretKey::from_seed([7; 32]);
    let ballot = Ballot { proposal: Digest::of(b"p"), index: 3, sequence: 1, choices: vec![0], block: None };
    let unsigned = Unsigned {
        signer: Signer::Member(key.public()),
        published: Time(1_795_456_800),
        consortium: ConsortiumId(Digest::of(b"g")),
        epoch: 0,
        body: Body::Ballot(ballot),
    };
    let signed = unsigned.sign(&key).expect("within the limits");
    assert_eq!(Statement::read(&signed.bytes, MAX_STATEMENT_BYTES), Ok(signed));
}
