//! Renders every page with the sample consortium, looks over what all pages have to have in common, and writes them
//! where `FOLKMOOT_PAGES` says, so that people can look at them without a node.

use super::{assets, sample};

/// Every page: (file name, document).
fn pages() -> Vec<(&'static str, String)> {
    use sample::render;
    vec![
        ("home", render(&sample::member(), &sample::home())),
        ("home-visitor", render(&sample::visitor(), &sample::home())),
        ("proposal", render(&sample::member(), &sample::open_proposal())),
        ("decision", render(&sample::visitor(), &sample::decision())),
    ]
}

#[test]
fn pages_can_be_looked_at_without_a_node() {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = std::env::var_os("FOLKMOOT_PAGES").map_or(scratch.path().to_owned(), std::path::PathBuf::from);
    std::fs::create_dir_all(folder.join("static")).expect("a folder");
    for asset in assets::ASSETS {
        std::fs::write(folder.join("static").join(asset.name), asset.bytes).expect("written");
    }
    for (name, html) in pages() {
        let html = html.replace("\"/static/", "\"static/");
        std::fs::write(folder.join(format!("{name}.html")), &html).expect("written");
        assert!(html.starts_with("<!doctype html>"), "{name}");
    }
}
