//! draft-cavage-12 over whole requests.

use super::*;

const HS2019: &str = r#"algorithm="hs2019",created=1795456800"#;

#[tokio::test]
async fn well_signed_requests_of_every_server_stand() {
    let created = "(request-target) (created) host digest";
    for (name, request) in [
        ("Mastodon POST", Cavage::post()),
        ("Mastodon GET", Cavage::get()),
        (
            "GoToSocial POST",
            Cavage::post().covering("(request-target) host date digest").extra(r#"algorithm="hs2019""#),
        ),
        (
            "Lemmy POST",
            Cavage::post().covering(created).extra(r#"algorithm="hs2019",created="1795456800",expires="1795460400""#),
        ),
        (
            "times covered",
            Cavage::post()
                .covering("(request-target) (created) (expires) host digest")
                .extra(r#"created=1795456800,expires=1795456801"#),
        ),
        ("no algorithm", Cavage::get().extra(r#"version="12""#)),
        ("upper case names", Cavage::get().header("accept", "*/*").covering("(request-target) host date accept")),
    ] {
        assert_eq!(request.send().verify().await, Ok(()), "{name}");
    }
    let mut spaced = Cavage::post().send();
    let header = Cavage::post().signature_header().replace(',', " , ");
    spaced.parts.headers.insert("signature", header.parse().expect("a value"));
    assert_eq!(spaced.verify().await, Ok(()));
}

#[tokio::test]
async fn the_authorization_header_may_carry_the_signature() {
    let mut request = Cavage::get().send();
    request.parts.headers.remove("signature");
    let header = format!("Signature {}", Cavage::get().signature_header());
    assert_eq!(request.clone().with_header("authorization", &header).verify().await, Ok(()));
    assert_eq!(
        request.with_header("authorization", "Bearer signature").claim().map(|_| ()),
        Err(SignatureError::Missing)
    );
}

#[tokio::test]
async fn http_2_carries_the_host_in_the_address() {
    let mut request = Cavage::get().send().at("https://coop.example/actor?page=1");
    request.parts.headers.remove("host");
    assert_eq!(request.verify().await, Ok(()));
}

#[track_caller]
fn refused(case: u32, request: &Received, expected: SignatureError) {
    assert_eq!(request.claim().map(|_| ()), Err(expected), "case {case}");
}

#[test]
fn case_1_a_post_without_a_signature_is_refused() {
    refused(1, &Received::new("POST", "/inbox", &[("host", "coop.example")], "{}"), SignatureError::Missing);
}

#[test]
fn case_2_the_digest_must_be_there_signed_right_and_sha_256() {
    refused(2, &Cavage::post().covering("host date (request-target)").send(), SignatureError::NotCovered("digest"));
    refused(2, &Cavage::post().without("digest").send(), SignatureError::Absent("digest".into()));
    let other = sha256(b"another body");
    refused(2, &Cavage::post().header("digest", &other).send(), SignatureError::DigestMismatch);
    let truth = sha256(Cavage::post().body.as_bytes());
    let twice = format!("{truth},{other}");
    for unknown in ["SHA-512=AAAA", "MD5=AAAA", "SHA-256=*", "garbage", "", &twice] {
        refused(2, &Cavage::post().header("digest", unknown).send(), SignatureError::DigestUnknown);
    }
    let mut changed = Cavage::post().send();
    changed.body = b"{}".to_vec();
    refused(2, &changed, SignatureError::DigestMismatch);
    refused(2, &Cavage::post().send().with_header("digest", &other), SignatureError::Ambiguous);
    let beside = format!("SHA-512=AAAA,sha-256={}", truth.trim_start_matches("SHA-256="));
    assert!(Cavage::post().header("digest", &beside).send().claim().is_ok());
}

#[test]
fn a_get_has_no_body() {
    let mut request = Cavage::get().send();
    request.body = b"{}".to_vec();
    refused(2, &request, SignatureError::NotCovered("the digest of the body"));
}

#[tokio::test]
async fn case_3_the_target_must_be_signed_and_cannot_be_moved() {
    let expected = SignatureError::NotCovered("(request-target)");
    refused(3, &Cavage::post().covering("host date digest").send(), expected);
    for target in ["/actor", "/inbox?x", "/inbox/"] {
        assert_eq!(Cavage::post().send().at(target).verify().await, Err(SignatureError::Mismatch), "{target}");
    }
    let mut method = Cavage::post().send();
    method.parts.method = Method::PUT;
    assert_eq!(method.verify().await, Err(SignatureError::Mismatch));
}

#[test]
fn case_4_the_signed_host_must_be_ours() {
    let wrong = SignatureError::WrongHost { expected: "coop.example".into() };
    for host in ["other.example", "coop.example.evil.example", "coop.example:8443", "sub.coop.example", ""] {
        refused(4, &Cavage::post().header("host", host).send(), wrong.clone());
    }
    refused(4, &Cavage::get().covering("(request-target) date").send(), SignatureError::NotCovered("host"));
    refused(4, &Cavage::get().without("host").send(), SignatureError::Absent("host".into()));
    refused(4, &Cavage::get().send().with_header("host", "coop.example"), SignatureError::Ambiguous);
    assert!(Cavage::get().header("host", "COOP.example").send().claim().is_ok());
}

#[test]
fn case_5_the_time_must_be_signed_and_near() {
    let dated = |seconds: i64| Cavage::get().header("date", &http_date(NOW.0 + seconds)).send();
    let created = |seconds: i64| {
        let extra = format!(r#"algorithm="hs2019",created={}"#, NOW.0 + seconds);
        Cavage::get().covering("(request-target) host (created)").extra(&extra).send()
    };
    refused(5, &Cavage::get().covering("(request-target) host").send(), SignatureError::Timeless);
    refused(5, &Cavage::get().without("date").send(), SignatureError::Absent("date".into()));
    for request in [dated(-3601), created(-3601)] {
        refused(5, &request, SignatureError::Old);
    }
    for request in [dated(3601), created(3601)] {
        refused(5, &request, SignatureError::Future);
    }
    for request in [dated(-3600), dated(3600), created(-3600), created(3600)] {
        assert!(request.claim().is_ok());
    }
    let expired = Cavage::get().extra(&format!(r#"algorithm="hs2019",expires={}"#, NOW.0 - 1));
    refused(5, &expired.send(), SignatureError::Expired);
    let unsigned = Cavage::get().covering("(request-target) host").extra(HS2019).send();
    refused(5, &unsigned, SignatureError::Timeless);
    let missing = Cavage::get().covering("(request-target) host (created)").extra(r#"algorithm="hs2019""#).send();
    refused(5, &missing, SignatureError::Absent("(created)".into()));
}

/// A library that adds such a number to the epoch stops the whole process.
#[test]
fn times_at_the_end_of_the_clock_are_refused_quietly() {
    for created in
        [u64::MAX.to_string(), i64::MAX.to_string(), "-1".into(), "1e9".into(), "1795456800.5".into(), "".into()]
    {
        let extra = format!(r#"algorithm="hs2019",created={created}"#);
        let request = Cavage::get().covering("(request-target) host (created)").extra(&extra).send();
        assert!(request.claim().is_err(), "{created}");
    }
    let late = Cavage::get().extra(&format!(r#"algorithm="hs2019",expires={}"#, i64::MAX)).send();
    assert!(late.claim().is_ok(), "an expiry that far says nothing");
    for date in ["yesterday", "Sun, 06 Nov 1994 08:49:37", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        assert!(Cavage::get().header("date", date).send().claim().is_err(), "{date}");
    }
}

#[test]
fn case_6_created_does_not_go_with_rsa_sha256() {
    for covered in ["(request-target) host (created)", "(request-target) host date (expires)"] {
        let extra = r#"algorithm="rsa-sha256",created=1795456800,expires=1795456900"#;
        refused(6, &Cavage::get().covering(covered).extra(extra).send(), SignatureError::TimeParameter);
    }
    for algorithm in ["rsa-sha512", "hmac-sha256", "rsa-sha1", "ed25519", ""] {
        let request = Cavage::get().extra(&format!(r#"algorithm="{algorithm}""#)).send();
        refused(6, &request, SignatureError::Algorithm(algorithm.into()));
    }
}

#[tokio::test]
async fn case_14_two_signatures_are_one_too_many() {
    let header = Cavage::get().signature_header();
    refused(14, &Cavage::get().send().with_header("signature", &header), SignatureError::Ambiguous);
    let authorization = format!("Signature {header}");
    refused(14, &Cavage::get().send().with_header("authorization", &authorization), SignatureError::Ambiguous);
    // A session token beside the signature is none of our business.
    assert_eq!(Cavage::get().send().with_header("authorization", "Bearer x").verify().await, Ok(()));
}

#[tokio::test]
async fn case_15_a_replay_has_the_fingerprint_of_the_first() {
    let (first, second) = (Cavage::post().send().claim(), Cavage::post().send().claim());
    let other = Cavage::post().header("date", &http_date(NOW.0 + 1)).send().claim();
    let [first, second, other] = [first, second, other].map(|claimed| claimed.expect("well formed").fingerprint());
    assert_eq!(first, second);
    assert_ne!(first, other);
}

#[test]
fn headers_that_readers_could_understand_differently_are_refused() {
    let with = |header: &str| {
        let mut request = Cavage::get().send();
        request.parts.headers.insert("signature", header.parse().expect("a value"));
        request.claim().map(|_| ())
    };
    let good = Cavage::get().signature_header();
    assert_eq!(with(&good), Ok(()));
    let many = (0..40).map(|i| format!("p{i}=\"\"")).collect::<Vec<_>>().join(",");
    let long = format!("{good},x=\"{}\"", "x".repeat(HEADER_LIMIT));
    for wrong in [
        format!("{good},keyId=\"https://other.example/actor\""),
        format!("{good},headers=\"host\""),
        format!("{good} x"),
        format!("{good},x=\"open"),
        good.replace("host date", "host date host"),
        good.replace("keyId", "keyid"),
        good.replace("signature=", "sig="),
        format!("{good},{many}"),
        long,
        "keyId".to_owned(),
    ] {
        assert!(matches!(with(&wrong), Err(SignatureError::Malformed(_))), "{wrong:.200}");
    }
    assert_eq!(with(&good.replace("host date", "host date x-absent")), Err(SignatureError::Absent("x-absent".into())));
}

#[test]
fn key_ids_are_addresses() {
    for (key_id, address) in [
        (KEY_ID, ACTOR),
        ("https://peer.example/users/ada/main-key", "https://peer.example/users/ada/main-key"),
        ("https://peer.example/a,b#c,d", "https://peer.example/a,b"),
    ] {
        let claimed = Cavage { key_id, ..Cavage::get() }.send().claim().expect(key_id);
        assert_eq!((claimed.key_id.as_str(), claimed.key_address.as_str()), (key_id, address));
    }
    for key_id in ["acct:ada@peer.example", "did:key:z6Mk", "main-key", "", "file:///etc/passwd", "data:,x"] {
        refused(7, &Cavage { key_id, ..Cavage::get() }.send(), SignatureError::KeyId);
    }
}

#[tokio::test]
async fn another_key_or_a_changed_header_does_not_match() {
    let claimed = Cavage::get().send().claim().expect("well formed");
    assert_eq!(claimed.verify(&public(&KEYS[1])).await, Err(SignatureError::Mismatch));
    let foreign = HttpKey::parse("https://peer.example/actor#other", ACTOR, &pem(&KEYS[0])).expect("a key");
    assert!(matches!(claimed.verify(&foreign).await, Err(SignatureError::Key(_))));
    let mut changed = Cavage::post().send();
    changed.parts.headers.insert("content-type", "text/html".parse().expect("a value"));
    assert_eq!(changed.verify().await, Err(SignatureError::Mismatch));
}

#[tokio::test]
async fn our_own_requests_pass_our_own_check() {
    let peer: NodeId = ACTOR.parse().expect("valid");
    let signer = HttpSigner::new(&peer, &KEYS[0]);
    let url: Url = "https://coop.example/inbox?a=b".parse().expect("valid");
    for (method, body) in [(Method::POST, Some(&b"{}"[..])), (Method::GET, None)] {
        let headers = signer.sign(&method, &url, body, NOW).await.expect("signed");
        let mut received = Received::new(method.as_str(), "/inbox?a=b", &[], "");
        received.parts.headers = headers;
        received.body = body.unwrap_or_default().to_vec();
        assert_eq!(received.verify().await, Ok(()), "{method}");
        assert_eq!(received.claim().expect("well formed").key_id, KEY_ID);
    }
}
