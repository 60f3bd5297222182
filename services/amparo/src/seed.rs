//! `amparo seed`: fills a tenant with invented caseloads, for demonstrations and measurements.
//!
//! The same seed and day give the same cases on every machine; a repeat adds none. Cases are
//! written by the service's own commands, through `ImportCases`, as the tenant's own users.

mod acts;
mod child;
mod dice;
mod names;
mod others;
mod requests;
mod story;
mod texts;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use kit_proto::cases::v1::{CaseHistory, CaseStep, ImportCasesReply, ImportCasesRequest};
use kit_proto::configuration::v1::GetLocationFileRequest;
use kit_proto::identity::v1::{GetDirectoryRequest, Tenant};
use kit_proto::records::v1::{ImportRecordsRequest, ImportedRecord};
use kit_proto::tracing::v1::{FiledRequest, ImportRequestsRequest};
use kit_serve::{CallContext, Service, Shared};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::install::find_tenant;
use crate::reach::Reach;
use crate::tenant::explain;
use others::{Filed, Wanted};
use story::{Story, World, tell};

/// Fills a tenant with invented cases.
#[derive(Debug, Args)]
pub struct Seed {
    /// Name of the tenant.
    #[arg(default_value = "demo")]
    tenant: String,
    /// How many cases there shall be.
    #[arg(long, default_value_t = 1_000)]
    cases: u64,
    /// What the cases follow from: another seed gives other cases.
    #[arg(long = "seed", default_value_t = 1)]
    number: u64,
    /// The last day of the histories, YYYY-MM-DD; today when absent.
    #[arg(long)]
    until: Option<jiff::civil::Date>,
    /// User name of a worker who owns cases; can be repeated. Everybody in a group when absent.
    #[arg(long = "worker")]
    workers: Vec<String>,
    /// Cases written in one transaction.
    #[arg(long, default_value_t = 100)]
    batch: u64,
    /// The most tracing requests, filed by families of some of the children.
    #[arg(long, default_value_t = 100)]
    requests: usize,
    /// The most families; one for every twenty cases when absent.
    #[arg(long)]
    families: Option<u64>,
    /// The most registry records; one for every fifty cases when absent.
    #[arg(long)]
    registry: Option<u64>,
    /// The most incidents; one for every ten cases when absent.
    #[arg(long)]
    incidents: Option<u64>,
    /// Transactions at a time.
    #[arg(long, default_value_t = 3)]
    at_once: u64,
    #[command(flatten)]
    reach: Reach,
}

/// What all writers share.
struct Sowing {
    shared: Shared,
    call: CallContext,
    world: World,
    cases: u64,
    wanted: Wanted,
    batch: u64,
    /// The next case that nobody has taken yet.
    next: AtomicU64,
    sown: AtomicU64,
    began: Instant,
}

/// What became of the cases.
#[derive(Debug, Default)]
struct Harvest {
    stored: u64,
    events: u64,
    known: u64,
    /// Reasons of refusals, with how often each was given.
    refused: BTreeMap<String, u64>,
}

/// Writing a batch may wait for a busy database.
const PATIENCE: Duration = Duration::from_mins(3);
/// Progress is told each time this many cases are written.
const TOLD_EVERY: u64 = 5_000;

impl Seed {
    pub async fn run(self) -> Result<()> {
        let shared = self.reach.shared(Service::Gateway)?;
        let tenant = find_tenant(&shared, &self.tenant).await?.context("no such tenant")?;
        let call = shared.internal_call(Some(tenant.id.parse()?)).with_timeout(PATIENCE);
        let day = self.until.unwrap_or_else(|| shared.clock.today());
        let until = day.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp();
        let workers = workers(&shared, &call, &tenant, self.workers).await?;
        let places = places(&shared, &call, &tenant).await?;
        println!("{} workers, {} places", workers.len(), places.len());
        let sowing = Sowing {
            world: World { seed: self.number, until, workers, places },
            shared,
            call,
            cases: self.cases,
            wanted: Wanted {
                families: self.families.unwrap_or(u64::MAX),
                registry: self.registry.unwrap_or(u64::MAX),
                incidents: self.incidents.unwrap_or(u64::MAX),
            },
            batch: self.batch.clamp(1, 1_000),
            next: AtomicU64::new(0),
            sown: AtomicU64::new(0),
            began: Instant::now(),
        };
        let sowing = Arc::new(sowing);
        Arc::clone(&sowing).sow(self.at_once.max(1)).await?.tell()?;
        sowing.file_others().await?;
        sowing.file_requests(self.requests).await
    }
}

