//! RFC 9421 over whole requests.

use folkmoot_governance::key::PublicKey;
use proptest::prelude::*;

use super::*;
use crate::transport::signatures::message::signature_base;

/// A message signature to be made, after the text of the RFC and independently of the code under test.
#[derive(Clone)]
struct Message {
    method: &'static str,
    headers: Vec<(&'static str, String)>,
    covered: &'static str,
    parameters: String,
    label: &'static str,
    body: &'static str,
}

impl Message {
    fn post() -> Self {
        let body = r#"{"type":"Add"}"#;
        let digest = format!("sha-256=:{}:", STANDARD.encode(Digest::of(body.as_bytes()).0));
        Self {
            method: "POST",
            headers: vec![("host", "coop.example".into()), ("content-digest", digest)],
            covered: r#"("@method" "@target-uri" "content-digest")"#,
            parameters: format!(r#";created={};keyid="{KEY_ID}";alg="rsa-v1_5-sha256""#, NOW.0),
            label: "sig1",
            body,
        }
    }

    fn get() -> Self {
        Self { method: "GET", covered: r#"("@method" "@target-uri")"#, body: "", ..Self::post() }
    }

    fn parameters(self, parameters: &str) -> Self {
        Self { parameters: parameters.into(), ..self }
    }

    fn covering(self, covered: &'static str) -> Self {
        Self { covered, ..self }
    }

    fn digest(mut self, value: &str) -> Self {
        self.headers[1].1 = value.into();
        self
    }

    fn input(&self) -> String {
        format!("{}={}{}", self.label, self.covered, self.parameters)
    }

    fn signature(&self) -> String {
        let mut base = String::new();
        for name in self.covered.trim_matches(['(', ')']).split(' ').filter(|name| !name.is_empty()) {
            let value = match name.trim_matches('"') {
                "@method" => self.method.to_owned(),
                "@target-uri" => "https://coop.example/inbox?page=1".to_owned(),
                "@authority" => "coop.example".to_owned(),
                name => self.headers.iter().find(|(known, _)| *known == name).expect("a header").1.clone(),
            };
            base.push_str(&format!("{name}: {value}\n"));
        }
        base.push_str(&format!("\"@signature-params\": {}{}", self.covered, self.parameters));
        format!("{}=:{}:", self.label, sign(&KEYS[0], &base))
    }

    fn send(&self) -> Received {
        self.send_as(&self.input(), &self.signature())
    }

    fn send_as(&self, input: &str, signature: &str) -> Received {
        let mut headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        headers.extend([("signature-input", input), ("signature", signature)]);
        Received::new(self.method, "/inbox?page=1", &headers, self.body)
    }
}

#[track_caller]
fn refused(request: &Received, expected: SignatureError) {
    assert_eq!(request.claim().map(|_| ()), Err(expected));
}

#[tokio::test]
async fn message_signatures_of_other_servers_stand() {
    let mut fedify =
        Message::post().covering(r#"("@method" "@target-uri" "@authority" "host" "date" "content-digest")"#);
    fedify.headers.push(("date", http_date(NOW.0)));
    for request in [Message::post(), Message::get(), fedify] {
        let received = request.send();
        assert_eq!(received.verify().await, Ok(()), "{}", request.covered);
        assert_eq!(received.claim().map(|claimed| claimed.scheme), Ok(Scheme::MessageSignatures));
    }
    let plain = Message::get().parameters(&format!(r#";keyid="{KEY_ID}";created={};expires={}"#, NOW.0, NOW.0 + 60));
    assert_eq!(plain.send().verify().await, Ok(()));
}

#[test]
fn case_12_a_body_must_be_covered_by_its_digest() {
    let uncovered = Message::post().covering(r#"("@method" "@target-uri")"#);
    refused(&uncovered.send(), SignatureError::NotCovered("content-digest"));
    let wrong = format!("sha-256=:{}:", STANDARD.encode(Digest::of(b"another").0));
    refused(&Message::post().digest(&wrong).send(), SignatureError::DigestMismatch);
    let twice = format!("{wrong}, {}", Message::post().headers[1].1);
    for unknown in ["sha-512=:AAAA:", "sha-256=AAAA", "sha-256", "", "((", &twice] {
        refused(&Message::post().digest(unknown).send(), SignatureError::DigestUnknown);
    }
    let mut bare = Message::post().send();
    bare.parts.headers.remove("content-digest");
    refused(&bare, SignatureError::Absent("content-digest".into()));
}

#[test]
fn method_and_address_must_be_covered() {
    refused(&Message::get().covering(r#"("@target-uri")"#).send(), SignatureError::NotCovered("@method"));
    refused(&Message::get().covering(r#"("@method" "@authority")"#).send(), SignatureError::NotCovered("@target-uri"));
    refused(&Message::get().covering("()").send(), SignatureError::NotCovered("@method"));
}

#[test]
fn case_13_labels_and_components_cannot_be_confused() {
    let request = Message::get();
    let (input, signature) = (request.input(), request.signature());
    let other = signature.replace("sig1", "sig2");
    assert!(matches!(request.send_as(&input, &other).claim(), Err(SignatureError::Malformed(_))));
    let two_inputs = format!("{input}, sig2=(\"@method\")");
    refused(&request.send_as(&two_inputs, &signature), SignatureError::Ambiguous);
    refused(&request.send_as(&input, &format!("{signature}, {other}")), SignatureError::Ambiguous);
    for confusing in [
        // The same label twice, a parameter twice, and spellings that readers may fold.
        format!("sig1=(\"@method\"), {input}"),
        format!("{input};created=1"),
        input.replace("\"@method\" ", "\"@method\"  "),
        input.replace("@method", "@METHOD"),
        input.replace("(\"@method\"", "(\"@method\" \"@method\""),
        input.replace("\"@method\"", "\"@method\";req"),
        input.replace("\"@method\"", "\"@method\" \"date\";bs"),
        input.replace("\"@method\"", "@method"),
        input.replace("\"@method\"", "\"@method\" \"@status\""),
        "sig1=1".to_owned(),
        "sig1".to_owned(),
    ] {
        let refusal = request.send_as(&confusing, &signature).claim();
        assert!(matches!(refusal, Err(SignatureError::Malformed(_))), "{confusing}: {refusal:?}");
    }
    for confusing in ["sig1=(:AAAA:)", "sig1=\"AAAA\"", "sig1"] {
        let refusal = request.send_as(&input, confusing).claim();
        assert!(matches!(refusal, Err(SignatureError::Malformed(_))), "{confusing}: {refusal:?}");
    }
}

#[test]
fn case_14_both_schemes_at_once_are_refused() {
    let cavage = Cavage::get();
    let with_input = cavage.send().with_header("signature-input", &Message::get().input());
    assert!(matches!(with_input.claim(), Err(SignatureError::Malformed(_))));
    let beside = Message::get().send().with_header("signature", &cavage.signature_header());
    refused(&beside, SignatureError::Ambiguous);
    let authorization = format!("Signature {}", cavage.signature_header());
    refused(&Message::get().send().with_header("authorization", &authorization), SignatureError::Ambiguous);
    let mut unsigned = Message::get().send();
    unsigned.parts.headers.remove("signature");
    refused(&unsigned, SignatureError::Missing);
    refused(&unsigned.with_header("authorization", &authorization), SignatureError::Ambiguous);
}

#[test]
fn time_algorithm_and_host_are_checked() {
    let with = |parameters: String| Message::get().parameters(&parameters).send();
    let keyid = format!(r#";keyid="{KEY_ID}""#);
    refused(&with(keyid.clone()), SignatureError::Timeless);
    refused(&with(format!(";created={}{keyid}", NOW.0 - 3601)), SignatureError::Old);
    refused(&with(format!(";created={}{keyid}", NOW.0 + 3601)), SignatureError::Future);
    refused(&with(format!(";created={};expires={}{keyid}", NOW.0, NOW.0 - 1)), SignatureError::Expired);
    refused(&with(format!(";created={}", NOW.0)), SignatureError::KeyId);
    refused(&with(format!(";created={}{keyid};alg=\"ed25519\"", NOW.0)), SignatureError::Algorithm("ed25519".into()));
    refused(&with(format!(";created={}{keyid};alg=1", NOW.0)), SignatureError::Algorithm(String::new()));
    assert!(matches!(with(format!(";created=\"{}\"{keyid}", NOW.0)).claim(), Err(SignatureError::Malformed(_))));
    let mut elsewhere = Message::get();
    elsewhere.headers[0].1 = "other.example".into();
    refused(&elsewhere.send(), SignatureError::WrongHost { expected: "coop.example".into() });
}

#[tokio::test]
async fn a_moved_or_changed_message_does_not_match() {
    for target in ["/inbox", "/inbox?page=2", "/other?page=1"] {
        assert_eq!(Message::post().send().at(target).verify().await, Err(SignatureError::Mismatch), "{target}");
    }
    let mut method = Message::get().send();
    method.parts.method = Method::HEAD;
    assert_eq!(method.verify().await, Err(SignatureError::Mismatch));
}

/// RFC 9421, appendix B.2.6; Ed25519 there, so the base is what can be compared.
#[test]
fn the_base_of_the_rfc_s_vector_is_rebuilt() {
    let headers =
        [("date", "Tue, 20 Apr 2021 02:07:55 GMT"), ("content-type", "application/json"), ("content-length", "18")];
    let received = Received::new("POST", "/foo?param=Value&Pet=dog", &headers, r#"{"hello": "world"}"#);
    let node = "https://example.com/actor".parse().expect("valid");
    let covered = ["date", "@method", "@path", "@authority", "content-type", "content-length"];
    let parameters = concat!(
        r#"("date" "@method" "@path" "@authority" "content-type" "content-length")"#,
        r#";created=1618884473;keyid="test-key-ed25519""#
    );
    let base = signature_base(&Request::new(&received.parts), &node, &covered, parameters);
    let signature = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==";
    let key = STANDARD.decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=").expect("base64");
    let key = PublicKey::from_bytes(key.try_into().expect("32 bytes"));
    let signature = STANDARD.decode(signature).expect("base64").try_into().expect("64 bytes");
    assert!(key.verifies(base.expect("well formed").as_bytes(), &signature));
}

proptest! {
    /// Whatever stands in the headers: an answer, never a panic, and never an acceptance.
    #[test]
    fn garbage_is_refused_quietly(
        signature in "[ -~]{0,200}",
        input in proptest::option::of("[ -~]{0,200}"),
    ) {
        let mut headers = vec![("host", "coop.example"), ("signature", signature.as_str())];
        headers.extend(input.as_deref().map(|input| ("signature-input", input)));
        let claimed = Received::new("POST", "/inbox", &headers, "{}").claim();
        prop_assert!(claimed.is_err());
    }

    /// The same for well-formed parameters with wild values.
    #[test]
    fn wild_parameters_are_refused_quietly(
        covered in "[(){}a-z@ -]{0,60}",
        created in any::<u64>(),
        expires in any::<i64>(),
        key_id in "[ !#-~]{0,60}",
    ) {
        let header = format!(
            r#"keyId="{key_id}",headers="(request-target) host (created) {covered}",created={created},expires="{expires}",signature="AA==""#
        );
        let headers = [("host", "coop.example"), ("signature", header.as_str())];
        let claimed = Received::new("GET", "/", &headers, "").claim();
        prop_assert!(claimed.is_err());
    }
}
