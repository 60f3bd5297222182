//! Proposals, the notices of them, and what people say to them.

use serde_json::{Value, json};
use std::time::Duration;

use crate::matching::{father, salma, sought};
use crate::rig::{Rig, TRACES, ann, bob, manager, nobody, status};

#[tokio::test]
async fn both_sides_are_told_and_each_says_for_themselves_that_they_saw_it() {
    let rig = Rig::start().await;
    let case = rig.case("bob", &["bob"], salma()).await;
    let (request, trace) = rig.request(&ann(), father(), sought()).await;
    let to_bob = rig.until_notices(&bob(), 1).await.remove(0);
    assert_eq!(to_bob["text"], "A trace was filed that may concern your case.");
    assert_eq!((&to_bob["about"], &to_bob["seen"]), (&json!("case"), &json!(false)));
    assert_eq!(to_bob["case"], json!({"id": case, "case_id_display": "SY-1234567"}));
    assert_eq!(to_bob["trace"], json!({"id": trace, "tracing_request_id": request}));
    let whole = to_bob.to_string();
    assert!(!whole.contains("Salma") && !whole.contains("حداد"), "a notice names nobody");
    let to_ann = rig.until_notices(&ann(), 1).await.remove(0);
    assert_eq!((&to_ann["about"], &to_ann["id"]), (&json!("trace"), &to_bob["id"]));
    let id = to_bob["id"].as_str().unwrap();
    assert_eq!(rig.see(&bob(), id, json!({"seen": true})).await.unwrap().data["seen"], true);
    assert_eq!(rig.notices(&bob(), "seen=false").await.unwrap().data, json!([]));
    assert_eq!(rig.notices(&bob(), "").await.unwrap().metadata["unseen"], 0);
    assert_eq!(rig.notices(&ann(), "").await.unwrap().metadata["unseen"], 1);
    // A manager of both has it too; who owns neither has none, and cannot answer for others.
    rig.until_notices(&manager(), 1).await;
    assert_eq!(rig.notices(&nobody(), "").await.unwrap().data, json!([]));
    assert_eq!(status(rig.see(&nobody(), id, json!({"seen": true})).await), 404);
    for odd in [json!({}), json!({"seen": "yes"}), json!({"seen": null})] {
        assert_eq!(status(rig.see(&ann(), id, odd).await), 422);
    }
    for odd in ["per=0", "page=x", "per=-1", "page=99999999999999999999"] {
        assert_eq!(status(rig.notices(&ann(), odd).await), 422, "{odd}");
    }
}

#[tokio::test]
async fn a_rejected_case_is_not_proposed_again_unless_something_that_matters_changes() {
    let rig = Rig::start().await;
    let case = rig.case("bob", &["bob"], salma()).await;
    let (request, trace) = rig.request(&ann(), father(), sought()).await;
    rig.until_notices(&ann(), 1).await;
    assert!(rig.reject(&ann(), &trace, json!(case)).await.unwrap().no_content);
    assert_eq!(rig.notices(&ann(), "").await.unwrap().data, json!([]));
    assert!(rig.potential(&ann(), &trace).await.unwrap().cases().is_empty());
    assert_eq!(
        rig.potential_of_case(&bob(), case).await.unwrap().data["potential_matches"],
        json!([])
    );
    // The case is saved again, with something that the comparison does not know.
    rig.change(case, json!({"owned_by": "bob", "name_nickname": "Lulu"})).await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(rig.notices(&ann(), "").await.unwrap().data, json!([]));
    // The family says another age: that is another question.
    rig.patch(&ann(), &request, json!({TRACES: [{"unique_id": trace, "age": 8}]})).await.unwrap();
    let again = rig.until_notices(&ann(), 1).await;
    assert_eq!(again[0]["case"]["id"], json!(case));
}

#[tokio::test]
async fn nothing_confirms_itself_and_a_confirmed_trace_is_quiet_until_it_is_freed() {
    let rig = Rig::start().await;
    let case = rig.case("bob", &["bob"], salma()).await;
    let (_, trace) = rig.request(&ann(), father(), sought()).await;
    rig.until_notices(&ann(), 1).await;
    assert_eq!(rig.trace(&ann(), &trace).await.unwrap().data["matched_case_id"], Value::Null);
    // Ann does not reach the case, but it was found for her trace.
    let confirmed = rig.confirm(&ann(), &trace, json!(case)).await.unwrap().data;
    assert_eq!(confirmed["matched_case_id"], json!(case));
    rig.until_notices(&bob(), 0).await;
    assert_eq!(status(rig.reject(&ann(), &trace, json!(case)).await), 409);
    let other = rig.case("bob", &["bob"], salma()).await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(rig.notices(&bob(), "").await.unwrap().data, json!([]));
    rig.confirm(&ann(), &trace, Value::Null).await.unwrap();
    let told = rig.until_notices(&bob(), 2).await;
    let cases: Vec<_> = told.iter().map(|one| one["case"]["id"].clone()).collect();
    assert!(cases.contains(&json!(case)) && cases.contains(&json!(other)));
}
