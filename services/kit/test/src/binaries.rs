//! Where the server programs are: named by the environment, on the PATH, or installed
//! beside the repository by `deploy/up`.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// The folder with `postgres` and `initdb`.
pub(crate) fn postgres() -> anyhow::Result<PathBuf> {
    folder_with("postgres", "AMPARO_POSTGRES_BIN")
        .context("no Postgres: set AMPARO_TEST_POSTGRES, AMPARO_POSTGRES_BIN, or run deploy/up")
}

/// `nats-server` itself.
pub(crate) fn nats() -> anyhow::Result<PathBuf> {
    folder_with("nats-server", "AMPARO_NATS_BIN")
        .map(|folder| folder.join("nats-server"))
        .context("no nats-server: set AMPARO_TEST_NATS, AMPARO_NATS_BIN, or run deploy/up")
}

fn folder_with(program: &str, variable: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from).map(|path| {
        if path.is_file() { path.parent().map(Path::to_path_buf).unwrap_or_default() } else { path }
    });
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).collect::<Vec<_>>();
    let debian = ["18", "17", "16"].map(|v| PathBuf::from(format!("/usr/lib/postgresql/{v}/bin")));
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../.data/tools");
    named
        .into_iter()
        .chain(on_path)
        .chain(debian)
        .find(|folder| folder.join(program).is_file())
        .or_else(|| below(&here, program, 6))
}

/// The first folder at or below `folder` that holds the program.
fn below(folder: &Path, program: &str, depth: usize) -> Option<PathBuf> {
    if folder.join(program).is_file() {
        return Some(folder.to_path_buf());
    }
    if depth == 0 {
        return None;
    }
    let mut inner: Vec<_> = std::fs::read_dir(folder).ok()?.flatten().map(|it| it.path()).collect();
    inner.sort();
    inner.iter().filter(|path| path.is_dir()).find_map(|path| below(path, program, depth - 1))
}
