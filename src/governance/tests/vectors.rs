//! Test vectors: ours in `testdata/` always, and the public ones in the folder that FOLKMOOT_VECTORS names
//! (`jcs/`, `eddsa-jcs-2022/`, `fep/`, `ed25519-edge/`) where it is set.

use std::path::{Path, PathBuf};

use folkmoot_governance::bundle;
use folkmoot_governance::json::canonical;
use folkmoot_governance::key::{Batch, PublicKey, SecretKey};
use folkmoot_governance::proof;
use serde_json::{Value, json};

/// The folder of public vectors, if this run has it; says so where it has not.
#[expect(clippy::disallowed_methods, reason = "the core reads no environment, its tests may")]
fn folder(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("FOLKMOOT_VECTORS").map(|vectors| Path::new(&vectors).join(name));
    if folder.is_none() {
        eprintln!("{name}: FOLKMOOT_VECTORS is not set, only the built-in vectors were used");
    }
    folder
}

#[expect(clippy::disallowed_methods, reason = "the core reads no files, its tests may")]
fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn read_text(path: &Path) -> String {
    String::from_utf8(read(path)).expect("vectors are UTF-8").trim().to_owned()
}

fn built_in(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect("our vectors are lists")
}

fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name].as_str().unwrap_or_else(|| panic!("{name} in {vector}"))
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).expect("hexadecimal");
    digits.chunks(2).map(byte).collect()
}

fn array<const N: usize>(bytes: Vec<u8>) -> [u8; N] {
    bytes.try_into().expect("the length of the vector's field")
}

#[test]
fn canonical_json_is_that_of_rfc_8785() {
    for vector in built_in(include_str!("../testdata/jcs.json")) {
        let input: Value = serde_json::from_str(text(&vector, "input")).expect("JSON");
        assert_eq!(String::from_utf8(canonical(&input)).expect("UTF-8"), text(&vector, "canonical"));
    }
    let Some(folder) = folder("jcs") else { return };
    for name in ["arrays", "french", "structures", "unicode", "values", "weird"] {
        let input = read_json(&folder.join(format!("input/{name}.json")));
        assert_eq!(canonical(&input), read(&folder.join(format!("output/{name}.json"))), "{name}");
        assert_eq!(canonical(&input), hex(&read_text(&folder.join(format!("outhex/{name}.txt")))), "{name}");
    }
}

/// Signs `document` with these options and expects exactly this proof; then verifies what was made.
fn check_proof(document: &Value, options: &Value, secret: &SecretKey, message: Option<&[u8]>, proof_value: &str) {
    let signed = proof::sign(document.clone(), options.clone(), secret).expect("signable");
    assert_eq!(text(&signed["proof"], "proofValue"), proof_value);
    assert_eq!(proof::verify(&signed, &secret.public()), Ok(()));
    let claim = proof::claim(&signed).expect("a proof");
    assert!(message.is_none_or(|message| message == claim.message), "{document}");
}

#[test]
fn proofs_are_those_of_eddsa_jcs_2022() {
    for vector in built_in(include_str!("../testdata/eddsa-jcs-2022.json")) {
        let secret = SecretKey::from_multibase(text(&vector, "secret")).expect("a key");
        let message = hex(text(&vector, "message"));
        check_proof(&vector["document"], &vector["options"], &secret, Some(&message), text(&vector, "proofValue"));
    }
    let Some(folder) = folder("eddsa-jcs-2022") else { return };
    let keys = read_json(&folder.join("keyPair.json"));
    let secret = SecretKey::from_multibase(text(&keys, "privateKeyMultibase")).expect("a key");
    assert_eq!(secret.public().to_string(), text(&keys, "publicKeyMultibase"));
    let (document, options) =
        (read_json(&folder.join("unsigned.json")), read_json(&folder.join("proofConfigJCS.json")));
    assert_eq!(canonical(&document), read_text(&folder.join("canonDocJCS.txt")).into_bytes());
    assert_eq!(canonical(&options), read_text(&folder.join("proofCanonJCS.txt")).into_bytes());
    let message = hex(&read_text(&folder.join("combinedHashJCS.txt")));
    let proof_value = read_text(&folder.join("sigBTC58JCS.txt"));
    check_proof(&document, &options, &secret, Some(&message), &proof_value);
    let signature = array(hex(&read_text(&folder.join("sigHexJCS.txt"))));
    assert_eq!(proof::encode_signature(&signature), proof_value);
    let signed = read_json(&folder.join("signedJCS.json"));
    assert_eq!(proof::sign(document, options, &secret).as_ref(), Ok(&signed));
    let key = proof::key_of_did(text(&signed["proof"], "verificationMethod")).expect("a did:key");
    assert_eq!(proof::verify(&signed, &key), Ok(()));
}

/// The JSON texts of a Gherkin file, in order.
fn documents(feature: &str) -> Vec<Value> {
    let texts = feature.split("\"\"\"").skip(1).step_by(2);
    texts.map(|text| serde_json::from_str(text).expect("JSON")).collect()
}

