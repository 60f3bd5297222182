//! Users: rules, reach, own accounts, lists, bad input.

use kit_serve::Code;
use kit_test::fresh_id;
use serde_json::{Value, json};

use crate::rig::{PASSWORD, Person, Rig, code, data, details, user_body};

/// A group manager and two workers, one in the manager's group and one elsewhere.
async fn team(rig: &Rig, chief: &Person) -> (Person, i64, i64) {
    let worker = chief.role("worker", "self", json!({"case": ["read"]})).await;
    let manager = chief
        .role("manager", "group", json!({"user": ["read", "write", "create", "disable_multiple"]}))
        .await;
    let (north, south) = (chief.group("north").await, chief.group("south").await);
    let near = chief.user("near", &worker, &[&north]).await;
    let far = chief.user("far", &worker, &[&south]).await;
    chief.user("manager", &manager, &[&north]).await;
    (rig.sign_in(chief.tenant, "manager").await, near, far)
}

#[tokio::test]
async fn one_error_per_broken_rule() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let role = chief.role("worker", "self", json!({"case": ["read"]})).await;
    let good = user_body(&chief, "Ann", &role, &[]).await;
    let ann = chief.create_user("", good.clone()).await.unwrap();
    assert_eq!(ann["user_name"], "ann", "stored in lower case");
    assert!(ann.get("password_hash").is_none() && ann.get("phone").is_none());

    let mut bad = good.clone();
    bad["user_name"] = "bob".into();
    bad["email"] = "bob@example.org".into();
    bad["password"] = "short".into();
    bad["password_confirmation"] = "differs".into();
    let refusal = chief.create_user("", bad).await.unwrap_err();
    assert_eq!(details(&refusal), json!(["password", "password_confirmation"]));

    let refusal = chief.create_user("", good.clone()).await.unwrap_err();
    assert_eq!(details(&refusal), json!(["user_name", "email"]));
    assert_eq!(
        serde_json::to_value(&refusal.errors[1].message).unwrap(),
        json!(["errors.models.user.email_uniqueness"])
    );

    let mut bad = good;
    bad["agency_id"] = "not a number".into();
    bad["services"] = json!(["health", 1]);
    let refusal = chief.create_user("", bad).await.unwrap_err();
    assert_eq!(details(&refusal), json!([["/services/1", "/agency_id"]]));

    let refusal = chief.create_user("", json!({"full_name": "X"})).await.unwrap_err();
    assert_eq!(details(&refusal), json!(["user_name", "role", "agency"]));
}

#[tokio::test]
async fn an_email_is_free_again_once_its_user_is_gone() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let role = chief.role("worker", "self", json!({"case": ["read"]})).await;
    let ann = chief.user("ann", &role, &[]).await;
    let taken = json!({"email": "ANN@example.org "});
    let bob = chief.user("bob", &role, &[]).await;
    let refusal = chief.update_user(bob, taken).await.unwrap_err();
    assert!(details(&refusal).as_array().unwrap().contains(&json!("email")));
    chief.delete_user(ann).await.unwrap();
    assert_eq!(code(chief.get_user(ann, "").await), Code::NotFound);
    chief.update_user(bob, json!({"email": "ann@example.org"})).await.unwrap();
    let mut body = user_body(&chief, "ann", &role, &[]).await;
    body["email"] = "new@example.org".into();
    let refusal = chief.create_user("", body).await.unwrap_err();
    assert_eq!(details(&refusal), json!(["user_name"]), "what ann did stays hers");
    let refusal = chief.update_user(bob, json!({"user_name": "rob"})).await.unwrap_err();
    assert_eq!(details(&refusal), json!(["user_name"]));
    chief.update_user(bob, json!({"user_name": "Bob", "position": "x"})).await.unwrap();
}

#[tokio::test]
async fn a_repeated_create_makes_one_user() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let role = chief.role("worker", "self", json!({"case": ["read"]})).await;
    let body = user_body(&chief, "ann", &role, &[]).await;
    let command = fresh_id();
    let first = chief.create_user_as(command, body.clone()).await.unwrap();
    let again = chief.create_user_as(command, body).await.unwrap();
    assert_eq!(data(&first)["id"], data(&again)["id"]);
    for number in 0..10 {
        let body = user_body(&chief, &format!("bob{number}"), &role, &[]).await;
        let command = fresh_id();
        let tries = tokio::join!(
            chief.create_user_as(command, body.clone()),
            chief.create_user_as(command, body)
        );
        assert_eq!(data(&tries.0.unwrap())["id"], data(&tries.1.unwrap())["id"]);
    }
    let metadata: Value = serde_json::from_slice(&first.metadata).unwrap();
    assert_eq!(metadata["total_enabled"], 2);
}

