//! Lookups over the wire.

use kit_serve::Code;
use kit_test::fresh_id;
use serde_json::{Value, json};

use crate::rig::{Rig, code, details};

fn lookup(unique_id: &str) -> Value {
    json!({"unique_id": unique_id, "name": {"en": "Lookup Y"}, "values": [{"id": "a", "display_text": {"en": "A"}}]})
}

#[tokio::test]
async fn a_lookup_is_made_changed_and_removed() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    let made = root.create_lookup(lookup("lookup-y")).await.unwrap()["data"].clone();
    assert_eq!(made["locked"], json!(false));
    assert_eq!(made["values"][0]["display_text"], json!({"en": "A", "fr": "", "es": "", "ar": ""}));
    let change =
        json!({"values": [{"id": "b", "display_text": {"en": "B"}}, {"id": "a", "_delete": true}]});
    let changed = rig.restricted(tenant).update_lookup(&made["id"], change).await.unwrap();
    let ids: Vec<_> =
        changed["data"]["values"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert_eq!(ids, [json!("b")]);
    assert_eq!(root.delete_lookup(&made["id"]).await.unwrap()["data"], json!({"id": made["id"]}));
    assert_eq!(code(root.get_lookup(&made["id"]).await), Code::NotFound);
}

#[tokio::test]
async fn ids_are_taken_once_and_rights_are_checked() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    let made = root.create_lookup(lookup("lookup-y")).await.unwrap()["data"].clone();
    assert_eq!(code(root.create_lookup(lookup("lookup-y")).await), Code::AlreadyExists);
    let mut other = lookup("lookup-z");
    other["id"] = made["id"].clone();
    assert_eq!(code(root.create_lookup(other).await), Code::AlreadyExists);
    let (worker, restricted) = (rig.worker(tenant), rig.restricted(tenant));
    assert_eq!(code(worker.create_lookup(lookup("w")).await), Code::PermissionDenied);
    assert_eq!(code(worker.update_lookup(&made["id"], json!({})).await), Code::PermissionDenied);
    assert_eq!(code(worker.delete_lookup(&made["id"]).await), Code::PermissionDenied);
    assert_eq!(code(restricted.create_lookup(lookup("r")).await), Code::PermissionDenied);
    assert!(worker.list_lookups(&[]).await.is_ok());
}

#[tokio::test]
async fn an_id_beyond_all_others_is_refused_and_uses_none_up() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let mut huge = lookup("lookup-huge");
    huge["id"] = json!(i64::MAX);
    assert_eq!(code(root.create_lookup(huge).await), Code::InvalidArgument);
    root.create_lookup(lookup("lookup-next")).await.unwrap();
}

#[tokio::test]
async fn a_lookup_that_fields_use_stays() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let lookups = root.list_lookups(&[("per", "1000")]).await.unwrap()["data"].clone();
    let used =
        lookups.as_array().unwrap().iter().find(|one| one["unique_id"] == "lookup-gender").unwrap();
    assert_eq!(details(root.delete_lookup(&used["id"]).await), ["lookup"]);
    assert!(root.get_lookup(&used["id"]).await.is_ok());
}

#[tokio::test]
async fn lists_are_paged_and_sorted() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let query =
        [("per", "3"), ("page", "2"), ("order_by", "name"), ("locale", "ar"), ("order", "desc")];
    let page = root.list_lookups(&query).await.unwrap();
    assert_eq!(page["data"].as_array().unwrap().len(), 3);
    assert_eq!((&page["metadata"]["per"], &page["metadata"]["page"]), (&json!(3), &json!(2)));
    assert!(page["metadata"]["total"].as_i64().unwrap() > 40);
    assert_eq!(details(root.list_lookups(&[("page", "0")]).await), ["/page"]);
    assert_eq!(details(root.list_lookups(&[("per", "many")]).await), ["/per"]);
}

#[tokio::test]
async fn a_repeat_that_overtakes_its_first_try_makes_nothing_more() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    for number in 0..20 {
        let (command, name) = (fresh_id(), format!("lookup-r{number}"));
        let (first, second) = (lookup(&name), lookup(&name));
        let tries = tokio::join!(
            root.create_lookup_as(command, &first),
            root.create_lookup_as(command, &second)
        );
        assert_eq!(tries.0, tries.1);
        let (command, code) = (fresh_id(), format!("R{number}"));
        let place = json!({"code": code, "placename": {"en": "R"}});
        let tries = tokio::join!(
            root.create_location_as(command, &place),
            root.create_location_as(command, &place)
        );
        assert_eq!(tries.0, tries.1);
    }
}

#[tokio::test]
async fn a_repeated_command_answers_what_it_made() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let command = fresh_id();
    let first = root.create_lookup_as(command, &lookup("lookup-y")).await;
    assert_eq!(root.create_lookup_as(command, &lookup("lookup-y")).await, first);
    let place = json!({"code": "A", "placename": {"en": "A"}});
    let command = fresh_id();
    let first = root.create_location_as(command, &place).await;
    assert_eq!(root.create_location_as(command, &place).await, first);
    assert_eq!(root.list_locations(&[]).await.unwrap()["metadata"]["total"], json!(1));
}
