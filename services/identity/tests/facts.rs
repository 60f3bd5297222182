//! What others hear of, on a real NATS, and read models made anew from events.

use std::sync::Arc;
use std::time::Duration;

use kit_bus::{Bus, Kind, Progress, RelayBuilder};
use kit_seal::DataKey;
use kit_test::TestBus;
use serde_json::{Value, json};

use crate::rig::{Rig, parts};

#[tokio::test]
async fn facts_name_nobody_in_clear() {
    let rig = Rig::start().await;
    let bus = TestBus::new().await;
    let bus = Bus::connect(bus.url()).await.unwrap();
    let mut heard = bus.overhear("identity").await.unwrap();
    let chief = rig.chief().await;
    let role = chief.role("worker", "self", json!({"case": ["read"]})).await;
    let ann = chief.user("ann", &role, &[]).await;
    chief.update_user(ann, json!({"disabled": true})).await.unwrap();

    let store = parts(&rig.db, &rig.catalog, &rig.told).store();
    let config = rig.db.runtime_url().parse().unwrap();
    let relay = identity::publishing(RelayBuilder::new(store.clone(), bus, "identity", config));
    let mut leader = relay.lead().await.unwrap().unwrap();

    let expected = ["tenant open", "role role-worker", "user ann false", "user ann true"];
    let mut kinds: Vec<String> = Vec::new();
    let mut last_user = None;
    // Others on the same server may hold the horizon of the log back for a while.
    for _ in 0..100 {
        while leader.step().await.unwrap() == Progress::Published {}
        let wait = Duration::from_millis(200);
        while let Ok(Some(fact)) = tokio::time::timeout(wait, heard.next()).await {
            assert!(!format!("{fact:?}").contains("Full ann"), "a name in clear");
            match fact.kind.unwrap() {
                Kind::TenantChanged(one) => kinds.push(format!("tenant {}", one.status)),
                Kind::PeopleChanged(one) => kinds.push(format!("{} {}", one.kind, one.unique_id)),
                Kind::UserChanged(one) => {
                    kinds.push(format!("user {} {}", one.user_name, one.disabled));
                    last_user = Some(one);
                }
                other => panic!("{other:?}"),
            }
        }
        if expected.iter().all(|one| kinds.iter().any(|kind| kind == one)) {
            break;
        }
    }
    for one in expected {
        assert!(kinds.contains(&one.to_owned()), "{one} in {kinds:?}");
    }
    let user = last_user.unwrap();
    let key = store.keys().open_one(chief.tenant, user.key_id.parse().unwrap()).await.unwrap();
    assert_eq!(opened(&key, chief.tenant.as_bytes(), ann, &user.sealed)["full_name"], "Full ann");
}

fn opened(key: &DataKey, tenant: &[u8], number: i64, sealed: &[u8]) -> Value {
    let json = key.open(&[b"user_changed", tenant, &number.to_be_bytes()], sealed).unwrap();
    serde_json::from_slice(&json).unwrap()
}

#[tokio::test]
async fn read_models_made_anew_are_equal() {
    let mut rig = Rig::start().await;
    let chief = rig.chief().await;
    let role = chief.role("worker", "self", json!({"case": ["read"]})).await;
    let group = chief.group("north").await;
    let ann = chief.user("ann", &role, &[&group]).await;
    let bob = chief.user("bob", &role, &[]).await;
    chief.update_user(ann, json!({"phone": "1", "services": ["health"]})).await.unwrap();
    chief.delete_user(bob).await.unwrap();
    chief.create_code_of_conduct("", json!({"title": "T", "content": "C"})).await.unwrap();
    let search = json!({"name": "s", "record_type": "cases", "filters": []});
    chief.create_saved_search("", search).await.unwrap();
    let seen = async |who: &crate::rig::Person| {
        json!([
            who.list_users("per=100").await.unwrap().0,
            who.list_roles("").await.unwrap().0,
            who.list_user_groups("").await.unwrap().0,
            who.list_agencies("").await.unwrap().0,
            who.list_saved_searches("").await.unwrap().0,
            who.get_code_of_conduct("", "").await.unwrap(),
        ])
    };
    let before = seen(&chief).await;
    let store = parts(&rig.db, &Arc::clone(&rig.catalog), &rig.told).store();
    store.rebuild(&rig.db.owner(), &store.projections()).await.unwrap();
    assert_eq!(seen(&chief).await, before);
    let there = rig.another().await;
    let again = rig.sign_in_at(&there, chief.tenant, "chief", crate::rig::PASSWORD).await.unwrap();
    assert_eq!(seen(&again).await, before, "for a process that knew nothing");
}
