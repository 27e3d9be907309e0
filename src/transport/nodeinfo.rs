//! NodeInfo 2.1 and 2.0: what software runs here, for directories of the fediverse.

use serde_json::{Value, json};

/// Schema versions that are served, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    V2_1,
    V2_0,
}

/// What the node makes public about its use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// People with an account here.
    pub people: u64,
    /// Proposals, comments and decisions published here.
    pub posts: u64,
}

impl Version {
    pub const ALL: [Self; 2] = [Self::V2_1, Self::V2_0];

    /// As in the address `/nodeinfo/2.1`.
    pub fn number(self) -> &'static str {
        match self {
            Self::V2_1 => "2.1",
            Self::V2_0 => "2.0",
        }
    }

    /// The version that an address asks for.
    pub fn from_number(number: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.number() == number)
    }

    fn schema(self) -> String {
        format!("http://nodeinfo.diaspora.software/ns/schema/{}", self.number())
    }

    /// The content type to answer with.
    pub fn content_type(self) -> String {
        format!("application/json; profile=\"{}#\"", self.schema())
    }
}

/// `/.well-known/nodeinfo`; `base` is the node's address without a trailing slash.
pub fn well_known(base: &str) -> Value {
    let links = Version::ALL
        .map(|version| json!({ "rel": version.schema(), "href": format!("{base}/nodeinfo/{}", version.number()) }));
    json!({ "links": links })
}

/// The document of one version.
pub fn document(version: Version, name: &str, usage: &Usage) -> Value {
    json!({
        "version": version.number(),
        "software": { "name": "folkmoot", "version": env!("CARGO_PKG_VERSION") },
        "protocols": ["activitypub"],
        "services": { "inbound": [], "outbound": [] },
        // A request to join is decided by the co-op; nobody registers alone.
        "openRegistrations": false,
        "usage": { "users": { "total": usage.people }, "localPosts": usage.posts },
        "metadata": { "nodeName": name },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_linked_version_is_served() {
        let links = well_known("https://coop.example");
        for (link, version) in links["links"].as_array().expect("a list").iter().zip(Version::ALL) {
            let href = link["href"].as_str().expect("an address");
            assert_eq!(Version::from_number(href.rsplit('/').next().expect("a part")), Some(version));
            let document = document(version, "Coop", &Usage { people: 3, posts: 8 });
            assert!(link["rel"].as_str().expect("a relation").ends_with(document["version"].as_str().expect("a text")));
            assert!(version.content_type().contains(link["rel"].as_str().expect("a relation")));
            assert_eq!(document["usage"]["users"]["total"], 3);
        }
        assert_eq!(Version::from_number("1.0"), None);
    }
}
