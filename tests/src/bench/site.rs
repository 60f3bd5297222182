//! The installation that is measured: servers, services, workers and their cases.

use crate::kept::Kept;
use crate::requests::Person;
use crate::table::{Table, Target};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};
use tests::{BACK, Client, Installation, UP};
use tokio_postgres::NoTls;
use uuid::Uuid;

const ADMINISTRATOR: &str = "admin";
/// Of everyone in a demonstration.
const PASSWORD: &str = "Amparo-demo-1";
/// How many cases a worker has.
const CASELOAD: u64 = 500;
/// How long others may take to hear of what was seeded.
const PATIENCE: Duration = Duration::from_mins(25);
/// At least so many workers.
const WORKERS: u64 = 20;
/// What is measured logs little.
const FLAGS: [&str; 5] = ["--demo", "--tenants", "1", "--log", "warn"];
/// At most so many workers act.
const ACTORS: usize = 50;

/// An installation with an organisation whose tenth was seeded first.
pub struct Site {
    pub installation: Installation,
    pub load_time: Duration,
    pub tenant: Uuid,
    /// What stays for later runs.
    pub kept: Option<Kept>,
    cases: u64,
    /// User names; those of the first tenth own the cases that were there first.
    workers: Vec<String>,
    /// Workers of the first tenth who have signed in, with their cases.
    pub first: Vec<Worker>,
    /// They and others.
    pub all: Vec<Worker>,
}

/// A worker who has signed in.
#[derive(Debug, Clone)]
pub struct Worker {
    pub person: Person,
    pub cases: Vec<Uuid>,
    /// Names of children among them.
    pub names: Vec<String>,
}

impl Site {
    /// Starts everything and hires workers, unless they were hired in an earlier run.
    pub async fn open(cases: u64, load_time: Duration, kept: Option<Kept>) -> Result<Self> {
        let installation = match &kept {
            None => Installation::together_with(&FLAGS[1..])?,
            Some(kept) => Installation::kept_in(&kept.seeded_folder(), &FLAGS)?,
        };
        let mut site = Self::of(installation, cases, load_time).await?;
        site.kept = kept;
        site.hire().await?;
        Ok(site)
    }

    /// An installation in another folder with the same people and cases.
    pub async fn beside(site: &Self, folder: &Path) -> Result<Self> {
        let installation = Installation::kept_in(folder, &FLAGS)?;
        let mut beside = Self::of(installation, site.cases, site.load_time).await?;
        beside.workers.clone_from(&site.workers);
        Ok(beside)
    }

    async fn of(installation: Installation, cases: u64, load_time: Duration) -> Result<Self> {
        println!("an installation at {}", installation.folder().display());
        let mut site = Self {
            installation,
            load_time,
            tenant: Uuid::nil(),
            kept: None,
            cases,
            workers: Vec::new(),
            first: Vec::new(),
            all: Vec::new(),
        };
        let row = site.superuser("identity").await?;
        let row = row.query_one("select tenant from tenant where name = 'demo'", &[]).await?;
        site.tenant = row.get(0);
        Ok(site)
    }

    async fn hire(&mut self) -> Result<()> {
        let client = Client::with_basic(self.port(), "localhost", ADMINISTRATOR, PASSWORD);
        let agencies = client.get("/api/v2/agencies").await?.data()?;
        let agency = agencies[0]["id"].clone();
        let wanted = (self.cases / CASELOAD).max(WORKERS).next_multiple_of(10);
        let sql = "select user_name from user_name where tenant = $1";
        let known = self.superuser("identity").await?.query(sql, &[&self.tenant]).await?;
        let known: BTreeSet<String> = known.iter().map(|row| row.get(0)).collect();
        for number in 0..wanted {
            let name = format!("worker{number}");
            if known.contains(&name) {
                self.workers.push(name);
                continue;
            }
            let user = json!({ "data": {
                "user_name": name, "full_name": name, "email": format!("{name}@example.org"),
                "role_unique_id": "role-cp-case-worker", "agency_id": agency,
                "user_group_unique_ids": ["usergroup-north-coast"], "locale": "en",
                "password": PASSWORD, "password_confirmation": PASSWORD, "send_mail": false,
            }});
            client.post("/api/v2/users", &user).await?.data()?;
            self.workers.push(name);
        }
        println!("{wanted} workers");
        Ok(())
    }

    /// Seeds a tenth of the cases, of the first tenth of the workers; seconds.
    pub fn seed_tenth(&self) -> Result<f64> {
        let (first, _) = self.workers.split_at(self.workers.len() / 10);
        self.seed(first, self.cases / 10, "1")
    }

    /// Seeds the other cases, of the other workers; seconds.
    pub fn seed_rest(&self) -> Result<f64> {
        let (_, rest) = self.workers.split_at(self.workers.len() / 10);
        self.seed(rest, self.cases - self.cases / 10, "2")
    }

