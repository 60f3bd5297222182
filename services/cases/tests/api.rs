//! Creating, reading, changing, closing and disabling, as the contract says.

use serde_json::{Value, json};

use crate::rig::{MODULE, Rig, status, worker_a};

#[tokio::test]
async fn a_client_made_id_answers_without_content_also_when_repeated() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = kit_test::fresh_id().to_string();
    let body = json!({"id": id, "name": "Client Made", "age": 3, "sex": "male", "module_id": MODULE,
                      "short_id": "1234567", "conf_contacts": [{"contact_name": "Aunt"}]});
    for _ in 0..2 {
        let answer = rig.create(&ann, body.clone()).await.unwrap();
        assert!(answer.no_content);
        assert_eq!((answer.version, answer.record_ids), (1, vec![id.clone()]));
    }
    assert_eq!(rig.get(&ann, &id).await.unwrap().data["name"], "Client Made");
    let mut other = body.clone();
    other["name"] = json!("Again");
    let refused = rig.create(&ann, other).await.unwrap_err();
    assert_eq!(refused, kit_serve::Refusal::taken());
    assert_eq!(status(rig.create(&crate::rig::worker_b(), body).await), 409);
    assert_eq!(rig.get(&ann, &id).await.unwrap().data["name"], "Client Made");
}

#[tokio::test]
async fn a_new_case_has_its_system_fields() {
    let rig = Rig::start().await;
    let body = json!({"name": "Rana", "age": 9, "sex": "female", "module_id": MODULE});
    let answer = rig.create(&worker_a(), body).await.unwrap();
    assert!(!answer.no_content);
    let expected = json!({
        "enabled": true, "name": "Rana", "age": 9, "sex": "female", "module_id": MODULE,
        "status": "open", "workflow": "new", "record_state": true, "owned_by": "worker_a",
        "created_at": "2026-01-31T09:05:07.124Z", "last_updated_at": "2026-01-31T09:05:07.124Z",
        "registration_date": "2026-01-31", "owned_by_agency_id": "agency-a",
        "owned_by_groups": ["group-a"], "created_by": "worker_a",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&answer.data[name], value, "{name}");
    }
    let id = answer.data["id"].as_str().unwrap();
    assert_eq!(answer.data["short_id"], id[id.len() - 7..]);
    let shown = rig.get(&worker_a(), id).await.unwrap();
    assert_eq!(shown.data["record_in_scope"], true);
    for (name, value) in answer.data.as_object().unwrap() {
        assert_eq!(&shown.data[name], value, "{name}");
    }
}

#[tokio::test]
async fn a_change_answers_what_changed_and_nothing_else() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Rana", "age": 9})).await;
    let answer =
        rig.patch(&ann, &id, json!({"age": 10, "name": "Rana", "nonsense": 1})).await.unwrap();
    let keys: Vec<_> = answer.data.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "enabled", "age", "last_updated_at"]);
    assert_eq!(answer.version, 2);
    let nothing = rig.patch(&ann, &id, json!({"age": 10})).await.unwrap();
    let keys: Vec<_> = nothing.data.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "enabled", "last_updated_at"]);
    let other_id = kit_test::fresh_id().to_string();
    let answer = rig.patch(&ann, &id, json!({"id": other_id, "age": 9})).await.unwrap();
    assert_eq!(answer.data["id"], id);
}

#[tokio::test]
async fn subforms_merge_by_unique_id() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let [one, two] = [kit_test::fresh_id(), kit_test::fresh_id()];
    let id = rig
        .case(
            &ann,
            json!({"conf_contacts": [
        {"unique_id": one, "contact_name": "Mother", "contact_age": 33},
        {"unique_id": two, "contact_name": "Father"}]}),
        )
        .await;
    let changed = rig
        .patch(
            &ann,
            &id,
            json!({"conf_contacts": [
        {"unique_id": one, "contact_age": 34}, {"contact_name": "Uncle"}]}),
        )
        .await
        .unwrap();
    let contacts = changed.data["conf_contacts"].as_array().unwrap();
    assert_eq!(contacts.len(), 3);
    assert_eq!(contacts[0], json!({"unique_id": one, "contact_name": "Mother", "contact_age": 34}));
    assert!(contacts[2]["unique_id"].as_str().unwrap().parse::<uuid::Uuid>().is_ok());
    rig.patch(&ann, &id, json!({"conf_contacts": [{"unique_id": two, "_destroy": true}]}))
        .await
        .unwrap();
    rig.patch(&ann, &id, json!({"conf_contacts": null})).await.unwrap();
    let shown = rig.get(&ann, &id).await.unwrap();
    assert_eq!(shown.data["conf_contacts"].as_array().unwrap().len(), 2);
    let wrong =
        rig.patch(&ann, &id, json!({"conf_contacts": [{"unique_id": "abc"}]})).await.unwrap_err();
    assert_eq!(wrong.errors[0].fields[0].pointer, "/conf_contacts/0/unique_id");
}

#[tokio::test]
async fn what_does_not_fit_the_forms_is_refused_with_pointers_and_changes_nothing() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Valid One"})).await;
    for (body, pointer) in [
        (json!({"name": "Changed", "age": "x"}), "/age"),
        (json!({"date_of_birth": "is invalid"}), "/date_of_birth"),
        (json!({"date_of_birth": "2015-02-03T10:00:00Z"}), "/date_of_birth"),
        (json!({"name": 12}), "/name"),
        (json!({"sex": "other"}), "/sex"),
        (json!({"age": 99_999_999_999_i64}), "/age"),
    ] {
        let refused = rig.patch(&ann, &id, body).await.unwrap_err();
        assert_eq!(refused.errors[0].message, "Invalid Record JSON".into());
        assert_eq!(refused.errors[0].detail, Some(vec![pointer.to_owned()].into()));
    }
    let born = rig.patch(&ann, &id, json!({"date_of_birth": "2999-01-01"})).await.unwrap_err();
    assert_eq!(born.code.http_status(), 422);
    let module = json!({"name": "V", "module_id": "primeromodule-none"});
    let refused = rig.create(&ann, module).await.unwrap_err();
    assert_eq!(refused.errors[0].detail, Some(vec!["/module_id".to_owned()].into()));
    let shown = rig.get(&ann, &id).await.unwrap();
    assert_eq!((&shown.data["name"], shown.version), (&json!("Valid One"), 1));
}

