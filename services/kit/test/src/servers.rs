//! Private servers of this test process. Each is watched by a shell that ends it, and
//! removes its folder, when the process is gone, however it went.

use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::binaries;

/// Ends the server with its test process, then removes the folder.
const WATCH: &str = r#"dir=$1; parent=$2; shift 2; "$@" >"$dir/log" 2>&1 & server=$!
trap 'kill -INT $server' TERM
while [ -d "/proc/$parent" ] && [ -d "/proc/$server" ] && [ -d "$dir" ]; do sleep 0.2; done
kill -INT $server 2>/dev/null; wait $server; rm -rf "$dir""#;
/// `nobody`: Postgres refuses to run as root.
const NOBODY: u32 = 65_534;

/// The address of a Postgres, for a superuser.
pub(crate) fn postgres_url() -> anyhow::Result<String> {
    static URL: OnceLock<Result<String, String>> = OnceLock::new();
    let started = URL.get_or_init(|| match std::env::var("AMPARO_TEST_POSTGRES") {
        Ok(url) if !url.is_empty() => Ok(url),
        _ => start_postgres().map_err(|error| format!("{error:#}")),
    });
    started.clone().map_err(anyhow::Error::msg)
}

/// The address of a NATS with JetStream.
pub(crate) fn nats_url() -> anyhow::Result<String> {
    static URL: OnceLock<Result<String, String>> = OnceLock::new();
    let started = URL.get_or_init(|| match std::env::var("AMPARO_TEST_NATS") {
        Ok(url) if !url.is_empty() => Ok(url),
        _ => folder("nats")
            .and_then(|dir| {
                let port = free_port()?;
                start_nats(&dir, port, &[])?;
                Ok(format!("nats://127.0.0.1:{port}"))
            })
            .map_err(|error| format!("{error:#}")),
    });
    started.clone().map_err(anyhow::Error::msg)
}

/// A folder that outlives this call and goes with the server in it.
pub(crate) fn folder(name: &str) -> anyhow::Result<std::path::PathBuf> {
    let dir = tempfile::Builder::new().prefix(&format!("amparo-test-{name}-")).tempdir()?;
    Ok(dir.keep())
}

pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Starts a nats-server that keeps its streams under `dir`; returns when it listens.
pub(crate) fn start_nats(dir: &Path, port: u16, flags: &[&str]) -> anyhow::Result<u32> {
    let port_text = port.to_string();
    let store = dir.join("jetstream");
    let mut command = watched(dir, &binaries::nats()?);
    command.args(["-a", "127.0.0.1", "-p", &port_text, "-js", "-sd"]).arg(store).args(flags);
    let pid = command.spawn().context("starting nats-server")?.id();
    wait_for(port, dir)?;
    Ok(pid)
}

fn start_postgres() -> anyhow::Result<String> {
    let bin = binaries::postgres()?;
    let dir = folder("postgres")?;
    let root = std::fs::metadata("/proc/self")?.uid() == 0;
    if root {
        chown(&dir, Some(NOBODY), Some(NOBODY))?;
    }
    let data = dir.join("data");
    let mut initdb = Command::new(bin.join("initdb"));
    initdb.arg("-D").arg(&data);
    initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
    initdb.current_dir(&dir);
    if root {
        initdb.uid(NOBODY).gid(NOBODY);
    }
    let made = initdb.output().context("running initdb")?;
    ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    let port = free_port()?;
    let mut command = watched(&dir, &bin.join("postgres"));
    command.arg("-D").arg(&data).args([
        "-p",
        &port.to_string(),
        "-c",
        "listen_addresses=127.0.0.1",
    ]);
    for setting in
        ["unix_socket_directories=", "fsync=off", "full_page_writes=off", "max_connections=300"]
    {
        command.args(["-c", setting]);
    }
    if root {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.spawn().context("starting Postgres")?;
    wait_for(port, &dir)?;
    Ok(format!("postgres://postgres@127.0.0.1:{port}/postgres"))
}

fn watched(dir: &Path, program: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", WATCH, "sh"]).arg(dir).arg(std::process::id().to_string()).arg(program);
    command.current_dir(dir).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // A group of its own: Ctrl-C reaches the tests first.
    command.process_group(0);
    command
}

/// Waits until the port answers: a server that is ready, not only bound.
pub(crate) fn wait_for(port: u16, dir: &Path) -> anyhow::Result<()> {
    let until = Instant::now() + Duration::from_secs(30);
    while Instant::now() < until {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let log = std::fs::read_to_string(dir.join("log")).unwrap_or_default();
    bail!("a server did not start: {log}")
}
