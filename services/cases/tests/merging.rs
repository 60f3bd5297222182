//! Two cases of one child: merged, written to meanwhile, parted, erased.

use kit_serve::Code;
use serde_json::{Value, json};

use crate::erasing::{agreer, asker, body};
use crate::rig::{Rig, root, worker_a, worker_b};

/// A child whom one worker registered twice.
async fn twice(rig: &Rig) -> (String, String) {
    let ann = worker_a();
    let kept = json!({"name": "Salma Haddad", "age": 6,
        "conf_contacts": [{"contact_name": "Aunt"}]});
    let retired = json!({"name": "سلمى حداد", "age": 7, "national_id_no": "N-77",
        "conf_contacts": [{"contact_name": "Uncle"}]});
    (rig.case(&ann, kept).await, rig.case(&ann, retired).await)
}

fn contacts(case: &Value) -> Vec<&str> {
    let entries = case["conf_contacts"].as_array().unwrap();
    entries.iter().map(|one| one["contact_name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_merged_case_leads_to_the_one_that_is_kept_and_back_again() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let (kept, retired) = twice(&rig).await;
    let before = [rig.get(&ann, &kept).await.unwrap(), rig.get(&ann, &retired).await.unwrap()];
    let choices = json!({"case_id": retired, "choices": {"age": "other"}});
    let answer = rig.merge(&ann, &kept, choices).await.unwrap();
    assert_eq!((&answer.data["age"], &answer.data["national_id_no"]), (&json!(7), &json!("N-77")));
    let now = rig.get(&ann, &kept).await.unwrap().data;
    assert_eq!(contacts(&now), ["Aunt", "Uncle"]);
    assert_eq!(now["name"], "Salma Haddad");
    assert_eq!(now["merged_from"][0]["id"], json!(retired));
    let gone = rig.get(&ann, &retired).await.unwrap().data;
    assert_eq!((&gone["merged_into"], &gone["duplicate"]), (&json!(kept), &json!(true)));
    assert_eq!(gone["duplicate_case_id"], json!(kept));
    assert_eq!(gone["age"], 7, "and still says what it said");
    for (by, query) in [
        (&ann, ""),
        (&root(), ""),
        (&ann, "query=N-77"),
        (&ann, "query=Salma&phonetic=true"),
        (&root(), "query=N-77"),
    ] {
        let found = rig.list(by, query).await.unwrap();
        assert_eq!(found.ids(), [kept.as_str()], "{query}");
        assert_eq!(found.total(), 1, "{query}");
    }
    let told = rig.history(&ann, &kept, "").await.unwrap().data;
    assert!(told[0]["record_changes"].to_string().contains("national_id_no"), "{told}");
    let told = rig.history(&ann, &retired, "").await.unwrap().data;
    assert!(told[0]["record_changes"].to_string().contains("merged_into"), "{told}");

    rig.unmerge(&ann, &kept, &retired).await.unwrap();
    for (was, id) in before.iter().zip([&kept, &retired]) {
        let is = rig.get(&ann, id).await.unwrap();
        let same = |case: &Value| {
            let mut case = case.as_object().unwrap().clone();
            for stamp in ["last_updated_at", "last_updated_by"] {
                case.shift_remove(stamp);
            }
            case.retain(|_, value| !value.is_null());
            case
        };
        assert_eq!(same(&is.data), same(&was.data));
    }
    assert_eq!(rig.list(&ann, "query=N-77").await.unwrap().ids(), [retired.as_str()]);
    assert_eq!(rig.list(&ann, "").await.unwrap().total(), 2);
}

#[tokio::test]
async fn edits_that_a_device_brings_later_reach_the_kept_case() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let (kept, retired) = twice(&rig).await;
    let base = rig.get(&ann, &retired).await.unwrap().version;
    rig.merge(&ann, &kept, json!({"case_id": retired})).await.unwrap();
    let late = json!({"national_id_no": "N-78", "age": 8,
        "conf_contacts": [{"contact_name": "Teacher"}]});
    rig.patch_as(&ann, &retired, late, "", base).await.unwrap();
    let now = rig.get(&ann, &kept).await.unwrap().data;
    assert_eq!(now["national_id_no"], "N-78");
    assert!(contacts(&now).contains(&"Teacher"));
    assert_eq!(now["age"], 6, "here the two said otherwise before");
    let open = rig.conflicts(&ann, &kept).await.unwrap().data;
    assert_eq!((&open[0]["kept"]["value"], &open[0]["proposed"]["value"]), (&json!(6), &json!(8)));
    assert_eq!(rig.get(&ann, &retired).await.unwrap().data["age"], 8, "nor is it lost there");
}

#[tokio::test]
async fn only_who_may_write_both_merges_them() {
    let rig = Rig::start().await;
    let (ann, bob) = (worker_a(), worker_b());
    let (kept, _) = twice(&rig).await;
    let theirs = rig.case(&bob, json!({"name": "Salma Haddad"})).await;
    let beyond = rig.merge(&ann, &kept, json!({"case_id": theirs})).await.unwrap_err();
    let unknown = rig.merge(&ann, &kept, json!({"case_id": kit_test::fresh_id()})).await;
    let unknown = unknown.unwrap_err();
    assert_eq!((beyond.code, unknown.code), (Code::InvalidArgument, Code::InvalidArgument));
    assert_eq!(beyond.errors, unknown.errors, "nobody learns of what they do not reach");
    let foreign = rig.merge(&bob, &kept, json!({"case_id": theirs})).await.unwrap_err();
    assert_eq!(foreign.code, Code::PermissionDenied);
    let mut weak = worker_a();
    weak.permissions.get_mut("case").unwrap().retain(|action| action != "merge");
    let refused = rig.merge(&weak, &kept, json!({"case_id": theirs})).await.unwrap_err();
    assert_eq!(refused.code, Code::PermissionDenied);
}

#[tokio::test]
async fn bad_merges_say_what_is_wrong() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let (kept, retired) = twice(&rig).await;
    for (data, pointer) in [
        (json!({}), "/case_id"),
        (json!({"case_id": 7}), "/case_id"),
        (json!({"case_id": "no id"}), "/case_id"),
        (json!({"case_id": retired, "choices": []}), "/choices"),
        (json!({"case_id": retired, "choices": {"age": "both"}}), "/choices/age"),
        (json!({"case_id": retired, "choices": {"unheard": "own"}}), "/choices/unheard"),
    ] {
        let refusal = rig.merge(&ann, &kept, data.clone()).await.unwrap_err();
        assert_eq!(refusal.errors[0].fields[0].pointer, pointer, "{data}");
    }
    let itself = rig.merge(&ann, &kept, json!({"case_id": kept})).await.unwrap_err();
    assert_eq!(itself.code, Code::Aborted);
    let early = rig.unmerge(&ann, &kept, &retired).await.unwrap_err();
    assert_eq!(early.code, Code::Aborted);
    rig.merge(&ann, &kept, json!({"case_id": retired})).await.unwrap();
    let again = rig.merge(&ann, &kept, json!({"case_id": retired})).await.unwrap_err();
    assert_eq!(again.code, Code::Aborted);
    let back = rig.merge(&ann, &retired, json!({"case_id": kept})).await.unwrap_err();
    assert_eq!(back.code, Code::Aborted, "no circle");
}

