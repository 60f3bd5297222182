//! Families and registry records: what they share with cases, and who reaches them.

use kit_proto::common::v1::WriteRequest;
use serde_json::{Value, json};

use crate::rig::{MODULE, Rig, manager, reader, status, worker_a, worker_b};

const FAMILY: &str = "family";
const REGISTRY: &str = "registry_record";
/// Members of a family, relatives of a case, and two that are neither.
const M1: &str = "0198c0de-0000-4000-8000-0000000000a1";
const M2: &str = "0198c0de-0000-4000-8000-0000000000a2";
const M7: &str = "0198c0de-0000-4000-8000-0000000000a7";
const D1: &str = "0198c0de-0000-4000-8000-0000000000d1";
const D7: &str = "0198c0de-0000-4000-8000-0000000000d7";

async fn family(rig: &Rig) -> String {
    let answer = rig
        .create_of(
            FAMILY,
            &worker_a(),
            json!({"family_number": "F-1", "family_name": "Said", "module_id": MODULE,
                "family_members": [
                    {"unique_id": M1, "relation_name": "Lina Abu Said", "relation_age": 10,
                     "relation_sex": "female", "family_relationship": "daughter"},
                    {"unique_id": M2, "relation_name": "Sami Said", "relation_age": 8}]}),
        )
        .await
        .unwrap();
    answer.data["id"].as_str().unwrap().to_owned()
}

fn about(id: &str, data: &Value) -> WriteRequest {
    let data = data.to_string().into_bytes().into();
    WriteRequest { id: id.to_owned(), data, ..Default::default() }
}

fn entry<'a>(record: &'a Value, list: &str, id: &str) -> &'a Value {
    let entries = record[list].as_array().unwrap();
    entries.iter().find(|one| one["unique_id"] == id).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn a_family_is_a_record_like_any_other() {
    let rig = Rig::start().await;
    let (ann, id) = (worker_a(), family(&rig).await);
    let shown = rig.get_of(FAMILY, &ann, &id).await.unwrap();
    assert_eq!(shown.data["family_id_display"], shown.data["short_id"]);
    assert_eq!(shown.data["family_registration_date"], "2026-01-31");
    assert_eq!(shown.data["family_members"].as_array().unwrap().len(), 2);
    rig.patch_of(
        FAMILY,
        &ann,
        &id,
        json!({"family_members": [{"unique_id": M2, "relation_age": 9}]}),
    )
    .await
    .unwrap();
    let shown = rig.get_of(FAMILY, &ann, &id).await.unwrap().data;
    assert_eq!(entry(&shown, "family_members", M2)["relation_age"], 9);
    assert_eq!(entry(&shown, "family_members", M2)["relation_name"], "Sami Said");
    assert_eq!(rig.list_of(FAMILY, &ann, "query=Said&phonetic=true").await.unwrap().ids(), [&id]);
    assert_eq!(rig.list_of(FAMILY, &ann, "query=F-1&id_search=true").await.unwrap().ids(), [&id]);
    assert_eq!(rig.history_of(FAMILY, &ann, &id).await.unwrap().total(), 2);
    // Nobody takes it for a case, nor reaches it without the permission, nor beyond their scope.
    assert_eq!(status(rig.get(&ann, &id).await), 404);
    assert_eq!(status(rig.list_of(FAMILY, &reader(), "").await), 403);
    assert_eq!(rig.list_of(FAMILY, &worker_b(), "").await.unwrap().total(), 0);
    assert_eq!(status(rig.get_of(FAMILY, &worker_b(), &id).await), 403);
    assert_eq!(
        status(rig.patch_of(FAMILY, &worker_b(), &id, json!({"family_name": "x"})).await),
        403
    );
    assert_eq!(status(rig.get_of("tracing_request", &ann, &id).await), 422);
}

