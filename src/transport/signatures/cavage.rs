//! draft-cavage-http-signatures-12, as the fediverse uses it: RSA with SHA-256, and the whole request covered.
//! The signing string is built by `http-signature-normalization`; its own checks of time are too lenient for us.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use folkmoot_governance::id::{Digest, NodeId, Time};
use http_signature_normalization::Config;

use super::{Claimed, Request, Scheme, SignatureError, check_date, check_host, check_time};

const REQUEST_TARGET: &str = "(request-target)";
const CREATED: &str = "(created)";
const EXPIRES: &str = "(expires)";

/// Most parameters of a signature, and most headers that it covers.
const LIST_LIMIT: usize = 32;
/// The library compares times with the machine's clock; a thousand years make it accept what we have checked.
const LIBRARY_WINDOW: Duration = Duration::from_secs(1000 * 365 * 86_400);

pub(super) fn claim(request: &Request<'_>, header: &str, node: &NodeId, now: Time) -> Result<Claimed, SignatureError> {
    let parameters = Parameters::parse(header)?;
    let covered = parameters.covered()?;
    let covers = |name: &str| covered.iter().any(|covered| covered == name);
    parameters.check_algorithm(covers(CREATED) || covers(EXPIRES))?;
    for required in [REQUEST_TARGET, "host"] {
        if !covers(required) {
            return Err(SignatureError::NotCovered(required));
        }
    }
    check_host(request.host()?, node)?;
    parameters.check_times(request, covers(CREATED), covers("date"), now)?;
    if request.brings_body() && !covers("digest") {
        return Err(SignatureError::NotCovered("digest"));
    }
    let content = request.brings_body().then(|| digest_of_body(request)).transpose()?;
    let signed = signing_string(request, &parameters, &covered)?;
    Claimed::new(parameters.text("keyId")?, Scheme::Cavage, content, signed, parameters.text("signature")?)
}

/// The parameters of a signature header by their names.
struct Parameters<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Parameters<'a> {
    /// Reads `name="value",name=value`. Repeated names are refused: readers disagree on which one counts.
    fn parse(header: &'a str) -> Result<Self, SignatureError> {
        let mut found = BTreeMap::new();
        let mut rest = header.trim();
        while !rest.is_empty() {
            let (name, after) = rest.split_once('=').ok_or(SignatureError::Malformed("a parameter has no value"))?;
            let (value, after) = match after.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').ok_or(SignatureError::Malformed("a quote is not closed"))?,
                None => after.split_at(after.find(',').unwrap_or(after.len())),
            };
            if found.insert(name.trim(), value.trim()).is_some() || found.len() > LIST_LIMIT {
                return Err(SignatureError::Malformed("a parameter is repeated, or there are too many"));
            }
            let after = after.trim_start();
            rest = match after.strip_prefix(',') {
                Some(more) => more.trim_start(),
                None if after.is_empty() => after,
                None => return Err(SignatureError::Malformed("parameters are not separated by commas")),
            };
        }
        Ok(Self(found))
    }

    fn text(&self, name: &'static str) -> Result<&'a str, SignatureError> {
        self.0.get(name).copied().ok_or(SignatureError::Malformed("it lacks its key id or the signature itself"))
    }

    /// Seconds since 1970.
    fn time(&self, name: &str) -> Result<Option<i64>, SignatureError> {
        let parse = |text: &&str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        let wrong = SignatureError::Malformed("its times are not whole seconds since 1970");
        self.0.get(name).map(|text| parse(text).ok_or(wrong)).transpose()
    }

    /// Names of what is covered, in lower case, in order. Left out, the draft means `(created)` alone.
    fn covered(&self) -> Result<Vec<String>, SignatureError> {
        let list = self.0.get("headers").copied().unwrap_or(CREATED);
        let names: Vec<String> = list.split_ascii_whitespace().map(str::to_ascii_lowercase).collect();
        let repeated = names.iter().enumerate().any(|(i, name)| names[..i].contains(name));
        if repeated || names.len() > LIST_LIMIT {
            return Err(SignatureError::Malformed("a header is covered twice, or there are too many"));
        }
        Ok(names)
    }

    /// `hs2019` hides the algorithm; everywhere in the fediverse it means RSA with SHA-256. The draft's section
    /// 2.3 forbids time parameters with the older names, where a reader that does not know them skips the check.
    fn check_algorithm(&self, covers_times: bool) -> Result<(), SignatureError> {
        match self.0.get("algorithm").copied() {
            None | Some("hs2019") => Ok(()),
            Some("rsa-sha256") if covers_times => Err(SignatureError::TimeParameter),
            Some("rsa-sha256") => Ok(()),
            Some(other) => Err(SignatureError::Algorithm(other.chars().take(40).collect())),
        }
    }

    fn check_times(
        &self,
        request: &Request<'_>,
        covers_created: bool,
        covers_date: bool,
        now: Time,
    ) -> Result<(), SignatureError> {
        if !covers_created && !covers_date {
            return Err(SignatureError::Timeless);
        }
        if covers_created {
            check_time(self.time("created")?.ok_or(SignatureError::Absent(CREATED.to_owned()))?, now)?;
        }
        if covers_date {
            check_date(request, now)?;
        }
        // Looked at even when it is not covered: it can only make the check stricter.
        if self.time("expires")?.is_some_and(|expires| expires < now.0) {
            return Err(SignatureError::Expired);
        }
        Ok(())
    }
}

