//! The caseload of the demonstration: records of every type with what belongs to them, entered by
//! its people beside those who work already, and nothing twice at a second start.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::{Value, json};
use tests::{Client, Installation};

const PASSWORD: &str = "Amparo-demo-1";
/// How many of each type there are.
const TOTALS: [(&str, u64); 5] = [
    ("cases", 35),
    ("incidents", 13),
    ("families", 3),
    ("registry_records", 4),
    ("tracing_requests", 6),
];

async fn totals(admin: &Client) -> Result<Vec<(&'static str, u64)>> {
    let mut found = Vec::new();
    for (list, _) in TOTALS {
        let answer = admin.get(&format!("/api/v2/{list}?per=1")).await?.json();
        found.push((list, answer["metadata"]["total"].as_u64().unwrap_or_default()));
    }
    Ok(found)
}

/// The whole case that a search finds first.
async fn read_first(by: &Client, path: &str) -> Result<Value> {
    let found = by.get(path).await?.data()?;
    let Some(id) = found[0]["id"].as_str() else { bail!("nothing at {path}") };
    by.get(&format!("/api/v2/cases/{id}")).await?.data()
}

#[tokio::test]
async fn a_demonstration_has_a_caseload_and_a_second_start_adds_nothing() -> Result<()> {
    let mut installation = Installation::together_with(&["--demo-records"])?;
    let by = |name| Client::with_basic(installation.port, "localhost", name, PASSWORD);
    let (admin, salma, tomas) = (by("admin"), by("salma"), by("tomas"));
    let deadline = Instant::now() + Duration::from_mins(2);
    let adam = loop {
        // The last act of all.
        match read_first(&salma, "/api/v2/cases?query=Adam%20Okello&phonetic=true").await {
            Ok(adam) if adam["last_updated_by"] == "awa" => break adam,
            adam if Instant::now() > deadline => bail!("{:?} {adam:?}", totals(&admin).await?),
            _ => tokio::time::sleep(Duration::from_millis(250)).await,
        }
    };
    assert_eq!(totals(&admin).await?, TOTALS);

    let lina = read_first(&salma, "/api/v2/cases?query=Lina%20Haddad&phonetic=true").await?;
    let path = format!("/api/v2/cases/{}", lina["id"].as_str().unwrap_or_default());
    assert_eq!(lina["family_size"], 4, "{lina}");
    assert!(lina["family_details_section"].to_string().contains("Sami Haddad"), "{lina}");
    let history = salma.get(&format!("{path}/record_history")).await?.data()?;
    assert!(history.as_array().is_some_and(|all| all.len() > 3), "{history}");
    assert_eq!(adam["incident_details"].as_array().map(Vec::len), Some(1), "{adam}");
    let asked = tomas.get("/api/v2/tracing_requests?per=100").await?.data()?;
    let matched =
        |one: &Value| one["tracing_request_subform_section"][0]["matched_case_id"].is_string();
    assert_eq!(asked.as_array().unwrap().iter().filter(|one| matched(one)).count(), 1, "{asked}");
    let notices = salma.get("/api/amparo/v1/notices").await?.data()?;
    assert!(!notices.as_array().unwrap().is_empty(), "{notices}");
    let tasks = tomas.get("/api/v2/tasks").await?.data()?;
    assert!(tasks.as_array().unwrap().iter().any(|task| task["overdue"] == true), "{tasks}");
    let survivor = by("tsion").get("/api/v2/incidents").await?.data()?;
    assert_eq!(survivor.as_array().map(Vec::len), Some(4), "{survivor}");
    let page = by("daniel").get("/api/amparo/v1/home").await?.data()?;
    assert!(page["dashboards"].to_string().contains("armed_group_1"), "{page}");

    let before = json!([totals(&admin).await?, salma.get(&path).await?.data()?]);
    installation.restart()?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(json!([totals(&admin).await?, salma.get(&path).await?.data()?]), before);
    Ok(())
}
