//! Devices: known once somebody signed in on them, told to wipe themselves, and stopped until then.

use kit_serve::{Code, Refusal};
use serde_json::{Value, json};

use crate::rig::{PASSWORD, Person, Rig};

const PHONE: &str = "a-secret-of-the-phone-0001";
const DESK: &str = "a-secret-of-the-desk-00002";

async fn on(person: &Person, label: &str, secret: &str) -> Value {
    person.register_device("", json!({"label": label, "secret": secret})).await.unwrap()
}

async fn ann(rig: &Rig, chief: &Person) -> (Person, Value) {
    let role = chief.role("worker", "self", json!({"case": ["read"]})).await;
    let made = chief.user("ann", &role, &[]).await;
    (rig.sign_in(chief.tenant, "ann").await, json!(made))
}

fn code<T>(answer: Result<T, Refusal>) -> Code {
    answer.err().unwrap().code
}

#[tokio::test]
async fn a_lost_phone_is_stopped_until_it_has_wiped_itself() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let (person, _) = ann(&rig, &chief).await;
    let user = json!(person.principal.user_id);
    let phone = on(&person, "Chromium on Android", PHONE).await;
    assert_eq!((&phone["state"], &phone["wipe"]), (&json!("active"), &json!(false)));
    assert_eq!(on(&person, "Chromium on Android", PHONE).await["id"], phone["id"], "once");
    let (mine, _) = person.list_devices("").await.unwrap();
    assert_eq!((mine.len(), &mine[0]["this"]), (1, &json!(true)));
    assert_eq!(mine[0]["registered_on"], "2026-03-01");
    assert_eq!(rig.device_order(person.tenant, PHONE).await["wipe"], false);
    assert_eq!(rig.device_order(person.tenant, "unknown-to-anybody-00").await["wipe"], false);

    let ordered = chief.order_user_wipe(&user, &phone["id"]).await.unwrap();
    assert_eq!(ordered["state"], "wipe_ordered");
    let refusal = rig.still(&rig.shared, &person).await.unwrap_err();
    assert_eq!((refusal.code, refusal.errors[0].message.clone()), {
        (Code::Unauthenticated, "device.wiped".into())
    });
    let order = rig.device_order(person.tenant, PHONE).await;
    assert_eq!(order, json!({"wipe": true, "users": [{"id": user, "user_name": "ann"}]}));

    // Signing in on it again changes nothing; on another device they go on.
    let again = rig.sign_in(person.tenant, "ann").await;
    assert_eq!(on(&again, "Chromium on Android", PHONE).await["wipe"], true);
    assert!(rig.still(&rig.shared, &again).await.is_err());
    let desk = rig.sign_in(person.tenant, "ann").await;
    on(&desk, "Firefox on Linux", DESK).await;
    assert!(rig.still(&rig.shared, &desk).await.is_ok());

    assert_eq!(rig.confirm_wipe(person.tenant, PHONE).await.unwrap()["state"], "wiped");
    assert_eq!(rig.device_order(person.tenant, PHONE).await["wipe"], false);
    assert_eq!(
        code(rig.confirm_wipe(person.tenant, "unknown-to-anybody-00").await),
        Code::NotFound
    );
    assert!(rig.still(&rig.shared, &desk).await.is_ok(), "sessions elsewhere go on");
    let listed = chief.list_user_devices(&user, "").await.unwrap();
    let states: Vec<_> = listed.as_array().unwrap().iter().map(|one| &one["state"]).collect();
    assert!(states.contains(&&json!("wiped")) && states.contains(&&json!("active")));
    let anew = rig.sign_in(person.tenant, "ann").await;
    assert_eq!(on(&anew, "Chromium on Android", PHONE).await["state"], "active", "it begins anew");
    assert!(rig.still(&rig.shared, &anew).await.is_ok());
}

