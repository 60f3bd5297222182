//! Who may be whom: in both directions, with reasons, within everybody's rights; and the memory
//! that this is kept in.

use std::time::Duration;

use family_tracing::pool::Pools;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::rig::{Rig, ann, bob, status};

/// Salma of the Haddads, as a case tells of her.
pub fn salma() -> Value {
    json!({
        "name": "Salma Karim Haddad", "sex": "female", "age": 6, "consent_for_tracing": "true",
        "location_last": "SY0201", "date_of_separation": "2025-11-02",
        "family_details_section": [
            {"relation": "father", "relation_name": "Karim Haddad", "relation_telephone": "0991234567"},
            {"relation": "mother", "relation_name": "Rana Aswad"},
        ],
    })
}

/// Her father.
pub fn father() -> Value {
    json!({
        "relation_name": "كريم حداد", "relation_telephone": "+963 991 234 567",
        "location_last": "SY0201", "date_of_separation": "2025-11-02",
    })
}

pub fn sought() -> Value {
    json!({"name": "سلمى حداد", "sex": "female", "age": 6, "relation": "father"})
}

#[tokio::test]
async fn a_father_finds_his_daughter_and_is_told_why_in_his_language() {
    let rig = Rig::start().await;
    let case = rig.case("bob", &["bob"], salma()).await;
    let (_, trace) = rig.request(&ann(), father(), sought()).await;
    let took = rig.until_found(&trace, case, true).await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    let answer = rig.potential(&ann(), &trace).await.unwrap().data;
    assert_eq!(answer["record"], json!({"id": trace, "type": "trace"}));
    let first = &answer["potential_matches"][0];
    assert_eq!((&first["likelihood"], &first["trace"]["id"]), (&json!("likely"), &json!(trace)));
    assert_eq!(first["case"]["owned_by"], "bob");
    // Ann does not reach bob's case: no more of it is shown than the reference shows.
    let lines = first["comparison"]["case_to_trace"].as_array().unwrap();
    let told: Vec<_> = lines.iter().filter(|one| !one["case_value"].is_null()).collect();
    let names: Vec<_> = told.iter().map(|one| one["field_name"].as_str().unwrap()).collect();
    assert_eq!(names, ["name", "sex", "age"]);
    assert_eq!(lines.len(), told.len(), "what is not shown is neither equal nor different");
    assert_eq!(first["comparison"]["family_to_inquirer"], json!([]));
    let ours = rig.matches(&ann(), &trace, "fr").await.unwrap().data;
    let first = &ours["potential_matches"][0];
    assert_eq!((&first["tier"], &ours["same_family"]), (&json!("strong"), &json!([])));
    let reasons = first["explanation"].as_array().unwrap();
    assert!(reasons.iter().any(|one| one["sentence"].as_str().unwrap().contains("deux écritures")));
    assert!(reasons.iter().all(|one| one["speaks"].is_string()));
    assert!(first["ask"].as_array().unwrap().iter().any(|one| one["field"] == "religion"));
}

#[tokio::test]
async fn a_case_finds_who_looks_for_the_child() {
    let rig = Rig::start().await;
    let (request, trace) = rig.request(&ann(), father(), sought()).await;
    let case = rig.case("bob", &["bob"], salma()).await;
    rig.until_found(&trace, case, true).await;
    let answer = rig.potential_of_case(&bob(), case).await.unwrap().data;
    assert_eq!(answer["record"], json!({"id": case, "type": "case"}));
    let first = &answer["potential_matches"][0];
    assert_eq!(
        (&first["trace"]["id"], &first["trace"]["name"]),
        (&json!(trace), &json!("سلمى حداد"))
    );
    assert_eq!(first["trace"]["tracing_request_id"], json!(request));
    // Bob does not reach the request: who asks, and where they can be reached, is not his to see.
    assert!(first["trace"].get("relation_name").is_none());
    assert!(first["trace"].get("relation_telephone").is_none());
    assert_eq!(status(rig.potential_of_case(&ann(), case).await), 403);
    assert_eq!(status(rig.potential_of_case(&bob(), Uuid::nil()).await), 404);
    // It is proposed a moment after it can be found.
    for _ in 0..200 {
        let ours = rig.matches_of_case(&bob(), case).await.unwrap().data;
        if ours["potential_matches"][0]["standing"] == "proposed" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("what was found is never proposed");
}

#[tokio::test]
async fn another_child_of_the_family_is_called_that() {
    let rig = Rig::start().await;
    let mut sister = salma();
    sister["name"] = json!("Lina Karim Haddad");
    sister["age"] = json!(12);
    let lina = rig.case("bob", &["bob"], sister).await;
    let (_, trace) = rig.request(&ann(), father(), sought()).await;
    for _ in 0..200 {
        let answer = rig.matches(&ann(), &trace, "en").await.unwrap().data;
        if answer["same_family"][0]["case"]["id"] == json!(lina) {
            assert_eq!(answer["same_family"][0]["tier"], "same_family");
            assert!(rig.potential(&ann(), &trace).await.unwrap().cases().is_empty());
            let notices = rig.until_notices(&bob(), 1).await;
            assert_eq!(notices[0]["tier"], "same_family");
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{}", rig.matches(&ann(), &trace, "en").await.unwrap().data);
}

#[tokio::test]
async fn what_is_matched_is_the_same_in_every_process_and_after_a_start() {
    let rig = Rig::start().await;
    let followed = Pools::new(rig.store());
    let empty = rig.digest_of(&followed).await;
    let one = rig.case("bob", &["bob"], salma()).await;
    let two =
        rig.case("bob", &["bob"], json!({"name": "Omar Said", "consent_for_tracing": true})).await;
    let (request, trace) = rig.request(&ann(), father(), sought()).await;
    rig.until_found(&trace, one, true).await;
    rig.digest_of(&followed).await;
    rig.change(one, json!({"age": 7})).await;
    rig.change(two, json!({"consent_for_tracing": false})).await;
    rig.disable(&ann(), &request).await.unwrap();
    rig.patch(&ann(), &request, json!({"record_state": true})).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let (then, now) = (rig.digest_of(&followed).await, rig.digest().await);
    assert_eq!(then, now);
    assert_ne!(now, empty);
    // Its own rows are made anew while facts arrive.
    let owner = rig.db.owner();
    let store = rig.store();
    let (rebuilt, ()) = tokio::join!(
        store.rebuild(&owner, &["trace_sought", "trace_pair"]),
        rig.change(one, json!({"age": 8}))
    );
    rebuilt.unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(rig.digest_of(&followed).await, rig.digest().await);
    rig.until_found(&trace, one, true).await;
}
