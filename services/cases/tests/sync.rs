//! What a device keeps: chosen, renewed by differences, and told what has to go.

use std::collections::BTreeMap;

use kit_access::{Principal, Scope};
use serde_json::{Value, json};

use crate::rig::{Answer, MODULE, Rig, manager, nobody, root, status, worker_a, worker_b};

/// What a device knows after an answer.
fn learn(known: &mut Value, answer: &Answer) {
    let known = known.as_object_mut().unwrap();
    for one in answer.data["changed"].as_array().unwrap() {
        known.insert(one["id"].as_str().unwrap().to_owned(), one["tag"].clone());
    }
    for one in answer.data["gone"].as_array().unwrap() {
        known.remove(one["id"].as_str().unwrap());
    }
}

fn changed(answer: &Answer) -> Vec<&str> {
    let all = answer.data["changed"].as_array().unwrap();
    all.iter().map(|one| one["id"].as_str().unwrap()).collect()
}

fn gone(answer: &Answer) -> Value {
    let all = answer.data["gone"].as_array().unwrap();
    all.iter().map(|one| json!([one["id"], one["reason"]])).collect()
}

async fn cases(rig: &Rig, by: &Principal, names: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for name in names {
        ids.push(rig.case(by, json!({"name": name, "age": 9})).await);
    }
    ids
}

#[tokio::test]
async fn a_device_is_told_what_changed_and_nothing_else() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let ids = cases(&rig, &ann, &["One", "Two", "Three"]).await;
    cases(&rig, &worker_b(), &["Elsewhere"]).await;
    let first = rig.sync(&ann, json!({})).await.unwrap();
    assert_eq!(changed(&first), [&ids[2], &ids[1], &ids[0]], "changed last first");
    assert_eq!(first.record_ids.len(), 3, "for the audit log");
    assert_eq!((&first.data["kept"], &first.data["more"]), (&json!(3), &json!(false)));
    for one in first.data["changed"].as_array().unwrap() {
        let read = rig.get(&ann, one["id"].as_str().unwrap()).await.unwrap();
        assert_eq!((&one["record"], one["version"].as_u64()), (&read.data, Some(read.version)));
    }
    let mut known = json!({});
    learn(&mut known, &first);
    let again = rig.sync(&ann, json!({"known": known})).await.unwrap();
    assert_eq!((changed(&again), gone(&again)), (vec![], json!([])));

    rig.patch(&ann, &ids[0], json!({"age": 10})).await.unwrap();
    let delta = rig.sync(&ann, json!({"known": known})).await.unwrap();
    assert_eq!(changed(&delta), [&ids[0]]);
    assert_eq!(delta.data["changed"][0]["record"]["age"], 10);
    learn(&mut known, &delta);

    // Another role: the same versions are other records.
    let mut narrow = ann.clone();
    narrow.forms.remove("basic");
    let narrowed = rig.sync(&narrow, json!({"known": known})).await.unwrap();
    assert_eq!(changed(&narrowed).len(), 3);
    for one in narrowed.data["changed"].as_array().unwrap() {
        assert!(one["record"].get("name").is_none(), "{one}");
    }
    rig.stop();
}

#[tokio::test]
async fn what_has_to_go_is_named_with_its_reason() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let ids = cases(&rig, &ann, &["Closed", "Handed over", "Disabled", "Kept"]).await;
    let mut known = json!({});
    learn(&mut known, &rig.sync(&ann, json!({})).await.unwrap());
    rig.patch_as(&ann, &ids[0], json!({"status": "closed"}), "close", 0).await.unwrap();
    rig.patch(&root(), &ids[1], json!({"owned_by": "worker_b"})).await.unwrap();
    rig.disable(&ann, &ids[2]).await.unwrap();
    let foreign = cases(&rig, &worker_b(), &["Not hers"]).await;
    let unknown = kit_test::fresh_id().to_string();
    known[&foreign[0]] = json!("1-x");
    known[&unknown] = json!("1-x");
    let delta = rig.sync(&ann, json!({"known": known})).await.unwrap();
    let mut told: Vec<(String, String)> = serde_json::from_value(gone(&delta)).unwrap();
    told.sort_by(|one, other| one.1.cmp(&other.1));
    let reasons: Vec<&str> = told.iter().map(|(_, reason)| reason.as_str()).collect();
    let out = "out_of_scope";
    assert_eq!(reasons, ["closed", "closed", out, out, out]);
    let of = |id: &str| told.iter().find(|one| one.0 == id).map(|one| one.1.as_str());
    assert_eq!((of(&ids[0]), of(&ids[1]), of(&ids[3])), (Some("closed"), Some(out), None));
    assert_eq!((of(&foreign[0]), of(&unknown)), (Some(out), Some(out)), "alike");
    assert_eq!(changed(&delta), Vec::<&str>::new());
    // What somebody pinned stays, closed or not, while they reach it.
    let pinned = json!({"known": {}, "pinned": [ids[0], ids[1], foreign[0]], "limit": 0});
    let kept = rig.sync(&ann, pinned).await.unwrap();
    assert_eq!((changed(&kept), &kept.data["kept"]), (vec![ids[0].as_str()], &json!(1)));
    rig.stop();
}