impl Sowing {
    async fn sow(self: Arc<Self>, at_once: u64) -> Result<Harvest> {
        let mut writers = JoinSet::new();
        for _ in 0..at_once {
            writers.spawn(Arc::clone(&self).write());
        }
        let mut harvest = Harvest::default();
        while let Some(written) = writers.join_next().await {
            harvest.join(written??);
        }
        self.progress();
        Ok(harvest)
    }

    /// Writes batches until there are no more.
    async fn write(self: Arc<Self>) -> Result<Harvest> {
        let mut cases = self.shared.peers.cases();
        let mut harvest = Harvest::default();
        loop {
            let first = self.next.fetch_add(self.batch, Ordering::Relaxed);
            let last = (first + self.batch).min(self.cases);
            if first >= last {
                return Ok(harvest);
            }
            let histories = (first..last).map(|number| history(self.story(number).0));
            let request = ImportCasesRequest {
                command_id: self.shared.ids.v7().to_string(),
                cases: histories.collect::<Result<_>>()?,
            };
            let reply = cases.import_cases(self.call.request(request)).await.map_err(explain)?;
            harvest.add(reply.into_inner());
            let before = self.sown.fetch_add(last - first, Ordering::Relaxed);
            if (before + last - first) / TOLD_EVERY > before / TOLD_EVERY {
                self.progress();
            }
        }
    }

    /// The n-th case, and what comes beside it.
    fn story(&self, number: u64) -> (Story, Vec<Filed>) {
        let mut story = tell(&self.world, number);
        let filed = others::beside(&self.world, self.wanted, number, &mut story);
        (story, filed)
    }

    /// Families, entries of the register and incidents, in batches of one type.
    async fn file_others(&self) -> Result<()> {
        let kinds = [
            ("family", Service::Cases),
            ("registry_record", Service::Cases),
            ("incident", Service::Incidents),
        ];
        for (record_type, service) in kinds {
            let all = (0..self.cases).flat_map(|number| self.story(number).1);
            let mut records = all.filter(|one| one.record_type == record_type).map(imported);
            let (mut stored, mut known) = (0, 0);
            loop {
                let size = usize::try_from(self.batch).unwrap_or(100);
                let some: Vec<_> = records.by_ref().take(size).collect::<Result<_>>()?;
                if some.is_empty() {
                    break;
                }
                let request =
                    ImportRecordsRequest { record_type: record_type.to_owned(), records: some };
                let mut peer = self.shared.peers.records(service);
                let reply = peer.import_records(self.call.request(request)).await;
                let reply = reply.map_err(explain)?.into_inner();
                if !reply.refused.is_empty() {
                    bail!("some of {record_type} do not fit: {}", reply.refused.join("; "));
                }
                stored += reply.stored;
                known += reply.known;
            }
            println!("{record_type}: {stored} stored, {known} known");
        }
        Ok(())
    }

    /// Families ask for some of the children.
    async fn file_requests(&self, most: usize) -> Result<()> {
        let asked = (0..self.cases)
            .filter_map(|number| requests::ask(&self.world, number, &tell(&self.world, number)));
        let filed = asked.take(most).map(|one| {
            Ok(FiledRequest {
                id: one.id.to_string(),
                at_unix_us: one.at.as_microsecond(),
                user_name: one.by,
                data: serde_json::to_vec(&one.body)?.into(),
            })
        });
        let request = ImportRequestsRequest { requests: filed.collect::<Result<_>>()? };
        let mut tracing = self.shared.peers.tracing();
        let reply = tracing.import_requests(self.call.request(request)).await.map_err(explain)?;
        let reply = reply.into_inner();
        println!("{} tracing requests stored, {} known", reply.stored, reply.known);
        if !reply.refused.is_empty() {
            bail!("some tracing requests do not fit: {}", reply.refused.join("; "));
        }
        Ok(())
    }

