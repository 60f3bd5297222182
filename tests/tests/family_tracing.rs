//! From a father's request to a reunification: he asks, the child's case worker hears of it, both
//! sides are compared, the match is confirmed, the child goes home.

use crate::shared::{neighbour, register, script};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::Client;

const TRACES: &str = "tracing_request_subform_section";

#[tokio::test(flavor = "multi_thread")]
async fn a_father_finds_his_daughter() -> Result<()> {
    // Tomas looks after a girl who lives without her family.
    let tomas = script("tomas");
    let case = register(&tomas, daughter()).await?["id"].as_str().unwrap().to_owned();
    // Elsewhere her father comes to Salma, who writes down what he says, in his own script.
    let salma = script("salma");
    let (request, trace) = file(&salma).await?;
    // Nobody searched: both are told.
    let notice = notice(&tomas, &case).await?;
    assert_eq!(notice["text"], "Se presentó una búsqueda que puede referirse a su caso.");
    assert_eq!((&notice["trace"]["id"], &notice["about"]), (&json!(trace), &json!("case")));
    let to_salma = self::notice(&salma, &case).await?;
    assert_eq!(to_salma["text"], "A registered child may be the one that your trace looks for.");
    // Why, field by field; Salma sees no more of the case than she must.
    let why = salma.get(&format!("/api/amparo/v1/traces/{trace}/matches")).await?.data()?;
    let first = &why["potential_matches"][0];
    assert_eq!((&first["case"]["id"], &first["tier"]), (&json!(case), &json!("strong")), "{why}");
    assert!(first["explanation"].as_array().is_some_and(|lines| lines.len() > 4), "{first}");
    assert!(!first.to_string().contains("Rana"), "the mother's name is not hers to read");
    assert_eq!(salma.get(&format!("/api/v2/cases/{case}")).await?.status, 403);
    let found = tomas.get(&format!("/api/v2/cases/{case}/potential_matches")).await?.data()?;
    assert_eq!(found["potential_matches"][0]["trace"]["id"], trace);
    // Next door nobody hears of any of it.
    assert_eq!(neighbour("admin").get(&format!("/api/v2/traces/{trace}")).await?.status, 404);
    // The two talk, and Salma confirms. From then on nobody is asked any more.
    confirm(&salma, &trace, &json!(case)).await?;
    let of_case = tomas.get(&format!("/api/v2/cases/{case}/traces")).await?.data()?;
    assert_eq!(of_case[0]["matched_case_id"], case);
    assert!(self::notices(&tomas, &case).await?.is_empty());
    // A mistake can be taken back, and made good again.
    confirm(&salma, &trace, &Value::Null).await?;
    confirm(&salma, &trace, &json!(case)).await?;
    reunite(&tomas, &case).await?;
    let history = salma.get(&format!("/api/v2/tracing_requests/{request}/record_history")).await?;
    assert_eq!(history.data()?.as_array().map(Vec::len), Some(1), "the request was not touched");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_withdraws_consent_is_found_no_longer_within_a_second() -> Result<()> {
    let (tomas, salma) = (script("tomas"), script("salma"));
    let mut other = daughter();
    other["name_first"] = json!("Noor");
    other["age"] = json!(13);
    let case = register(&tomas, other).await?["id"].as_str().unwrap().to_owned();
    let child = json!({"name": "نور حداد", "sex": "female", "age": 13, "relation": "father"});
    let (_, trace) = file_for(&salma, child).await?;
    until_found(&salma, &trace, &case, true).await?;
    let withdrawn = json!({"data": {"consent_for_tracing": "false"}});
    tomas.patch(&format!("/api/v2/cases/{case}"), &withdrawn).await?.data()?;
    let began = Instant::now();
    until_found(&salma, &trace, &case, false).await?;
    ensure!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    Ok(())
}

fn daughter() -> Value {
    json!({
        "name_first": "Salma", "name_middle": "Karim", "name_last": "Haddad", "sex": "female",
        "age": 6, "consent_for_tracing": "true", "location_last": "AMR020102",
        "date_of_separation": "2025-11-02", "protection_status": "unaccompanied",
        "family_details_section": [
            {"relation": "father", "relation_name": "Karim Haddad", "relation_telephone": "0991 234 567"},
            {"relation": "mother", "relation_name": "Rana Aswad"},
        ],
    })
}

async fn file(salma: &Client) -> Result<(String, String)> {
    let child = json!({"name": "سلمى حداد", "sex": "female", "age": 6, "relation": "father"});
    file_for(salma, child).await
}

async fn file_for(salma: &Client, mut child: Value) -> Result<(String, String)> {
    let trace = tests::fresh_id().to_string();
    child["unique_id"] = json!(trace);
    let data = json!({
        "module_id": "primeromodule-cp", "relation_name": "كريم حداد",
        "relation_telephone": "+963 991 234 567", "location_last": "AMR020102",
        "date_of_separation": "2025-11-02", TRACES: [child],
    });
    let filed = salma.post("/api/v2/tracing_requests", &json!({ "data": data })).await?.data()?;
    Ok((filed["id"].as_str().unwrap().to_owned(), trace))
}

async fn notices(who: &Client, case: &str) -> Result<Vec<Value>> {
    let all = who.get("/api/amparo/v1/notices?per=100").await?.data()?;
    let about = all.as_array().unwrap().iter().filter(|one| one["case"]["id"] == case);
    Ok(about.cloned().collect())
}

/// The notice of a case, once it is there.
async fn notice(who: &Client, case: &str) -> Result<Value> {
    let began = Instant::now();
    loop {
        if let Some(notice) = notices(who, case).await?.pop() {
            return Ok(notice);
        }
        ensure!(began.elapsed() < Duration::from_secs(20), "nobody was told");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn until_found(who: &Client, trace: &str, case: &str, is_found: bool) -> Result<()> {
    let path = format!("/api/v2/traces/{trace}/potential_matches");
    let began = Instant::now();
    loop {
        let found = who.get(&path).await?.data()?;
        let cases = found["potential_matches"].as_array().unwrap();
        if cases.iter().any(|one| one["case"]["id"] == case) == is_found {
            return Ok(());
        }
        ensure!(began.elapsed() < Duration::from_secs(20), "found: {}", !is_found);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn confirm(salma: &Client, trace: &str, case: &Value) -> Result<()> {
    let path = format!("/api/v2/traces/{trace}");
    let body = json!({"data": {"matched_case_id": case}});
    let answer = salma.patch(&path, &body).await?.data()?;
    assert_eq!(answer["matched_case_id"], *case);
    Ok(())
}

async fn reunite(tomas: &Client, case: &str) -> Result<()> {
    let path = format!("/api/v2/cases/{case}");
    let home = json!({"data": {"tracing_status": "reunified", "reunification_details_section": [{
        "date_reunification": "2026-02-20", "name_reunified_adult": "Karim Haddad",
        "relationship_reunified_adult": "father", "location_adult_reunified": "AMR020102",
    }]}});
    tomas.patch(&path, &home).await?.data()?;
    let shown = tomas.get(&path).await?.data()?;
    assert_eq!(shown["tracing_status"], "reunified");
    assert_eq!(shown["reunification_details_section"][0]["relationship_reunified_adult"], "father");
    Ok(())
}
