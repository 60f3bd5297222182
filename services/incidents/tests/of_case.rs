//! Incidents of a case: begun, linked, listed, and following its owner.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::rig::{MODULE, Rig, ann, bob, manager, nobody, status};

#[tokio::test]
async fn a_new_form_is_filled_with_what_the_case_says() {
    let rig = Rig::start().await;
    let case = rig.case("bob", &["ann"], json!({"age": 9, "name": "Amal"}));
    let new = rig.new_of_case(&ann(), case).await.unwrap().data;
    assert_eq!(
        (&new["id"], &new["age"], &new["status"], &new["incident_case_id"], &new["module_id"]),
        (&Value::Null, &json!(9), &json!("open"), &json!(case), &json!(MODULE))
    );
    assert_eq!((new.get("name"), &new["owned_by"]), (None, &json!("bob")));
    assert_eq!(status(rig.new_of_case(&bob(), case).await), 403, "bob does not reach the case");
    assert_eq!(status(rig.new_of_case(&ann(), Uuid::nil()).await), 404);
    assert_eq!(rig.list(&ann(), "").await.unwrap().ids().len(), 0, "nothing was stored");
}

#[tokio::test]
async fn an_incident_of_a_case_belongs_to_its_owner() {
    let rig = Rig::start().await;
    let case = rig.case("bob", &["ann", "bob"], json!({"age": 9}));
    let sent = json!({
        "incident_case_id": case, "description": "seen", "owned_by": "carla",
        "case_id_display": "forged",
    });
    let id = rig.create(&ann(), sent).await.unwrap().data["id"].as_str().unwrap().to_owned();
    let shown = rig.get(&bob(), &id).await.unwrap().data;
    assert_eq!(
        (&shown["owned_by"], &shown["age"], &shown["description"], &shown["case_id_display"]),
        (&json!("bob"), &json!(9), &json!("seen"), &json!("SY-1234567"))
    );
    assert_eq!(rig.of_case(&bob(), case).await.unwrap().ids(), [id.as_str()]);
    assert!(rig.of_case(&bob(), case).await.unwrap().metadata.is_null());
    // Ann reaches the case, but not an incident that bob owns.
    assert_eq!(rig.of_case(&ann(), case).await.unwrap().ids().len(), 0);
    assert_eq!(status(rig.of_case(&manager(), case).await), 403);
    // While it belongs to a case it is given away with the case only.
    rig.patch(&bob(), &id, json!({"owned_by": "carla"})).await.unwrap();
    assert_eq!(rig.get(&bob(), &id).await.unwrap().data["owned_by"], "bob");
}

#[tokio::test]
async fn a_case_that_the_caller_does_not_reach_gets_no_incident() {
    let rig = Rig::start().await;
    let case = rig.case("bob", &["bob"], json!({"age": 9}));
    assert_eq!(status(rig.create(&ann(), json!({"incident_case_id": case})).await), 403);
    let unknown = json!({"incident_case_id": Uuid::from_u128(9)});
    assert_eq!(status(rig.create(&ann(), unknown).await), 404);
    assert_eq!(rig.list(&ann(), "").await.unwrap().ids().len(), 0);
}

#[tokio::test]
async fn incidents_are_linked_all_or_none() {
    let rig = Rig::start().await;
    let case = rig.case("bob", &["ann", "bob"], json!({"age": 9}));
    let one = rig.incident(&ann(), json!({"age": 4})).await;
    let two = rig.incident(&ann(), json!({})).await;
    let unknown = json!({"incident_ids": [one, Uuid::nil()]});
    assert_eq!(status(rig.link(&ann(), case, unknown).await), 404);
    assert_eq!(rig.get(&ann(), &one).await.unwrap().data["owned_by"], "ann");
    assert_eq!(status(rig.link(&nobody(), case, json!({"incident_ids": [one]})).await), 403);
    assert_eq!(status(rig.link(&bob(), case, json!({"incident_ids": [one]})).await), 403);
    for odd in [json!({}), json!({"incident_ids": "x"}), json!({"incident_ids": [7]})] {
        assert_eq!(status(rig.link(&ann(), case, odd).await), 422);
    }
    let linked = rig.link(&ann(), case, json!({"incident_ids": [one, two, one]})).await.unwrap();
    assert!(linked.no_content);
    let (kept, filled) =
        (rig.get(&bob(), &one).await.unwrap(), rig.get(&bob(), &two).await.unwrap());
    assert_eq!((&kept.data["age"], &filled.data["age"]), (&json!(4), &json!(9)));
    assert_eq!(rig.of_case(&bob(), case).await.unwrap().ids().len(), 2);
}