/// `Digest: SHA-256=…` (RFC 3230), other algorithms beside it ignored.
fn digest_of_body(request: &Request<'_>) -> Result<Digest, SignatureError> {
    let header = request.single("digest")?.ok_or(SignatureError::Absent("digest".to_owned()))?;
    let mut sha256 = header.split(',').filter_map(|part| {
        let (name, value) = part.trim().split_once('=')?;
        name.eq_ignore_ascii_case("sha-256").then_some(value)
    });
    let (Some(value), None) = (sha256.next(), sha256.next()) else { return Err(SignatureError::DigestUnknown) };
    let given = STANDARD.decode(value).map_err(|_| SignatureError::DigestUnknown)?;
    given.try_into().map(Digest).map_err(|_| SignatureError::DigestUnknown)
}

fn signing_string(
    request: &Request<'_>,
    parameters: &Parameters<'_>,
    covered: &[String],
) -> Result<String, SignatureError> {
    let mut values = BTreeMap::new();
    for name in covered.iter().filter(|name| *name != REQUEST_TARGET) {
        let value = match name.as_str() {
            CREATED => parameters.time("created")?.map(|time| time.to_string()),
            EXPIRES => parameters.time("expires")?.map(|time| time.to_string()),
            "host" => request.host()?.map(str::to_owned),
            name => request.joined(name)?,
        };
        values.insert(name.clone(), value.ok_or_else(|| SignatureError::Absent(name.chars().take(40).collect()))?);
    }
    // The library wants a whole signature header. It gets the list alone: it would stumble over commas in a key
    // id and panics on times near the end of the clock, both of which were checked above.
    let list = format!("keyId=\"-\",signature=\"-\",headers=\"{}\"", covered.join(" "));
    values.insert("signature".to_owned(), list);
    let unverified = Config::new()
        .set_expiration(LIBRARY_WINDOW)
        .begin_verify(request.method.as_str(), request.target(), values)
        .map_err(|_| SignatureError::Malformed("its signing string cannot be built"))?;
    Ok(unverified.signing_string().to_owned())
}

/// The signing string of a request whatever it covers, for the vectors of the draft.
#[cfg(test)]
pub(super) fn rebuilt(request: &Request<'_>, header: &str) -> Result<String, SignatureError> {
    let parameters = Parameters::parse(header)?;
    signing_string(request, &parameters, &parameters.covered()?)
}