#[tokio::test]
async fn a_merged_case_is_named_with_what_is_read_instead() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let ids = cases(&rig, &ann, &["Kept", "Merged"]).await;
    let mut known = json!({});
    learn(&mut known, &rig.sync(&ann, json!({})).await.unwrap());
    rig.merge(&ann, &ids[0], json!({"case_id": ids[1]})).await.unwrap();
    let delta = rig.sync(&ann, json!({"known": known, "pinned": [ids[1]]})).await.unwrap();
    let merged = json!([{"id": ids[1], "reason": "merged", "merged_into": ids[0]}]);
    assert_eq!(delta.data["gone"], merged);
    assert_eq!(changed(&delta), [&ids[0]]);
    rig.stop();
}

#[tokio::test]
async fn a_caseload_has_a_bound_and_comes_in_pages() {
    let rig = Rig::start().await;
    let (ann, boss) = (worker_a(), manager());
    let ids = cases(&rig, &ann, &["One", "Two", "Three", "Four"]).await;
    rig.patch(&ann, &ids[0], json!({"age": 11})).await.unwrap();
    let two = rig.sync(&ann, json!({"limit": 2})).await.unwrap();
    assert_eq!(changed(&two), [&ids[0], &ids[3]]);
    let mut known = json!({});
    let mut pages = 0;
    loop {
        let page = rig.sync(&ann, json!({"known": known, "records": 3})).await.unwrap();
        learn(&mut known, &page);
        pages += 1;
        if page.data["more"] == false {
            break;
        }
    }
    assert_eq!((pages, known.as_object().unwrap().len()), (2, 4));
    let small = rig.sync(&ann, json!({"bytes": 1})).await.unwrap();
    assert_eq!((changed(&small).len(), &small.data["more"]), (1, &json!(true)), "never none");
    let fewer = rig.sync(&ann, json!({"known": known, "limit": 3})).await.unwrap();
    assert_eq!(gone(&fewer), json!([[ids[1], "not_chosen"]]));
    // A supervisor's own come first, then the team's.
    let own = rig.case(&root(), json!({"name": "Own", "owned_by": "manager"})).await;
    let newest = rig.case(&ann, json!({"name": "Newest"})).await;
    let team = rig.sync(&boss, json!({"limit": 2})).await.unwrap();
    assert_eq!(changed(&team), [&own, &newest]);
    assert_eq!(rig.sync(&boss, json!({})).await.unwrap().data["kept"], 6);
    rig.stop();
}

#[tokio::test]
async fn who_may_not_read_keeps_nothing_and_nonsense_is_refused() {
    let rig = Rig::start().await;
    let ids = cases(&rig, &worker_a(), &["One"]).await;
    let known = json!({"known": {&ids[0]: "1-x"}});
    for other in [nobody(), Principal { permissions: BTreeMap::default(), ..worker_a() }] {
        let told = rig.sync(&other, known.clone()).await.unwrap();
        assert_eq!(changed(&told), Vec::<&str>::new());
        assert_eq!(gone(&told), json!([[ids[0], "out_of_scope"]]));
    }
    let elsewhere = Principal { tenant: uuid::Uuid::from_u128(99), scope: Scope::All, ..root() };
    let told = rig.sync(&elsewhere, known).await.unwrap();
    assert_eq!((changed(&told), gone(&told)), (vec![], json!([[ids[0], "out_of_scope"]])));
    for nonsense in [json!([]), json!({"known": []}), json!({"known": {"x": "1"}})] {
        assert_eq!(status(rig.sync(&worker_a(), nonsense).await), 422);
    }
    rig.stop();
}

/// What a record shows of others is a part of what a device keeps.
#[tokio::test]
async fn a_record_is_renewed_when_what_it_shows_of_others_changes() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let family = json!({"family_number": "F-1", "family_name": "Said", "module_id": MODULE});
    let family = rig.create_of("family", &ann, family).await.unwrap();
    let family = family.data["id"].as_str().unwrap();
    let ids = cases(&rig, &ann, &["Member", "Alone"]).await;
    rig.patch(&ann, &ids[0], json!({"family_id": family})).await.unwrap();
    let mut known = json!({});
    learn(&mut known, &rig.sync(&ann, json!({})).await.unwrap());
    let again = rig.sync(&ann, json!({"known": known})).await.unwrap();
    assert_eq!(changed(&again), Vec::<&str>::new(), "the tag stays while nothing changes");
    rig.patch_of("family", &ann, family, json!({"family_name": "Omar"})).await.unwrap();
    let delta = rig.sync(&ann, json!({"known": known})).await.unwrap();
    assert_eq!(changed(&delta), [&ids[0]]);
    assert_eq!(delta.data["changed"][0]["record"]["family_name"], "Omar");
    learn(&mut known, &delta);
    let again = rig.sync(&ann, json!({"known": known})).await.unwrap();
    assert_eq!(changed(&again), Vec::<&str>::new());
    rig.stop();
}
