//! What is wrong is refused with the field's name, and nothing has changed.

use crate::shared::{MODULE, PASSWORD, installation, register, script};
use anyhow::Result;
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use tests::{Answer, Client, fresh_id};

const CASES: &str = "/api/v2/cases";

/// Refused with a status of ours, an error envelope, and the field that is to blame.
fn assert_names(answer: &Answer, status: u16, field: &str) {
    let text = String::from_utf8_lossy(&answer.body);
    assert_eq!(answer.status, status, "{text}");
    let named = answer.named_fields();
    assert!(
        named.iter().any(|it| it.trim_start_matches('/').starts_with(field)),
        "{field}: {text}"
    );
}

/// Sends one case that is wrong in one field, to be created and to be changed.
async fn refused(field: &str, value: Value) -> Result<()> {
    let client = script("salma");
    let case = register(&client, json!({ "name_first": "Steady" })).await?;
    let path = format!("{CASES}/{}", case["id"].as_str().unwrap());
    let before = client.get(&path).await?.data()?;

    let id = fresh_id();
    let mut data = json!({ "id": id, "module_id": MODULE, "name_first": "Other", "sex": "male" });
    data[field] = value.clone();
    assert_names(&client.post(CASES, &json!({ "data": data })).await?, 422, field);
    assert_eq!(client.get(&format!("{CASES}/{id}")).await?.status, 404);

    let change = json!({ "data": { field: value, "name_nickname": "Changed" } });
    assert_names(&client.patch(&path, &change).await?, 422, field);
    assert_eq!(client.get(&path).await?.data()?, before);
    Ok(())
}

#[tokio::test]
async fn wrong_types() -> Result<()> {
    refused("age", json!("nine")).await?;
    refused("name_first", json!(["a", "list"])).await?;
    refused("sex", json!({ "a": "map" })).await?;
    refused("date_of_birth", json!(true)).await
}

#[tokio::test]
async fn numbers_and_dates_out_of_range() -> Result<()> {
    refused("age", json!(-1)).await?;
    refused("age", json!(4000)).await?;
    refused("date_of_birth", json!("2999-01-01")).await?;
    refused("registration_date", json!("2026-13-40")).await
}

#[tokio::test]
async fn options_that_are_not_on_the_list() -> Result<()> {
    refused("sex", json!("'; DROP TABLE case_row; --")).await?;
    refused("risk_level", json!({ "$ne": null })).await
}

#[tokio::test]
async fn statements_and_paths_are_only_text() -> Result<()> {
    let client = script("salma");
    let odd = "Robert'); DROP TABLE case_row; -- ../../etc/passwd ${jndi:x} <script>";
    let case = register(&client, json!({ "name_first": odd })).await?;
    let path = format!("{CASES}/{}", case["id"].as_str().unwrap());
    assert_eq!(client.get(&path).await?.data()?["name_first"], odd);
    Ok(())
}

