//! Tracing requests and their traces: filed, read, changed, matched by hand.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::rig::{MODULE, Rig, TRACES, ann, bob, manager, no_matches, nobody, status};

#[tokio::test]
async fn a_request_is_filed_and_its_traces_are_reached_alone() {
    let rig = Rig::start().await;
    let inquirer = json!({"relation_name": "Karim Haddad"});
    let child = json!({"name": "Salma Haddad", "age": 6, "relation": "father"});
    let (request, trace) = rig.request(&ann(), inquirer, child).await;
    let shown = rig.get(&ann(), &request).await.unwrap().data;
    assert_eq!(
        (&shown["tracing_names"], &shown["inquiry_date"]),
        (&json!(["Salma Haddad"]), &json!("2026-01-31"))
    );
    let listed = rig.traces(&ann(), &request).await.unwrap();
    assert_eq!(listed.ids(), [trace.as_str()]);
    assert!(listed.metadata.is_null());
    let one = rig.trace(&ann(), &trace).await.unwrap().data;
    for (name, value) in [
        ("id", json!(trace)),
        ("tracing_request_id", json!(request)),
        ("matched_case_id", Value::Null),
        ("relation_name", json!("Karim Haddad")),
        ("name", json!("Salma Haddad")),
        ("age", json!(6)),
    ] {
        assert_eq!(one[name], value, "{name}");
    }
    assert!(one.get("matched_case_comparison").is_none());
    let change = json!({TRACES: [{"unique_id": trace, "age": 7}]});
    rig.patch(&ann(), &request, change).await.unwrap();
    assert_eq!(rig.trace(&ann(), &trace).await.unwrap().data["age"], 7);
}

#[tokio::test]
async fn a_trace_is_reached_by_whoever_reaches_its_request() {
    let rig = Rig::start().await;
    let (request, trace) = rig.request(&ann(), json!({}), json!({"name": "Salma"})).await;
    assert_eq!(status(rig.trace(&bob(), &trace).await), 403);
    assert_eq!(status(rig.traces(&bob(), &request).await), 403);
    assert_eq!(status(rig.trace(&nobody(), &trace).await), 403);
    assert_eq!(status(rig.trace(&manager(), &trace).await), 200);
    assert_eq!(status(rig.confirm(&manager(), &trace, Value::Null).await), 403);
    for odd in ["7", "", "../x", &Uuid::nil().to_string()] {
        assert_eq!(status(rig.trace(&ann(), odd).await), 404);
    }
    assert_eq!(status(rig.potential(&no_matches(), &trace).await), 403);
    assert_eq!(status(rig.matches(&no_matches(), &trace, "en").await), 403);
    assert_eq!(status(rig.notices(&no_matches(), "").await), 403);
    assert_eq!(status(rig.reject(&no_matches(), &trace, json!(Uuid::nil())).await), 403);
}

#[tokio::test]
async fn a_trace_belongs_to_one_request_and_stays_there() {
    let rig = Rig::start().await;
    let (request, trace) = rig.request(&ann(), json!({}), json!({"name": "Salma"})).await;
    let stolen = json!({"module_id": MODULE, TRACES: [{"unique_id": trace, "name": "x"}]});
    assert_eq!(status(rig.create(&bob(), stolen).await), 409);
    let odd = json!({"module_id": MODULE, TRACES: [{"unique_id": "x", "name": "x"}]});
    assert_eq!(status(rig.create(&bob(), odd).await), 422);
    let destroyed = json!({TRACES: [{"unique_id": trace, "_destroy": true}]});
    rig.patch(&ann(), &request, destroyed).await.unwrap();
    assert_eq!(rig.traces(&ann(), &request).await.unwrap().ids(), [trace.as_str()]);
    assert_eq!(rig.trace(&ann(), &trace).await.unwrap().data["name"], "Salma");
}

