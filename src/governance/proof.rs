//! Data Integrity proofs `eddsa-jcs-2022` (W3C vc-di-eddsa, FEP-8b32) over raw JSON of any context.
//! Says whether a key signed a document; who may use which key, and which documents are statements, is for others.

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::json;
use crate::key::{PublicKey, SecretKey};

/// Why a document's proof does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    #[error("the document is not a JSON object")]
    NotAnObject,
    #[error("the document has no proof of its own")]
    Missing,
    /// The member of the proof that is absent or has another value than the cryptosuite asks for.
    #[error("`{0}` of the proof is missing or is not what eddsa-jcs-2022 asks for")]
    Member(&'static str),
    #[error("`@context` of the proof is not the beginning of the document's")]
    Context,
    #[error("the signature does not fit the document and the key")]
    Signature,
}

/// What a proof claims: that the key behind `method` signed `message`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// `verificationMethod`: the address of the key, or `did:key:z6Mk…#z6Mk…`.
    pub method: String,
    /// SHA-256 of the proof's canonical options, then SHA-256 of the canonical document without its proof.
    pub message: [u8; 64],
    pub signature: [u8; 64],
}

impl Claim {
    /// Whether `key` made the signature, under ZIP-215.
    pub fn holds(&self, key: &PublicKey) -> bool {
        key.verifies(&self.message, &self.signature)
    }
}

/// Adds a proof to `document`. `options` are the proof's members but `@context` and `proofValue`: `type`,
/// `cryptosuite`, `proofPurpose`, `verificationMethod` and, where wanted, `created`.
/// The proof repeats the document's `@context`, as the cryptosuite says.
pub fn sign(mut document: Value, mut options: Value, key: &SecretKey) -> Result<Value, ProofError> {
    let (members, proof) = match (&mut document, &mut options) {
        (Value::Object(members), Value::Object(proof)) => (members, proof),
        _ => return Err(ProofError::NotAnObject),
    };
    members.remove("proof");
    proof.remove("proofValue");
    if let Some(context) = members.get("@context") {
        proof.insert("@context".to_owned(), context.clone());
    }
    check_options(proof)?;
    let signature = key.sign(&message(members, proof));
    proof.insert("proofValue".to_owned(), Value::String(encode_signature(&signature)));
    members.insert("proof".to_owned(), options);
    Ok(document)
}

/// Whether the document's one proof was made with `key`.
pub fn verify(document: &Value, key: &PublicKey) -> Result<(), ProofError> {
    if claim(document)?.holds(key) { Ok(()) } else { Err(ProofError::Signature) }
}

/// Reads the proof without checking the signature, for the caller to find the key or to check many at once.
pub fn claim(document: &Value) -> Result<Claim, ProofError> {
    let mut unsecured = document.as_object().ok_or(ProofError::NotAnObject)?.clone();
    let Some(Value::Object(mut options)) = unsecured.remove("proof") else { return Err(ProofError::Missing) };
    let signature = match options.remove("proofValue") {
        Some(Value::String(text)) => decode_signature(&text).ok_or(ProofError::Member("proofValue"))?,
        _ => return Err(ProofError::Member("proofValue")),
    };
    let method = check_options(&options)?;
    if let Some(context) = options.get("@context") {
        // What was signed is the proof's context; others may have appended to the document's since.
        if !begins_with(unsecured.get("@context"), context) {
            return Err(ProofError::Context);
        }
        unsecured.insert("@context".to_owned(), context.clone());
    }
    Ok(Claim { method, message: message(&unsecured, &options), signature })
}

/// The key inside `did:key:z6Mk…`, with or without its fragment, which then must repeat the key.
pub fn key_of_did(did: &str) -> Option<PublicKey> {
    let text = did.strip_prefix("did:key:")?;
    let (key, fragment) = text.split_once('#').unwrap_or((text, text));
    if key == fragment { key.parse().ok() } else { None }
}

/// `proofValue` of a signature: multibase base58btc.
pub fn encode_signature(signature: &[u8; 64]) -> String {
    format!("z{}", bs58::encode(signature).into_string())
}