#[test]
fn documents_of_the_feps_verify() {
    let Some(folder) = folder("fep") else { return };
    let actor = read_json(&folder.join("actor.json"));
    let key: PublicKey = text(&actor["assertionMethod"][0], "publicKeyMultibase").parse().expect("a Multikey");
    // FEP-8b32: the secret key is that of the W3C vectors.
    let secret = SecretKey::from_multibase("z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq").expect("a key");
    let signed = read_json(&folder.join("signed_create.json"));
    assert_eq!(proof::verify(&signed, &key), Ok(()));
    let unsigned = read_json(&folder.join("unsigned_create.json"));
    assert_eq!(proof::sign(unsigned, signed["proof"].clone(), &secret).as_ref(), Ok(&signed));
    let feature = documents(&read_text(&folder.join("fep-8b32.feature")));
    assert_eq!(feature.iter().filter(|document| proof::verify(document, &key).is_ok()).count(), 2);
    // FEP-521a: the Ed25519 key as a Multikey.
    let feature = read_text(&folder.join("fep-521a.feature"));
    let bytes = array(hex("2e6fcce36701dc791488e0d0b1745cc1e33a4c1c9fcc41c63bd343dbbe0970e6"));
    assert_eq!(text(&documents(&feature)[0], "publicKeyMultibase"), PublicKey::from_bytes(bytes).to_string());
    // FEP-c390: an identity proof has no context.
    let identity = &documents(&read_text(&folder.join("fep-c390.feature")))[1];
    let key = proof::key_of_did(text(&identity["proof"], "verificationMethod")).expect("a did:key");
    assert_eq!(proof::verify(identity, &key), Ok(()));
    let (mut unsigned, mut altered) = (identity.clone(), identity.clone());
    unsigned.as_object_mut().expect("an object").remove("proof");
    assert_eq!(proof::sign(unsigned, identity["proof"].clone(), &secret).as_ref(), Ok(identity));
    altered["alsoKnownAs"] = json!("https://server.example/users/mallory");
    assert_eq!(proof::verify(&altered, &key), Err(proof::ProofError::Signature));
}

/// A signature and what the three ways of checking say; they must agree.
struct Signed {
    key: PublicKey,
    message: Vec<u8>,
    signature: [u8; 64],
}

impl Signed {
    fn is_valid(&self) -> bool {
        let single = self.key.verifies(&self.message, &self.signature);
        assert_eq!(self.in_batch(0), single, "alone in a batch: {:?}", self.key);
        assert_eq!(self.in_batch(3), single, "among others: {:?}", self.key);
        single
    }

    /// In a batch with `others` good signatures by other keys and by one and the same key.
    fn in_batch(&self, others: u8) -> bool {
        let mut batch = Batch::default();
        for at in 0..others {
            let secret = SecretKey::from_seed([at / 2; 32]);
            batch.add(&secret.public(), &[at], &secret.sign(&[at]));
        }
        batch.add(&self.key, &self.message, &self.signature);
        batch.verify(&mut unforeseen())
    }
}

/// Bytes that differ from call to call; for a test they may be foreseen.
fn unforeseen() -> impl FnMut(&mut [u8]) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    move |bytes: &mut [u8]| {
        for byte in bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = state.to_be_bytes()[0];
        }
    }
}

/// The order of the group, 2^252 + 27742317777372353535851937790883648493, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// `S` of the signature plus the order of the group: the same number to a careless verifier.
fn with_large_scalar(signature: &[u8; 64]) -> [u8; 64] {
    let (mut large, mut carry) = (*signature, 0_u16);
    for (byte, addend) in large[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(addend) + carry;
        let [high, low] = sum.to_be_bytes();
        (carry, *byte) = (u16::from(high), low);
    }
    large
}

#[test]
fn crafted_signatures_are_judged_by_zip_215_alone_and_in_batches() {
    for vector in built_in(include_str!("../testdata/ed25519-edge.json")) {
        let signed = Signed {
            key: PublicKey::from_bytes(array(hex(text(&vector, "key")))),
            message: text(&vector, "message").into(),
            signature: array(hex(text(&vector, "signature"))),
        };
        assert_eq!(signed.is_valid(), vector["valid"], "{}", text(&vector, "what"));
    }
}

/// What ZIP-215 says follows from the flags. Every encoding of A and R is accepted, and the equation is taken times the
/// cofactor, so nothing of low order matters in it; but what is hashed are the bytes as they came, so a signature made
/// for re-encoded ones fails, unless the key is of low order: then the hash, and with it the message, drops out.
#[test]
fn public_edge_cases_are_judged_as_their_flags_say() {
    let Some(folder) = folder("ed25519-edge") else { return };
    let vectors = read_json(&folder.join("ed25519vectors.json"));
    let vectors = vectors.as_array().expect("a list");
    assert!(vectors.len() > 900);
    let mut all = Batch::default();
    for vector in vectors {
        let number = &vector["number"];
        let has = |flag: &str| vector["flags"].as_array().is_some_and(|flags| flags.contains(&json!(flag)));
        let mut signed = Signed {
            key: PublicKey::from_bytes(array(hex(text(vector, "key")))),
            message: text(vector, "msg").into(),
            signature: array(hex(text(vector, "sig"))),
        };
        let valid = has("low_order_A") || !has("reencoded_k");
        assert_eq!(signed.is_valid(), valid, "{number}");
        if valid {
            all.add(&signed.key, &signed.message, &signed.signature);
        }
        signed.message.push(b'!');
        assert_eq!(signed.is_valid(), has("low_order_A"), "{number} with another message");
        signed.message.pop();
        signed.signature = with_large_scalar(&signed.signature);
        assert!(!signed.is_valid(), "{number} with a large scalar");
    }
    assert!(all.verify(&mut unforeseen()));
}

/// Whole decisions, for whoever writes a verifier after `docs/PROTOCOL.md`.
#[test]
fn the_published_bundles_verify() {
    for (name, epoch, result) in [("decision-1", 0, "247/360"), ("amended", 1, "3/5")] {
        let path = format!("{}/../../docs/vectors/{name}.bundle", env!("CARGO_MANIFEST_DIR"));
        let bytes = read(Path::new(&path));
        let report = bundle::verify(&bytes, &mut |random: &mut [u8]| random.fill(7)).expect(name);
        let count = report.outcome.count.expect("it was counted");
        assert_eq!((report.epoch, count.result.to_string().as_str()), (epoch, result), "{name}");
    }
}
