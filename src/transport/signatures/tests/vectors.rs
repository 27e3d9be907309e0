//! Public test vectors: draft-cavage-http-signatures-12, appendices C.1 and C.2.

use rsa::pkcs8::DecodePublicKey as _;

use super::*;
use crate::transport::signatures::cavage::rebuilt;
use crate::transport::signatures::key::verifies;

/// The 1024-bit key of the draft; too short for a peer.
const DRAFT_KEY: &str = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDCFENGw33yGihy92pDjZQhl0C3
6rPJj+CvfSC8+q28hxA161QFNUd13wuCTUcq0Qd2qsBe/2hFyc2DCJJg0h1L78+6
Z4UMR7EOcpfdUE9Hf3m/hs+FUR45uBJeDK1HSFHD8bHKD6kv8FPGfJTotc+2xjJw
oYi+1hqp1fIekaxsyQIDAQAB
-----END PUBLIC KEY-----
";
const C_1: &str = "SjWJWbWN7i0wzBvtPl8rbASWz5xQW6mcJmn+ibttBqtifLN7Sazz6m79cNfwwb8DMJ5cou1s7uEGKKCs+FLEEaDV5lp7q25WqS+lavg7T8hc0GppauB6hbgEKTwblDHYGEtbGmtdHgVCk9SuS13F0hZ8FD0k/5OxEPXe5WozsbM=";
const C_2: &str = "qdx+H7PHHDZgy4y/Ahn9Tny9V3GP6YgBPyUXMmoxWtLbHpUnXS2mg2+SbrQDMCJypxBLSPQR2aAjn7ndmw2iicw3HMbe8VfEdKFYRqzic+efkb3nndiv/x1xSHDJWeSWkx3ButlYSuBskLu6kd9Fswtemr3lgdDEmn04swr2Os0=";

/// The request of appendix C.
fn request() -> Received {
    let headers = [
        ("host", "example.com"),
        ("date", "Sun, 05 Jan 2014 21:31:40 GMT"),
        ("content-type", "application/json"),
        ("digest", "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="),
        ("content-length", "18"),
    ];
    Received::new("POST", "/foo?param=value&pet=dog", &headers, r#"{"hello": "world"}"#)
}

fn draft_vector(covered: &str, signature: &str) -> bool {
    let header = format!(r#"keyId="Test",algorithm="rsa-sha256",headers="{covered}",signature="{signature}""#);
    let received = request();
    let signed = rebuilt(&Request::new(&received.parts), &header).expect("well formed");
    let key = RsaPublicKey::from_public_key_pem(DRAFT_KEY).expect("a key");
    verifies(&key, signed.as_bytes(), &STANDARD.decode(signature).expect("base64"))
}

#[test]
fn the_vectors_of_the_draft_verify() {
    assert!(draft_vector("date", C_1));
    assert!(draft_vector("(request-target) host date", C_2));
    assert!(!draft_vector("(request-target) host date", C_1));
    assert!(!draft_vector("host (request-target) date", C_2));
}

/// The file of public vectors, where the environment names its folder, holds what is written above.
#[test]
fn the_file_of_public_vectors_agrees() {
    let Ok(folder) = std::env::var("FOLKMOOT_VECTORS") else { return };
    let path = std::path::Path::new(&folder).join("http-signatures/vectors.json");
    let file: Value = serde_json::from_slice(&std::fs::read(&path).expect("the file")).expect("JSON");
    for (name, signature) in [("cavage_c_1", C_1), ("cavage_c_2", C_2)] {
        let vector = &file[name];
        assert_eq!((&vector["signature"], &vector["public_key_pem"]), (&json!(signature), &json!(DRAFT_KEY)));
        let signed = vector["signing_string"].as_str().expect("a text");
        let key = RsaPublicKey::from_public_key_pem(DRAFT_KEY).expect("a key");
        assert!(verifies(&key, signed.as_bytes(), &STANDARD.decode(signature).expect("base64")), "{name}");
    }
}