#[tokio::test]
async fn managers_reach_their_groups_and_workers_only_themselves() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let (manager, near, far) = team(&rig, &chief).await;
    let (seen, metadata) = manager.list_users("per=100").await.unwrap();
    let names: Vec<_> = seen.iter().map(|user| user["user_name"].as_str().unwrap()).collect();
    assert_eq!(names, ["near", "manager"]);
    assert_eq!(metadata["total"], 2);
    assert_eq!(code(manager.get_user(far, "").await), Code::PermissionDenied);
    assert_eq!(code(manager.get_user(999, "").await), Code::NotFound);
    assert_eq!(code(manager.get_user("x'; drop table--", "").await), Code::NotFound);
    manager.update_user(near, json!({"position": "Lead"})).await.unwrap();
    assert_eq!(
        code(manager.update_user(far, json!({"position": "x"})).await),
        Code::PermissionDenied
    );
    let worker = rig.sign_in(chief.tenant, "near").await;
    assert_eq!(code(worker.list_users("").await), Code::PermissionDenied);
    assert_eq!(worker.get_user(near, "").await.unwrap()["position"], "Lead");
    assert_eq!(code(worker.get_user(far, "").await), Code::PermissionDenied);
    assert_eq!(code(worker.delete_user(far).await), Code::PermissionDenied);
}

#[tokio::test]
async fn nobody_makes_someone_mightier_than_themselves() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let (manager, near, _) = team(&rig, &chief).await;
    let mut body = user_body(&chief, "evil", "role-superuser", &["usergroup-north"]).await;
    assert_eq!(code(manager.create_user("", body.clone()).await), Code::PermissionDenied);
    let raise = json!({"role_unique_id": "role-superuser"});
    assert_eq!(code(manager.update_user(near, raise).await), Code::PermissionDenied);
    body["role_unique_id"] = "role-worker".into();
    body["user_group_unique_ids"] = json!(["usergroup-south"]);
    assert_eq!(code(manager.create_user("", body).await), Code::PermissionDenied);
    let chief_number = chief.principal.user_id;
    let reset = json!({"password": "Taken-over-1"});
    assert_eq!(code(manager.update_user(chief_number, reset).await), Code::PermissionDenied);
}

#[tokio::test]
async fn on_the_own_account_only_personal_attributes_change() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let (_, near, _) = team(&rig, &chief).await;
    let worker = rig.sign_in(chief.tenant, "near").await;
    let body = json!({"full_name": "Renamed", "position": "Field", "user_name": "hacked",
        "role_unique_id": "role-superuser", "user_group_unique_ids": ["usergroup-south"],
        "disabled": true, "agency_office": "HQ"});
    let user = worker.update_user(near, body).await.unwrap();
    assert_eq!(user["full_name"], "Renamed");
    assert_eq!(user["position"], "Field");
    assert_eq!(user["user_name"], "near");
    assert_eq!(user["role_unique_id"], "role-worker");
    assert_eq!(user["user_group_unique_ids"], json!(["usergroup-north"]));
    assert_eq!(user["disabled"], false);
    assert!(user.get("agency_office").is_none());
}

#[tokio::test]
async fn only_the_current_code_of_conduct_is_accepted() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let (_, near, _) = team(&rig, &chief).await;
    let worker = rig.sign_in(chief.tenant, "near").await;
    assert_eq!(code(worker.get_code_of_conduct("", "").await), Code::NotFound);
    let publish = |content: &str| json!({"title": "Code", "content": content});
    assert_eq!(
        code(worker.create_code_of_conduct("", publish("Mine")).await),
        Code::PermissionDenied
    );
    let old = chief.create_code_of_conduct("", publish("Be kind")).await.unwrap();
    let same = chief.create_code_of_conduct("", publish("Be kind")).await.unwrap();
    assert_eq!(old["id"], same["id"]);
    let new = chief.create_code_of_conduct("", publish("Be just")).await.unwrap();
    assert_ne!(old["id"], new["id"]);
    let accept = |code: &Value| json!({"code_of_conduct_id": code["id"]});
    let refusal = worker.update_user(near, accept(&old)).await.unwrap_err();
    assert_eq!(refusal.code, Code::InvalidArgument);
    let user = worker.update_user(near, accept(&new)).await.unwrap();
    assert_eq!(user["code_of_conduct_id"], new["id"]);
    assert_eq!(user["code_of_conduct_accepted_on"], "2026-03-01T08:00:00.000Z");
    let refusal = chief.create_code_of_conduct("", json!({"content": "x"})).await.unwrap_err();
    assert_eq!(details(&refusal), json!(["title"]));
}