/// The inverse of [`encode_signature`]; there is one text per signature.
pub fn decode_signature(text: &str) -> Option<[u8; 64]> {
    let encoded = text.strip_prefix('z').filter(|encoded| encoded.len() <= 88)?;
    bs58::decode(encoded).into_vec().ok()?.try_into().ok()
}

/// Checks the members that every proof of this cryptosuite has, and returns its `verificationMethod`.
fn check_options(options: &Map<String, Value>) -> Result<String, ProofError> {
    for (name, expected) in
        [("type", "DataIntegrityProof"), ("cryptosuite", "eddsa-jcs-2022"), ("proofPurpose", "assertionMethod")]
    {
        if options.get(name).and_then(Value::as_str) != Some(expected) {
            return Err(ProofError::Member(name));
        }
    }
    if options.get("created").is_some_and(|created| !created.as_str().is_some_and(is_datetime)) {
        return Err(ProofError::Member("created"));
    }
    let method = options.get("verificationMethod").and_then(Value::as_str);
    method.map(str::to_owned).ok_or(ProofError::Member("verificationMethod"))
}

fn message(document: &Map<String, Value>, options: &Map<String, Value>) -> [u8; 64] {
    let mut message = [0; 64];
    message[..32].copy_from_slice(&Sha256::digest(json::canonical(options)));
    message[32..].copy_from_slice(&Sha256::digest(json::canonical(document)));
    message
}

fn begins_with(document: Option<&Value>, proof: &Value) -> bool {
    let list = |value: &Value| match value {
        Value::Array(items) => items.clone(),
        single => vec![single.clone()],
    };
    document.is_some_and(|document| list(document).starts_with(&list(proof)))
}

