//! The arrows of `docs/ARCHITECTURE.md`: who may name whom. A module may name modules on lower layers and itself.

use std::fs;
use std::path::{Path, PathBuf};

/// From the lowest layer to the highest; the modules of one layer do not know each other.
const LAYERS: [&[&str]; 10] = [
    &["config", "charters", "words", "storage"],
    &["transport"],
    &["cache", "metrics"],
    &["app"],
    &["actions"],
    &["http::caller", "http::error"],
    &["http::address"],
    &["federation", "api", "web"],
    &["http", "tasks"],
    &["cli"],
];

/// Background loops are a door that hands over to the one to other servers, and nothing may name them but the commands.
const EXCEPTIONS: [(&str, &str); 1] = [("tasks", "federation")];

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The module of ours that a file belongs to.
fn module_of(file: &Path, root: &Path) -> String {
    let path = file.strip_prefix(root).expect("a file below the root").with_extension("");
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    match (parts[0].as_str(), parts.get(1).map(String::as_str)) {
        ("http", Some(part @ ("address" | "caller" | "error"))) => format!("http::{part}"),
        (first, _) => first.to_owned(),
    }
}

/// Every module of ours that a text names through `crate::`.
fn named(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for line in text.lines().map(|line| line.split("//").next().unwrap_or_default()) {
        for (at, _) in line.match_indices("crate::") {
            let before = line[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '$')) {
                continue;
            }
            let rest = &line[at + "crate::".len()..];
            match rest.strip_prefix('{') {
                Some(list) => {
                    let list = list.split('}').next().unwrap_or_default();
                    names.extend(list.split(',').map(|part| part.trim().to_owned()));
                }
                None => names.push(rest.to_owned()),
            }
        }
    }
    names.iter().map(|name| first_module(name)).collect()
}

fn first_module(path: &str) -> String {
    if let Some(part) = ["http::address", "http::caller", "http::error"].into_iter().find(|part| path.starts_with(part))
    {
        return part.to_owned();
    }
    path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn own_sources() -> (PathBuf, Vec<PathBuf>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    found.retain(|file| !file.starts_with(root.join("governance")) && !file.starts_with(root.join("tests")));
    (root, found)
}

/// What a file names against the arrows.
fn wrong_arrows(module: &str, text: &str) -> Vec<String> {
    let Some(own) = layer_of(module) else {
        return vec![format!("{module} stands on no layer: add it to LAYERS")];
    };
    let named = named(text);
    let wrong = named.iter().filter(|name| {
        name.as_str() != module
            && !EXCEPTIONS.contains(&(module, name.as_str()))
            && layer_of(name).is_some_and(|layer| layer >= own)
    });
    wrong.map(|name| format!("{module} names {name}")).collect()
}

#[test]
fn arrows_point_down() {
    let (root, files) = own_sources();
    assert!(files.len() > 150, "the sources are read: {}", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let module = module_of(&file, &root);
        if module == "main" || module == "lib" {
            continue;
        }
        let text = fs::read_to_string(&file).expect("a source file");
        wrong.extend(wrong_arrows(&module, &text).into_iter().map(|what| format!("{}: {what}", file.display())));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_arrow_up_is_found() {
    assert_eq!(wrong_arrows("storage", "use crate::actions::count;"), ["storage names actions"]);
    assert_eq!(wrong_arrows("api", "fn x() { crate::web::layout() }"), ["api names web"]);
    assert_eq!(wrong_arrows("actions", "use crate::{app, api};"), ["actions names api"]);
    assert!(
        wrong_arrows("web", "use crate::actions::join; // crate::api\nuse crate::http::error::Problem;").is_empty()
    );
    assert_eq!(wrong_arrows("unheard_of", "").len(), 1);
}

#[test]
fn only_storage_names_diesel() {
    let (root, files) = own_sources();
    for file in files.iter().filter(|file| !file.starts_with(root.join("storage"))) {
        let text = fs::read_to_string(file).expect("a source file");
        assert!(!text.contains("diesel"), "{} names diesel", file.display());
    }
}

/// The core does no I/O: its manifest names nothing that could.
#[test]
fn the_core_depends_on_nothing_that_does_io() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/governance/Cargo.toml"));
    let manifest: toml::Table = manifest.expect("the core's manifest").parse().expect("TOML");
    let dependencies = manifest["dependencies"].as_table().expect("dependencies");
    for outside in ["tokio", "diesel", "axum", "reqwest", "rand", "chrono", "folkmoot"] {
        assert!(!dependencies.contains_key(outside), "the core must not depend on {outside}");
    }
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/governance"), &mut files);
    for file in files.iter().filter(|file| !file.iter().any(|part| part == "tests")) {
        let text = fs::read_to_string(file).expect("a source file");
        for outside in ["std::fs", "std::net", "std::time", "std::env", "std::thread", "std::process"] {
            assert!(!text.contains(outside), "{} names {outside}", file.display());
        }
    }
}