#[tokio::test]
async fn bodies_that_are_no_object_name_the_missing_parameter() {
    let rig = Rig::start().await;
    for data in ["", "[]", "\"x\"", "{\"a\":", "null"] {
        let request = kit_proto::common::v1::WriteRequest {
            data: data.as_bytes().to_vec().into(),
            ..Default::default()
        };
        let refused = rig.write(&worker_a(), request, true).await.unwrap_err();
        assert_eq!(refused, kit_serve::Refusal::missing_parameter("data"), "{data}");
    }
}

#[tokio::test]
async fn a_protected_name_is_shown_as_stars() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Hide Me"})).await;
    rig.patch(&ann, &id, json!({"hidden_name": true})).await.unwrap();
    let shown = rig.get(&ann, &id).await.unwrap();
    assert_eq!(
        (&shown.data["name"], &shown.data["hidden_name"]),
        (&json!("*******"), &json!(true))
    );
    let listed = rig.list(&ann, "").await.unwrap();
    assert_eq!(listed.data[0]["name"], "*******");
}

#[tokio::test]
async fn disabling_hides_nothing_and_can_be_undone() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Off On"})).await;
    assert_eq!(rig.disable(&ann, &id).await.unwrap().data, json!({"id": id}));
    let shown = rig.get(&ann, &id).await.unwrap();
    assert_eq!(
        (&shown.data["enabled"], &shown.data["record_state"]),
        (&json!(false), &json!(false))
    );
    let back = rig.patch(&ann, &id, json!({"record_state": true})).await.unwrap();
    assert_eq!((&back.data["enabled"], &back.data["record_state"]), (&json!(true), &json!(true)));
    assert_eq!(status(rig.disable(&ann, "thisdoesntexist").await), 404);
}

#[tokio::test]
async fn closing_sets_the_date_and_reopening_the_workflow() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Close Me"})).await;
    let closed = rig.patch_as(&ann, &id, json!({"status": "closed"}), "close", 0).await.unwrap();
    assert_eq!(closed.data["status"], "closed");
    assert_eq!(closed.data["workflow"], "closed");
    assert_eq!(closed.data["date_closure"], "2026-01-31");
    let body = json!({"status": "open", "case_status_reopened": true});
    let opened = rig.patch_as(&ann, &id, body, "reopen", 0).await.unwrap();
    assert_eq!(
        (&opened.data["status"], &opened.data["workflow"]),
        (&json!("open"), &json!("reopened"))
    );
}

#[tokio::test]
async fn ids_of_nothing_and_of_another_tenant_are_not_found() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Mine"})).await;
    let mut stranger = crate::rig::root();
    stranger.tenant = kit_test::fresh_id();
    for id in [id.as_str(), "x", "'; drop table case_row; --", "../../etc", ""] {
        assert_eq!(status(rig.get(&stranger, id).await), 404, "{id}");
        assert_eq!(status(rig.patch(&stranger, id, json!({"age": 1})).await), 404);
        assert_eq!(status(rig.disable(&stranger, id).await), 404);
    }
    assert_eq!(rig.list(&stranger, "").await.unwrap().total(), 0);
    let listed = rig.list(&stranger, &format!("id={id}")).await.unwrap();
    assert_eq!(listed.data, Value::Array(vec![]));
    assert_eq!(rig.identified(&ann).await.unwrap_err().code.http_status(), 404);
}

#[tokio::test]
async fn a_repeated_command_returns_the_first_outcome() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let request = |name: &str| kit_proto::common::v1::WriteRequest {
        data: json!({"name": name, "module_id": MODULE}).to_string().into_bytes().into(),
        command_id: "0198c0de-0000-7000-8000-000000000001".into(),
        ..Default::default()
    };
    let first = rig.write(&ann, request("Once"), true).await.unwrap();
    let again = rig.write(&ann, request("Once"), true).await.unwrap();
    assert_eq!(first.data["id"], again.data["id"]);
    assert_eq!(rig.list(&ann, "").await.unwrap().total(), 1);
}

#[tokio::test]
async fn a_user_who_identifies_themselves_has_one_case_also_in_a_race() {
    let rig = Rig::start().await;
    let mut own = worker_a();
    own.user_category = Some("identified".into());
    own.scope = kit_access::Scope::Identified;
    own.permissions.insert("case".into(), vec!["read".into(), "create".into(), "write".into()]);
    let body = json!({"name": "Myself", "module_id": MODULE});
    let (one, two) = tokio::join!(rig.create(&own, body.clone()), rig.create(&own, body.clone()));
    let mut codes = [status(one), status(two)];
    codes.sort_unstable();
    assert_eq!(codes, [200, 422]);
    let third = rig.create(&own, body).await.unwrap_err();
    assert_eq!(third.errors[0].detail, Some("identified_by".into()));
    let mine = rig.identified(&own).await.unwrap();
    assert_eq!(
        (&mine.data["status"], &mine.data["name"]),
        (&json!("identified"), &json!("Myself"))
    );
    assert_eq!(rig.list(&own, "").await.unwrap().total(), 1);
}
