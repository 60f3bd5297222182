//! What should never have been sent: a clear no that names the field, and nothing changed.

use kit_serve::Code;
use serde_json::{Value, json};

use crate::rig::{Rig, code, details};

#[tokio::test]
async fn wrong_types_are_named_by_pointer() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let data = json!({"name": "X", "visible": "true", "order": 1.5, "display_conditions": null, "nobody_knows_me": {},
        "fields": [{"name": "a", "type": "text_field", "display_name": {"en": 7}, "option_strings_text": {}}, "field"]});
    let found = details(root.create_form(data).await);
    let expected = [
        "/name",
        "/visible",
        "/order",
        "/fields/1",
        "/fields/0/display_name/en",
        "/fields/0/option_strings_text",
    ];
    for pointer in expected {
        assert!(found.iter().any(|one| one == pointer), "{pointer} in {found:?}");
    }
    assert_eq!(
        details(root.create_lookup(json!({"name": {"en": "X"}, "values": "a"})).await),
        ["/values"]
    );
    assert_eq!(
        details(root.create_location(json!({"code": 5, "placename": "x"})).await),
        ["/code", "/placename"]
    );
    assert_eq!(details(root.create_configuration(json!({"id": "x"})).await), ["/id"]);
    assert_eq!(details(root.create_configuration(json!({"data": [1]})).await), ["/data"]);
}

#[tokio::test]
async fn what_is_no_object_is_refused() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    for data in [json!([]), json!("x"), json!(7)] {
        assert_eq!(details(root.create_form(data).await), [""]);
    }
    assert_eq!(code(root.create_form(Value::Null).await), Code::InvalidArgument);
    assert_eq!(code(root.raw_create_form(b"").await), Code::InvalidArgument);
    assert_eq!(code(root.raw_create_form(b"{\"name\": \"\xff\"}").await), Code::InvalidArgument);
    assert_eq!(code(root.raw_create_form(b"{\"name\": ").await), Code::InvalidArgument);
}

#[tokio::test]
async fn deep_trees_are_refused() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let nested = |depth: usize| format!("{}{{}}{}", "{\"and\":[".repeat(depth), "]}".repeat(depth));
    let form = |tree: &str| format!("{{\"name\":{{\"en\":\"X\"}},\"display_conditions\":{tree}}}");
    assert!(root.raw_create_form(form(&nested(5)).as_bytes()).await.is_ok());
    assert_eq!(
        details(root.raw_create_form(form(&nested(40)).as_bytes()).await),
        ["/display_conditions"]
    );
    assert_eq!(details(root.raw_create_form(form(&nested(10_000)).as_bytes()).await), [""]);
}

#[tokio::test]
async fn names_without_english_or_with_odd_characters_are_refused() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    assert_eq!(details(root.create_form(json!({"name": {"ar": "نموذج"}})).await), ["name_en"]);
    for name in ["50% off", "a@b", "#1", "  ", "x^2", "$", "a*b", "wow!"] {
        assert_eq!(
            details(root.create_form(json!({"name": {"en": name}})).await),
            ["name"],
            "{name}"
        );
    }
    for name in
        ["'; DROP TABLE object; --", "../../etc/passwd", "شكل\u{200f}", "a\u{200b}b", "<script>"]
    {
        let made = root.create_form(json!({"name": {"en": name}})).await.unwrap();
        assert_eq!(made["data"]["name"]["en"], json!(name));
    }
    let field = json!({"name": "'; --", "type": "text_field", "display_name": {"en": "A"}});
    assert_eq!(
        details(root.create_form(json!({"name": {"en": "X"}, "fields": [field]})).await),
        ["fields.name"]
    );
}

#[tokio::test]
async fn doubled_ids_are_refused() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let field = json!({"name": "a", "type": "text_field", "display_name": {"en": "A"}});
    assert_eq!(
        details(root.create_form(json!({"name": {"en": "X"}, "fields": [field, field]})).await),
        ["fields"]
    );
    let value = json!({"id": "a", "display_text": {"en": "A"}});
    assert_eq!(
        details(root.create_lookup(json!({"name": {"en": "X"}, "values": [value, value]})).await),
        ["lookup_values"]
    );
    let mut choice = field.clone();
    choice["option_strings_text"] = json!([value, value]);
    assert_eq!(
        details(root.create_form(json!({"name": {"en": "X"}, "fields": [choice]})).await),
        ["fields.option_strings_text"]
    );
}

#[tokio::test]
async fn ids_in_paths_that_are_none_are_not_found() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    for id in ["0", "-1", "abc", "99999999999999999999999", "1;drop", "../1"] {
        assert_eq!(code(root.get_form(id).await), Code::NotFound, "{id}");
        assert_eq!(code(root.get_lookup(id).await), Code::NotFound, "{id}");
        assert_eq!(code(root.get_location(id).await), Code::NotFound, "{id}");
        assert_eq!(code(root.get_module(id).await), Code::NotFound, "{id}");
        assert_eq!(code(root.get_configuration(id).await), Code::NotFound, "{id}");
    }
}

#[tokio::test]
async fn nothing_is_left_of_what_was_refused() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    let before = rig.catalog(tenant, 0).await;
    let form = json!({"unique_id": "half", "name": {"en": "Half"}, "module_ids": ["primeromodule-cp"], "form_group_id": "new_group",
        "fields": [{"name": "a", "type": "poem", "display_name": {"en": "A"}}]});
    assert_eq!(details(root.create_form(form).await), ["fields.type"]);
    assert_eq!(rig.catalog(tenant, 0).await, before);
}