#[tokio::test]
async fn a_case_is_made_from_a_member_and_linked_both_ways() {
    let rig = Rig::start().await;
    let (ann, id) = (worker_a(), family(&rig).await);
    let mut request = about(&id, &json!({"family_member_id": M1}));
    request.command_id = "0198c0de-0000-7000-8000-000000000001".into();
    let made = rig.case_of_family(&ann, request.clone()).await.unwrap().data;
    let case = made["record"]["id"].as_str().unwrap();
    assert_eq!((&made["id"], &made["record"]["family_member_id"]), (&json!(id), &json!(M1)));
    assert!(made["record"]["case_id_display"].is_string());
    let member = entry(&made, "family_members", M1);
    assert_eq!((&member["case_id"], &member["can_read_record"]), (&json!(case), &json!(true)));
    let shown = rig.get(&ann, case).await.unwrap().data;
    for (name, value) in [
        ("family_id", json!(id)),
        ("family_member_id", json!(M1)),
        ("family_name", json!("Said")),
        ("family_number", json!("F-1")),
        ("age", json!(10)),
        ("sex", json!("female")),
        ("name", json!("Lina Abu Said")),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    let brother = entry(&shown, "family_details_section", M2);
    assert_eq!(brother["relation_name"], "Sami Said");
    assert!(entry(&shown, "family_details_section", M1).is_null(), "not its own relative");
    // The same call again is the same case; another one finds the place taken.
    let again = rig.case_of_family(&ann, request).await.unwrap().data;
    assert_eq!(again["record"]["id"], case);
    assert_eq!(rig.list(&ann, "").await.unwrap().total(), 1);
    let second = rig.case_of_family(&ann, about(&id, &json!({"family_member_id": M1}))).await;
    assert_eq!(status(second), 422);
    let nobody = rig.case_of_family(&ann, about(&id, &json!({"family_member_id": M7}))).await;
    assert_eq!(status(nobody), 404);
    let request = about(&id, &json!({"family_member_id": M2}));
    assert_eq!(status(rig.case_of_family(&reader(), request.clone()).await), 403);
    assert_eq!(status(rig.case_of_family(&worker_b(), request).await), 403);
}

#[tokio::test]
async fn what_is_shared_is_told_by_one_and_shown_by_all() {
    let rig = Rig::start().await;
    let (ann, id) = (worker_a(), family(&rig).await);
    let case = rig
        .case(
            &ann,
            json!({"name": "Omar Said", "family_size": 3, "family_details_section": [
            {"unique_id": D1, "relation": "mother", "relation_name": "Huda"}]}),
        )
        .await;
    let joined = rig.patch(&ann, &case, json!({"family_id": id})).await.unwrap().data;
    assert_eq!((&joined["family_number"], &joined["family_size"]), (&json!("F-1"), &json!(3)));
    let of_family = rig.get_of(FAMILY, &ann, &id).await.unwrap().data;
    assert_eq!(of_family["family_members"].as_array().unwrap().len(), 4);
    assert_eq!(of_family["family_size"], 3);
    assert!(entry(&of_family, "family_members", D1)["relation"].is_null());
    // Through the case.
    let change = json!({"family_number": "F-2", "family_details_section": [
        {"unique_id": M2, "relation": "cousin", "relation_age": 9}]});
    let changed = rig.patch(&ann, &case, change).await.unwrap().data;
    assert_eq!(changed["family_number"], "F-2");
    assert_eq!(entry(&changed, "family_details_section", M2)["relation"], "cousin");
    assert_eq!(entry(&changed, "family_details_section", D1)["relation"], "mother");
    let of_family = rig.get_of(FAMILY, &ann, &id).await.unwrap().data;
    assert_eq!(of_family["family_number"], "F-2");
    assert_eq!(entry(&of_family, "family_members", M2)["relation_age"], 9);
    // Through the family.
    let change = json!({"family_members": [{"unique_id": D1, "relation_name": "Huda Said"}]});
    rig.patch_of(FAMILY, &ann, &id, change).await.unwrap();
    let listed = rig.list(&ann, "").await.unwrap().data;
    let mother = entry(&listed[0], "family_details_section", D1);
    assert_eq!(
        (&mother["relation_name"], &mother["relation"]),
        (&json!("Huda Said"), &json!("mother"))
    );
    // And apart again: the case keeps what it showed.
    let left = rig.patch(&ann, &case, json!({"family_id": null})).await.unwrap().data;
    assert_eq!(entry(&left, "family_details_section", D1)["relation_name"], "Huda Said");
    let shown = rig.get(&ann, &case).await.unwrap().data;
    assert_eq!((&shown["family_id"], &shown["family_number"]), (&Value::Null, &json!("F-2")));
    let of_family = rig.get_of(FAMILY, &ann, &id).await.unwrap().data;
    let members = of_family["family_members"].as_array().unwrap();
    assert!(members.iter().all(|member| member["case_id"].is_null()), "{members:?}");
}

#[tokio::test]
async fn owners_of_member_cases_reach_the_family_and_no_longer_than_that() {
    let rig = Rig::start().await;
    let (ann, bea, id) = (worker_a(), worker_b(), family(&rig).await);
    let made = rig.case_of_family(&ann, about(&id, &json!({"family_member_id": M1}))).await;
    let case = made.unwrap().data["record"]["id"].as_str().unwrap().to_owned();
    assert_eq!(status(rig.get_of(FAMILY, &bea, &id).await), 403);
    rig.patch(&ann, &case, json!({"owned_by": "worker_b"})).await.unwrap();
    let shown = rig.get_of(FAMILY, &bea, &id).await.unwrap().data;
    assert_eq!(entry(&shown, "family_members", M1)["can_read_record"], true);
    let of_ann = rig.get_of(FAMILY, &ann, &id).await.unwrap().data;
    assert_eq!(entry(&of_ann, "family_members", M1)["can_read_record"], false);
    rig.patch(&bea, &case, json!({"family_id": null})).await.unwrap();
    assert_eq!(status(rig.get_of(FAMILY, &bea, &id).await), 403);
    // Whoever cannot know of a family cannot link to it, and so learn what it holds.
    let own = rig.case(&bea, json!({"name": "Own"})).await;
    assert_eq!(status(rig.patch(&bea, &own, json!({"family_id": id})).await), 422);
    let unknown = json!({"family_id": "0198c0de-0000-7000-8000-00000000dead"});
    assert_eq!(status(rig.patch(&bea, &own, unknown).await), 422);
    assert_eq!(status(rig.create(&bea, json!({"family_id": id, "module_id": MODULE})).await), 422);
}

#[tokio::test]
async fn a_relative_gets_a_case_and_both_a_family() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let case = rig
        .case(&ann, json!({"name": "Omar Said", "family_number": "F-9", "family_details_section": [
            {"unique_id": D1, "relation": "sister", "relation_name": "Rima Said", "relation_age": 5}]}))
        .await;
    let missing = rig.family_of_case(&ann, about(&case, &json!({"family_detail_id": D7}))).await;
    assert_eq!(status(missing), 404);
    let made = rig.family_of_case(&ann, about(&case, &json!({"family_detail_id": D1}))).await;
    let made = made.unwrap().data;
    let (family, sister) = (&made["family_id"], &made["record"]["id"]);
    assert_eq!((&made["id"], &made["family_number"]), (&json!(case), &json!("F-9")));
    let detail = entry(&made, "family_details_section", D1);
    assert_eq!((&detail["case_id"], &detail["can_read_record"]), (sister, &json!(true)));
    assert_eq!(detail["relation"], "sister");
    let shown = rig.get(&ann, sister.as_str().unwrap()).await.unwrap().data;
    assert_eq!((&shown["family_id"], &shown["age"]), (family, &json!(5)));
    let members = rig.get_of(FAMILY, &ann, family.as_str().unwrap()).await.unwrap().data;
    assert_eq!(members["family_members"].as_array().unwrap().len(), 2);
    let again = rig.family_of_case(&ann, about(&case, &json!({"family_detail_id": D1}))).await;
    assert_eq!(status(again), 422, "she has a case");
    assert_eq!(status(rig.family_of_case(&manager(), about(&case, &json!({}))).await), 403);
}

