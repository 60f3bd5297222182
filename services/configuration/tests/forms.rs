//! Forms: creation, change, removal, and what follows from it.

use kit_serve::Code;
use kit_test::fresh_id;
use serde_json::{Value, json};

use crate::rig::{Rig, code, details};

fn form(unique_id: &str) -> Value {
    json!({
        "unique_id": unique_id, "name": {"en": "Form X", "fr": "Formulaire X"}, "parent_form": "case",
        "module_ids": ["primeromodule-cp"],
        "fields": [
            {"name": "fx_one", "type": "text_field", "display_name": {"en": "One"}},
            {"name": "fx_two", "type": "numeric_field", "display_name": {"en": "Two"}},
            {"name": "Fx Three", "type": "select_box", "display_name": {"en": "C"}, "order": 777,
             "option_strings_text": [{"id": "x", "display_text": {"en": "X"}}]}
        ]
    })
}

#[tokio::test]
async fn a_form_is_made_shown_and_granted_to_its_maker() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    let made = root.create_form(form("fx")).await.unwrap();
    assert_eq!(made["no_content"], json!(false));
    let made = &made["data"];
    assert!(made["id"].is_i64());
    assert_eq!(made["name"], json!({"en": "Form X", "fr": "Formulaire X", "es": "", "ar": ""}));
    assert_eq!(made["fields"][2]["name"], json!("fx_three"));
    assert_eq!(made["fields"][2]["order"], json!(777));
    assert_eq!(made["fields"][1]["order"], json!(1));
    let text = &made["fields"][2]["option_strings_text"][0];
    assert_eq!(text["display_text"]["en"], json!("X"));
    let shown = root.get_form(&made["id"]).await.unwrap();
    assert_eq!(&shown["data"], made);
    assert!(made["created_at"].as_str().unwrap().ends_with('Z'));
    let grants = rig.people.grants.lock().unwrap().clone();
    assert_eq!(grants, [(tenant, "role-root".to_owned(), "fx".to_owned())]);
    let listed = root.list_forms(&[("unique_id", "fx")]).await.unwrap();
    assert_eq!(listed["data"], json!([made]));
    let catalog = rig.catalog(tenant, 0).await;
    let known = catalog.forms.iter().find(|one| one.unique_id == "fx").unwrap();
    assert_eq!(known.fields.len(), 3);
}

#[tokio::test]
async fn a_chosen_id_answers_nothing_and_is_taken_once() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let mut data = form("fx");
    data["id"] = json!(90_000);
    assert_eq!(root.create_form(data.clone()).await.unwrap()["no_content"], json!(true));
    data["unique_id"] = json!("fy");
    assert_eq!(code(root.create_form(data).await), Code::AlreadyExists);
    assert_eq!(details(root.create_form(form("fx")).await), ["unique_id"]);
    let next = root.create_form(form("fz")).await.unwrap();
    assert!(next["data"]["id"].as_i64().unwrap() > 90_000);
}

#[tokio::test]
async fn a_repeated_command_makes_one_form() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    let command = fresh_id();
    let (first, version) = root.create_form_as(command, &form("fx")).await;
    let (second, _) = root.create_form_as(command, &form("fx")).await;
    assert_eq!(first, second);
    assert_eq!(rig.catalog(tenant, 0).await.version, version);
}

#[tokio::test]
async fn a_change_is_a_complete_list_of_fields() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let made = root.create_form(form("fx")).await.unwrap()["data"].clone();
    let id = &made["id"];
    let copied = root.list_forms(&[("unique_id", "basic_identity")]).await.unwrap();
    let copied = &copied["data"][0]["fields"][0];
    let fields = json!([
        {"name": "fx_one", "type": "numeric_field", "display_name": {"fr": "Un"}},
        {"name": "copied", "id": copied["id"]}
    ]);
    let answer = root.update_form(id, json!({"fields": fields})).await.unwrap();
    assert_eq!(answer["data"], json!({"id": id}));
    let shown = root.get_form(id).await.unwrap()["data"].clone();
    let names: Vec<&str> = shown["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["fx_one", "copied"]);
    assert_eq!(shown["fields"][0]["type"], json!("text_field"));
    assert_eq!(
        shown["fields"][0]["display_name"],
        json!({"en": "One", "fr": "Un", "es": "", "ar": ""})
    );
    assert_eq!(shown["fields"][1]["type"], copied["type"]);
    assert_ne!(shown["fields"][1]["id"], copied["id"]);
}