#[tokio::test]
async fn people_wipe_their_own_devices_and_only_those_whom_they_may_change() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let (person, _) = ann(&rig, &chief).await;
    let user = json!(person.principal.user_id);
    let phone = on(&person, "Phone", PHONE).await;
    let desk = on(&chief, "Desk", DESK).await;
    assert_eq!(
        code(person.list_user_devices(chief.principal.user_id, "").await),
        Code::PermissionDenied
    );
    let theirs = json!(chief.principal.user_id);
    assert_eq!(code(person.order_user_wipe(&theirs, &desk["id"]).await), Code::PermissionDenied);
    let id = |device: &Value| device["id"].as_str().unwrap().to_owned();
    assert_eq!(code(person.order_wipe(id(&desk), json!({})).await), Code::NotFound);
    assert_eq!(code(chief.order_user_wipe(&user, &desk["id"]).await), Code::NotFound, "not theirs");
    assert_eq!(code(chief.order_user_wipe(&user, &json!("7")).await), Code::NotFound);
    rig.wait(6);
    let stale = rig.refreshed(&person).await;
    assert_eq!(
        code(stale.order_wipe(id(&phone), json!({})).await),
        Code::PermissionDenied,
        "not proven"
    );
    stale.reauthenticate("", json!({"password": PASSWORD})).await.unwrap();
    let proven = rig.refreshed(&person).await;
    let ordered = proven.order_wipe(id(&phone), json!({})).await.unwrap();
    assert_eq!(ordered["wipe"], true);
    let other = rig.open("other").await;
    assert_eq!(rig.device_order(other, PHONE).await["wipe"], false, "of another tenant");
    let chief = rig.refreshed(&chief).await;
    for label in ["", &"x".repeat(101)] {
        let body = json!({"label": label, "secret": PHONE});
        assert_eq!(code(chief.register_device("", body).await), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn whoever_is_disabled_or_deleted_keeps_nothing_and_two_users_of_a_device_are_two() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let (person, _) = ann(&rig, &chief).await;
    on(&person, "Shared phone", PHONE).await;
    on(&chief, "Shared phone", PHONE).await;
    let user = person.principal.user_id;
    chief.update_user(user, json!({"disabled": true})).await.unwrap();
    let order = rig.device_order(chief.tenant, PHONE).await;
    assert_eq!(order["users"], json!([{"id": user, "user_name": "ann"}]), "hers alone");
    assert!(rig.still(&rig.shared, &chief).await.is_ok());
    rig.confirm_wipe(chief.tenant, PHONE).await.unwrap();
    assert_eq!(rig.device_order(chief.tenant, PHONE).await["wipe"], false);
    let clear = "select count(*) from device where document::text like '%Shared%'";
    let clear: i64 = rig.db.admin().await.query_one(clear, &[]).await.unwrap().get(0);
    assert_eq!(clear, 0);
    chief.delete_user(user).await.unwrap();
    rig.wait(60 * 25);
    let store = identity::Parts::store(&crate::rig::parts(&rig.db, &rig.catalog, &rig.told));
    identity::erase_deleted(&store, chief.tenant, rig.clock.clock().now()).await.unwrap();
    let left = "select count(*) from device where user_number = $1";
    let left: i64 = rig.db.admin().await.query_one(left, &[&user]).await.unwrap().get(0);
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_recovery_key_is_the_tenants_own_and_opens_for_those_who_have_just_proven_themselves() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let (person, _) = ann(&rig, &chief).await;
    let key = person.get_recovery_key("", "").await.unwrap();
    assert_eq!(chief.get_recovery_key("", "").await.unwrap(), key, "of the whole organisation");
    let other = rig.open("other").await;
    let other = rig.sign_in(other, "chief").await;
    assert_ne!(other.get_recovery_key("", "").await.unwrap()["id"], key["id"]);
    let field = |answer: Result<Value, Refusal>| {
        let refusal = answer.err().unwrap();
        (refusal.code, refusal.errors[0].fields.first().map(|field| field.pointer.clone()))
    };
    let wrapped = json!({"key_id": key["id"], "wrapped": "AAAA"});
    let refused = field(person.recover_key("", wrapped.clone()).await);
    assert_eq!(refused, (Code::InvalidArgument, Some("/wrapped".into())));
    let strange = json!({"key_id": "other", "wrapped": "AAAA"});
    let refused = field(person.recover_key("", strange).await);
    assert_eq!(refused, (Code::InvalidArgument, Some("/key_id".into())));
    rig.wait(6);
    let stale = rig.refreshed(&person).await;
    assert_eq!(code(stale.recover_key("", wrapped).await), Code::PermissionDenied);
}