#[tokio::test]
async fn two_who_merge_at_once_do_not_merge_in_a_circle() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let (one, other) = twice(&rig).await;
    let done = tokio::join!(
        rig.merge(&ann, &one, json!({"case_id": other})),
        rig.merge(&ann, &other, json!({"case_id": one})),
    );
    assert!(done.0.is_ok() != done.1.is_ok(), "{done:?}");
    assert_eq!(rig.list(&ann, "").await.unwrap().total(), 1);
}

#[tokio::test]
async fn the_kept_case_takes_the_place_in_the_family() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let data = json!({"module_id": crate::rig::MODULE, "family_name": "Haddad",
        "family_members": [{"relation_name": "Karim"}, {"relation_name": "Salma"}]});
    let family = rig.create_of("family", &ann, data).await.unwrap().data;
    let (family_id, member) = (&family["id"], &family["family_members"][1]["unique_id"]);
    let linked = json!({"name": "Salma", "family_id": family_id, "family_member_id": member});
    let retired = rig.case(&ann, linked).await;
    let details = json!([{"relation": "mother", "relation_name": "Huda"}]);
    let kept = rig.case(&ann, json!({"name": "Salma H.", "family_details_section": details})).await;
    rig.merge(&ann, &kept, json!({"case_id": retired})).await.unwrap();
    let shown = rig.get(&ann, &kept).await.unwrap().data;
    assert_eq!(&shown["family_id"], family_id);
    let names = |case: &Value| -> Vec<String> {
        let entries = case["family_details_section"].as_array().cloned().unwrap_or_default();
        entries.iter().filter_map(|one| one["relation_name"].as_str().map(str::to_owned)).collect()
    };
    let mut known = names(&shown);
    known.sort();
    assert_eq!(known, ["Huda", "Karim"]);
    let id = family_id.as_str().unwrap();
    let member_case = async || {
        let family = rig.get_of("family", &ann, id).await.unwrap().data;
        let members = family["family_members"].as_array().unwrap().clone();
        members.iter().find(|one| one["unique_id"] == *member).unwrap()["case_id"].clone()
    };
    assert_eq!(member_case().await, json!(kept));
    rig.unmerge(&ann, &kept, &retired).await.unwrap();
    assert_eq!(member_case().await, json!(retired));
    let shown = rig.get(&ann, &kept).await.unwrap().data;
    assert_eq!(names(&shown), ["Huda"]);
    assert!(shown.get("family_id").is_none_or(Value::is_null));
}

#[tokio::test]
async fn a_rebuild_tells_of_merges_as_they_are() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let (kept, retired) = twice(&rig).await;
    rig.merge(&ann, &kept, json!({"case_id": retired})).await.unwrap();
    rig.store().rebuild(&rig.db.owner(), &["case_row"]).await.unwrap();
    assert_eq!(rig.list(&root(), "").await.unwrap().ids(), [kept.as_str()]);
    assert_eq!(rig.get(&ann, &retired).await.unwrap().data["merged_into"], json!(kept));
    rig.unmerge(&ann, &kept, &retired).await.unwrap();
    assert_eq!(rig.list(&root(), "").await.unwrap().total(), 2);
}

#[tokio::test]
async fn who_erases_a_child_erases_what_was_merged_into_it() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let (kept, retired) = twice(&rig).await;
    rig.merge(&ann, &kept, json!({"case_id": retired})).await.unwrap();
    let alone = rig.request_erasure(&asker(), body(&retired)).await.unwrap_err();
    assert_eq!(alone.errors[0].fields[0].code, "merged");
    let erasure = rig.request_erasure(&asker(), body(&kept)).await.unwrap();
    let id = erasure.data["id"].as_str().unwrap();
    rig.approve_erasure(&agreer(), id).await.unwrap();
    for id in [&kept, &retired] {
        assert_eq!(rig.get(&ann, id).await.unwrap_err().code, Code::Gone);
    }
    assert_eq!(rig.list(&root(), "").await.unwrap().total(), 0);
}
