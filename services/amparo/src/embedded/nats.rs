//! A private nats-server with JetStream on a loopback port.

use super::child::{Child, Program, end_leftover, server_account};
use super::folder::{give_to, write_private};
use super::{DataFolder, Secrets, Tools};
use anyhow::{Result, bail};
use nix::sys::signal::Signal;
use std::path::Path;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

/// A running nats-server.
pub struct Nats {
    child: Child,
    url: String,
}

impl Nats {
    /// Writes the configuration, starts the server and waits until it answers.
    pub async fn start(
        folder: &DataFolder,
        secrets: &Secrets,
        tools: &Tools,
        port: u16,
    ) -> Result<Self> {
        let account = server_account();
        let data = folder.server_folder("nats", account.as_ref())?;
        let logs = folder.server_folder("logs", None)?;
        let password = secrets.text("nats-password")?;
        let config = data.join("nats.conf");
        end_leftover(&data.join("pid"), &config.display().to_string(), Signal::SIGTERM).await?;
        write_private(&config, &configuration(&data, port, &password))?;
        give_to(&config, account.as_ref())?;
        let child = Child::start(Program {
            name: "nats-server",
            path: tools.nats_server.clone(),
            arguments: vec!["-c".into(), config.display().to_string()],
            data,
            log: logs.join("nats.log"),
            stop_signal: Signal::SIGTERM,
        })?;
        let mut nats = Self { child, url: format!("nats://amparo:{password}@127.0.0.1:{port}") };
        nats.wait_until_ready(port).await?;
        Ok(nats)
    }

    /// Address with the password that clients present.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub async fn ended(&mut self) {
        self.child.ended().await;
    }

    pub async fn revive(&mut self) {
        self.child.revive().await;
    }

    pub async fn stop(self) {
        self.child.stop().await;
    }

    async fn wait_until_ready(&mut self, port: u16) -> Result<()> {
        for _ in 0..1500 {
            if greets(port).await {
                return Ok(());
            }
            if self.child.is_over() {
                bail!("it ended while starting; see logs/nats.log in the data folder");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("it does not answer; see logs/nats.log in the data folder")
    }
}

/// A NATS server speaks first.
async fn greets(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await else { return false };
    let mut greeting = [0_u8; 5];
    let read = tokio::time::timeout(Duration::from_secs(1), stream.read_exact(&mut greeting));
    matches!(read.await, Ok(Ok(_))) && &greeting == b"INFO "
}

fn configuration(data: &Path, port: u16, password: &str) -> String {
    let data = data.display();
    format!(
        "server_name: amparo\n\
         listen: \"127.0.0.1:{port}\"\n\
         pid_file: \"{data}/pid\"\n\
         max_payload: 8MB\n\
         authorization {{ user: amparo, password: \"{password}\" }}\n\
         jetstream {{ store_dir: \"{data}\", max_mem: 64MB, max_file: 100GB, sync_interval: 1s }}\n"
    )
}
