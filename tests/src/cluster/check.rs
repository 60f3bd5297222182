//! What must hold in the end.

use crate::caseworker::{Case, Caseworker};
use crate::servers::figure;
use crate::site::Site;
use anyhow::Result;
use serde_json::Value;
use std::time::{Duration, Instant};
use tests::Client;

/// How long others may take to hear of everything.
const PATIENCE: Duration = Duration::from_secs(40);
/// Logged by a process that was told to stop and did not end in time, or by one that is broken.
const BAD_LINES: [&str; 3] = ["drain timeout was over", "panicked", "lost a request"];

/// Everything that does not hold.
pub async fn all(site: &Site, workers: &[Caseworker]) -> Result<Vec<String>> {
    let admin = site.admin()?;
    let mut problems = Vec::new();
    for case in workers.iter().flat_map(|one| &one.cases) {
        problems.extend(kept(&admin, case).await?);
    }
    let known = workers.iter().map(|one| one.cases.len()).sum::<usize>();
    let body = admin.get("/api/v2/cases?per=1").await?.json();
    if body["metadata"]["total"] != known {
        let total = &body["metadata"]["total"];
        problems.push(format!("{known} registrations were acknowledged, {total} cases are there"));
    }
    problems.extend(audited(site, workers).await?);
    problems.extend(caught_up(site).await?);
    if let Err(damage) = tokio::task::block_in_place(|| site.amparo(&["verify"])) {
        problems.push(format!("amparo verify: {damage:#}"));
    }
    problems.extend(logged(site)?);
    Ok(problems)
}

/// Every acknowledged change is in the history once, and the last one of each field in force.
async fn kept(admin: &Client, case: &Case) -> Result<Vec<String>> {
    let path = format!("/api/v2/cases/{}", case.id);
    let data = admin.get(&path).await?.data()?;
    let mut problems = Vec::new();
    for (field, mark) in case.last() {
        if data[field] != *mark {
            problems.push(format!("{path}: {field} is {}, acknowledged was {mark}", data[field]));
        }
    }
    let history = admin.get(&format!("{path}/record_history?per=1000")).await?.data()?;
    for (field, mark) in &case.marks {
        let times = times(&history, field, mark);
        if times != 1 {
            problems
                .push(format!("{path}: {mark} was acknowledged, its history has it {times} times"));
        }
    }
    Ok(problems)
}

fn times(history: &Value, field: &str, mark: &str) -> usize {
    let entries = history.as_array().into_iter().flatten();
    let changes = entries.flat_map(|one| one["record_changes"].as_array().into_iter().flatten());
    changes.filter(|change| change[field]["to"] == mark).count()
}

/// The audit log has all that was acknowledged, soon.
async fn audited(site: &Site, workers: &[Caseworker]) -> Result<Vec<String>> {
    let cases = workers.iter().flat_map(|one| &one.cases);
    let wanted: usize = cases.map(|case| 1 + case.marks.len()).sum();
    let sql = "select count(*) from audit_entry where status between 200 and 299 \
               and http_method in ('POST', 'PATCH') and record_type = 'child'";
    let begun = Instant::now();
    loop {
        let reporting = site.standby.sql("amparo_reporting").await?;
        let found: i64 = reporting.query_one(sql, &[]).await?.get(0);
        if usize::try_from(found)? >= wanted {
            return Ok(vec![]);
        }
        if begun.elapsed() > PATIENCE {
            return Ok(vec![format!("the audit log has {found} of {wanted} writes")]);
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Relays have told everything, consumers have heard it, none is stopped.
async fn caught_up(site: &Site) -> Result<Vec<String>> {
    const FIGURES: [&str; 4] = [
        "amparo_relay_pending",
        "amparo_relay_parked",
        "amparo_consumer_lag",
        "amparo_consumer_poisoned",
    ];
    let begun = Instant::now();
    loop {
        let mut behind = Vec::new();
        for (pod, text) in site.figures().await? {
            let all = FIGURES.map(|name| (name, figure(&text, name)));
            let bad = all.into_iter().filter(|(_, value)| *value > 0.0);
            behind.extend(bad.map(|(name, value)| format!("{pod}: {name} stays at {value}")));
        }
        if behind.is_empty() || begun.elapsed() > PATIENCE {
            return Ok(behind);
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// What no process may have logged.
fn logged(site: &Site) -> Result<Vec<String>> {
    let mut bad = Vec::new();
    for entry in std::fs::read_dir(&site.folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "log") {
            let text = std::fs::read_to_string(&path)?;
            let lines = text.lines().filter(|line| BAD_LINES.iter().any(|it| line.contains(it)));
            bad.extend(lines.map(|line| format!("{}: {line}", path.display())));
        }
    }
    Ok(bad)
}
