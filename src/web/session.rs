//! Cookies, and the proof that a form was sent from a page of ours. Sessions themselves are `actions::accounts`.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

/// Carries the secret of a session. The prefix makes browsers refuse it from other hosts and over plain HTTP.
const SESSION: &str = "__Host-folkmoot";
/// The same where the node is reached over plain HTTP, as in the demonstration on one machine.
const SESSION_PLAIN: &str = "folkmoot";
/// Carries the token of forms for people who are not logged in.
const FORM: &str = "folkmoot-form";

/// Longest cookie header that is read.
const HEADER_LIMIT: usize = 4096;

/// What a browser sent along.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cookies {
    /// Secret of a session, unchecked.
    pub session: Option<String>,
    /// Token of forms without a session.
    pub form: Option<String>,
}

impl Cookies {
    /// Reads a `Cookie` header; `secure` as for [`session_cookie`].
    pub fn parse(header: &str, secure: bool) -> Self {
        let header = if header.len() > HEADER_LIMIT { "" } else { header };
        let find = |name: &str| {
            let pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
            pairs
                .into_iter()
                .find(|(cookie, value)| *cookie == name && is_token(value))
                .map(|(_, value)| value.to_owned())
        };
        Self { session: find(if secure { SESSION } else { SESSION_PLAIN }), form: find(FORM) }
    }
}

/// Our tokens are 32 random bytes in URL-safe base64; nothing else is looked up or written back.
fn is_token(value: &str) -> bool {
    value.len() == 43 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// A new random token.
pub fn token() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// `Set-Cookie` of a session. `secure`: the node's address is https.
pub fn session_cookie(secret: &str, seconds: i64, secure: bool) -> String {
    cookie(if secure { SESSION } else { SESSION_PLAIN }, secret, seconds, secure)
}

/// `Set-Cookie` that makes the browser forget the session.
pub fn ended_session_cookie(secure: bool) -> String {
    session_cookie("", 0, secure)
}

/// `Set-Cookie` of the token for forms without a session.
pub fn form_cookie(token: &str, secure: bool) -> String {
    cookie(FORM, token, 86_400, secure)
}

fn cookie(name: &str, value: &str, seconds: i64, secure: bool) -> String {
    let mut cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax");
    if secure {
        // Writing to a string cannot fail.
        let _ = write!(cookie, "; Secure");
    }
    cookie
}

/// Whether a form carries the token that its page was given; compared without telling how much of it is right.
pub fn same_token(expected: &str, sent: &str) -> bool {
    !expected.is_empty() && expected.as_bytes().ct_eq(sent.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_comes_back_as_it_was_set() {
        for secure in [true, false] {
            let (session, form) = (token(), token());
            let set = session_cookie(&session, 600, secure);
            assert!(set.contains("; HttpOnly; SameSite=Lax"), "{set}");
            assert_eq!(set.ends_with("; Secure"), secure);
            let pair = |set: &str| set.split(';').next().expect("a pair").to_owned();
            let header = format!("other=1; {}; {}", pair(&set), pair(&form_cookie(&form, secure)));
            assert_eq!(Cookies::parse(&header, secure), Cookies { session: Some(session), form: Some(form) });
        }
    }

    #[test]
    fn a_session_over_plain_http_is_none_over_https() {
        let header = format!("folkmoot={}", token());
        assert_eq!(Cookies::parse(&header, true).session, None);
    }

    #[test]
    fn what_cannot_be_a_token_is_not_read() {
        for value in ["", "short", &"a".repeat(44), "<script>alert(1)</script>aaaaaaaaaaaaaaaaaa"] {
            assert_eq!(Cookies::parse(&format!("folkmoot={value}"), false).session, None, "{value}");
        }
        let flood = format!("{}folkmoot={}", "a=1; ".repeat(10_000), token());
        assert_eq!(Cookies::parse(&flood, false).session, None);
    }

    #[test]
    fn an_ended_session_is_forgotten() {
        assert!(ended_session_cookie(true).starts_with("__Host-folkmoot=; Path=/; Max-Age=0"));
    }

    #[test]
    fn only_the_very_token_passes() {
        let expected = token();
        assert!(same_token(&expected, &expected));
        assert!(!same_token(&expected, &token()) && !same_token(&expected, &expected[..42]));
        assert!(!same_token("", ""), "a page without a token proves nothing");
        assert_eq!((token().len(), token() == token()), (43, false));
    }
}
