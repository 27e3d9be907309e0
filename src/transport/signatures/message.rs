//! HTTP Message Signatures (RFC 9421) inbound, in the profile of the fediverse: one signature by
//! `rsa-v1_5-sha256` over at least `@method`, `@target-uri` and, for a body, `content-digest` (RFC 9530).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use folkmoot_governance::id::{Digest, NodeId, Time};
use sfv::{BareItem, Dictionary, FieldType as _, InnerList, ListEntry, Parser};

use super::{Claimed, Request, Scheme, SignatureError, check_date, check_host, check_time};

const ALGORITHM: &str = "rsa-v1_5-sha256";
/// Most components of one signature.
const LIST_LIMIT: usize = 32;

pub(super) fn claim(request: &Request<'_>, node: &NodeId, now: Time) -> Result<Claimed, SignatureError> {
    let input = request.single("signature-input")?.ok_or(SignatureError::Missing)?;
    let header = request.single("signature")?.ok_or(SignatureError::Missing)?;
    let (label, entry) = only_member(input)?;
    let (signed_label, signature) = only_member(header)?;
    if signed_label != label {
        return Err(SignatureError::Malformed("its input and the signature itself have different labels"));
    }
    let ListEntry::InnerList(input_list) = entry else {
        return Err(SignatureError::Malformed("its input is not a list of components"));
    };
    let ListEntry::Item(signature) = signature else {
        return Err(SignatureError::Malformed("the signature itself is not a byte sequence"));
    };
    let signature = signature.bare_item.as_byte_sequence();
    let signature = signature.ok_or(SignatureError::Malformed("the signature itself is not a byte sequence"))?;

    let covered = components(&input_list)?;
    let key_id = check_parameters(&input_list, now)?;
    let covers = |name: &str| covered.contains(&name);
    for required in ["@method", "@target-uri"] {
        if !covers(required) {
            return Err(SignatureError::NotCovered(required));
        }
    }
    check_host(request.host()?, node)?;
    if covers("date") {
        check_date(request, now)?;
    }
    if request.brings_body() && !covers("content-digest") {
        return Err(SignatureError::NotCovered("content-digest"));
    }
    let content = request.brings_body().then(|| digest_of_body(request)).transpose()?;
    // `only_member` made sure that the text is its own canonical form, which is what was signed.
    let parameters = &input[label.len() + 1..];
    let signed = signature_base(request, node, &covered, parameters)?;
    Claimed::new(&key_id, Scheme::MessageSignatures, content, signed, &STANDARD.encode(signature))
}

/// The single member of a dictionary. Several labels, repeated ones, or another spelling than the canonical one
/// would let two readers take two different signatures out of it.
fn only_member(header: &str) -> Result<(String, ListEntry), SignatureError> {
    let unreadable = SignatureError::Malformed("its structured fields are not in their canonical form");
    let fields: Dictionary = Parser::new(header).parse().map_err(|_| unreadable.clone())?;
    if fields.serialize().as_deref() != Some(header) {
        return Err(unreadable);
    }
    match fields.len() {
        1 => fields.into_iter().next().map(|(label, entry)| (label.as_str().to_owned(), entry)).ok_or(unreadable),
        _ => Err(SignatureError::Ambiguous),
    }
}

/// Names of the covered components. Parameters on them (`;req`, `;bs`, `;key` …) change what a name means, and
/// nobody in the fediverse uses them.
fn components(input: &InnerList) -> Result<Vec<&str>, SignatureError> {
    let mut names = Vec::new();
    for item in &input.items {
        let name = item.bare_item.as_string().filter(|_| item.params.is_empty());
        let name = name.ok_or(SignatureError::Malformed("a component is not a plain name"))?.as_str();
        let is_lower = !name.bytes().any(|b| b.is_ascii_uppercase());
        if !is_lower || names.contains(&name) || names.len() == LIST_LIMIT {
            return Err(SignatureError::Malformed("a component is not in lower case, repeated, or one too many"));
        }
        names.push(name);
    }
    Ok(names)
}

/// Checks time and algorithm and yields the key id.
fn check_parameters(input: &InnerList, now: Time) -> Result<String, SignatureError> {
    let integer = |name: &str| match input.params.get(name) {
        Some(BareItem::Integer(value)) => Ok(Some(i64::from(*value))),
        Some(_) => Err(SignatureError::Malformed("its times are not whole seconds since 1970")),
        None => Ok(None),
    };
    let text = |name: &str| input.params.get(name).map(|value| value.as_string().map_or("", |text| text.as_str()));
    if let Some(algorithm) = text("alg").filter(|algorithm| *algorithm != ALGORITHM) {
        return Err(SignatureError::Algorithm(algorithm.chars().take(40).collect()));
    }
    check_time(integer("created")?.ok_or(SignatureError::Timeless)?, now)?;
    if integer("expires")?.is_some_and(|expires| expires < now.0) {
        return Err(SignatureError::Expired);
    }
    text("keyid").map(str::to_owned).ok_or(SignatureError::KeyId)
}

/// `Content-Digest: sha-256=:…:`, other algorithms beside it ignored.
fn digest_of_body(request: &Request<'_>) -> Result<Digest, SignatureError> {
    let header = request.single("content-digest")?.ok_or(SignatureError::Absent("content-digest".to_owned()))?;
    let fields: Dictionary = Parser::new(header).parse().map_err(|_| SignatureError::DigestUnknown)?;
    let repeated = header.matches("sha-256=").count() != 1;
    match fields.get("sha-256") {
        Some(ListEntry::Item(item)) if !repeated => {
            let given = item.bare_item.as_byte_sequence().and_then(|given| given.try_into().ok());
            given.map(Digest).ok_or(SignatureError::DigestUnknown)
        }
        _ => Err(SignatureError::DigestUnknown),
    }
}

/// RFC 9421, section 2.5.
pub(super) fn signature_base(
    request: &Request<'_>,
    node: &NodeId,
    covered: &[&str],
    parameters: &str,
) -> Result<String, SignatureError> {
    let mut base = String::new();
    for name in covered {
        let value = component(request, node, name)?;
        base.push_str(&format!("\"{name}\": {value}\n"));
    }
    Ok(format!("{base}\"@signature-params\": {parameters}"))
}

/// The value of one component. The address is ours, whatever a proxy in front of us was told.
fn component(request: &Request<'_>, node: &NodeId, name: &str) -> Result<String, SignatureError> {
    let target = request.target();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Ok(match name {
        "@method" => request.method.to_string(),
        "@target-uri" => format!("{}{target}", node.base()),
        "@authority" => node.authority().to_owned(),
        "@scheme" => node.base().split("://").next().unwrap_or_default().to_owned(),
        "@request-target" => target.to_owned(),
        "@path" => path.to_owned(),
        "@query" => format!("?{query}"),
        name if name.starts_with('@') => {
            return Err(SignatureError::Malformed("it covers a component that requests do not have"));
        }
        name => request.joined(name)?.ok_or_else(|| SignatureError::Absent(name.chars().take(40).collect()))?,
    })
}
