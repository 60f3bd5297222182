//! The drill of a cluster: Postgres is put back to a moment before an accident, from a base backup
//! and its archived log, NATS loses its disk, and the services that were there before go on. See
//! deploy/BACKUP.md, "A cluster": the steps are the same.

mod kept;

use crate::backup::{Acknowledged, Writers};
use crate::erasure::{self, People, ask, erase, register, rows};
use crate::journey::{eventually, within};
use crate::shared::MODULE;
use anyhow::{Context as _, Result, ensure};
use futures_util::TryStreamExt as _;
use http::Method;
use kept::{Kept, hands};
use kit_bus::Bus;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tests::{Answer, BACK, Installation, SERVICES, UP, WITH_LOG, fresh_id, tell};
use tokio::task::block_in_place;

const LOST: &str = "was written after the moment";
/// How long it may take until everything is told again.
const PATIENCE: Duration = Duration::from_mins(1);
/// Which facts of a log are not told yet.
const UNTOLD: &str = "select count(*) from event e, relay_cursor c \
     where (e.transaction, e.position) > (c.transaction, c.position)";

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_comes_back_as_it_was_at_a_moment() -> Result<()> {
    let mut installation = Installation::servers_only()?;
    let kept = Kept::begin(&mut installation).await?;
    installation.serve(&mut |_, port| port)?;
    let people = erasure::staff(&installation).await?;
    let story = Story::before(&mut installation, &people, &kept).await?;
    let moment = kept.moment(&installation).await?;
    let lost = Lost::after(&mut installation, &people, &story).await?;
    kept.archive_all(&installation).await?;

    let begun = Instant::now();
    stop_all(&mut installation)?;
    kept.recover(&mut installation, &moment).await?;
    tell(&format!("recovered to {moment}: {:.1?}, stopping included", begun.elapsed()));
    let begun = Instant::now();
    installation.start(UP)?;
    installation.lead_anew()?;
    BACK.into_iter().try_for_each(|name| installation.start(name))?;
    told_again(&installation).await?;
    tell(&format!("everything is told again {:.1?} after the start", begun.elapsed()));
    let said = block_in_place(|| installation.amparo(&["verify"]))?;
    assert!(said.contains("nothing is damaged"), "{said}");
    installation.start("gateway")?;

    story.is_there(&people).await?;
    lost.is_gone(&people).await?;
    others_have_each_once(&installation, &people, &story).await?;
    lost.of_devices_is_sorted(&people, &story).await?;
    goes_on(&installation, &people, &story).await?;
    stop_all(&mut installation)
}

/// What was acknowledged before the moment.
struct Story {
    written: Acknowledged,
    /// A case that people go on writing, with its version at the moment.
    shared: (String, u64),
    /// Erased before the moment, and after it.
    erased: [String; 2],
    incident: String,
}

impl Story {
    /// People write before, during and after the base backup; one service hears nothing of the
    /// last that happens before the moment.
    async fn before(installation: &mut Installation, people: &People, kept: &Kept) -> Result<Self> {
        let gone = register(&people.worker, "Zenobia").await?;
        erase(people, &gone).await?;
        let later = register(&people.worker, "Zenobia").await?;
        let shared = text(&register(&people.worker, "Shared").await?);
        let writers = Writers::start(&|| erasure::worker(installation));
        eventually("everybody writes", async || Ok(writers.so_far().len() > 10)).await?;
        let begun = Instant::now();
        block_in_place(|| kept.base_backup(installation))?;
        tell(&format!("base backup, while people write: {:.1?}", begun.elapsed()));
        let during = writers.so_far().len();
        eventually("they go on", async || Ok(writers.so_far().len() > during + 10)).await?;
        block_in_place(|| installation.stop_service("reporting"))?;
        let unheard = writers.so_far().len();
        eventually("nobody listens", async || Ok(writers.so_far().len() > unheard + 10)).await?;
        let data = json!({ "module_id": MODULE, "incident_case_id": shared });
        let incident = people.worker.post("/api/v2/incidents", &json!({ "data": data })).await?;
        let incident = text(&incident.data()?["id"]);
        let path = format!("/api/v2/cases/{shared}");
        let version = version(&people.worker.get(&path).await?)?;
        let written = writers.stop().await?;
        Ok(Self {
            written,
            shared: (shared, version),
            erased: [text(&gone), text(&later)],
            incident,
        })
    }

