//! An installation under test: servers, services and their folder.

use crate::binary::{amparo, repository};
use crate::guard::Guarded;
use anyhow::{Context as _, Result, bail};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Services that run as processes of their own, in the order in which they start.
const SERVICES: [&str; 6] =
    ["keyring", "identity", "configuration", "cases", "reporting", "gateway"];

/// Everything that runs for a test; ended and removed when dropped.
pub struct Installation {
    // Dropped in this order: services first, then what they stand on, then the folder.
    services: Vec<(&'static str, Guarded)>,
    main: Guarded,
    folder: PathBuf,
    _temporary: tempfile::TempDir,
    pub port: u16,
}

impl Installation {
    /// All services in one process with demonstration organisations, as `deploy/up` runs them.
    pub fn together(tenants: u16) -> Result<Self> {
        let temporary = tempfile::tempdir()?;
        let port = free_port()?;
        let (tenants, port_text) = (tenants.to_string(), port.to_string());
        let flags = ["--demo", "--tenants", &tenants, "--port", &port_text];
        let main = start_up(temporary.path(), &flags)?;
        let folder = temporary.path().to_owned();
        let this = Self { services: vec![], main, folder, _temporary: temporary, port };
        this.wait_for_text("up.log", "is ready at")?;
        Ok(this)
    }

    /// Ends everything and starts it again on the same data.
    pub fn restart(&mut self) -> Result<()> {
        if !self.main.stop()? {
            bail!("it did not end well:\n{}", self.log("up.log"));
        }
        std::fs::remove_file(self.folder.join("up.log"))?;
        self.main = start_up(&self.folder, &["--demo", "--port", &self.port.to_string()])?;
        self.wait_for_text("up.log", "is ready at")
    }

    /// Each service as a process of its own, against one Postgres and one NATS.
    pub fn apart() -> Result<Self> {
        let temporary = tempfile::tempdir()?;
        let port = free_port()?;
        let main = start_up(temporary.path(), &["--servers-only"])?;
        let folder = temporary.path().to_owned();
        let mut this = Self { services: vec![], main, folder, _temporary: temporary, port };
        this.wait_for_text("up.log", "are ready")?;
        this.start_services()?;
        Ok(this)
    }

    fn start_services(&mut self) -> Result<()> {
        let connection = std::fs::read_to_string(self.data().join("connection"))?;
        let mut common: Vec<String> = connection.lines().map(String::from).collect();
        let mut ports = Vec::new();
        for name in SERVICES {
            let port = free_port()?;
            ports.push(port);
            if name != "gateway" {
                common.push(format!("--{name}-url=http://127.0.0.1:{port}"));
            }
        }
        std::fs::write(self.data().join("connection"), common.join("\n"))?;
        let root_key = self.data().join("secrets/root-key");
        common.push(format!("--keyring-root-key-file={}", root_key.display()));
        common.push(format!("--gateway-listen=127.0.0.1:{}", self.port));
        for (name, port) in SERVICES.into_iter().zip(ports) {
            let mut arguments = vec!["serve".into(), name.into()];
            arguments.extend(common.clone());
            if name != "gateway" {
                arguments.push(format!("--listen=127.0.0.1:{port}"));
            }
            let log = self.folder.join(format!("{name}.log"));
            self.services.push((name, Guarded::start(amparo(), &arguments, &log)?));
        }
        self.wait_for_port()
    }

    /// Asks one service's process to end; tells whether it ended well.
    pub fn stop_service(&mut self, name: &str) -> Result<bool> {
        let at = self.services.iter().position(|(it, _)| *it == name).context("no such service")?;
        self.services.remove(at).1.stop()
    }

    /// Asks the main process to end; tells whether it ended well.
    pub fn stop(&mut self) -> Result<bool> {
        self.main.stop()
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// What a process has printed so far.
    pub fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap_or_default()
    }

    /// Runs an operator's command against this installation and gives what it printed.
    pub fn amparo(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new(amparo())
            .args(arguments)
            .arg("--data")
            .arg(self.data())
            .env("AMPARO_ADMINISTRATOR_PASSWORD", "First-entry-1")
            .output()?;
        if !output.status.success() {
            bail!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    fn wait_for_text(&self, log: &str, wanted: &str) -> Result<()> {
        let deadline = Instant::now() + Duration::from_mins(2);
        while Instant::now() < deadline {
            let text = self.log(log);
            if text.contains(wanted) {
                return Ok(());
            }
            if text.contains("Error: ") {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("{log} never said {wanted:?}:\n{}", self.log(log))
    }

    fn wait_for_port(&self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_mins(1);
        while Instant::now() < deadline {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let logs: Vec<_> = SERVICES.iter().map(|name| self.log(&format!("{name}.log"))).collect();
        bail!("the gateway does not listen:\n{}", logs.join("\n"))
    }
}

fn start_up(folder: &Path, flags: &[&str]) -> Result<Guarded> {
    let tools = std::env::var("AMPARO_TOOLS")
        .unwrap_or_else(|_| repository().join(".data/tools").display().to_string());
    let data = folder.join("data").display().to_string();
    let mut arguments: Vec<String> = ["up", "--data", &data, "--tools", &tools]
        .into_iter()
        .chain(flags.iter().copied())
        .map(String::from)
        .collect();
    arguments.push("--log=info".into());
    Guarded::start(amparo(), &arguments, &folder.join("up.log"))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
