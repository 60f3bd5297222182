//! Who reads and writes what: forms, rights, scopes.

use serde_json::json;

use crate::rig::{MODULE, Rig, limited, manager, nobody, reader, root, status, worker_a, worker_b};

#[tokio::test]
async fn only_fields_of_granted_forms_are_shown() {
    let rig = Rig::start().await;
    let id = rig.case(&worker_a(), json!({"name": "Perm Case", "age": 7})).await;
    let notes = json!({"conf_office_note": "seen by both", "conf_secret_note": "manager only"});
    rig.patch(&manager(), &id, notes).await.unwrap();
    let ann = rig.get(&worker_a(), &id).await.unwrap().data;
    assert_eq!(ann["conf_office_note"], "seen by both");
    assert!(ann.get("conf_secret_note").is_none());
    assert_eq!(rig.get(&manager(), &id).await.unwrap().data["conf_secret_note"], "manager only");
    let reader = rig.get(&reader(), &id).await.unwrap().data;
    assert_eq!(reader["name"], "Perm Case");
    assert!(reader.get("conf_office_note").is_none() && reader.get("conf_secret_note").is_none());
}

#[tokio::test]
async fn fields_of_other_forms_are_dropped_on_write_without_an_error() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Perm Case", "age": 7})).await;
    let notes = json!({"conf_office_note": "office", "conf_secret_note": "secret"});
    rig.patch(&manager(), &id, notes).await.unwrap();
    let body = json!({"conf_office_note": "changed", "conf_secret_note": "changed", "age": 8});
    let answer = rig.patch(&ann, &id, body).await.unwrap().data;
    assert_eq!(answer["age"], 8);
    assert!(answer.get("conf_office_note").is_none());
    let shown = rig.get(&manager(), &id).await.unwrap().data;
    assert_eq!(
        (&shown["conf_office_note"], &shown["conf_secret_note"]),
        (&json!("office"), &json!("secret"))
    );
}

#[tokio::test]
async fn a_creation_without_a_module_writes_no_form_field() {
    let rig = Rig::start().await;
    let created = rig.create(&worker_a(), json!({"name": "No Module", "age": 3})).await.unwrap();
    let id = created.data["id"].as_str().unwrap();
    let shown = rig.get(&root(), id).await.unwrap().data;
    assert!(shown.get("age").is_none_or(serde_json::Value::is_null));
}

#[tokio::test]
async fn reading_alone_allows_nothing_else() {
    let rig = Rig::start().await;
    let id = rig.case(&worker_a(), json!({"name": "Perm Case"})).await;
    assert_eq!(status(rig.get(&reader(), &id).await), 200);
    let body = json!({"name": "X", "module_id": MODULE});
    assert_eq!(rig.create(&reader(), body).await.unwrap_err(), kit_serve::Refusal::forbidden());
    assert_eq!(status(rig.patch(&reader(), &id, json!({"name": "X"})).await), 403);
    assert_eq!(status(rig.disable(&reader(), &id).await), 403);
    assert_eq!(status(rig.history(&reader(), &id, "").await), 403);
    assert_eq!(status(rig.access(&reader(), &id).await), 403);
    assert_eq!(status(rig.access(&worker_a(), &id).await), 200);
    assert_eq!(status(rig.list(&nobody(), "").await), 403);
    assert_eq!(status(rig.get(&nobody(), "not-an-id").await), 403, "the right comes first");
    assert_eq!(
        status(rig.patch(&nobody(), "not-an-id", json!({})).await),
        404,
        "the case comes first"
    );
}

#[tokio::test]
async fn own_scope_keeps_other_workers_out() {
    let rig = Rig::start().await;
    let id = rig.case(&worker_a(), json!({"name": "Perm Case"})).await;
    let bob = worker_b();
    assert_eq!(status(rig.get(&bob, &id).await), 403);
    assert_eq!(status(rig.patch(&bob, &id, json!({"age": 1})).await), 403);
    assert_eq!(status(rig.disable(&bob, &id).await), 403);
    assert_eq!(status(rig.history(&bob, &id, "").await), 403);
    let listed = rig.list(&bob, &format!("id={id}")).await.unwrap();
    assert_eq!((listed.total(), listed.ids().len()), (0, 0));
    assert_eq!(status(rig.get(&root(), &id).await), 200);
}

#[tokio::test]
async fn an_action_replaces_the_right_to_write_and_no_more() {
    let rig = Rig::start().await;
    let id = rig.case(&worker_a(), json!({"name": "To Close"})).await;
    let close = json!({"status": "closed", "name": "Changed"});
    assert_eq!(status(rig.patch_as(&reader(), &id, close.clone(), "close", 0).await), 403);
    assert_eq!(status(rig.patch(&limited(), &id, close.clone()).await), 403);
    let closed = rig.patch_as(&limited(), &id, close, "close", 0).await.unwrap().data;
    assert_eq!(closed["status"], "closed");
    assert_eq!(rig.get(&worker_a(), &id).await.unwrap().data["name"], "To Close");
    let reopen = json!({"status": "open", "case_status_reopened": true});
    assert_eq!(status(rig.patch_as(&limited(), &id, reopen, "reopen", 0).await), 403);
}

#[tokio::test]
async fn status_state_and_owner_need_their_own_rights() {
    let rig = Rig::start().await;
    let id = rig.case(&worker_a(), json!({"name": "Guarded"})).await;
    let mut bare = worker_a();
    bare.permissions.insert("case".into(), vec!["read".into(), "write".into(), "create".into()]);
    let body = json!({"status": "closed", "record_state": false, "owned_by": "worker_b", "age": 4});
    let answer = rig.patch(&bare, &id, body.clone()).await.unwrap().data;
    assert_eq!(answer["age"], 4);
    let shown = rig.get(&root(), &id).await.unwrap().data;
    assert_eq!((&shown["status"], &shown["record_state"]), (&json!("open"), &json!(true)));
    assert_eq!(shown["owned_by"], "worker_a");
    let other = json!({"name": "For Bob", "owned_by": "worker_b", "module_id": MODULE});
    let created = rig.create(&bare, other).await.unwrap();
    assert_eq!(created.data["owned_by"], "worker_a", "left out, not refused");
    let unknown = json!({"owned_by": "no_such_user"});
    let refused = rig.patch(&worker_a(), &id, unknown).await.unwrap_err();
    assert_eq!(refused.errors[0].detail, Some("owned_by".into()));
    assert_eq!(status(rig.patch(&worker_a(), &id, json!({"owned_by": "gone"})).await), 422);
}

#[tokio::test]
async fn short_and_named_fields_are_cut_to_what_may_be_read() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Perm Case", "age": 7, "sex": "female"})).await;
    let row = rig.list(&ann, &format!("id={id}&fields=short")).await.unwrap().data[0].clone();
    for name in [
        "id",
        "enabled",
        "name",
        "age",
        "sex",
        "status",
        "owned_by",
        "owned_by_agency_id",
        "created_at",
        "short_id",
        "case_id_display",
        "alert_count",
        "flag_count",
        "record_in_scope",
        "last_updated_at",
    ] {
        assert!(row.get(name).is_some(), "{name}");
    }
    assert!(row.get("conf_office_note").is_none() && row.get("national_id_no").is_none());
    let row = rig.list(&ann, &format!("id={id}&fields=age,sex")).await.unwrap().data[0].clone();
    let keys: Vec<_> = row.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "enabled", "age", "sex", "last_updated_at"]);
    let shown = rig.get_with(&ann, &id, "fields=age,conf_secret_note").await.unwrap().data;
    assert!(shown.get("conf_secret_note").is_none() && shown.get("name").is_none());
}