#[tokio::test]
async fn many_are_disabled_at_once_within_reach() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let (manager, near, far) = team(&rig, &chief).await;
    let session = rig.sign_in(chief.tenant, "near").await;
    manager.update_users("", json!({"ids": [near, far, 12345]})).await.unwrap();
    assert_eq!(chief.get_user(near, "").await.unwrap()["disabled"], true);
    assert_eq!(chief.get_user(far, "").await.unwrap()["disabled"], false);
    assert_eq!(code(rig.still(&rig.shared, &session).await), Code::Unauthenticated);
    // What cannot be chosen by must not be passed over: it would choose everybody else too.
    let idle = json!({"user_group_ids": ["usergroup-south"], "last_access": {"to": "long ago"}});
    assert_eq!(code(manager.update_users("", idle).await), Code::InvalidArgument);
    assert_eq!(code(manager.update_users("", json!({"nothing": 1})).await), Code::InvalidArgument);
    let worker = rig.try_sign_in(chief.tenant, "far", PASSWORD).await.unwrap();
    assert_eq!(code(worker.update_users("", json!({"ids": [near]})).await), Code::PermissionDenied);
    let south = json!({"user_group_ids": ["usergroup-south"], "disabled": true});
    chief.update_users("", south).await.unwrap();
    assert_eq!(chief.get_user(far, "").await.unwrap()["disabled"], true);
}

#[tokio::test]
async fn the_limit_of_users_holds() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let role = chief.role("worker", "self", json!({"case": ["read"]})).await;
    let first = chief.user("first", &role, &[]).await;
    {
        let mut catalog = rig.catalog.0.lock().unwrap();
        catalog.version = 2;
        catalog.settings.insert("system_options".into(), json!({"maximum_users": 2}));
    }
    tokio::time::sleep(std::time::Duration::from_millis(3_100)).await;
    let body = user_body(&chief, "second", &role, &[]).await;
    let refusal = chief.create_user("", body.clone()).await.unwrap_err();
    assert_eq!(details(&refusal), json!(["base"]));
    chief.update_user(first, json!({"disabled": true})).await.unwrap();
    chief.create_user("", body).await.unwrap();
    let refusal = chief.update_user(first, json!({"disabled": false})).await.unwrap_err();
    assert_eq!(details(&refusal), json!(["base"]));
}

