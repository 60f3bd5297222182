//! The shape of the repository: who may depend on whom, how long a file may be,
//! what lies at the top.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::repository;

/// What a domain crate may use besides the pure parts of the kit.
const PURE: [&str; 8] =
    ["serde", "serde_json", "jiff", "uuid", "thiserror", "unicode-normalization", "base64", "sha2"];
/// The parts of the kit that a domain crate may use: as pure as itself.
const PURE_KIT: [&str; 5] =
    ["kit-decider", "kit-records", "kit-access", "kit-dossier", "kit-matching"];
const TOP_LEVEL: [&str; 10] = [
    "Cargo.toml",
    "Cargo.lock",
    "LICENSE",
    "README.md",
    "deploy",
    "helm",
    "infra",
    "proto",
    "services",
    "tests",
];

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(repository())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn name(package: &Value) -> &str {
    package["name"].as_str().unwrap()
}

fn dependencies(package: &Value) -> impl Iterator<Item = &str> {
    let all = package["dependencies"].as_array().unwrap().iter();
    all.filter(|it| it["kind"].is_null()).map(|it| it["name"].as_str().unwrap())
}

#[test]
fn domain_crates_depend_on_nothing_that_acts() {
    for package in packages() {
        if !name(&package).ends_with("-domain") && !PURE_KIT.contains(&name(&package)) {
            continue;
        }
        let odd: Vec<_> = dependencies(&package)
            .filter(|it| !PURE.contains(it) && !PURE_KIT.contains(it))
            .collect();
        assert!(odd.is_empty(), "{} depends on {odd:?}", name(&package));
    }
}

#[test]
fn only_the_operator_knows_kubernetes() {
    for package in packages() {
        let knows = dependencies(&package).any(|it| ["kube", "k8s-openapi"].contains(&it));
        assert_eq!(knows, name(&package) == "operator", "{}", name(&package));
    }
}

#[test]
fn matching_only_computes() {
    let package = packages().into_iter().find(|it| name(it) == "kit-matching").unwrap();
    let odd: Vec<_> =
        dependencies(&package).filter(|it| !PURE.contains(it) && *it != "kit-records").collect();
    assert!(odd.is_empty(), "kit-matching depends on {odd:?}");
}

#[test]
fn services_meet_in_contracts_only() {
    let packages = packages();
    let kit: BTreeSet<_> = packages.iter().map(name).filter(|it| it.starts_with("kit-")).collect();
    let all: BTreeSet<_> = packages.iter().map(name).collect();
    for package in &packages {
        let own = format!("{}-domain", name(package));
        if ["amparo", "tests"].contains(&name(package)) || kit.contains(name(package)) {
            continue;
        }
        let odd: Vec<_> = dependencies(package)
            .filter(|it| all.contains(it) && !kit.contains(it) && *it != own)
            .collect();
        assert!(odd.is_empty(), "{} depends on {odd:?}", name(package));
    }
}

#[test]
fn the_kit_knows_no_service() {
    for package in packages() {
        if name(&package).starts_with("kit-") {
            let odd: Vec<_> = dependencies(&package)
                .filter(|it| {
                    it.ends_with("-domain") || ["cases", "identity", "keyring"].contains(it)
                })
                .filter(|it| !(name(&package) == "kit-test" && *it == "keyring"))
                .collect();
            assert!(odd.is_empty(), "{} depends on {odd:?}", name(&package));
        }
    }
}

#[test]
fn no_file_is_longer_than_six_hundred_lines() {
    for path in sources() {
        if path.components().any(|it| it.as_os_str() == "gen") {
            continue;
        }
        let lines = production_lines(&fs::read_to_string(&path).unwrap());
        assert!(lines <= 600, "{} has {lines} lines", path.display());
    }
}

#[test]
fn the_top_level_is_a_table_of_contents() {
    let listed = tracked();
    let top: BTreeSet<&str> = listed.lines().map(|it| it.split('/').next().unwrap()).collect();
    let odd: Vec<_> =
        top.into_iter().filter(|it| !it.starts_with('.') && !TOP_LEVEL.contains(it)).collect();
    assert!(odd.is_empty(), "{odd:?} should lie in one of {TOP_LEVEL:?}");
}

#[test]
fn no_module_is_called_mod_or_after_nothing() {
    const VAGUE: [&str; 5] = ["mod.rs", "utils.rs", "helpers.rs", "common.rs", "manager.rs"];
    for path in sources() {
        let file = path.file_name().unwrap().to_str().unwrap();
        assert!(!VAGUE.contains(&file), "{} says nothing about its content", path.display());
    }
}

#[test]
fn every_source_file_says_what_it_is() {
    for path in sources() {
        let text = fs::read_to_string(&path).unwrap();
        let generated = path.components().any(|it| it.as_os_str() == "gen");
        assert!(generated || text.starts_with("//!"), "{} has no header", path.display());
    }
}

/// Everything before the tests in the same file.
fn production_lines(text: &str) -> usize {
    text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count()
}

fn tracked() -> String {
    let output = Command::new("git").arg("ls-files").current_dir(repository()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn sources() -> Vec<PathBuf> {
    let is_rust = |path: &&str| Path::new(path).extension().is_some_and(|it| it == "rs");
    let paths = tracked();
    let all = paths.lines().filter(is_rust).map(|path| repository().join(path));
    all.filter(|path| path.exists()).collect()
}