    /// Waits until others have been told of all that was seeded and have made their own of it,
    /// which takes its own time in the background; seconds.
    pub async fn told(&self) -> Result<f64> {
        let cases = self.superuser("cases").await?;
        let sql = "select count(*) from (select from event where (transaction, position) > \
                   (select transaction, position from relay_cursor) limit 1) waiting";
        let (began, mut said) = (Instant::now(), Instant::now());
        while cases.query_one(sql, &[]).await?.get::<_, i64>(0) > 0 || self.hears(&cases).await? {
            if began.elapsed() > PATIENCE {
                println!("  others are far behind; what follows runs beside their work");
                break;
            }
            if said.elapsed() > Duration::from_secs(30) {
                println!("  others are being told since {:.0?}", began.elapsed());
                said = Instant::now();
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        Ok(began.elapsed().as_secs_f64())
    }

    /// Whether a consumer of the facts of cases has not come to their end yet.
    async fn hears(&self, cases: &tokio_postgres::Client) -> Result<bool> {
        let sql = "select partition, transaction::text::int8, position from relay_partition";
        let heads = cases.query(sql, &[]).await?;
        for service in BACK {
            let client = self.superuser(service).await?;
            let sql = "select to_regclass('checkpoint') is not null";
            if !client.query_one(sql, &[]).await?.get::<_, bool>(0) {
                continue;
            }
            let sql = "select count(*) from checkpoint where source = 'cases' \
                       and partition = $1 and (transaction, position) < ($2::text::xid8, $3)";
            for head in &heads {
                let (partition, at): (i16, i64) = (head.get(0), head.get(1));
                let position: i64 = head.get(2);
                let behind =
                    client.query_one(sql, &[&partition, &at.to_string(), &position]).await?;
                if behind.get::<_, i64>(0) > 0 {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn seed(&self, workers: &[String], cases: u64, number: &str) -> Result<f64> {
        let cases = cases.to_string();
        let mut arguments = vec!["seed", "demo", "--cases", &cases, "--seed", number];
        for worker in workers {
            arguments.extend(["--worker", worker]);
        }
        let began = Instant::now();
        let said = self.installation.amparo(&arguments)?;
        println!("seeded: {}", said.lines().last().unwrap_or_default());
        Ok(began.elapsed().as_secs_f64())
    }

    /// Signs workers in and learns their cases.
    pub async fn meet(&mut self) -> Result<()> {
        let database = self.superuser("cases").await?;
        // What autovacuum does in time.
        database
            .batch_execute("vacuum (analyze) case_row, case_term, case_mark, event, command")
            .await?;
        let known = self.all.len();
        let tenth = self.workers.len() / 10;
        for name in self.workers.iter().take(ACTORS).skip(known) {
            let sql = "select id from case_row where tenant = $1 and owned_by = $2";
            let rows = database.query(sql, &[&self.tenant, name]).await?;
            let cases: Vec<Uuid> = rows.iter().map(|row| row.get(0)).collect();
            if cases.is_empty() {
                break;
            }
            let person = Person::sign_in(self.port(), name, PASSWORD).await?;
            let names = self.names(&person).await?;
            self.all.push(Worker { person, cases, names });
        }
        self.first = self.all.iter().take(tenth).cloned().collect();
        Ok(())
    }

    /// First names of children in a worker's caseload.
    async fn names(&self, person: &Person) -> Result<Vec<String>> {
        let mut wire = crate::wire::Wire::connect(self.port()).await?;
        wire.ask(&person.get("/api/v2/cases?per=20")).await?;
        let answer = wire.answer();
        let body = answer.windows(4).position(|four| four == b"\r\n\r\n").context("no body")?;
        let page: Value = serde_json::from_slice(&answer[body + 4..])?;
        let rows = page["data"].as_array().context("no list")?;
        let name = |row: &Value| Some(row["name_first"].as_str()?.to_owned());
        Ok(rows.iter().filter_map(name).collect())
    }

    /// How many cases there shall be in the end.
    pub const fn cases(&self) -> u64 {
        self.cases
    }

    pub const fn port(&self) -> u16 {
        self.installation.port
    }

    /// The amparo process.
    pub fn pid(&self) -> Result<i32> {
        let pids = self.installation.pids();
        pids.iter().find(|(name, _)| *name == UP).map(|(_, pid)| *pid).context("it does not run")
    }

    /// The database of one service, as the superuser.
    pub async fn superuser(&self, service: &str) -> Result<tokio_postgres::Client> {
        connect(&self.installation.superuser_url(&format!("amparo_{service}"))?).await
    }

    /// Where the service's own role reaches its database.
    pub fn runtime_url(&self, service: &str) -> Result<String> {
        let path = self.installation.data().join("secrets/postgres-url");
        Ok(std::fs::read_to_string(path)?.trim().replace("{service}", service))
    }

    /// Ends everything, and removes what is not to stay.
    pub fn close(mut self, keep: bool) -> Result<()> {
        let copy = std::env::temp_dir().join(format!("amparo-bench-{}", std::process::id()));
        // What does not run any more has nothing to say.
        let _ = self.installation.stop();
        if keep {
            std::fs::rename(self.installation.folder(), &copy)?;
            println!("kept at {}", copy.display());
        }
        Ok(())
    }
}

/// A connection that lives as long as its client.
pub async fn connect(url: &str) -> Result<tokio_postgres::Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// How long seeding took.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
pub fn tell_seed(table: &mut Table, cases: u64, seconds: f64) {
    let allowed = 600.0 * cases as f64 / 100_000.0;
    table.add("seeding, all cases", seconds, " s", Target::Most(allowed));
}
