//! Which addresses the node may speak to: https on the default port at public addresses, and nothing else,
//! unless the configuration names private networks for a consortium on one machine or one private network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use activitypub_federation::config::UrlVerifier;
use activitypub_federation::error::Error as LibraryError;
use async_trait::async_trait;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Longest address that is looked at.
const URL_LIMIT: usize = 2048;
/// More addresses than this behind one name are ignored.
const RESOLVED_LIMIT: usize = 16;

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(a: u16, b: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), prefix)
}

/// IPv4 that is not the public internet: the IANA special-purpose registry, multicast and the reserved 240/4.
const BLOCKED_V4: [Ipv4Net; 15] = [
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
];

/// The only IPv6 space that is allotted to the public internet. Loopback, mapped and compatible IPv4, NAT64,
/// discard-only, unique local, link-local and multicast addresses all lie outside.
const PUBLIC_V6: Ipv6Net = v6(0x2000, 0, 3);

/// What is special inside [`PUBLIC_V6`]: protocol assignments with Teredo and ORCHID, documentation, 6to4.
const BLOCKED_V6: [Ipv6Net; 4] = [v6(0x2001, 0, 23), v6(0x2001, 0xdb8, 32), v6(0x2002, 0, 16), v6(0x3fff, 0, 20)];

/// Why the node does not speak to an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("{0:?} is not a private network such as 127.0.0.0/8")]
    Network(String),
    #[error("not an address of at most {URL_LIMIT} characters")]
    Malformed,
    #[error("addresses must begin with https://")]
    Scheme,
    #[error("an address must not carry a user name or password")]
    UserInfo,
    #[error("the host's name must not end in a dot")]
    TrailingDot,
    #[error("only the default port is allowed")]
    Port,
    #[error("{0} is not an address on the public internet")]
    Private(IpAddr),
    #[error("{0} has no address that this node may speak to")]
    NoneAllowed(String),
}

/// The rule of one node. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Addresses {
    allowed: Arc<[IpNet]>,
}

/// How an address may be reached; each way has a resolver that yields nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// https on its default port: public addresses, and the allowed networks.
    Open,
    /// Plain http or a port of its own: the allowed networks only.
    Allowed,
}

impl Addresses {
    /// The rule of the open network.
    pub fn public() -> Self {
        Self::default()
    }

    /// Also permits these private networks, such as `127.0.0.0/8`, over plain http and on any port.
    pub fn allowing(networks: &[String]) -> Result<Self, AddressError> {
        let parse = |text: &String| {
            let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            let private = network.ok().filter(|network| is_private(*network));
            private.ok_or_else(|| AddressError::Network(text.chars().take(80).collect()))
        };
        Ok(Self { allowed: networks.iter().map(parse).collect::<Result<_, _>>()? })
    }

    /// Whether the configuration names private networks at all.
    pub fn allows_networks(&self) -> bool {
        !self.allowed.is_empty()
    }

    /// Reads and checks an address that came from outside.
    pub fn parse(&self, text: &str) -> Result<Url, AddressError> {
        let url = Url::parse(text).map_err(|_| AddressError::Malformed)?;
        self.check(&url)?;
        Ok(url)
    }

    /// Checks everything that can be known without asking the name service, and says how to reach the address.
    pub fn check(&self, url: &Url) -> Result<Route, AddressError> {
        if url.as_str().len() > URL_LIMIT {
            return Err(AddressError::Malformed);
        }
        let route = match (url.scheme(), url.port()) {
            ("https", None) => Route::Open,
            ("http" | "https", _) if self.allows_networks() => Route::Allowed,
            ("https", Some(_)) => return Err(AddressError::Port),
            _ => return Err(AddressError::Scheme),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::UserInfo);
        }
        match url.host().ok_or(AddressError::Malformed)? {
            Host::Domain(name) if name.ends_with('.') => Err(AddressError::TrailingDot),
            Host::Domain(_) => Ok(route),
            Host::Ipv4(ip) => self.check_ip(route, ip.into()),
            Host::Ipv6(ip) => self.check_ip(route, ip.into()),
        }
    }

    /// Whether `ip` may be connected to by this route. Embedded IPv4 is never unwrapped: such forms are refused.
    pub fn admits(&self, route: Route, ip: IpAddr) -> bool {
        self.allowed.iter().any(|network| network.contains(&ip)) || (route == Route::Open && is_public(ip))
    }

    fn check_ip(&self, route: Route, ip: IpAddr) -> Result<Route, AddressError> {
        if self.admits(route, ip) { Ok(route) } else { Err(AddressError::Private(ip)) }
    }

    /// What is left of a name's addresses; an error if nothing is.
    fn admit(
        &self,
        route: Route,
        name: &str,
        found: impl Iterator<Item = SocketAddr>,
    ) -> Result<Vec<SocketAddr>, AddressError> {
        let admitted: Vec<_> = found.filter(|addr| self.admits(route, addr.ip())).take(RESOLVED_LIMIT).collect();
        if admitted.is_empty() { Err(AddressError::NoneAllowed(name.to_owned())) } else { Ok(admitted) }
    }
}

