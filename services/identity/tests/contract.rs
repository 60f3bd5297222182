//! What the contract says word by word about people and their organisation.

use kit_proto::identity::v1::ExportOrganisationRequest;
use kit_serve::{Code, Refusal};
use serde_json::{Value, json};

use crate::rig::{PASSWORD, Person, Rig, code, data, details};

/// A picture of one point.
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=";

async fn described(rig: &Rig, by: &Person) -> Value {
    let message = ExportOrganisationRequest { tenant: by.tenant.to_string() };
    let reply = rig.client().describe_organisation(rig.internal().request(message)).await.unwrap();
    data(&reply.into_inner())
}

fn detail(refused: Result<Value, Refusal>) -> Value {
    json!(refused.unwrap_err().errors[0].detail)
}

#[tokio::test]
async fn the_start_page_shows_agencies_with_their_logos() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let logo = json!({"agency_code": "AX", "name": {"en": "Agency X", "fr": "Agence X"},
        "logo_full_base64": PNG, "logo_full_file_name": "a.png", "logo_icon_base64": PNG,
        "logo_icon_file_name": "b.png", "logo_enabled": true, "pdf_logo_option": true});
    let agency = chief.create_agency("", logo).await.unwrap();
    chief.agency("without").await;
    let found = described(&rig, &chief).await;
    let wanted = json!([{"unique_id": "AX", "name": "Agency X", "logo_full": agency["logo_full"],
        "logo_icon": agency["logo_icon"]}]);
    assert_eq!(found["agencies_with_logo"], wanted);
    assert_eq!(found["agencies_with_pdf_logo"], wanted);
    let id = agency["id"].as_i64().unwrap();
    chief.update_agency(id, json!({"logo_enabled": false})).await.unwrap();
    let found = described(&rig, &chief).await;
    assert_eq!(found["agencies_with_logo"], json!([]));
    assert_eq!(found["agencies_with_pdf_logo"], wanted);
}

#[tokio::test]
async fn what_was_not_found_is_named_with_its_id() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    assert_eq!(detail(chief.get_user(999, "").await), "Couldn't find User with 'id'=999");
    assert_eq!(detail(chief.get_role("x", "").await), "Couldn't find Role with 'id'=x");
    let change = json!({"name": "x"});
    let missing = chief.update_user_group(999, change).await;
    assert_eq!(detail(missing), "Couldn't find UserGroup with 'id'=999");
    assert_eq!(detail(chief.delete_agency(999).await), "Couldn't find Agency with 'id'=999");
    let missing = chief.delete_saved_search(999).await;
    assert_eq!(detail(missing), "Couldn't find SavedSearch with 'id'=999");
}

#[tokio::test]
async fn null_is_a_wrong_type_where_the_contract_has_none() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let role = json!({"name": "X", "description": null, "permissions": {"case": ["read"]},
        "module_unique_ids": null, "is_manager": null, "reporting_location_level": null});
    let refused = chief.create_role("", role).await.unwrap_err();
    assert_eq!(details(&refused), json!([["/description", "/is_manager", "/module_unique_ids"]]));
    let group = json!({"name": null, "agency_ids": null});
    let refused = chief.create_user_group("", group).await.unwrap_err();
    assert_eq!(details(&refused), json!([["/name", "/agency_ids"]]));
    let agency = json!({"agency_code": "A", "name": {"en": "A"}, "telephone": null, "order": null});
    let refused = chief.create_agency("", agency).await.unwrap_err();
    assert_eq!(details(&refused), json!([["/order", "/telephone"]]));
}

#[tokio::test]
async fn roles_are_paged_as_widely_as_asked_and_may_have_the_scope_of_webhooks() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    chief.role("hook", "webhook", json!({"webhook": ["read"]})).await;
    let (roles, metadata) = chief.list_roles("per=5000").await.unwrap();
    assert_eq!(metadata["per"], 5000);
    let hook = roles.iter().find(|role| role["unique_id"] == "role-hook").unwrap();
    assert_eq!(hook["group_permission"], "webhook");
    let (_, metadata) = chief.list_users("per=5000").await.unwrap();
    assert_eq!(metadata["per"], 1000);
}