#[tokio::test]
async fn a_match_is_confirmed_shown_on_both_sides_and_taken_back() {
    let rig = Rig::start().await;
    // Without consent it is not found, but whoever knows the child may say so.
    let case = rig.case("ann", &["ann"], json!({"name": "Salma Haddad", "age": 6})).await;
    let inquirer = json!({"relation_name": "Karim"});
    let (request, trace) =
        rig.request(&ann(), inquirer, json!({"name": "Salma Haddad", "age": 7})).await;
    let answer = rig.confirm(&ann(), &trace, json!(case)).await.unwrap().data;
    assert_eq!(answer["matched_case_id"], json!(case));
    let lines = answer["matched_case_comparison"]["case_to_trace"].as_array().unwrap();
    let verdict = |name: &str| lines.iter().find(|one| one["field_name"] == name).unwrap();
    assert_eq!(
        (&verdict("name")["match"], &verdict("age")["match"]),
        (&json!("match"), &json!("mismatch"))
    );
    assert_eq!(rig.of_case(&ann(), case).await.unwrap().ids(), [trace.as_str()]);
    assert_eq!(status(rig.of_case(&bob(), case).await), 403);
    let shown = rig.get(&ann(), &request).await.unwrap().data;
    assert_eq!(shown["tracing_request_subform_section"][0]["matched_case_id"], json!(case));
    rig.confirm(&ann(), &trace, json!(case)).await.unwrap();
    let freed = rig.confirm(&ann(), &trace, Value::Null).await.unwrap().data;
    assert_eq!(freed["matched_case_id"], Value::Null);
    let shown = rig.get(&ann(), &request).await.unwrap().data;
    assert_eq!(shown["tracing_request_subform_section"][0]["matched_case_id"], Value::Null);
    assert_eq!(rig.of_case(&ann(), case).await.unwrap().ids().len(), 0);
}

#[tokio::test]
async fn nobody_learns_by_confirming_which_cases_there_are() {
    let rig = Rig::start().await;
    let hidden = rig.case("bob", &["bob"], json!({"name": "Amal", "age": 9})).await;
    let (_, trace) = rig.request(&ann(), json!({}), json!({"name": "Salma"})).await;
    assert_eq!(status(rig.confirm(&ann(), &trace, json!(hidden)).await), 403);
    assert_eq!(status(rig.confirm(&ann(), &trace, json!(Uuid::nil())).await), 404);
    assert_eq!(status(rig.reject(&ann(), &trace, json!(hidden)).await), 404);
    for odd in [json!("x"), json!(7), json!([]), json!({})] {
        assert_eq!(status(rig.confirm(&ann(), &trace, odd.clone()).await), 422);
        assert_eq!(status(rig.reject(&ann(), &trace, odd).await), 422);
    }
    assert_eq!(status(rig.reject(&ann(), &trace, Value::Null).await), 422);
    assert_eq!(rig.trace(&ann(), &trace).await.unwrap().data["matched_case_id"], Value::Null);
}

#[tokio::test]
async fn of_two_confirmations_at_once_one_stands() {
    let rig = Rig::start().await;
    let one = rig.case("ann", &["ann"], json!({"name": "One"})).await;
    let two = rig.case("ann", &["ann"], json!({"name": "Two"})).await;
    let (_, trace) = rig.request(&ann(), json!({}), json!({"name": "Salma"})).await;
    let caller = ann();
    let (first, second) = tokio::join!(
        rig.confirm(&caller, &trace, json!(one)),
        rig.confirm(&caller, &trace, json!(two))
    );
    let won = if first.is_ok() { one } else { two };
    let mut codes = [status(first), status(second)];
    codes.sort_unstable();
    assert_eq!(codes, [200, 409]);
    assert_eq!(rig.trace(&ann(), &trace).await.unwrap().data["matched_case_id"], json!(won));
    let lost = if won == one { two } else { one };
    assert_eq!(rig.of_case(&ann(), lost).await.unwrap().ids().len(), 0);
}