/// Whether no address of `network` is on the public internet.
fn is_private(network: IpNet) -> bool {
    match network {
        IpNet::V4(network) => BLOCKED_V4.iter().any(|blocked| blocked.contains(&network)),
        IpNet::V6(network) => {
            let is_special = BLOCKED_V6.iter().any(|blocked| blocked.contains(&network));
            is_special || !(PUBLIC_V6.contains(&network) || network.contains(&PUBLIC_V6))
        }
    }
}

/// Whether `ip` is on the public internet.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !BLOCKED_V4.iter().any(|network| network.contains(&ip)),
        IpAddr::V6(ip) => PUBLIC_V6.contains(&ip) && !BLOCKED_V6.iter().any(|network| network.contains(&ip)),
    }
}

/// Resolves names for the HTTP client and yields checked addresses only. The client connects to exactly these,
/// so a name that answers differently the next time (DNS rebinding) gains nothing.
pub struct CheckedResolver {
    addresses: Addresses,
    route: Route,
}

impl CheckedResolver {
    pub fn new(addresses: Addresses, route: Route) -> Self {
        Self { addresses, route }
    }
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (addresses, route) = (self.addresses.clone(), self.route);
        Box::pin(async move {
            // Port 0 is replaced by the port of the URL.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let admitted: Addrs = Box::new(addresses.admit(route, name.as_str(), found)?.into_iter());
            Ok(admitted)
        })
    }
}

