//! The amparo binary under test.

use crate::guard::Guarded;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The root of the repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the repository")
}

/// The binary: the one that `AMPARO_BIN` names, or the one built beside these tests.
pub fn amparo() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| match std::env::var_os("AMPARO_BIN") {
        Some(path) => path.into(),
        None => build(),
    })
}

/// Builds it into the folder where these tests were built, so that it is never an old one.
fn build() -> PathBuf {
    let tests = std::env::current_exe().expect("a test knows where it is");
    let folder = tests.ancestors().nth(2).expect("tests lie in <target>/debug/deps");
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "amparo", "--target-dir"])
        .arg(folder.parent().expect("a profile's folder lies in the target folder"))
        .current_dir(repository())
        .status()
        .expect("cargo runs");
    assert!(status.success(), "amparo does not build");
    folder.join("amparo")
}

/// `amparo up` on a folder; `gone` is removed when this process just ends.
pub fn start_up(
    folder: &Path,
    gone: Option<&Path>,
    flags: &[String],
    log: &Path,
) -> Result<Guarded> {
    let data = folder.join("data");
    let tools = std::env::var("AMPARO_TOOLS")
        .unwrap_or_else(|_| repository().join(".data/tools").display().to_string());
    let mut arguments: Vec<String> =
        ["up", "--data", &data.display().to_string(), "--tools", &tools].map(String::from).into();
    arguments.extend(flags.iter().cloned());
    Guarded::start_in(gone.unwrap_or(Path::new("")), amparo(), &arguments, log)
}