#[tokio::test]
async fn restyling_changes_texts_only() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let (root, restricted) = (rig.root(tenant), rig.restricted(tenant));
    let id = root.create_form(form("fx")).await.unwrap()["data"]["id"].clone();
    assert!(restricted.get_form(&id).await.is_ok());
    assert_eq!(code(restricted.create_form(form("fy")).await), Code::PermissionDenied);
    let change = json!({"name": {"en": "Renamed"}, "unique_id": "changed", "fields": []});
    restricted.update_form(&id, change).await.unwrap();
    let shown = root.get_form(&id).await.unwrap()["data"].clone();
    assert_eq!(shown["name"]["en"], json!("Renamed"));
    assert_eq!(shown["unique_id"], json!("fx"));
    assert_eq!(shown["fields"].as_array().unwrap().len(), 3);
    assert_eq!(code(restricted.delete_form(&id).await), Code::PermissionDenied);
    assert_eq!(code(rig.worker(tenant).get_form(&id).await), Code::PermissionDenied);
    assert!(rig.worker(tenant).list_forms(&[]).await.is_ok());
}

#[tokio::test]
async fn subforms_follow_their_form_into_its_modules() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    let mut inner = form("inner");
    inner["module_ids"] = json!([]);
    inner["is_nested"] = json!(true);
    let inner = root.create_form(inner).await.unwrap()["data"]["id"].clone();
    let mut outer = form("outer");
    outer["fields"] = json!([{"name": "rows", "type": "subform", "display_name": {"en": "Rows"}, "subform_section_id": inner}]);
    let outer = root.create_form(outer).await.unwrap()["data"].clone();
    assert_eq!(outer["fields"][0]["subform_section_id"], inner);
    let followed = root.get_form(&inner).await.unwrap()["data"].clone();
    assert_eq!(followed["module_ids"], json!(["primeromodule-cp"]));
    let catalog = rig.catalog(tenant, 0).await;
    let field = &catalog.forms.iter().find(|one| one.unique_id == "outer").unwrap().fields[0];
    assert_eq!(field.subform_section_id, inner.as_i64());
    assert_eq!(field.subform_unique_id.as_deref(), Some("inner"));
    let loops = json!([{"name": "again", "type": "subform", "display_name": {"en": "A"}, "subform_section_id": outer["id"]}]);
    assert_eq!(details(root.update_form(&inner, json!({"fields": loops})).await), ["fields"]);
}

#[tokio::test]
async fn a_new_form_group_joins_its_lookup() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let mut data = form("fx");
    data["form_group_id"] = json!("brand_new");
    let made = root.create_form(data).await.unwrap()["data"].clone();
    assert_eq!(made["form_group_name"]["en"], json!("brand_new"));
    let lookups = root.list_lookups(&[("per", "999")]).await.unwrap();
    let lookups = lookups["data"].as_array().unwrap();
    let groups =
        lookups.iter().find(|one| one["unique_id"] == "lookup-form-group-cp-case").unwrap();
    assert!(groups["values"].as_array().unwrap().iter().any(|one| one["id"] == "brand_new"));
}

#[tokio::test]
async fn core_forms_stay_and_others_go() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    let core = root.list_forms(&[("unique_id", "record_owner")]).await.unwrap();
    assert_eq!(core["data"][0]["core_form"], json!(true));
    assert_eq!(code(root.delete_form(&core["data"][0]["id"]).await), Code::PermissionDenied);
    let id = root.create_form(form("fx")).await.unwrap()["data"]["id"].clone();
    assert_eq!(root.delete_form(&id).await.unwrap()["data"], json!({"id": id}));
    assert_eq!(code(root.get_form(&id).await), Code::NotFound);
    assert_eq!(code(root.delete_form(&id).await), Code::NotFound);
    assert!(rig.catalog(tenant, 0).await.forms.iter().all(|one| one.unique_id != "fx"));
}

#[tokio::test]
async fn lists_are_filtered() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let all = root.list_forms(&[]).await.unwrap()["data"].as_array().unwrap().len();
    let types = root.list_forms(&[("record_type", "family")]).await.unwrap();
    let types = types["data"].as_array().unwrap().clone();
    assert!(!types.is_empty() && types.len() < all);
    assert!(types.iter().all(|one| one["parent_form"] == "family"));
    let whole = root.list_forms(&[("exclude_subforms", "true")]).await.unwrap();
    assert!(whole["data"].as_array().unwrap().iter().all(|one| one["is_nested"] == false));
}