async fn owner_becomes(rig: &Rig, by: &kit_access::Principal, id: &str) {
    for _ in 0..200 {
        if status(rig.get(by, id).await) == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the incident did not follow its case");
}

#[tokio::test]
async fn incidents_follow_the_owner_of_their_case() {
    let rig = Rig::start().await;
    let case = rig.case("ann", &["ann"], json!({}));
    let sent = json!({"incident_case_id": case});
    let id = rig.create(&ann(), sent).await.unwrap().data["id"].as_str().unwrap().to_owned();
    let alone = rig.incident(&ann(), json!({})).await;
    // Which incidents are the case's is known again when the read model was made anew.
    rig.store().rebuild(&rig.db.owner(), &["incident_of_case"]).await.unwrap();
    rig.tell_owner(case, 7, "bob").await;
    owner_becomes(&rig, &bob(), &id).await;
    assert_eq!(status(rig.get(&ann(), &id).await), 403);
    assert_eq!(rig.get(&ann(), &alone).await.unwrap().data["owned_by"], "ann");
    // The same fact, told again under another id, changes nothing more.
    let before = rig.history(&bob(), &id).await.unwrap().data.as_array().map(Vec::len);
    rig.tell_owner(case, 8, "bob").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(rig.history(&bob(), &id).await.unwrap().data.as_array().map(Vec::len), before);
}

#[tokio::test]
async fn incidents_follow_their_case_into_another_and_back() {
    let rig = Rig::start().await;
    let case = rig.case("ann", &["ann"], json!({}));
    let kept = rig.case("bob", &["bob"], json!({}));
    let sent = json!({"incident_case_id": case});
    let id = rig.create(&ann(), sent).await.unwrap().data["id"].as_str().unwrap().to_owned();
    rig.tell_merge(case, 7, Some((kept, "bob")), "ann").await;
    owner_becomes(&rig, &bob(), &id).await;
    let moved = rig.get(&bob(), &id).await.unwrap().data;
    assert_eq!(moved["incident_case_id"], json!(kept));
    assert_eq!(rig.of_case(&bob(), kept).await.unwrap().ids(), [id.as_str()]);
    rig.tell_merge(case, 9, None, "ann").await;
    owner_becomes(&rig, &ann(), &id).await;
    let back = rig.get(&ann(), &id).await.unwrap().data;
    assert_eq!(back["incident_case_id"], json!(case));
}

#[tokio::test]
async fn an_incident_forgets_a_case_that_was_erased() {
    let rig = Rig::start().await;
    let case = rig.case("bob", &["bob"], json!({"age": 9}));
    let sent = json!({"incident_case_id": case, "description": "seen"});
    let id = rig.create(&bob(), sent).await.unwrap().data["id"].as_str().unwrap().to_owned();
    let own = rig.incident(&bob(), json!({"age": 4})).await;
    rig.link(&bob(), case, json!({"incident_ids": [own]})).await.unwrap();
    rig.erase_case(case, 3).await;
    for _ in 0..200 {
        let left = rig.get(&bob(), &own).await.unwrap().data;
        let first = rig.get(&bob(), &id).await.unwrap().data;
        if left["incident_case_id"].is_null() && first["incident_case_id"].is_null() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let shown = rig.get(&bob(), &id).await.unwrap().data;
    assert_eq!((&shown["description"], &shown["owned_by"]), (&json!("seen"), &json!("bob")));
    for field in ["incident_case_id", "case_id_display", "age"] {
        assert!(shown[field].is_null(), "{field}");
    }
    // What was its own stays; what it was called after does not.
    let kept = rig.get(&bob(), &own).await.unwrap().data;
    assert_eq!((&kept["age"], &kept["case_id_display"]), (&json!(4), &Value::Null));
    for id in [&id, &own] {
        let told = rig.history(&bob(), id).await.unwrap().data.to_string();
        assert!(!told.contains("SY-1234567") && !told.contains(&case.to_string()), "{told}");
    }
    let told = rig.history(&bob(), &id).await.unwrap().data.to_string();
    assert!(!told.contains("\"age\""), "{told}");
}

#[tokio::test]
async fn cases_are_told_before_the_answer() {
    let rig = Rig::start().await;
    let case = rig.case("bob", &["ann", "bob"], json!({"age": 9}));
    let sent = json!({"incident_case_id": case, "description": "seen"});
    let id = rig.create(&ann(), sent).await.unwrap().data["id"].as_str().unwrap().to_owned();
    rig.patch(&bob(), &id, json!({"description": "seen again"})).await.unwrap();
    rig.create(&ann(), json!({"description": "of no case"})).await.unwrap();
    let noted = rig.others.noted.lock().unwrap().clone();
    let told: Vec<_> =
        noted.iter().map(|one| (one.incident_id.clone(), one.case_id.clone())).collect();
    assert_eq!(told, [(id.clone(), case.to_string()), (id, case.to_string())]);
    assert!(noted[0].version < noted[1].version);
    assert_eq!((noted[1].actor.as_str(), &noted[1].user_names), ("bob", &vec!["bob".to_owned()]));
    let names = ["description", "seen"].map(str::as_bytes);
    assert!(names.iter().all(|name| !noted[1].sealed.windows(name.len()).any(|at| at == *name)));
    assert!(!noted[1].sealed.is_empty());
}

#[tokio::test]
async fn of_a_case_that_is_erased_while_its_incident_is_written_nothing_stays() {
    let rig = Rig::start().await;
    let case = rig.case("bob", &["bob"], json!({"age": 9}));
    rig.others.fleeting.lock().unwrap().push(case);
    let sent = json!({"incident_case_id": case, "description": "seen"});
    let id = rig.create(&bob(), sent).await.unwrap().data["id"].as_str().unwrap().to_owned();
    let shown = rig.get(&bob(), &id).await.unwrap().data;
    assert_eq!(shown["description"], "seen");
    for field in ["incident_case_id", "case_id_display", "age"] {
        assert!(shown[field].is_null(), "{field}");
    }
    let told = rig.history(&bob(), &id).await.unwrap().data.to_string();
    assert!(!told.contains(&case.to_string()), "{told}");
    assert_eq!(status(rig.of_case(&bob(), case).await), 404);
}