    fn progress(&self) {
        let sown = self.sown.load(Ordering::Relaxed);
        println!("{sown} cases in {:.1} s", self.began.elapsed().as_secs_f64());
    }
}

impl Harvest {
    fn add(&mut self, reply: ImportCasesReply) {
        self.stored += reply.stored;
        self.events += reply.events;
        self.known += reply.known;
        for reason in reply.refused.into_iter().flat_map(|refused| refused.reasons) {
            *self.refused.entry(reason).or_default() += 1;
        }
    }

    fn join(&mut self, other: Self) {
        self.stored += other.stored;
        self.events += other.events;
        self.known += other.known;
        for (reason, count) in other.refused {
            *self.refused.entry(reason).or_default() += count;
        }
    }

    fn tell(&self) -> Result<()> {
        println!("{} cases stored with {} events, {} known", self.stored, self.events, self.known);
        for (reason, count) in &self.refused {
            println!("refused {count} times: {reason}");
        }
        if !self.refused.is_empty() {
            bail!("some cases do not fit the tenant's configuration");
        }
        Ok(())
    }
}

fn history(story: Story) -> Result<CaseHistory> {
    let steps = story.steps.into_iter().map(|step| {
        Ok(CaseStep {
            at_unix_us: step.at.as_microsecond(),
            user_name: step.by,
            record_action: step.action.unwrap_or_default().to_owned(),
            data: serde_json::to_vec(&step.body)?.into(),
        })
    });
    Ok(CaseHistory { id: story.id.to_string(), steps: steps.collect::<Result<_>>()? })
}

fn imported(one: Filed) -> Result<ImportedRecord> {
    Ok(ImportedRecord {
        id: one.id.to_string(),
        at_unix_us: one.at.as_microsecond(),
        user_name: one.by,
        data: serde_json::to_vec(&one.body)?.into(),
    })
}

/// User names of those who own cases.
async fn workers(
    shared: &Shared,
    call: &CallContext,
    tenant: &Tenant,
    wanted: Vec<String>,
) -> Result<Vec<String>> {
    let request = GetDirectoryRequest { tenant: tenant.id.clone(), user_names: wanted.clone() };
    let directory = shared.peers.identity().get_directory(call.request(request)).await;
    let mut users = directory.map_err(explain)?.into_inner().users;
    users.retain(|user| !user.disabled && (!wanted.is_empty() || !user.groups.is_empty()));
    let mut names: Vec<String> = users.into_iter().map(|user| user.user_name).collect();
    names.sort();
    if names.is_empty() || names.len() < wanted.len() {
        bail!("these users do not exist: {}", wanted.join(", "));
    }
    Ok(names)
}

/// Codes of the places at the deepest level, where people live.
async fn places(shared: &Shared, call: &CallContext, tenant: &Tenant) -> Result<Vec<String>> {
    let request = GetLocationFileRequest { tenant: tenant.id.clone(), known_etag: String::new() };
    let file = shared.peers.configuration().get_location_file(call.request(request)).await;
    let mut json = Vec::new();
    flate2::read::GzDecoder::new(&*file.map_err(explain)?.into_inner().gzip)
        .read_to_end(&mut json)?;
    let file: Value = serde_json::from_slice(&json)?;
    let rows = file["data"].as_array().map_or(&[][..], Vec::as_slice);
    let deepest = rows.iter().filter_map(|row| row["admin_level"].as_i64()).max();
    let mut codes: Vec<String> = rows
        .iter()
        .filter(|row| row["disabled"] != true && row["admin_level"].as_i64() == deepest)
        .filter_map(|row| row["code"].as_str().map(str::to_owned))
        .collect();
    codes.sort();
    Ok(codes)
}
