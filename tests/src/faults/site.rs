//! The installation that is harmed, and the ways to harm it.

use crate::proxy::Proxies;
use anyhow::{Context as _, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use std::path::Path;
use std::time::Duration;
use tests::{Client, Dice, Installation, SERVICES, UP};
use tokio_postgres::NoTls;

/// The organisation's host.
const HOST: &str = "localhost";
/// Caseworkers; there is an `admin` beside them.
const CASEWORKERS: [&str; 2] = ["salma", "tomas"];

/// Everything that can be done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// A process of Amparo is killed and started again; with `up` go its servers.
    Kill(&'static str),
    /// The postmaster is killed; `amparo up` starts it again.
    KillPostgres,
    /// One process of Postgres is killed, which makes it drop all connections and recover.
    KillBackend,
    /// The nats-server is killed; `amparo up` starts it again.
    KillNats,
    /// Postgres ends all its connections.
    Terminate,
    /// All connections to something are cut.
    Cut(&'static str),
    /// Nothing passes on the way to something for a while.
    Hold(&'static str),
    /// JetStream loses all that it had stored.
    WipeJetStream,
}

/// What runs, and where it can be cut.
pub struct Site {
    pub installation: Installation,
    proxies: Option<Proxies>,
    /// Of everyone in the organisation.
    password: &'static str,
}

impl Site {
    /// All in one process.
    pub fn together() -> Result<Self> {
        Ok(Self {
            installation: Installation::together(1)?,
            proxies: None,
            password: "Amparo-demo-1",
        })
    }

    /// Each service as a process of its own, with detours between them.
    pub fn apart() -> Result<Self> {
        let proxies = Proxies::default();
        let installation = Installation::apart_by(&mut |name, port| proxies.detour(name, port))?;
        Ok(Self { installation, proxies: Some(proxies), password: "First-entry-1" })
    }

    /// Opens the organisation and hires its people, where `amparo up --demo` did not.
    pub async fn staff(&self) -> Result<()> {
        if self.proxies.is_none() {
            return Ok(());
        }
        tokio::task::block_in_place(|| {
            self.insist(&["tenant", "open", "demo", "--host", HOST])?;
            self.insist(&["install-configuration", "demo"])
        })?;
        self.wait_until_ready().await?;
        for user_name in CASEWORKERS {
            let user = json!({
                "user_name": user_name, "full_name": user_name, "agency_id": 1,
                "email": format!("{user_name}@amparo.example"), "locale": "en",
                "password": self.password, "password_confirmation": self.password,
                "role_unique_id": "role-cp-case-worker", "send_mail": false,
                "user_group_unique_ids": ["usergroup-child-protection"],
            });
            self.script("admin").post("/api/v2/users", &json!({ "data": user })).await?.data()?;
        }
        Ok(())
    }

    /// Services that have just started may still say no.
    fn insist(&self, command: &[&str]) -> Result<()> {
        for _ in 0..30 {
            if self.installation.amparo(command).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        self.installation.amparo(command).map(drop)
    }

    /// Every harm that fits, in some order; the wiping is among them when it is asked for.
    pub fn deck(&self, dice: &mut Dice, with_wipe: bool) -> Vec<Harm> {
        let mut deck = vec![
            Harm::Kill(UP),
            Harm::KillPostgres,
            Harm::KillBackend,
            Harm::KillNats,
            Harm::Terminate,
        ];
        if self.proxies.is_some() {
            deck.extend(SERVICES.map(Harm::Kill));
            let behind = ["postgres", "nats", "cases", "identity", "configuration", "keyring"];
            deck.extend(behind.map(Harm::Cut));
            deck.extend([*dice.pick(&behind), *dice.pick(&behind)].map(Harm::Hold));
        }
        if with_wipe {
            deck.push(Harm::WipeJetStream);
        }
        for last in (1..deck.len()).rev() {
            deck.swap(last, dice.below(last + 1));
        }
        deck
    }

    /// Does it, and puts right what nobody else will.
    pub async fn harm(&mut self, harm: Harm, dice: &mut Dice) -> Result<()> {
        match harm {
            Harm::Kill(name) => {
                self.installation.kill(name)?;
                tokio::time::sleep(dice.pause(0, 1_000)).await;
                self.start(name)
            }
            Harm::KillPostgres => self.kill_by("postgres/postmaster.pid"),
            Harm::KillBackend => self.kill_backend(dice),
            Harm::KillNats => self.kill_by("nats/pid"),
            Harm::Terminate => self.terminate().await,
            Harm::WipeJetStream => self.wipe(),
            Harm::Cut(name) => {
                self.proxy(name)?.cut();
                Ok(())
            }
            Harm::Hold(name) => {
                self.proxy(name)?.hold(dice.pause(200, 3_000)).await;
                Ok(())
            }
        }
    }

    fn start(&mut self, name: &str) -> Result<()> {
        tokio::task::block_in_place(|| self.installation.start(name))?;
        if let (UP, Some(proxies)) = (name, &self.proxies) {
            for server in ["postgres", "nats"] {
                proxies.detour(server, self.installation.server_port(server)?);
            }
        }
        Ok(())
    }

    fn proxy(&self, name: &str) -> Result<crate::proxy::Proxy> {
        self.proxies.as_ref().and_then(|all| all.get(name)).context("no such detour")
    }

    fn pid(&self, file: &str) -> Option<i32> {
        let text = std::fs::read_to_string(self.installation.data().join(file)).ok()?;
        let pid: i32 = text.split_whitespace().next()?.parse().ok()?;
        // A file of an earlier run may name somebody else's process.
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let ours = self.installation.data().display().to_string();
        String::from_utf8_lossy(&line).contains(&ours).then_some(pid)
    }

    fn kill_by(&self, file: &str) -> Result<()> {
        // Gone already when the last harm was the same: nothing to do.
        self.pid(file).map_or(Ok(()), murder)
    }

    fn kill_backend(&self, dice: &mut Dice) -> Result<()> {
        let Some(pid) = self.pid("postgres/postmaster.pid") else { return Ok(()) };
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        let children: Vec<i32> = children
            .unwrap_or_default()
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        if children.is_empty() { Ok(()) } else { murder(*dice.pick(&children)) }
    }

    async fn terminate(&self) -> Result<()> {
        let sql = "select pg_terminate_backend(pid) from pg_stat_activity \
                   where usename like 'amparo%' and pid <> pg_backend_pid()";
        let Ok(client) = self.sql("postgres").await else { return Ok(()) };
        let _ = client.batch_execute(sql).await;
        Ok(())
    }

    fn wipe(&self) -> Result<()> {
        let store = self.installation.data().join("nats/jetstream");
        let gone = store.with_extension("gone");
        if store.exists() {
            // Moved away first: the supervisor starts the server again at once.
            std::fs::rename(&store, &gone)?;
            self.kill_by("nats/pid")?;
            remove(&gone)?;
        }
        Ok(())
    }

    /// A connection to one of its databases that may do anything.
    pub async fn sql(&self, database: &str) -> Result<tokio_postgres::Client> {
        let url = self.installation.superuser_url(database)?;
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// A script that acts for someone.
    pub fn script(&self, user_name: &str) -> Client {
        Client::with_basic(self.installation.port, HOST, user_name, self.password)
    }

    /// Waits until requests of the kind that clients make are answered.
    pub async fn wait_until_ready(&self) -> Result<()> {
        let paths =
            ["/health", "/api/v2/cases?per=1", "/api/v2/users?per=1", "/api/v2/audit_logs?per=1"];
        let admin = self.script("admin");
        for path in paths {
            let mut said = None;
            for _ in 0..300 {
                let asked = tokio::time::timeout(Duration::from_secs(10), admin.get(path)).await;
                said = match asked {
                    Ok(Ok(answer)) if (200..300).contains(&answer.status) => None,
                    Ok(Ok(answer)) => Some(String::from_utf8_lossy(&answer.body).into_owned()),
                    other => Some(format!("{:?}", other.map(|it| it.map(|it| it.status)))),
                };
                if said.is_none() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            anyhow::ensure!(said.is_none(), "{path} is not answered again: {said:?}");
        }
        Ok(())
    }
}

fn murder(pid: i32) -> Result<()> {
    match kill(Pid::from_raw(pid), Signal::SIGKILL) {
        Ok(()) | Err(nix::errno::Errno::ESRCH) => Ok(()),
        Err(error) => Err(error).context("cannot kill it"),
    }
}

/// Patient: a dying server may still write into it.
fn remove(folder: &Path) -> Result<()> {
    for _ in 0..50 {
        if std::fs::remove_dir_all(folder).is_ok() || !folder.exists() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    std::fs::remove_dir_all(folder).context("cannot remove JetStream's store")
}
