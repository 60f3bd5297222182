//! Roles: what they grant, who may change them, what is refused by name.

use kit_serve::Code;
use serde_json::{Value, json};

use crate::rig::{MODULE, Rig, code, details};

#[tokio::test]
async fn answers_permissions_and_forms_as_sent() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let permissions = json!({"agency": ["read", "write"], "role": ["read", "write"],
        "objects": {"agency": ["agency-x"], "role": ["role-x"], "managed_report": {"scope": "agency"}}});
    let body = json!({"unique_id": "role-y", "name": "Y", "group_permission": "all", "transfer": true,
        "is_manager": true, "module_unique_ids": [MODULE], "form_section_read_write": {"basic": "rw"},
        "permissions": permissions});
    let role = chief.create_role("", body).await.unwrap();
    assert_eq!(role["permissions"], permissions);
    assert_eq!(role["form_section_read_write"], json!({"basic": "rw"}));
    assert_eq!(role["disabled"], false);
    let id = role["id"].as_i64().unwrap();
    let role = chief.update_role(id, json!({"description": "only this"})).await.unwrap();
    assert_eq!(role["permissions"], permissions);
    let change = json!({"permissions": {"incident": ["read"]}, "form_section_read_write": {"notes": "r", "gbv": "r"}});
    let role = chief.update_role(id, change).await.unwrap();
    assert_eq!(role["permissions"], json!({"incident": ["read"], "objects": {}}));
    assert_eq!(role["form_section_read_write"], json!({"notes": "r"}), "gbv is another module's");
    let made = chief
        .create_role("", json!({"name": "Conf Gen", "permissions": {"case": ["read"]}}))
        .await
        .unwrap();
    assert!(made["unique_id"].as_str().unwrap().starts_with("role-conf-gen-"));
    assert_eq!(made["group_permission"], "self");
    assert_eq!(chief.delete_role(id).await.unwrap(), json!({"id": id}));
    assert_eq!(code(chief.get_role(id, "").await), Code::NotFound);
}

#[tokio::test]
async fn names_what_is_wrong() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    chief.role("x", "self", json!({"case": ["read"]})).await;
    let mut body = json!({"unique_id": "role-x", "name": "Z", "permissions": {"case": ["read"]}});
    assert_eq!(code(chief.create_role("", body.clone()).await), Code::AlreadyExists);
    body["unique_id"] = "role-z".into();
    body["name"] = "x".into();
    let refusal = chief.create_role("", body.clone()).await.unwrap_err();
    assert_eq!(details(&refusal), json!(["name"]));
    let message = serde_json::to_value(&refusal.errors[0].message).unwrap();
    assert_eq!(message, json!(["errors.models.role.unique_name"]));
    let refusal = chief.create_role("", json!({"name": "Q"})).await.unwrap_err();
    assert_eq!(details(&refusal), json!(["permissions"]));
    body["name"] = "Z".into();
    body["permissions"] = json!({"case": ["fly"], "ship": ["read"]});
    let refusal = chief.create_role("", body.clone()).await.unwrap_err();
    let pointers: Vec<_> = refusal.errors[0].fields.iter().map(|one| &one.pointer[..]).collect();
    assert_eq!(pointers, ["/permissions/case/fly", "/permissions/ship"]);
    body["permissions"] = json!({"case": "read"});
    body["is_manager"] = "maybe".into();
    body["group_permission"] = "galaxy".into();
    body["form_section_read_write"] = json!({"basic": "rwx"});
    let refusal = chief.create_role("", body).await.unwrap_err();
    assert_eq!(
        details(&refusal),
        json!([[
            "/is_manager",
            "/group_permission",
            "/form_section_read_write/basic",
            "/permissions/case"
        ]])
    );
    let levels =
        json!({"name": "L", "permissions": {"case": ["read"]}, "reporting_location_level": 9});
    let refusal = chief.create_role("", levels).await.unwrap_err();
    assert_eq!(details(&refusal), json!(["reporting_location_level"]));
}

#[tokio::test]
async fn super_user_roles_are_touched_by_nobody() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let (roles, metadata) = chief.list_roles("").await.unwrap();
    assert_eq!(metadata["per"], Value::Null);
    let superuser = &roles[0]["id"];
    let change = json!({"description": "mine"});
    assert_eq!(code(chief.update_role(superuser, change.clone()).await), Code::PermissionDenied);
    assert_eq!(code(chief.delete_role(superuser).await), Code::PermissionDenied);
    let limited = json!({"role": ["read", "write", "create"], "objects": {"role": ["role-a"]}});
    chief.role("a", "self", json!({"case": ["read"]})).await;
    chief.role("b", "self", json!({"case": ["read"]})).await;
    let admin = chief.role("admin", "all", limited).await;
    chief.user("admin", &admin, &[]).await;
    let admin = rig.sign_in(chief.tenant, "admin").await;
    let id = |name: &str| {
        let roles = chief.list_roles("");
        let name = name.to_owned();
        async move {
            let (roles, _) = roles.await.unwrap();
            roles.iter().find(|role| role["name"] == *name).unwrap()["id"].clone()
        }
    };
    assert_eq!(code(admin.get_role(superuser, "").await), Code::PermissionDenied);
    assert_eq!(
        code(admin.update_role(id("b").await, change.clone()).await),
        Code::PermissionDenied
    );
    admin.update_role(id("a").await, change).await.unwrap();
    let mighty = json!({"name": "Mighty", "permissions": roles[0]["permissions"]});
    assert_eq!(code(admin.create_role("", mighty).await), Code::PermissionDenied);
    let (managed, _) = admin.list_roles("managed=true").await.unwrap();
    assert_eq!(managed.len(), 1);
    let ann = chief.user("ann", "role-b", &[]).await;
    let refusal = chief.delete_role(id("b").await).await.unwrap_err();
    assert_eq!(details(&refusal), json!(["users"]));
    chief.delete_user(ann).await.unwrap();
    chief.delete_role(id("b").await).await.unwrap();
}

#[tokio::test]
async fn a_clients_own_id_is_used_once() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let body = |name: &str| json!({"id": 77, "name": name, "permissions": {"case": ["read"]}});
    chief.create_role("", body("one")).await.unwrap();
    assert_eq!(chief.get_role(77, "").await.unwrap()["name"], "one");
    assert_eq!(code(chief.create_role("", body("two")).await), Code::AlreadyExists);
    let next = chief
        .create_role("", json!({"name": "next", "permissions": {"case": ["read"]}}))
        .await
        .unwrap();
    assert_eq!(next["id"], 78);
}
