//! Two organisations on one installation: neither reaches the other's.

use crate::shared::{PASSWORD, installation, neighbour, register, script};
use anyhow::Result;
use http::Method;
use serde_json::json;
use tests::{Client, fresh_id};

#[tokio::test]
async fn ids_of_another_organisation_are_unknown_ids() -> Result<()> {
    let case = register(&script("salma"), json!({ "name_first": "Next door" })).await?;
    let theirs = format!("/api/v2/cases/{}", case["id"].as_str().unwrap());
    let nobodys = format!("/api/v2/cases/{}", fresh_id());
    let admin = neighbour("admin");
    let change = json!({ "data": { "name_first": "Changed" } });
    for path in [&theirs, &nobodys] {
        assert_eq!(admin.get(path).await?.status, 404);
        assert_eq!(admin.patch(path, &change).await?.status, 404);
        assert_eq!(admin.delete(path).await?.status, 404);
        assert_eq!(admin.get(&format!("{path}/record_history")).await?.status, 404);
    }
    let known = admin.get(&theirs).await?.json()["errors"][0]["message"].clone();
    let unknown = admin.get(&nobodys).await?.json()["errors"][0]["message"].clone();
    assert_eq!(known, unknown, "an error tells that a record exists elsewhere");
    assert_eq!(script("salma").get(&theirs).await?.data()?["name_first"], "Next door");
    Ok(())
}

#[tokio::test]
async fn lists_and_searches_end_at_the_organisation() -> Result<()> {
    register(&script("salma"), json!({ "name_first": "Zubeida Okonkwo" })).await?;
    let found =
        neighbour("admin").get("/api/v2/cases?query=Zubeida&phonetic=true").await?.data()?;
    assert_eq!(found, json!([]));
    let found = script("salma").get("/api/v2/cases?query=Zubeida&phonetic=true").await?.data()?;
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    Ok(())
}

#[tokio::test]
async fn a_session_is_good_for_its_own_host_only() -> Result<()> {
    let port = installation().port;
    let client = Client::signed_in(port, "localhost", "awa", PASSWORD).await?;
    assert_eq!(client.get("/api/v2/cases").await?.status, 200);
    let elsewhere = format!("org2.localhost:{port}");
    let moved = [("host", elsewhere.as_str())];
    let answer = client.send_with(Method::GET, "/api/v2/cases", None, &moved).await?;
    assert_eq!(answer.status, 401);
    let nowhere = [("host", "nobody.localhost")];
    let answer = client.send_with(Method::GET, "/api/v2/cases", None, &nowhere).await?;
    assert_eq!(answer.status, 404);
    Ok(())
}
