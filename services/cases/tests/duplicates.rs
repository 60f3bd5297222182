//! A child who is registered twice is noticed: before, and in the background.

use std::time::Duration;

use kit_access::Principal;
use serde_json::{Value, json};

use crate::rig::{Rig, reader, root, searcher, worker_a, worker_b};

fn salma() -> Value {
    json!({"name": "Salma Karim Haddad", "sex": "female", "age": 6,
        "date_of_birth": "2019-03-04", "telephone_current": "+963 944 123 456"})
}

/// The same child, as somebody else heard it.
fn again() -> Value {
    json!({"name": "سلمى كريم حداد", "sex": "female", "age": 6,
        "date_of_birth": "2019-03-04", "telephone_current": "0944123456"})
}

/// Others of the town, so that names are rare or common.
async fn town(rig: &Rig) {
    for name in ["Omar Khalil", "Yusuf Nasser", "Amal Saleh", "Huda Barakat", "Rami Khoury"] {
        rig.case(&worker_a(), json!({"name": name, "age": 9})).await;
    }
}

fn ids(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|one| one["case"]["id"].as_str().unwrap()).collect()
}

/// Waits until a case has as many duplicates.
async fn until(rig: &Rig, by: &Principal, id: &str, many: usize) -> Value {
    for _ in 0..300 {
        let found = rig.duplicates(by, id).await.unwrap().data;
        if found.as_array().unwrap().len() == many {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no {many} duplicates");
}

#[tokio::test]
async fn a_child_who_is_known_is_shown_before_it_is_registered_again() {
    let rig = Rig::start().await;
    town(&rig).await;
    let ann = worker_a();
    let known = rig.case(&ann, salma()).await;
    let found = rig.similar(&ann, again()).await.unwrap();
    assert_eq!(ids(&found.data), [known.as_str()]);
    assert_eq!(found.data[0]["tier"], "strong", "{}", found.data);
    let reasons = found.data[0]["reasons"].as_array().unwrap();
    let of = |field: &str| reasons.iter().find(|one| one["field"] == field).unwrap();
    assert!(of("given_name")["text"].as_str().unwrap().contains("written in two scripts"));
    assert!(of("birth")["text"].as_str().unwrap().contains("born on the same day"));
    assert!(of("phone")["text"].as_str().unwrap().starts_with("Telephone"));
    assert!(rig.similar(&ann, json!({"name": "Xiomara Quispe"})).await.unwrap().data == json!([]));
    assert!(rig.similar(&ann, json!({})).await.unwrap().data == json!([]));
}

#[tokio::test]
async fn nobody_hears_of_a_child_beyond_their_reach() {
    let rig = Rig::start().await;
    town(&rig).await;
    let known = rig.case(&worker_a(), salma()).await;
    assert_eq!(rig.similar(&worker_b(), again()).await.unwrap().data, json!([]));
    assert!(rig.similar(&reader(), again()).await.is_err(), "who registers nobody asks nothing");
    let mut wide = worker_b();
    let actions = wide.permissions.get_mut("case").unwrap();
    actions.push("search_owned_by_others".into());
    let found = rig.similar(&wide, again()).await.unwrap().data;
    assert_eq!(ids(&found), [known.as_str()]);
    let shown = &found[0]["case"];
    assert_eq!(shown["record_in_scope"], false);
    assert!(shown.get("telephone_current").is_none(), "{shown}");
    let told: Vec<&Value> =
        found[0]["reasons"].as_array().unwrap().iter().map(|one| &one["field"]).collect();
    assert!(!told.contains(&&json!("phone")), "{told:?}");
}

#[tokio::test]
async fn what_a_caller_cannot_enter_finds_nothing() {
    let rig = Rig::start().await;
    town(&rig).await;
    rig.case(&worker_a(), salma()).await;
    let mut blind = worker_a();
    blind.forms.clear();
    assert_eq!(rig.similar(&blind, again()).await.unwrap().data, json!([]));
}

#[tokio::test]
async fn a_child_registered_twice_is_noticed_in_the_background_until_somebody_knows_better() {
    let rig = Rig::start().await;
    town(&rig).await;
    let (ann, bob) = (worker_a(), worker_b());
    let first = rig.case(&ann, salma()).await;
    let second = rig.case(&ann, again()).await;
    let found = until(&rig, &ann, &first, 1).await;
    assert_eq!(ids(&found), [second.as_str()]);
    assert!(!found[0]["reasons"].as_array().unwrap().is_empty());
    assert_eq!(ids(&until(&rig, &ann, &second, 1).await), [first.as_str()]);
    let all = rig.all_duplicates(&ann).await.unwrap().data;
    assert_eq!(all.as_array().unwrap().len(), 1);
    assert_eq!(all[0]["cases"].as_array().unwrap().len(), 2);
    assert_eq!(rig.all_duplicates(&bob).await.unwrap().data, json!([]));
    assert!(rig.duplicates(&bob, &first).await.is_err());
    assert_eq!(rig.all_duplicates(&root()).await.unwrap().data.as_array().unwrap().len(), 1);

    rig.judge(&ann, &second, json!({"case_id": first, "same": false})).await.unwrap();
    until(&rig, &ann, &first, 0).await;
    rig.patch(&ann, &first, json!({"age": 7})).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(rig.duplicates(&ann, &first).await.unwrap().data, json!([]), "not asked again");
    rig.judge(&ann, &first, json!({"case_id": second, "same": null})).await.unwrap();
    until(&rig, &ann, &first, 1).await;

    rig.patch(
        &ann,
        &second,
        json!({"name": "Huda Barakat", "telephone_current": null,
        "sex": "male", "date_of_birth": "2010-01-09", "age": 16}),
    )
    .await
    .unwrap();
    until(&rig, &ann, &first, 0).await;
}

#[tokio::test]
async fn an_organisation_that_brings_many_cases_keeps_no_other_waiting() {
    let rig = Rig::start().await;
    let mut elsewhere = worker_a();
    elsewhere.tenant = kit_test::fresh_id();
    let many = "INSERT INTO duplicate_due (tenant, id) \
         SELECT $1, gen_random_uuid() FROM generate_series(1, 20000)";
    let admin = rig.db.admin().await;
    admin.execute(many, &[&elsewhere.tenant]).await.unwrap();
    // It is at work on those when somebody else registers a child twice.
    rig.case(&elsewhere, salma()).await;
    let waiting = "SELECT count(*) FROM duplicate_due WHERE tenant = $1";
    let waiting =
        async || -> i64 { admin.query_one(waiting, &[&elsewhere.tenant]).await.unwrap().get(0) };
    while waiting().await == 20_001 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let ann = worker_a();
    let first = rig.case(&ann, salma()).await;
    rig.case(&ann, again()).await;
    until(&rig, &ann, &first, 1).await;
    assert!(waiting().await > 0, "too few to keep anybody waiting");
}

#[tokio::test]
async fn merged_hidden_and_erased_cases_are_proposed_to_nobody() {
    let rig = Rig::start().await;
    town(&rig).await;
    let ann = worker_a();
    let first = rig.case(&ann, salma()).await;
    let second = rig.case(&ann, again()).await;
    until(&rig, &ann, &first, 1).await;
    rig.merge(&ann, &first, json!({"case_id": second})).await.unwrap();
    assert_eq!(rig.duplicates(&ann, &first).await.unwrap().data, json!([]));
    assert_eq!(ids(&rig.similar(&ann, again()).await.unwrap().data), [first.as_str()]);
    rig.unmerge(&ann, &first, &second).await.unwrap();
    until(&rig, &ann, &first, 1).await;
    rig.disable(&ann, &second).await.unwrap();
    assert_eq!(rig.duplicates(&ann, &first).await.unwrap().data, json!([]));
}

#[tokio::test]
async fn a_wrong_judgement_says_what_is_wrong() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, salma()).await;
    let theirs = rig.case(&worker_b(), again()).await;
    for (data, pointer) in [
        (json!({"case_id": id}), "/same"),
        (json!({"case_id": id, "same": true}), "/same"),
        (json!({"case_id": id, "same": false}), "/case_id"),
        (json!({"case_id": theirs, "same": false}), "/case_id"),
        (json!({"same": false}), "/case_id"),
    ] {
        let refusal = rig.judge(&ann, &id, data.clone()).await.unwrap_err();
        assert_eq!(refusal.errors[0].fields[0].pointer, pointer, "{data}");
    }
    let refused = rig.judge(&searcher(), &id, json!({"case_id": theirs, "same": false})).await;
    assert!(refused.is_err());
}