    /// All that was acknowledged is there, but for what was erased, whenever that was.
    async fn is_there(&self, people: &People) -> Result<()> {
        for (id, name) in &self.written {
            let path = format!("/api/v2/cases/{}", text(id));
            assert_eq!(people.worker.get(&path).await?.data()?["name_first"], **name);
        }
        for id in &self.erased {
            let answer = people.worker.get(&format!("/api/v2/cases/{id}")).await?;
            assert_eq!(answer.status, 410, "{id} was erased");
        }
        let incident = format!("/api/v2/incidents/{}", self.incident);
        assert_eq!(people.worker.get(&incident).await?.status, 200);
        let shared = people.worker.get(&format!("/api/v2/cases/{}", self.shared.0)).await?;
        assert_eq!(version(&shared)?, self.shared.1);
        assert_eq!(shared.data()?["address_current"], Value::Null);
        let listed = people.worker.get("/api/v2/cases?per=1").await?.json();
        assert_eq!(listed["metadata"]["total"], self.written.len() + 1);
        Ok(())
    }
}

/// What was acknowledged after the moment, and is given up.
struct Lost {
    case: String,
    /// What a device has of the shared case: its version, and the tag of the whole record.
    version: u64,
    tag: Value,
    /// The command of that write.
    command: String,
}

impl Lost {
    async fn after(
        installation: &mut Installation,
        people: &People,
        story: &Story,
    ) -> Result<Self> {
        block_in_place(|| installation.start("reporting"))?;
        let case = text(&register(&people.worker, "Lost").await?);
        let (command, shared) = (fresh_id().to_string(), &story.shared.0);
        let path = format!("/api/v2/cases/{shared}");
        let answer = patch(people, &path, LOST, &[("idempotency-key", &command)]).await?;
        let version = version(&answer)?;
        ensure!(version > story.shared.1, "the write has a version of its own");
        let tag = sync(people, shared, &json!("none")).await?["changed"][0]["tag"].clone();
        ensure!(tag.is_string(), "a device keeps it: {tag}");
        erase(people, &json!(story.erased[1])).await?;
        heard(installation, &case).await?;
        // The accident: somebody's hands in the database.
        hands(installation, "amparo_cases", "delete from case_row").await?;
        let listed = people.worker.get("/api/v2/cases?per=1").await?.data()?;
        ensure!(listed == json!([]), "nobody finds a case any more: {listed}");
        Ok(Self { case, version, tag, command })
    }

    async fn is_gone(&self, people: &People) -> Result<()> {
        let path = format!("/api/v2/cases/{}", self.case);
        assert_eq!(people.worker.get(&path).await?.status, 404);
        Ok(())
    }

    /// A device has seen what is lost. It is told what the record is now; what its person wrote
    /// upon the lost version is refused by name, and kept both ways when it is sent again as
    /// based on the first version.
    async fn of_devices_is_sorted(&self, people: &People, story: &Story) -> Result<()> {
        let shared = &story.shared.0;
        let path = format!("/api/v2/cases/{shared}");
        let told = sync(people, shared, &self.tag).await?;
        assert_eq!(told["changed"][0]["id"], **shared, "{told}");
        let (based, note) = (self.version.to_string(), fresh_id().to_string());
        let note = |based| [("if-match", based), ("idempotency-key", note.as_str())];
        let refused = patch(people, &path, "a note", &note(&based)).await?;
        assert_eq!((refused.status, refused.named_fields()), (422, vec!["base_version".into()]));
        // Somebody else has written the same field meanwhile.
        patch(people, &path, "others", &[]).await?.data()?;
        let settled = patch(people, &path, "a note", &note("1")).await?.data()?;
        let both = settled["conflicts"].to_string();
        assert!(both.contains("others") && both.contains("a note"), "{settled}");
        // A device that never heard that its write was taken says it again: that is no repeat now.
        let again = patch(people, &path, LOST, &[("idempotency-key", &self.command)]).await?;
        assert_eq!(again.data()?["address_current"], LOST);
        Ok(())
    }
}

/// What a device that has this tag of one record is told.
async fn sync(people: &People, id: &str, tag: &Value) -> Result<Value> {
    let data = json!({ "known": { "case": { id: tag } }, "pinned": { "case": [id] }, "limit": 0 });
    people.worker.post("/api/amparo/v1/sync", &json!({ "data": data })).await?.data()
}

/// Writes the address of a case.
async fn patch(
    people: &People,
    path: &str,
    address: &str,
    headers: &[(&str, &str)],
) -> Result<Answer> {
    let body = json!({ "data": { "address_current": address } }).to_string();
    people.worker.send_with(Method::PATCH, path, Some(body.into()), headers).await
}