#[tokio::test]
async fn one_group_is_hidden_from_scopes_group_and_agency_alone() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    chief.group("ours").await;
    chief.group("theirs").await;
    let (groups, _) = chief.list_user_groups("").await.unwrap();
    let theirs = groups.iter().find(|one| one["unique_id"] == "usergroup-theirs").unwrap();
    let number = theirs["id"].as_i64().unwrap();
    for (scope, may) in [("self", true), ("group", false), ("agency", false), ("all", true)] {
        let role = chief.role(scope, scope, json!({"user_group": ["read", "write"]})).await;
        chief.user(scope, &role, &["usergroup-ours"]).await;
        let person = rig.sign_in(chief.tenant, scope).await;
        assert_eq!(person.get_user_group(number, "").await.is_ok(), may, "{scope}");
        let change = person.update_user_group(number, json!({"description": "x"})).await;
        assert_eq!(change.is_ok(), scope == "all", "{scope}");
    }
}

#[tokio::test]
async fn a_user_shows_the_reporting_location_and_the_terms_of_use() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let body = json!({"unique_id": "role-level", "name": "level", "reporting_location_level": 1,
        "permissions": {"case": ["read"]}});
    chief.create_role("", body).await.unwrap();
    let ann = chief.user("ann", "role-level", &[]).await;
    let shown = chief.get_user(ann, "").await.unwrap();
    assert_eq!(shown["reporting_location_config"]["admin_level"], 1);
    assert_eq!(shown.get("agency_terms_of_use_enabled"), None, "not enforced");
    let (users, _) = chief.list_users("user_name=chief").await.unwrap();
    assert_eq!(users[0]["reporting_location_config"]["admin_level"], 2);
    // A place below the level of reporting counts for the one above it.
    chief.update_user(ann, json!({"location": "CONKGO"})).await.unwrap();
    let shown = chief.get_user(ann, "").await.unwrap();
    assert_eq!(
        (&shown["location"], &shown["reporting_location_code"]),
        (&json!("CONKGO"), &json!("CONK"))
    );
    chief.update_user(ann, json!({"location": "CO"})).await.unwrap();
    let (users, _) = chief.list_users("user_name=ann").await.unwrap();
    assert_eq!(users[0]["reporting_location_code"], "CO");
    {
        let mut catalog = rig.catalog.0.lock().unwrap();
        catalog.version += 1;
        let options = json!({"enforce_terms_of_use": true});
        catalog.settings.insert("system_options".into(), options);
    }
    let (agencies, _) = chief.list_agencies("").await.unwrap();
    let agency = agencies[0]["id"].as_i64().unwrap();
    let pdf = json!({"terms_of_use_enabled": true, "terms_of_use_base64": "JVBERi0xLjQKJSVFT0YK",
        "terms_of_use_file_name": "terms.pdf"});
    chief.update_agency(agency, pdf).await.unwrap();
    let role = chief.role("x", "self", json!({"case": ["read"]})).await;
    chief.user("bob", &role, &[]).await;
    let shown = chief.get_user(ann, "").await.unwrap();
    assert_eq!(shown["agency_terms_of_use_enabled"], true);
    assert_eq!(shown["agency_terms_of_use_changed"], true);
    rig.wait(1);
    let me = rig.try_sign_in(chief.tenant, "ann", PASSWORD).await.unwrap();
    let agreed = me.update_user(ann, json!({"accept_terms_of_use": true})).await.unwrap();
    assert_eq!(agreed["agency_terms_of_use_changed"], false);
}

#[tokio::test]
async fn rights_to_erase_are_granted_but_not_listed() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    assert!(
        chief.principal.may("erasure", "request") && !chief.principal.may("erasure", "approve")
    );
    let permissions = json!({"case": ["read"], "erasure": ["approve"]});
    let role = chief.role("approver", "all", permissions.clone()).await;
    let listed = chief.list_permissions_document().await;
    assert_eq!(listed["resource_actions"].get("erasure"), None);
    chief.user("ann", &role, &[]).await;
    let ann = rig.sign_in(chief.tenant, "ann").await;
    assert!(ann.principal.may("erasure", "approve"));
    let both = json!({"name": "both", "permissions": {"erasure": ["approve", "request"]}});
    assert_eq!(code(chief.create_role("", both).await), Code::InvalidArgument);
    let manage = json!({"name": "manage", "permissions": {"erasure": ["manage"]}});
    assert_eq!(code(chief.create_role("", manage).await), Code::InvalidArgument);
    let role = chief.role("roles", "all", json!({"role": ["manage"]})).await;
    chief.user("bob", &role, &[]).await;
    let bob = rig.sign_in(chief.tenant, "bob").await;
    let grant = json!({"name": "mine", "permissions": permissions});
    assert_eq!(code(bob.create_role("", grant).await), Code::PermissionDenied);
}
