//! From where a request comes, for limits per client. It says nothing about who that is.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

/// An address as limits count it: one IPv4 address, or the /64 of an IPv6 one, which a single household has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller(pub String);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
        Ok(Self::of(peer, &parts.headers))
    }
}

impl Caller {
    /// A proxy on this machine or in its network adds the address that it saw at the end of `X-Forwarded-For`. From
    /// anybody else the header is only their word, and is not read.
    fn of(peer: Option<IpAddr>, headers: &HeaderMap) -> Self {
        let proxied = peer.is_none_or(is_near);
        let named = headers.get_all("x-forwarded-for").iter().next_back().filter(|_| proxied);
        let named = named.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        Self(named.or(peer).map_or_else(|| "unknown".to_owned(), bucket))
    }
}

fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

fn bucket(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(peer: &str, forwarded: &str, expected: &str) {
        let mut headers = HeaderMap::new();
        if !forwarded.is_empty() {
            headers.insert("x-forwarded-for", forwarded.parse().expect("a header"));
        }
        let caller = Caller::of(peer.parse().ok(), &headers);
        assert_eq!(caller.0, expected, "{peer} with {forwarded}");
    }

    #[test]
    fn only_a_proxy_of_ours_is_believed() {
        check("203.0.113.7", "", "203.0.113.7");
        check("203.0.113.7", "198.51.100.1", "203.0.113.7");
        check("127.0.0.1", "198.51.100.1", "198.51.100.1");
        check("172.18.0.2", "10.9.9.9, 198.51.100.1", "198.51.100.1");
        check("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1");
        check("127.0.0.1", "somebody", "127.0.0.1");
        check("", "", "unknown");
    }

    #[test]
    fn one_household_is_one_caller() {
        check("2001:db8:1:2:aaaa::1", "", "2001:db8:1:2::/64");
        check("fd00::1", "2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64");
        check("::ffff:203.0.113.7", "", "203.0.113.7");
    }
}
