//! User groups: membership of makers, reach, filters.

use kit_serve::Code;
use serde_json::json;

use crate::rig::{Rig, code};

#[tokio::test]
async fn makers_of_limited_scope_join_their_group() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let role =
        chief.role("manager", "group", json!({"user_group": ["read", "create", "write"]})).await;
    chief.user("manager", &role, &[]).await;
    let manager = rig.sign_in(chief.tenant, "manager").await;
    let group = manager.group("mine").await;
    let now = rig.still(&rig.shared, &manager).await.unwrap();
    assert_eq!(now.groups, [group]);
    let theirs = chief.create_user_group("", json!({"name": "theirs"})).await.unwrap();
    let id = &theirs["id"];
    assert!(theirs["unique_id"].as_str().unwrap().starts_with("usergroup-theirs-"));
    assert_eq!(code(manager.get_user_group(id, "").await), Code::PermissionDenied);
    assert_eq!(
        code(manager.update_user_group(id, json!({"name": "x"})).await),
        Code::PermissionDenied
    );
    assert_eq!(code(manager.delete_user_group(id).await), Code::PermissionDenied);
    assert!(
        rig.still(&rig.shared, &chief).await.unwrap().groups.is_empty(),
        "scope all joins nothing"
    );
    let (reached, _) = manager.list_user_groups("managed=true").await.unwrap();
    assert_eq!(reached.len(), 1);
}

#[tokio::test]
async fn only_what_was_sent_changes() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    chief.agency("A").await;
    let b = chief.agency("B").await;
    let body = json!({"unique_id": "g", "name": "G", "description": "d", "agency_unique_ids": ["A"], "agency_ids": [b]});
    let group = chief.create_user_group("", body.clone()).await.unwrap();
    assert_eq!(group["agency_unique_ids"], json!(["A", "B"]));
    assert_eq!(code(chief.create_user_group("", body).await), Code::AlreadyExists);
    let id = &group["id"];
    let group = chief
        .update_user_group(id, json!({"description": "new", "agency_unique_ids": []}))
        .await
        .unwrap();
    assert_eq!(group["name"], "G");
    assert_eq!(group["agency_unique_ids"], json!(["A", "B"]), "an empty list clears nothing");
    chief.group("other").await;
    let (found, _) = chief.list_user_groups("agency_unique_ids[0]=B").await.unwrap();
    assert_eq!(found.len(), 1);
    let (found, _) = chief.list_user_groups("disabled[0]=true").await.unwrap();
    assert!(found.is_empty());
    assert_eq!(
        code(chief.update_user_group(id, json!({"disabled": "x"})).await),
        Code::InvalidArgument
    );
}