/// The form of an XML Schema dateTime with a time zone: `2023-02-24T23:36:38Z`, `….5+01:00`.
fn is_datetime(text: &str) -> bool {
    let Some((seconds, rest)) = text.split_at_checked(19) else { return false };
    let shape = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(b, s)| if s == b'0' { b.is_ascii_digit() } else { b == s })
    };
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if zone.len() == fraction.len() {
                return false;
            }
            zone
        }
        None => rest,
    };
    shape(seconds, "0000-00-00T00:00:00") && (zone == "Z" || shape(zone, "+00:00") || shape(zone, "-00:00"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::key::Batch;

    fn key() -> SecretKey {
        SecretKey::from_seed([3; 32])
    }

    fn options() -> Value {
        json!({
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-jcs-2022",
            "verificationMethod": "https://coop.example/actor#key",
            "proofPurpose": "assertionMethod",
            "created": "2026-11-23T18:00:00Z",
        })
    }

    fn document() -> Value {
        json!({"@context": ["https://www.w3.org/ns/activitystreams"], "type": "Note", "content": "Good morning", "size": 1.5})
    }

    fn signed() -> Value {
        sign(document(), options(), &key()).expect("signable")
    }

    #[test]
    fn a_signed_document_verifies_in_any_layout() {
        let text = serde_json::to_string_pretty(&signed()).expect("JSON");
        let read: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(verify(&read, &key().public()), Ok(()));
        assert_eq!(claim(&read).expect("a proof").method, "https://coop.example/actor#key");
    }

    #[test]
    fn another_key_did_not_sign() {
        let other = SecretKey::from_seed([4; 32]).public();
        assert_eq!(verify(&signed(), &other), Err(ProofError::Signature));
    }

    #[test]
    fn any_change_of_document_or_proof_is_found() {
        let check = |path: &str, value: Value| {
            let mut altered = signed();
            *altered.pointer_mut(path).expect(path) = value;
            assert!(verify(&altered, &key().public()).is_err(), "{path}");
        };
        check("/content", json!("Good evening"));
        check("/size", json!(1.25));
        check("/@context", json!([]));
        check("/@context", json!(["https://other.example", "https://www.w3.org/ns/activitystreams"]));
        check("/proof/@context", json!([]));
        check("/proof/created", json!("2026-11-23T18:00:01Z"));
        check("/proof/created", json!("yesterday"));
        check("/proof/verificationMethod", json!("https://coop.example/actor#other"));
        check("/proof/verificationMethod", json!(1));
        check("/proof/proofPurpose", json!("authentication"));
        check("/proof/cryptosuite", json!("eddsa-rdfc-2022"));
        check("/proof/type", json!("Ed25519Signature2020"));
        check("/proof/proofValue", json!("z"));
        check("/proof/proofValue", json!(null));
        check("/proof", json!([signed()["proof"]]));
        check("/proof", json!(null));
        let mut more = signed();
        more["more"] = json!(true);
        assert_eq!(verify(&more, &key().public()), Err(ProofError::Signature));
        let mut more = signed();
        more["proof"]["more"] = json!(true);
        assert_eq!(verify(&more, &key().public()), Err(ProofError::Signature));
        assert_eq!(verify(&json!([]), &key().public()), Err(ProofError::NotAnObject));
    }

    /// vc-di-eddsa 3.3.2: the proof's context must begin the document's, and replaces it.
    #[test]
    fn a_context_appended_later_does_not_break_the_proof() {
        let mut extended = signed();
        extended["@context"].as_array_mut().expect("a list").push(json!("https://later.example"));
        assert_eq!(verify(&extended, &key().public()), Ok(()));
    }

    #[test]
    fn a_document_without_context_can_be_signed() {
        let signed = sign(json!({"subject": "x"}), options(), &key()).expect("signable");
        assert_eq!(verify(&signed, &key().public()), Ok(()));
        assert_eq!(signed["proof"].get("@context"), None);
    }

    #[test]
    fn only_options_of_the_cryptosuite_are_signed() {
        for name in ["type", "cryptosuite", "proofPurpose", "verificationMethod"] {
            let mut wrong = options();
            wrong[name] = json!(7);
            assert_eq!(sign(document(), wrong, &key()), Err(ProofError::Member(name)));
        }
        assert_eq!(sign(json!(1), options(), &key()), Err(ProofError::NotAnObject));
    }

    #[test]
    fn times_of_proofs_have_a_zone() {
        for time in ["2023-02-24T23:36:38Z", "2023-02-24T23:36:38.5Z", "2023-02-24T23:36:38+01:00"] {
            assert!(is_datetime(time), "{time}");
        }
        for time in ["2023-02-24T23:36:38", "2023-02-24 23:36:38Z", "2023-02-24T23:36:38.Z", "2023-02-24", "", "é"] {
            assert!(!is_datetime(time), "{time}");
        }
    }

    #[test]
    fn a_did_key_names_its_key_once() {
        let (key, other) = (key().public(), SecretKey::from_seed([4; 32]).public());
        assert_eq!(key_of_did(&key.did()), Some(key));
        assert_eq!(key_of_did(&format!("{}#{key}", key.did())), Some(key));
        assert_eq!(key_of_did(&format!("{}#{other}", key.did())), None);
        assert_eq!(key_of_did(&key.to_string()), None);
        assert_eq!(key_of_did("did:key:z"), None);
        assert_eq!(key_of_did("did:web:coop.example"), None);
    }

    #[test]
    fn one_bad_signature_spoils_a_batch_wherever_it_is() {
        let claims: Vec<Claim> = (0..9)
            .map(|at| sign(json!({"at": at}), options(), &key()).and_then(|signed| claim(&signed)).expect("signed"))
            .collect();
        let verifies = |claims: &[Claim]| {
            let mut batch = Batch::default();
            claims.iter().for_each(|claim| batch.add(&key().public(), &claim.message, &claim.signature));
            batch.verify(&mut |bytes| bytes.fill(5))
        };
        assert!(verifies(&claims));
        assert!(verifies(&[]));
        for at in 0..claims.len() {
            let mut altered = claims.clone();
            altered[at].message[0] ^= 1;
            assert!(!verifies(&altered), "message {at}");
            let mut altered = claims.clone();
            altered[at].signature[40] ^= 1;
            assert!(!verifies(&altered), "signature {at}");
        }
    }
}
