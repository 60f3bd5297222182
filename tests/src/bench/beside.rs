//! All services as one process beside servers that run already, as `amparo serve all` in a
//! deployment of one's own.

use crate::site::Site;
use anyhow::Result;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tests::{UP, amparo};

/// The servers of an installation, without its services.
pub struct Beside {
    servers: Child,
    arguments: Vec<String>,
}

impl Beside {
    /// Ends the installation's process and starts its servers alone.
    pub async fn open(site: &mut Site) -> Result<Self> {
        site.installation.stop()?;
        let data = site.installation.data();
        let tools = std::env::var("AMPARO_TOOLS").unwrap_or_default();
        let servers = Command::new(amparo())
            .args(["up", "--servers-only", "--tools", &tools, "--port", &site.port().to_string()])
            .arg("--data")
            .arg(&data)
            .stdout(Stdio::null())
            .spawn()?;
        let connection = data.join("connection");
        let deadline = Instant::now() + Duration::from_mins(1);
        while !connection.exists() && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let mut arguments = vec!["serve".to_owned(), "all".to_owned(), "--log=warn".to_owned()];
        arguments.extend(std::fs::read_to_string(&connection)?.lines().map(str::to_owned));
        let root_key = data.join("secrets/root-key");
        arguments.push(format!("--keyring-root-key-file={}", root_key.display()));
        arguments.push(format!("--gateway-listen=127.0.0.1:{}", site.port()));
        Ok(Self { servers, arguments })
    }

    /// Starts the services.
    pub fn serve(&self) -> Result<Child> {
        Ok(Command::new(amparo()).args(&self.arguments).stdout(Stdio::null()).spawn()?)
    }

    /// Ends the servers; all runs again as before.
    pub fn close(self, site: &mut Site) -> Result<()> {
        end(self.servers)?;
        site.installation.start(UP)
    }
}

/// Asks a process to end and waits.
pub fn end(mut process: Child) -> Result<()> {
    let pid = nix::unistd::Pid::from_raw(i32::try_from(process.id())?);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM)?;
    process.wait()?;
    Ok(())
}
