//! The embedded default: a private Postgres and nats-server as supervised
//! children under one data folder, without root, container or system service.
//! Knows nothing of what Amparo stores in them.

mod child;
mod folder;
mod nats;
mod postgres;
mod secrets;
mod tools;

pub use child::{as_account, server_account};
pub use folder::{DataFolder, Lock, give_to, write_private};
pub use nats::Nats;
pub use postgres::{Postgres, SUPERUSER};
pub use secrets::Secrets;
pub use tools::Tools;

use anyhow::{Context as _, Result};
use std::net::{Ipv4Addr, TcpListener};

/// Both servers, up and answering.
pub struct Embedded {
    pub postgres: Postgres,
    pub nats: Nats,
}

impl Embedded {
    /// Ends what an earlier run may have left behind, then starts both.
    ///
    /// Must run on the main thread: the children are told to end when the
    /// thread that started them does.
    pub async fn start(folder: &DataFolder, secrets: &Secrets, tools: &Tools) -> Result<Self> {
        let [nats_port, postgres_port] = free_ports()?;
        let nats = Nats::start(folder, secrets, tools, nats_port);
        let postgres = Postgres::start(folder, secrets, tools, postgres_port);
        match tokio::join!(nats, postgres) {
            (Ok(nats), Ok(postgres)) => Ok(Self { postgres, nats }),
            (Ok(nats), Err(error)) => {
                nats.stop().await;
                Err(error).context("cannot start Postgres")
            }
            (Err(error), Ok(postgres)) => {
                postgres.stop().await;
                Err(error).context("cannot start nats-server")
            }
            (Err(error), Err(_)) => Err(error).context("cannot start nats-server or Postgres"),
        }
    }

    /// Starts a server again whenever it ends by itself. Never returns.
    pub async fn supervise(&mut self) {
        loop {
            tokio::select! {
                () = self.postgres.ended() => self.postgres.revive().await,
                () = self.nats.ended() => self.nats.revive().await,
            }
        }
    }

    /// Ends both, NATS first, so that nothing is told to a stopped database.
    pub async fn stop(self) {
        self.nats.stop().await;
        self.postgres.stop().await;
    }
}

/// Loopback ports that nobody listens on right now, all different.
pub fn free_ports<const N: usize>() -> Result<[u16; N]> {
    let mut held = Vec::with_capacity(N);
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
        *port = listener.local_addr()?.port();
        held.push(listener);
    }
    Ok(ports)
}
