//! What threadfold is built from, and what it may do: licences, duplicates, unsafe code, connections.
//!
//! Works without a network: everything is in Cargo.lock, in the manifests that a build needs anyway, and in our
//! own sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Lines of a list that say something.
fn list(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The packages that a build for this machine uses, as cargo knows them.
fn metadata() -> Value {
    let run = |program: &str, arguments: &[&str]| {
        let out = Command::new(program).args(arguments).current_dir(workspace()).output().unwrap();
        assert!(out.status.success(), "{program}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    };
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let about = run(&rustc, &["-vV"]);
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let arguments = ["metadata", "--offline", "--locked", "--format-version", "1", "--filter-platform", host];
    serde_json::from_str(&run(env!("CARGO"), &arguments)).unwrap()
}

/// Whether an SPDX expression can be met with these licences.
fn allowed(expression: &str, licences: &BTreeSet<&str>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let met = either(&words, &mut at, licences);
    assert_eq!(at, words.len(), "{expression}");
    met
}

fn either(words: &[&str], at: &mut usize, licences: &BTreeSet<&str>) -> bool {
    let mut met = both(words, at, licences);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= both(words, at, licences);
    }
    met
}

fn both(words: &[&str], at: &mut usize, licences: &BTreeSet<&str>) -> bool {
    let mut met = one(words, at, licences);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at, licences);
    }
    met
}

fn one(words: &[&str], at: &mut usize, licences: &BTreeSet<&str>) -> bool {
    let word = words[*at];
    *at += 1;
    if word == "(" {
        let met = either(words, at, licences);
        assert_eq!(words[*at], ")");
        *at += 1;
        return met;
    }
    if words.get(*at) == Some(&"WITH") {
        let whole = format!("{word} WITH {}", words[*at + 1]);
        *at += 2;
        return licences.contains(whole.as_str());
    }
    licences.contains(word)
}

#[test]
fn every_licence_is_one_of_those_allowed() {
    let licences: BTreeSet<&str> = list(include_str!("supply/licences.txt")).collect();
    assert!(allowed("(MIT OR GPL-3.0) AND Zlib", &licences) && !allowed("MIT AND GPL-3.0", &licences));
    assert!(
        !allowed("Apache-2.0 WITH Classpath-exception-2.0", &licences) && allowed("GPL-2.0/MIT", &licences)
    );
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 50);
    let mut refused = Vec::new();
    for package in packages {
        let licence = package["license"].as_str().unwrap_or("");
        if licence.is_empty() || !allowed(licence, &licences) {
            refused.push(format!("{} {}: {licence:?}", package["name"], package["version"]));
        }
        let source = package["source"].as_str().unwrap_or("ours");
        if source != "ours" && source != "registry+https://github.com/rust-lang/crates.io-index" {
            refused.push(format!("{}: comes from {source}", package["name"]));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn what_is_there_in_several_versions_is_known_and_has_a_reason() {
    let lock = std::fs::read_to_string(workspace().join("Cargo.lock")).unwrap();
    let mut versions: BTreeMap<&str, usize> = BTreeMap::new();
    for name in lock.lines().filter_map(|line| line.strip_prefix("name = ")) {
        *versions.entry(name.trim_matches('"')).or_default() += 1;
    }
    let several: BTreeSet<&str> = versions.iter().filter(|(_, n)| **n > 1).map(|(name, _)| *name).collect();
    let known: BTreeMap<&str, &str> = list(include_str!("supply/duplicates.txt"))
        .map(|line| line.split_once(':').expect("a name, a colon and a reason"))
        .collect();
    assert!(known.values().all(|reason| reason.trim().len() > 10), "a duplicate without a reason");
    let new: Vec<_> = several.iter().filter(|name| !known.contains_key(*name)).collect();
    let gone: Vec<_> = known.keys().filter(|name| !several.contains(*name)).collect();
    assert!(new.is_empty(), "in several versions, and supply/duplicates.txt does not say why: {new:?}");
    assert!(gone.is_empty(), "in supply/duplicates.txt, and in one version only: {gone:?}");
}

/// Our sources, as paths from the workspace on.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![workspace().join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(workspace()).unwrap().to_str().unwrap().replace('\\', "/");
                found.push((name, std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    found.sort();
    assert!(found.len() > 100);
    found
}

/// A source without what follows `//` in its lines: a word in a comment does nothing.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

#[test]
fn unsafe_code_is_in_the_memory_map_alone() {
    for (name, text) in sources() {
        let code = code(&text);
        let mut words = code.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        if name != "crates/archive/src/map.rs" {
            let here = name == "crates/cli/tests/supply.rs" || !words.any(|w| w == "unsafe");
            // `unsafe-inline` is a word of the policy that forbids scripts in pages.
            let policy = code.matches("unsafe").count() == code.matches("'unsafe-inline'").count();
            assert!(here || policy, "{name} holds unsafe code");
        }
        let root = name.ends_with("/src/lib.rs") || name.ends_with("/src/main.rs");
        if root && name != "crates/archive/src/lib.rs" {
            assert!(text.contains("#![forbid(unsafe_code)]"), "{name} does not forbid unsafe code");
        }
        let allows = code.contains("allow(unsafe_code)");
        let may = ["crates/archive/src/map.rs", "crates/cli/tests/supply.rs"].contains(&name.as_str());
        assert!(!allows || may, "{name} allows unsafe code");
    }
}

#[test]
fn only_the_endpoint_can_open_a_connection() {
    // Among our own crates only variants knows a library that connects, and only as an option.
    let metadata = metadata();
    let connecting =
        ["ureq", "rustls", "reqwest", "hyper", "curl", "socket2", "mio", "tokio", "native-tls", "quinn"];
    for package in metadata["packages"].as_array().unwrap().iter().filter(|p| p["source"].is_null()) {
        for dependency in package["dependencies"].as_array().unwrap() {
            let name = dependency["name"].as_str().unwrap();
            if connecting.contains(&name) {
                assert_eq!((package["name"].as_str(), name), (Some("threadfold-variants"), "ureq"));
                assert_eq!(dependency["optional"], true);
            }
        }
    }
    // What connects by itself is reached by way of ureq alone.
    let ids: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["id"].as_str().unwrap(), p["name"].as_str().unwrap()))
        .collect();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        let name = ids[node["id"].as_str().unwrap()];
        for dependency in node["dependencies"].as_array().unwrap() {
            let needs = ids[dependency.as_str().unwrap()];
            if connecting.contains(&needs) {
                let fine = matches!((name, needs), ("threadfold-variants", "ureq") | ("ureq", "rustls"));
                assert!(fine, "{name} depends on {needs}");
            }
        }
    }
    // And no source of ours does so itself, or starts a program that could.
    for (name, text) in sources().into_iter().filter(|(name, _)| name.contains("/src/")) {
        let code = code(&text);
        for word in ["std::net", "TcpStream", "UdpSocket", "UnixStream", "process::Command"] {
            assert!(!code.contains(word), "{name} mentions {word}");
        }
        assert!(
            !code.contains("ureq::") || name == "crates/variants/src/endpoint.rs",
            "{name} mentions ureq"
        );
    }
}
