//! Who may read a record, and what leads them to it.

use serde_json::{Value, json};

use crate::rig::Rig;

#[tokio::test]
async fn everyone_is_judged_as_when_they_read() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let group = chief.group("coast").await;
    let own = chief.role("own", "self", json!({"case": ["read"]})).await;
    let team = chief.role("team", "group", json!({"case": ["read"]})).await;
    let blind = chief.role("blind", "all", json!({"user": ["read"]})).await;
    for (name, role) in [("ann", &own), ("ben", &team), ("eve", &own), ("dora", &blind)] {
        chief.user(name, role, &[group.as_str()]).await;
    }
    let scope = json!({
        "associated_user_names": ["ann"],
        "associated_user_groups": [group],
        "associated_user_agencies": [],
        "identified_by": null,
    });
    let found = rig.readers(chief.tenant, "case", scope.clone()).await;
    let named: Vec<(&str, bool, Vec<&str>)> = found
        .users
        .iter()
        .map(|one| {
            let through = one.through.iter().map(|term| term.field.as_str()).collect();
            (one.user_name.as_str(), one.all, through)
        })
        .collect();
    assert!(named.contains(&("ann", false, vec!["associated_user_names"])), "{named:?}");
    assert!(named.contains(&("ben", false, vec!["associated_user_groups"])), "{named:?}");
    assert!(!named.iter().any(|one| ["eve", "dora"].contains(&one.0)), "{named:?}");
    let role = found.roles.iter().find(|one| one.unique_id == own).unwrap();
    assert!(serde_json::from_slice::<Value>(&role.forms).unwrap().is_object());
    let ann = found.users.iter().find(|one| one.user_name == "ann").unwrap();
    assert!(!ann.full_name.is_empty());

    let number = rig.sign_in(chief.tenant, "ben").await.principal.user_id;
    chief.update_user(number, json!({"disabled": true})).await.unwrap();
    let found = rig.readers(chief.tenant, "case", scope.clone()).await;
    assert!(!found.users.iter().any(|one| one.user_name == "ben"), "signs in no more");
    let incidents = rig.readers(chief.tenant, "incident", scope).await;
    assert!(!incidents.users.iter().any(|one| one.user_name == "ann"));
}