/// The same rule for what the ActivityPub library fetches; connections are checked by [`CheckedResolver`].
#[async_trait]
impl UrlVerifier for Addresses {
    async fn verify(&self, url: &Url) -> Result<(), LibraryError> {
        self.check(url).map(|_| ()).map_err(|error| LibraryError::Other(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loopback() -> Addresses {
        Addresses::allowing(&["127.0.0.0/8".to_owned(), "::1".to_owned()]).expect("valid")
    }

    fn check(addresses: &Addresses, text: &str) -> Result<Route, AddressError> {
        addresses.check(&Url::parse(text).expect(text))
    }

    #[test]
    fn public_https_addresses_are_allowed() {
        for text in [
            "https://coop.example/actor",
            "https://coop.example:443/actor",
            "https://93.184.216.34/",
            "https://[2606:2800:220:1::1]/",
            "https://bücher.example/?a=b",
        ] {
            assert_eq!(check(&Addresses::public(), text), Ok(Route::Open), "{text}");
        }
    }

    #[test]
    fn other_schemes_ports_userinfo_and_trailing_dots_are_refused() {
        for (text, expected) in [
            ("http://coop.example/", AddressError::Scheme),
            ("http://coop.example:443/", AddressError::Scheme),
            ("ftp://coop.example/", AddressError::Scheme),
            ("data:application/activity+json,{}", AddressError::Scheme),
            ("file:///etc/passwd", AddressError::Scheme),
            ("https://coop.example:8443/", AddressError::Port),
            ("https://user@coop.example/", AddressError::UserInfo),
            ("https://:secret@coop.example/", AddressError::UserInfo),
            ("https://coop.example./", AddressError::TrailingDot),
        ] {
            assert_eq!(check(&Addresses::public(), text), Err(expected), "{text}");
        }
        let long = format!("https://coop.example/{}", "a".repeat(URL_LIMIT));
        assert_eq!(check(&Addresses::public(), &long), Err(AddressError::Malformed));
        assert_eq!(Addresses::public().parse("//coop.example"), Err(AddressError::Malformed));
    }

    /// Each range by its first and last address, and the public neighbours on both sides.
    #[test]
    fn special_ipv4_ranges_are_blocked_to_their_last_address() {
        for (first, last) in [
            ("0.0.0.0", "0.255.255.255"),
            ("10.0.0.0", "10.255.255.255"),
            ("100.64.0.0", "100.127.255.255"),
            ("127.0.0.0", "127.255.255.255"),
            ("169.254.0.0", "169.254.255.255"),
            ("172.16.0.0", "172.31.255.255"),
            ("192.0.0.0", "192.0.0.255"),
            ("192.0.2.0", "192.0.2.255"),
            ("192.88.99.0", "192.88.99.255"),
            ("192.168.0.0", "192.168.255.255"),
            ("198.18.0.0", "198.19.255.255"),
            ("198.51.100.0", "198.51.100.255"),
            ("203.0.113.0", "203.0.113.255"),
            ("224.0.0.0", "255.255.255.255"),
        ] {
            let (first, last): (Ipv4Addr, Ipv4Addr) = (first.parse().expect(first), last.parse().expect(last));
            assert!(!is_public(first.into()) && !is_public(last.into()), "{first}–{last}");
            for neighbour in [first.to_bits().checked_sub(1), last.to_bits().checked_add(1)].into_iter().flatten() {
                let neighbour = Ipv4Addr::from_bits(neighbour);
                assert!(is_public(neighbour.into()), "{neighbour} beside {first}–{last}");
            }
        }
    }

    #[test]
    fn ipv6_forms_that_lead_inside_are_blocked() {
        for text in [
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:93.184.216.34",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:1ff:ffff::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "5f00::1",
        ] {
            assert!(!is_public(text.parse().expect(text)), "{text}");
        }
        for text in ["2001:200::1", "2a01:4f8::1", "2620:fe::fe"] {
            assert!(is_public(text.parse().expect(text)), "{text}");
        }
    }

    #[test]
    fn literal_addresses_are_checked_in_every_spelling() {
        for text in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://017700000001/",
            "https://[::1]/",
            "https://[::ffff:7f00:1]/",
            "https://0/",
        ] {
            assert!(matches!(check(&Addresses::public(), text), Err(AddressError::Private(_))), "{text}");
        }
    }

    #[test]
    fn allowed_networks_open_that_network_and_nothing_else() {
        let addresses = loopback();
        for text in ["http://127.0.0.1:4001/actor", "http://127.0.0.1/", "http://[::1]:4001/", "https://127.0.0.1:1/"] {
            assert_eq!(check(&addresses, text), Ok(Route::Allowed), "{text}");
        }
        assert_eq!(check(&addresses, "https://127.0.0.1/"), Ok(Route::Open));
        assert_eq!(check(&addresses, "https://coop.example/"), Ok(Route::Open));
        for text in [
            "http://10.0.0.1:4001/",
            "http://93.184.216.34/",
            "https://93.184.216.34:8443/",
            "https://10.0.0.1/",
            "http://[::ffff:127.0.0.1]/",
        ] {
            assert!(matches!(check(&addresses, text), Err(AddressError::Private(_))), "{text}");
        }
    }

    #[test]
    fn only_private_networks_can_be_allowed() {
        let allowing = |text: &str| Addresses::allowing(&[text.to_owned()]).is_ok();
        for text in ["127.0.0.0/8", "127.0.0.1", "172.18.0.0/16", "::1", "fd00::/8", "fc00::/7"] {
            assert!(allowing(text), "{text}");
        }
        for text in ["0.0.0.0/0", "::/0", "8.0.0.0/8", "93.184.216.34", "2a01::/16", "127.0.0.0/40", "localhost", ""] {
            assert!(!allowing(text), "{text}");
        }
        assert!(!Addresses::allowing(&[]).expect("nothing to refuse").allows_networks());
    }

    #[test]
    fn names_resolve_to_admitted_addresses_only() {
        let public = SocketAddr::from(([93, 184, 216, 34], 0));
        let inside = SocketAddr::from(([127, 0, 0, 1], 0));
        let admit = |addresses: &Addresses, route, found: &[SocketAddr]| {
            addresses.admit(route, "coop.example", found.iter().copied()).ok()
        };
        let open = Addresses::public();
        assert_eq!(admit(&open, Route::Open, &[public, inside]), Some(vec![public]));
        assert_eq!(admit(&open, Route::Open, &[inside]), None);
        assert_eq!(admit(&open, Route::Open, &[]), None);
        // A name with a port, or over plain http, must not reach the public internet.
        assert_eq!(admit(&loopback(), Route::Allowed, &[public, inside]), Some(vec![inside]));
        assert_eq!(admit(&loopback(), Route::Allowed, &[public]), None);
    }

    #[tokio::test]
    async fn the_resolver_refuses_a_name_that_leads_inside() {
        let resolver = CheckedResolver::new(Addresses::public(), Route::Open);
        assert!(resolver.resolve("localhost".parse().expect("a name")).await.is_err());
        let resolver = CheckedResolver::new(loopback(), Route::Allowed);
        assert!(resolver.resolve("localhost".parse().expect("a name")).await.is_ok());
    }

    #[tokio::test]
    async fn the_library_is_held_to_the_same_rule() {
        let url = |text: &str| Url::parse(text).expect(text);
        assert!(Addresses::public().verify(&url("https://coop.example/")).await.is_ok());
        assert!(Addresses::public().verify(&url("https://10.0.0.1/")).await.is_err());
    }
}