/// Every log is in NATS again, to its end, and each case that is there.
async fn told_again(installation: &Installation) -> Result<()> {
    for service in WITH_LOG {
        within(PATIENCE, "all facts are published", async || {
            Ok(ask(installation, &format!("amparo_{service}"), UNTOLD).await? == "0")
        })
        .await?;
    }
    let cases = ids(installation, "amparo_cases", "case_row").await?;
    within(PATIENCE, "NATS has facts of every case", async || {
        Ok(in_nats(installation, "cases").await?.is_superset(&cases))
    })
    .await
}

/// What NATS has facts of, told by one service.
async fn in_nats(installation: &Installation, service: &str) -> Result<BTreeSet<String>> {
    let url = std::fs::read_to_string(installation.data().join("secrets/nats-url"))?;
    let stream = Bus::connect(&url).await?.stream(service).await?;
    let mut subjects = stream.info_with_subjects(">").await?;
    let mut found = BTreeSet::new();
    while let Some(one) = subjects.try_next().await? {
        found.extend(one.0.rsplit('.').next().map(String::from));
    }
    Ok(found)
}

/// What others made of the facts is what the databases of those who told them say.
async fn others_have_each_once(
    installation: &Installation,
    people: &People,
    story: &Story,
) -> Result<()> {
    // Of what is erased they remember that it is.
    let mut cases = ids(installation, "amparo_cases", "case_row").await?;
    cases.extend(story.erased.iter().cloned());
    let incidents = ids(installation, "amparo_incidents", "incident_row").await?;
    ensure!(incidents.contains(&story.incident), "{incidents:?}");
    for (kind, wanted) in [("case", cases), ("incident", incidents)] {
        let told = format!("board_record where record_type = '{kind}'");
        within(PATIENCE, "reporting has each record", async || {
            Ok(ids(installation, "amparo_reporting", &told).await? == wanted)
        })
        .await?;
    }
    let path = "/api/v2/dashboards?names[]=case_overview";
    eventually("dashboards count what is there", async || {
        let boards = people.worker.get(path).await?.data()?;
        Ok(boards[0]["indicators"]["total"]["count"] == story.written.len() + 1)
    })
    .await?;
    // Read models that others' facts go into are what they are when they are made anew.
    let before = rows(installation).await?;
    block_in_place(|| installation.amparo(&["rebuild", "cases"]))?;
    assert_eq!(rows(installation).await?, before);
    for service in BACK {
        let database = format!("amparo_{service}");
        let poison = ask(installation, &database, "select count(*) from poison").await?;
        assert_eq!(poison, "0", "{service}");
    }
    Ok(())
}

async fn ids(installation: &Installation, database: &str, of: &str) -> Result<BTreeSet<String>> {
    let sql = format!("select coalesce(string_agg(id::text, ' '), '') from {of}");
    Ok(ask(installation, database, &sql).await?.split(' ').map(String::from).collect())
}

/// People go on, and others hear of it.
async fn goes_on(installation: &Installation, people: &People, story: &Story) -> Result<()> {
    let id = text(&register(&people.worker, "Afterwards").await?);
    heard(installation, &id).await?;
    told_again(installation).await?;
    let log = people.asker.get("/api/v2/audit_logs?per=1000").await?.json();
    let total = log["metadata"]["total"].as_u64().context("a total")?;
    ensure!(total > story.written.len() as u64, "the audit log has {total} entries");
    Ok(())
}

/// Reporting has heard of a case.
async fn heard(installation: &Installation, id: &str) -> Result<()> {
    let sql = format!("select count(*) from board_record where id = '{id}'");
    eventually("a case is heard of", async || {
        Ok(ask(installation, "amparo_reporting", &sql).await? == "1")
    })
    .await
}

fn stop_all(installation: &mut Installation) -> Result<()> {
    block_in_place(|| {
        for service in SERVICES.into_iter().rev() {
            ensure!(installation.stop_service(service)?, "{service} did not end well");
        }
        ensure!(installation.stop()?, "the servers did not end well");
        Ok(())
    })
}

fn text(id: &Value) -> String {
    id.as_str().unwrap().to_owned()
}

fn version(answer: &Answer) -> Result<u64> {
    let version = answer.headers.get("record-version").context("it has a version")?;
    Ok(version.to_str()?.parse()?)
}