#[tokio::test]
async fn two_cases_that_want_one_place_do_not_both_get_it() {
    let rig = Rig::start().await;
    let (ann, id) = (worker_a(), family(&rig).await);
    let one = rig.case(&ann, json!({"name": "One"})).await;
    let other = rig.case(&ann, json!({"name": "Other"})).await;
    let link = json!({"family_id": id, "family_member_id": M1});
    let (first, second) =
        tokio::join!(rig.patch(&ann, &one, link.clone()), rig.patch(&ann, &other, link));
    let mut codes = [status(first), status(second)];
    codes.sort_unstable();
    assert_eq!(codes, [200, 422]);
}

#[tokio::test]
async fn nobody_belongs_to_a_family_in_a_circle() {
    let rig = Rig::start().await;
    let (ann, id) = (worker_a(), family(&rig).await);
    let one = rig.case(&ann, json!({"name": "One"})).await;
    // A case is no family, and a family no member of itself.
    let itself = rig.patch(&ann, &one, json!({"family_id": one})).await;
    assert_eq!(status(itself), 422);
    let link = json!({"family_id": id, "family_member_id": M1});
    rig.patch(&ann, &one, link.clone()).await.unwrap();
    rig.patch(&ann, &one, link).await.unwrap();
    // One who is a member already takes no second place in the same family.
    let twice = rig.patch(&ann, &one, json!({"family_id": id, "family_member_id": M2})).await;
    let shown = rig.get(&ann, &one).await.unwrap().data;
    assert_eq!(shown["family_member_id"], M1, "{:?}", status(twice));
    // A relative who would be the child itself makes no case and no second family.
    let own = rig.family_of_case(&ann, about(&one, &json!({"family_detail_id": M1}))).await;
    assert_eq!(status(own), 422);
    let entries = shown["family_details_section"].as_array().unwrap();
    assert!(entries.iter().all(|entry| entry["case_id"] != json!(one)), "{shown}");
    // Merged with itself it would lead nowhere.
    let merge = json!({"case_id": one});
    assert_eq!(status(rig.merge(&ann, &one, merge).await), 409);
}

