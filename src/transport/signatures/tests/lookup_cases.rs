//! Documents at the address of a key.

use super::*;

fn actor() -> Value {
    json!({
        "id": ACTOR, "type": "Organization", "inbox": "https://peer.example/inbox",
        "publicKey": { "id": KEY_ID, "owner": ACTOR, "publicKeyPem": pem(&KEYS[0]) },
    })
}

fn read(document: &Value, key_id: &str) -> Result<Found, SignatureError> {
    let mut address = Url::parse(key_id).expect("an address");
    address.set_fragment(None);
    read_key(document, &address, key_id)
}

fn owner(text: &str) -> Found {
    Found::Owner(Url::parse(text).expect("an address"))
}

#[test]
fn an_actor_confirms_its_own_key() {
    assert_eq!(read(&actor(), KEY_ID), Ok(Found::Key(public(&KEYS[0]))));
    let mut several = actor();
    let other = json!({ "id": format!("{ACTOR}#other"), "owner": ACTOR, "publicKeyPem": pem(&KEYS[1]) });
    several["publicKey"] = json!([other, several["publicKey"]]);
    assert_eq!(read(&several, KEY_ID), Ok(Found::Key(public(&KEYS[0]))));
}

#[test]
fn case_8_a_key_of_another_owner_is_refused() {
    for owner in [json!("https://peer.example/other"), json!("https://evil.example/actor"), json!(null), json!([ACTOR])]
    {
        let mut document = actor();
        document["publicKey"]["owner"] = owner;
        assert!(matches!(read(&document, KEY_ID), Err(SignatureError::Key(_))));
    }
}

#[test]
fn case_9_a_document_with_another_id_is_refused() {
    let mut document = actor();
    document["id"] = json!("https://peer.example/other");
    document["publicKey"]["id"] = json!("https://peer.example/other#main-key");
    assert!(matches!(read(&document, KEY_ID), Err(SignatureError::Key(_))));
    for nonsense in [json!({}), json!([]), json!("text"), json!({ "id": 1 })] {
        assert!(matches!(read(&nonsense, KEY_ID), Err(SignatureError::Key(_))), "{nonsense}");
    }
}

#[test]
fn a_key_with_a_document_of_its_own_is_believed_once_its_owner_confirms_it() {
    let key_id = "https://peer.example/keys/1";
    let document = |owner: &str| json!({ "id": key_id, "owner": owner, "publicKeyPem": pem(&KEYS[0]) });
    assert_eq!(read(&document(ACTOR), key_id), Ok(owner(ACTOR)));
    assert!(matches!(read(&document("https://evil.example/actor"), key_id), Err(SignatureError::Key(_))));
    assert!(matches!(read(&document("http://peer.example/actor"), key_id), Err(SignatureError::Key(_))));

    let address = Url::parse(ACTOR).expect("an address");
    assert_eq!(confirmed(&actor(), &address, key_id), Err(SignatureError::KeyGone(key_id.into())));
    let mut confirming = actor();
    confirming["publicKey"]["id"] = json!(key_id);
    assert_eq!(confirmed(&confirming, &address, key_id).map(|key| key.owner), Ok(ACTOR.into()));
    let elsewhere = Url::parse("https://peer.example/other").expect("an address");
    assert!(matches!(confirmed(&confirming, &elsewhere, key_id), Err(SignatureError::Key(_))));
}

/// GoToSocial serves a stub of the actor, with the actor's id, at the address of the key.
#[test]
fn a_stub_of_the_actor_at_the_address_of_the_key_leads_to_the_actor() {
    let key_id = "https://peer.example/users/ada/main-key";
    let mut stub = actor();
    stub["publicKey"]["id"] = json!(key_id);
    assert_eq!(read(&stub, key_id), Ok(owner(ACTOR)));
    stub["id"] = json!("https://evil.example/actor");
    assert!(matches!(read(&stub, key_id), Err(SignatureError::Key(_))));
}

#[test]
fn keys_that_are_weak_or_no_rsa_keys_are_refused() {
    let weak = RsaPrivateKey::new(&mut StdRng::seed_from_u64(3), 1024).expect("a key");
    let ed25519 = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----\n";
    for text in [pem(&weak), ed25519.into(), String::new(), "x".repeat(10_000)] {
        assert!(matches!(HttpKey::parse(KEY_ID, ACTOR, &text), Err(SignatureError::Key(_))));
    }
    use rsa::pkcs1::EncodeRsaPublicKey as _;
    let pkcs1 = RsaPublicKey::from(&KEYS[0]).to_pkcs1_pem(LineEnding::CRLF).expect("a PEM");
    assert!(HttpKey::parse(KEY_ID, ACTOR, &pkcs1).is_ok());
}