#[tokio::test]
async fn lists_are_filtered_ordered_and_paged() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let (_, near, _) = team(&rig, &chief).await;
    chief
        .update_user(near, json!({"services": ["health"], "location": "C1", "disabled": true}))
        .await
        .unwrap();
    let names = async |query: &str| -> Vec<String> {
        let (users, _) = chief.list_users(query).await.unwrap();
        users.iter().map(|user| user["user_name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("order_by=user_name&order=desc").await, ["near", "manager", "far", "chief"]);
    assert_eq!(names("order_by=user_name&per=2&page=2").await, ["manager", "near"]);
    assert_eq!(names("query=FULL ne").await, ["near"]);
    assert_eq!(names("disabled[]=true").await, ["near"]);
    assert_eq!(names("services=health&location=C1").await, ["near"]);
    assert_eq!(names("user_group_ids[0]=usergroup-south").await, ["far"]);
    assert_eq!(names("agency[]=99").await, Vec::<String>::new());
    assert_eq!(code(chief.list_users("page=0").await), Code::InvalidArgument);
    assert_eq!(code(chief.list_users("page=x").await), Code::InvalidArgument);
}

#[tokio::test]
async fn session_data_say_what_the_web_application_starts_from() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let role = json!({"unique_id": "role-w", "name": "W", "module_unique_ids": ["primeromodule-cp"],
        "form_section_read_write": {"basic": "rw", "notes": "r", "gbv": "rw", "nowhere": "r"},
        "permissions": {"case": ["read", "create", "write"], "code_of_conduct": ["manage"]}});
    chief.create_role("", role).await.unwrap();
    let ann = chief.user("ann", "role-w", &[]).await;
    let session = rig.sign_in(chief.tenant, "ann").await;
    let data = session.get_user(ann, "extended=true").await.unwrap();
    assert_eq!(data["permitted_form"], json!({"basic": "rw", "notes": "r"}));
    let list = data["permissions"]["list"].as_array().unwrap();
    assert!(list.contains(&json!({"resource": "cases", "actions": ["read", "create", "write"]})));
    assert!(list.contains(&json!({"resource": "codes_of_conduct", "actions": ["manage"]})));
    let columns = data["list_headers"]["cases"].as_array().unwrap();
    assert!(columns.contains(&json!({"name": "name", "field_name": "name"})));
    assert_eq!(data["list_headers"].as_object().unwrap().len(), 13);
    let lists: Vec<_> = data["filters"].as_object().unwrap().keys().collect();
    assert_eq!(lists, ["cases", "incidents", "tracing_requests", "registry_records", "families"]);
    let flagged = &data["filters"]["cases"][0];
    assert_eq!(flagged["unique_id"], "flagged");
    assert_eq!(flagged["type"], "toggle");
    assert_eq!(flagged["options"]["fr"][0]["display_name"], "Signalé");
    assert_eq!(data["agency_unique_id"], "agency-administration");
    assert_eq!(data["reporting_location_config"]["admin_level"], 2);
}

#[tokio::test]
async fn resets_and_messages_need_their_rights() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let (manager, near, far) = team(&rig, &chief).await;
    let answer = chief.request_password_reset(near, json!({"password_reset": true})).await.unwrap();
    assert_eq!(answer["message"], "user.password_reset.request_submitted");
    let refused = manager.request_password_reset(far, json!({"password_reset": true})).await;
    assert_eq!(code(refused), Code::PermissionDenied);
    let message = json!({"ids": [near], "subject": "S", "message": "M"});
    let echo = chief.message_users("", message.clone()).await.unwrap();
    assert_eq!(echo, json!({"subject": "S", "message": "M"}));
    assert_eq!(code(manager.message_users("", message).await), Code::PermissionDenied);
    let refused = chief.message_users("", json!({"ids": [near], "subject": "S"})).await;
    assert_eq!(code(refused), Code::InvalidArgument);
}

#[tokio::test]
async fn identified_users_are_found_by_those_who_attribute() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let (manager, ..) = team(&rig, &chief).await;
    assert_eq!(code(manager.list_identified_users("").await), Code::PermissionDenied);
    assert!(chief.list_identified_users("query=ann").await.unwrap().0.is_empty());
}

#[tokio::test]
async fn an_erased_user_is_gone_from_every_process() {
    let mut rig = Rig::start().await;
    let chief = rig.chief().await;
    let (_, near, _) = team(&rig, &chief).await;
    let there = rig.another().await;
    let session = rig.sign_in_at(&there, chief.tenant, "near", PASSWORD).await.unwrap();
    let store = crate::rig::parts(&rig.db, &rig.catalog, &rig.told).store();
    store.erase::<identity_domain::User>(chief.tenant, near).await.unwrap();
    assert_eq!(code(rig.still(&there, &session).await), Code::Unauthenticated);
    assert_eq!(code(chief.get_user(near, "").await), Code::NotFound);
}

#[tokio::test]
async fn deleted_users_are_erased_a_day_later() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let (_, near, far) = team(&rig, &chief).await;
    chief.delete_user(near).await.unwrap();
    let store = crate::rig::parts(&rig.db, &rig.catalog, &rig.told).store();
    let erased = async || {
        let now = rig.clock.clock().now();
        identity::erase_deleted(&store, chief.tenant, now).await.unwrap()
    };
    assert_eq!(erased().await, 0, "others have not heard of it yet");
    rig.wait(24 * 60 + 1);
    assert_eq!(erased().await, 1);
    assert_eq!(erased().await, 0);
    store.rebuild(&rig.db.owner(), &["directory_user"]).await.unwrap();
    let chief = rig.sign_in(chief.tenant, "chief").await;
    let again = user_body(&chief, "near", "role-worker", &[]).await;
    assert_eq!(details(&chief.create_user("", again).await.unwrap_err()), json!(["user_name"]));
    let history = store.history::<identity_domain::User>(chief.tenant, near).await;
    assert!(history.is_err(), "nobody can read it any more");
    assert!(store.history::<identity_domain::User>(chief.tenant, far).await.is_ok());
    assert_eq!(rig.sign_in(chief.tenant, "far").await.principal.user_id, far);
}