#[tokio::test]
async fn a_registry_record_has_no_scope_and_a_case_shows_it() {
    let rig = Rig::start().await;
    let (ann, bea) = (worker_a(), worker_b());
    let data = json!({"registry_type": "individual", "name": "Registry Name", "module_id": MODULE});
    let made = rig.create_of(REGISTRY, &ann, data).await.unwrap();
    let id = made.data["id"].as_str().unwrap();
    assert_eq!(made.data["registration_date"], "2026-01-31");
    assert_eq!(rig.list_of(REGISTRY, &bea, &format!("id={id}")).await.unwrap().ids(), [id]);
    assert_eq!(status(rig.list_of(REGISTRY, &reader(), "").await), 403);
    let case = rig.case(&ann, json!({"name": "Registry Case"})).await;
    let linked = rig.patch(&ann, &case, json!({"registry_record_id": id})).await.unwrap().data;
    assert_eq!(linked["registry_record_id"], id);
    assert_eq!(linked["registry_name"], "Registry Name");
    rig.patch_of(REGISTRY, &bea, id, json!({"name": "New Name"})).await.unwrap();
    assert_eq!(rig.get(&ann, &case).await.unwrap().data["registry_name"], "New Name");
    assert!(rig.get(&reader(), &case).await.unwrap().data["registry_record_id"].is_null());
    let unknown = json!({"registry_record_id": "0198c0de-0000-7000-8000-00000000dead"});
    assert_eq!(status(rig.patch(&ann, &case, unknown).await), 422);
    rig.patch(&ann, &case, json!({"registry_record_id": null})).await.unwrap();
    assert!(rig.get(&ann, &case).await.unwrap().data["registry_name"].is_null());
}
