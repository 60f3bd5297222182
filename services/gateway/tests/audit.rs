//! What the audit log is told.

use std::time::Duration;

use http::Method;
use kit_bus::Kind;
use kit_proto::facts::v1::CallAudited;

use crate::rig::{PASSWORD, Rig};

#[tokio::test]
async fn every_call_leaves_an_entry_refused_ones_too() {
    let rig = Rig::start().await;
    let mut overheard = rig.bus.overhear("gateway").await.unwrap();
    // The subscription has to be there before the first entry.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut browser = rig.browser();
    browser.get("/api/v2/primero").await;
    browser.sign_in("ann", "guess").await;
    browser.sign_in("ann", PASSWORD).await;
    browser.get("/api/v2/cases?query=Rana&per=5").await;
    browser.get("/api/v2/cases/hidden").await;
    browser
        .send(Method::PATCH, "/api/v2/cases/abc", r#"{"data":{"a":1},"record_action":"close"}"#)
        .await;
    browser.post("/api/v2/roles", "oops").await;
    browser.get("/api/v2/contact_information").await;
    browser.get("/api/v2/nothing").await;
    browser.send(Method::DELETE, "/api/v2/tokens", "").await;
    browser.get("/api/v2/cases").await;
    rig.stop().await;

    let mut entries = Vec::new();
    while let Ok(Some(fact)) = tokio::time::timeout(Duration::from_secs(2), overheard.next()).await
    {
        let Some(Kind::CallAudited(entry)) = fact.kind else { panic!("{fact:?}") };
        entries.push(entry);
    }
    let mut seen: Vec<(String, String, u32)> =
        entries.iter().map(|e| (e.action.clone(), e.user_name.clone(), e.status)).collect();
    seen.sort();
    let wanted = [
        ("close", "ann", 200),
        ("create", "ann", 400),
        ("failed_login", "ann", 401),
        ("index", "ann", 200),
        ("list", "", 401),
        ("login", "ann", 200),
        ("logout", "ann", 200),
        ("show", "ann", 403),
    ];
    let wanted: Vec<(String, String, u32)> =
        wanted.iter().map(|(a, u, s)| ((*a).to_owned(), (*u).to_owned(), *s)).collect();
    assert_eq!(seen, wanted);
    check_details(&entries);
}

fn check_details(entries: &[CallAudited]) {
    let of = |action: &str| entries.iter().find(|entry| entry.action == action).unwrap();
    let index = of("index");
    assert_eq!(index.resource_url, "http://demo.example/api/v2/cases?query=&per=5");
    assert_eq!(index.record_type, "child");
    assert_eq!(index.record_ids.len(), 1);
    assert_eq!((index.user_id, index.agency_id.as_str(), index.role_id.as_str()), (7, "4", "3"));
    assert_eq!(
        (of("close").record_id.as_str(), of("close").http_method.as_str()),
        ("abc", "PATCH")
    );
    assert_eq!(of("show").remote_ip, "127.0.0.1");
}
