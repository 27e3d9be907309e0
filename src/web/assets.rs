//! The files beside the pages, compiled in: one stylesheet, one small script, one icon. Nothing comes from elsewhere.

use folkmoot_governance::id::Digest;

/// A file under `/static/`.
pub struct Asset {
    pub name: &'static str,
    pub kind: &'static str,
    pub bytes: &'static [u8],
}

pub const ASSETS: &[Asset] = &[
    Asset { name: "folkmoot.css", kind: "text/css; charset=utf-8", bytes: include_bytes!("static/folkmoot.css") },
    Asset { name: "folkmoot.js", kind: "text/javascript; charset=utf-8", bytes: include_bytes!("static/folkmoot.js") },
    Asset { name: "favicon.svg", kind: "image/svg+xml", bytes: include_bytes!("static/favicon.svg") },
];

/// The file of this name.
pub fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// Address of a file; it changes with the content, so that browsers may keep what they have for ever.
pub fn url(name: &str) -> String {
    let version = find(name).map(|asset| Digest::of(asset.bytes).short(10)).unwrap_or_default();
    format!("/static/{name}?v={version}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_stay_small_and_call_nobody() {
        for (name, limit) in [("folkmoot.css", 20_480), ("folkmoot.js", 4_096), ("favicon.svg", 2_048)] {
            let asset = find(name).expect(name);
            let text = std::str::from_utf8(asset.bytes).expect("text");
            assert!(text.len() < limit, "{name} has {} bytes", text.len());
            assert!(!text.contains("@import") && !text.contains("url(http"), "{name}");
            assert!(!text.replace("http://www.w3.org/2000/svg", "").contains("://"), "{name}");
        }
    }

    #[test]
    fn an_address_names_its_content() {
        assert!(url("folkmoot.css").starts_with("/static/folkmoot.css?v="));
        assert_ne!(url("folkmoot.css")[22..], url("folkmoot.js")[21..]);
    }
}
