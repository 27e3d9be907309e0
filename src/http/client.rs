//! Where a request comes from, for limits per client: the other end of the connection, or what the reverse proxy in
//! front says about it. Never used to decide who somebody is.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

/// A client's address as limits name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// `connected`: the other end of the connection. What `X-Forwarded-For` says is believed of a proxy on the same
    /// machine or in the same private network only, and of it only the last hop, which the proxy wrote itself.
    fn find(connected: Option<IpAddr>, headers: &HeaderMap) -> Self {
        let connected = connected.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ip| ip.to_canonical());
        if !is_near(connected) {
            return Self(connected);
        }
        let forwarded = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
        let last = forwarded.and_then(|hops| hops.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
        Self(last.map_or(connected, |ip| ip.to_canonical()))
    }

    /// Whom a limit counts as one: an IPv4 address, or the /64 that one IPv6 connection usually has to itself.
    pub fn bucket(self) -> String {
        match self.0 {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("{}/64", Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX))),
        }
    }
}

/// Where a reverse proxy of the node can be.
fn is_near(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    }
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let connected = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
        Ok(Self::find(connected, &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn check(connected: &str, forwarded: &[&'static str], bucket: &str) {
        let mut headers = HeaderMap::new();
        for hops in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_static(hops));
        }
        let found = ClientAddress::find(Some(connected.parse().expect("an address")), &headers);
        assert_eq!(found.bucket(), bucket, "{connected} {forwarded:?}");
    }

    #[test]
    fn a_proxy_nearby_is_believed_about_the_last_hop_and_strangers_about_nothing() {
        check("127.0.0.1", &["203.0.113.7"], "203.0.113.7");
        check("10.0.0.2", &["198.51.100.1, 203.0.113.7"], "203.0.113.7");
        check("::1", &["198.51.100.1", "203.0.113.7"], "203.0.113.7");
        check("203.0.113.9", &["198.51.100.1"], "203.0.113.9");
        check("127.0.0.1", &["unknown"], "127.0.0.1");
        check("127.0.0.1", &[], "127.0.0.1");
    }

    #[test]
    fn one_ipv6_connection_is_one_client() {
        check("2001:db8:1:2:3:4:5:6", &[], "2001:db8:1:2::/64");
        check("127.0.0.1", &["2001:db8:1:2:ffff::1"], "2001:db8:1:2::/64");
        check("::ffff:203.0.113.7", &[], "203.0.113.7");
    }
}