#[tokio::test]
async fn malformed_json_and_invalid_utf8() -> Result<()> {
    let client = script("salma");
    let half = Bytes::from_static(br#"{"data": {"name_first": "#);
    let latin = Bytes::from_static(b"{\"data\": {\"name_first\": \"Jos\xe9\"}}");
    for body in [half, latin] {
        let answer = client.send(Method::POST, CASES, Some(body)).await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!([400, 422].contains(&answer.status), "{} {text}", answer.status);
        assert!(answer.json()["errors"][0]["message"].is_string(), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn bodies_of_ten_megabytes() -> Result<()> {
    let client = script("salma");
    let body = json!({ "data": { "module_id": MODULE, "name_first": "x".repeat(10 << 20) } });
    match client.post(CASES, &body).await {
        Ok(answer) => assert!([413, 422].contains(&answer.status), "{}", answer.status),
        // A server may close the connection rather than read on.
        Err(error) => assert!(error.to_string().contains("no answer"), "{error}"),
    }
    assert_eq!(client.get(CASES).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn deep_nesting() -> Result<()> {
    let client = script("salma");
    let depth = 20_000;
    let body =
        format!(r#"{{"data": {{"name_first": {}{}}}}}"#, "[".repeat(depth), "]".repeat(depth));
    let answer = client.send(Method::POST, CASES, Some(body.into())).await?;
    assert!([400, 422].contains(&answer.status), "{}", answer.status);
    assert_eq!(client.get(CASES).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn five_thousand_rows_of_a_subform() -> Result<()> {
    let rows: Vec<_> = (0..5000).map(|_| json!({ "unique_id": fresh_id() })).collect();
    refused("services_section", json!(rows)).await
}

#[tokio::test]
async fn rows_of_a_subform_without_an_id_of_their_own() -> Result<()> {
    refused("services_section", json!([{ "unique_id": "not-an-id" }])).await?;
    let id = fresh_id();
    refused("services_section", json!([{ "unique_id": id }, { "unique_id": id }])).await
}

#[tokio::test]
async fn an_id_that_is_taken() -> Result<()> {
    let client = script("salma");
    let case = register(&client, json!({ "name_first": "First" })).await?;
    let again = json!({ "data": { "id": case["id"], "module_id": MODULE, "name_first": "Second", "sex": "male" } });
    assert_eq!(client.post(CASES, &again).await?.status, 409);
    let path = format!("{CASES}/{}", case["id"].as_str().unwrap());
    assert_eq!(client.get(&path).await?.data()?["name_first"], "First");
    Ok(())
}

#[tokio::test]
async fn a_version_from_the_future() -> Result<()> {
    let client = script("salma");
    let case = register(&client, json!({ "name_first": "Now" })).await?;
    let path = format!("{CASES}/{}", case["id"].as_str().unwrap());
    for version in [json!(99), json!("x"), json!(-3)] {
        let change = json!({ "data": { "name_first": "Then" }, "base_version": version });
        assert_names(&client.patch(&path, &change).await?, 422, "base_version");
    }
    assert_eq!(client.get(&path).await?.data()?["name_first"], "Now");
    Ok(())
}

#[tokio::test]
async fn ids_that_are_no_ids() -> Result<()> {
    let client = script("salma");
    for id in ["1%20OR%201=1", "..%2F..%2Fetc%2Fpasswd", "%00", "0", "%F0%9F%98%80"] {
        let status = client.get(&format!("{CASES}/{id}")).await?.status;
        assert!([400, 404].contains(&status), "{id}: {status}");
    }
    Ok(())
}

#[tokio::test]
async fn unknown_fields_are_left_out() -> Result<()> {
    let client = script("salma");
    let case = register(&client, json!({ "name_first": "Known", "no_such_field": "x" })).await?;
    assert_eq!(case["no_such_field"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn unknown_fields_are_named_to_whoever_prefers_strict_handling() -> Result<()> {
    let client = script("salma");
    let case = register(&client, json!({ "name_first": "Known" })).await?;
    let path = format!("{CASES}/{}", case["id"].as_str().unwrap());
    let before = client.get(&path).await?.data()?;
    let change = json!({ "data": { "age": 9, "no_such_field": "x" } }).to_string();
    let strict = [("prefer", "handling=strict")];
    let answer = client.send_with(Method::PATCH, &path, Some(change.into()), &strict).await?;
    assert_names(&answer, 422, "no_such_field");
    assert_eq!(client.get(&path).await?.data()?, before);
    Ok(())
}

#[tokio::test]
async fn forged_credentials() -> Result<()> {
    let client = Client::new(installation().port, "localhost");
    for (name, value) in [
        ("authorization", "Basic c2FsbWE6d3Jvbmc="),
        ("authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."),
        ("cookie", "_app_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ("amparo-principal-bin", "AAAA"),
    ] {
        let answer = client.send_with(Method::GET, CASES, None, &[(name, value)]).await?;
        assert_eq!(answer.status, 401, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn a_session_without_its_csrf_token() -> Result<()> {
    let client = Client::signed_in(installation().port, "localhost", "tomas", PASSWORD).await?;
    let body = json!({ "data": { "module_id": MODULE, "name_first": "Forged" } }).to_string();
    for token in ["", "wrong"] {
        let headers = [("x-csrf-token", token)];
        let body = Some(Bytes::from(body.clone()));
        let answer = client.send_with(Method::POST, CASES, body, &headers).await?;
        assert_eq!(answer.status, 403, "{token}");
    }
    Ok(())
}

#[tokio::test]
async fn names_with_marks_that_nobody_sees() -> Result<()> {
    let client = script("salma");
    // A zero-width joiner, a right-to-left override, a byte order mark.
    let odd = "Ami\u{200d}na \u{202e}Haddad\u{feff}";
    let case = register(&client, json!({ "name_first": odd })).await?;
    let path = format!("{CASES}/{}", case["id"].as_str().unwrap());
    let kept = client.get(&path).await?.data()?["name_first"].as_str().unwrap().to_owned();
    assert!(!kept.contains('\u{202e}') || kept == odd, "{kept:?}");
    let found = client.get("/api/v2/cases?query=Amina%20Haddad&phonetic=true").await?.data()?;
    let ids: Vec<_> = found.as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
    assert!(ids.contains(&case["id"]), "{found}");
    Ok(())
}

#[tokio::test]
async fn errors_speak_the_callers_language() -> Result<()> {
    // Someone who has not chosen a language; what a user has chosen comes first.
    let client = script("admin");
    let body = json!({ "data": { "module_id": MODULE, "age": 4000 } }).to_string();
    let mut sentences = Vec::new();
    for language in ["en", "fr", "es", "ar"] {
        let headers = [("accept-language", language)];
        let body = Some(Bytes::from(body.clone()));
        let answer = client.send_with(Method::POST, CASES, body, &headers).await?;
        assert_names(&answer, 422, "age");
        let fields = answer.json()["errors"][0]["fields"].clone();
        let age = fields.as_array().unwrap().iter().find(|it| it["pointer"] == "/age").unwrap();
        sentences.push(age["message"].to_string());
    }
    sentences.sort();
    sentences.dedup();
    assert_eq!(sentences.len(), 4, "{sentences:?}");
    Ok(())
}
