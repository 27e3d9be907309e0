//! The headers of every page: what it may load, who may frame it, and that nobody else keeps it.

/// Nothing runs or loads that is not a file of ours, no page is framed, forms go nowhere else.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// (name, value) of each, for pages and static files alike.
pub const SECURITY: [(&str, &str); 6] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

/// Pages show what their reader may see, and forms carry tokens: only the reader's own browser keeps them, and asks again.
pub const PAGE_CACHE: &str = "private, no-cache";

/// Static files change their address with their content.
pub const ASSET_CACHE: &str = "public, max-age=31536000, immutable";

/// For nodes reached over https, so that browsers never try http again.
pub const STRICT_TRANSPORT: (&str, &str) = ("strict-transport-security", "max-age=31536000");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_ones_that_http_can_carry() {
        for (name, value) in SECURITY.into_iter().chain([STRICT_TRANSPORT]) {
            assert!(axum::http::HeaderName::try_from(name).is_ok(), "{name}");
            assert!(axum::http::HeaderValue::try_from(value).is_ok(), "{value}");
        }
    }

    #[test]
    fn no_script_or_style_inside_a_page_would_run() {
        assert!(!CONTENT_SECURITY_POLICY.contains("unsafe") && !CONTENT_SECURITY_POLICY.contains('*'));
        assert!(CONTENT_SECURITY_POLICY.starts_with("default-src 'none'"));
    }
}
