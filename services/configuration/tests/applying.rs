//! A snapshot becomes the configuration: at once, for everyone, or not at all.

use std::time::Duration;

use configuration::OrganisationProblem;
use kit_serve::Code;
use serde_json::{Value, json};

use crate::rig::{Caller, Rig, code, details};
use crate::snapshots::fixture;

async fn upload(root: &Caller, snapshot: Value) -> String {
    let made = root.create_configuration(snapshot).await.unwrap();
    made["data"]["id"].as_str().unwrap().to_owned()
}

async fn apply(root: &Caller, id: &str) -> Result<Value, kit_serve::Refusal> {
    root.apply_configuration(id, json!({"apply_now": true})).await
}

fn ids(listed: &Value) -> Vec<String> {
    let all = listed["data"].as_array().unwrap().iter();
    let mut ids: Vec<String> =
        all.map(|one| one["unique_id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn everything_is_as_the_snapshot_says() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    let before = rig.catalog(tenant, 0).await;
    let basic = before.forms.iter().find(|one| one.unique_id == "basic_identity").unwrap();
    let id = upload(&root, fixture()).await;
    let applied = apply(&root, &id).await.unwrap();
    assert_eq!(applied["data"]["applied_by"], json!("conf_root"));
    assert!(applied["data"]["applied_on"].is_string());
    let warning = &applied["metadata"]["warnings"][0];
    assert_eq!(
        (&warning["object"], &warning["field"]),
        (&json!("FormSection basic_identity"), &json!("tribe"))
    );
    assert_eq!(
        ids(&root.list_forms(&[]).await.unwrap()),
        ["basic_identity", "contacts", "contacts_section"]
    );
    let catalog = rig.catalog(tenant, 0).await;
    assert_eq!(catalog.epoch, before.epoch + 1);
    let now = catalog.forms.iter().find(|one| one.unique_id == "basic_identity").unwrap();
    assert_eq!(now.id, basic.id);
    let number =
        |form: &kit_records::Form| form.fields.iter().find(|one| one.name == "sex").unwrap().id;
    assert_eq!(number(now), number(basic));
    let (of, part) = rig.people.parts.lock().unwrap().last().unwrap().clone();
    assert_eq!((of, part.epoch, part.actor.as_str()), (tenant, catalog.epoch, "conf_root"));
    let grants = &part.roles[0]["form_section_read_write"];
    assert_eq!(
        grants,
        &json!({"basic_identity": "rw", "contacts": "r"}),
        "grants of unknown forms are left out"
    );
}

#[tokio::test]
async fn what_was_applied_exports_again() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    let id = upload(&root, fixture()).await;
    apply(&root, &id).await.unwrap();
    let kept = upload(&root, json!({"name": "after"})).await;
    let exported = root.export_configuration(&kept).await.unwrap()["data"]["data"].clone();
    let mut expected = fixture()["data"].clone();
    expected["Role"][0]["form_section_read_write"] =
        json!({"basic_identity": "rw", "contacts": "r"});
    for kind in
        ["Lookup", "Report", "ContactInformation", "Agency", "Role", "UserGroup", "FormSection"]
    {
        let sorted = |data: &Value| {
            let mut all = data[kind].as_array().unwrap().clone();
            all.sort_by_key(|one| one["unique_id"].to_string());
            all
        };
        assert_eq!(sorted(&exported), sorted(&expected), "{kind}");
    }
}

#[tokio::test]
async fn a_faulty_snapshot_is_refused_with_everything_that_is_wrong() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    let before = rig.catalog(tenant, 0).await;
    let mut faulty = fixture();
    faulty["data"]["FormSection"][0]["name_i18n"] = json!({"fr": "Base"});
    faulty["data"]["FormSection"][0]["fields_attributes"][0]["type"] = json!("poem");
    faulty["data"]["Lookup"][0]["lookup_values_i18n"][0]["display_text"] = json!({});
    let id = upload(&root, faulty).await;
    let problem = OrganisationProblem {
        object: "Role role-x".into(),
        field: "permissions".into(),
        message: "unknown".into(),
    };
    rig.people.problems.lock().unwrap().push(problem);
    let refusal = apply(&root, &id).await.unwrap_err();
    assert_eq!(refusal.code.http_status(), 422);
    let told: Vec<String> = refusal.errors.iter().map(|one| format!("{:?}", one.detail)).collect();
    for (object, field) in [
        ("FormSection basic_identity", "name_en"),
        ("FormSection basic_identity", "name"),
        ("Lookup lookup-gender", "lookup_values"),
        ("Role role-x", "permissions"),
    ] {
        let expected = format!("{object} {field}\"");
        assert!(told.iter().any(|one| one.contains(&expected)), "{expected} in {told:?}");
    }
    assert_eq!(rig.catalog(tenant, 0).await, before);
    assert_eq!(rig.people.parts.lock().unwrap().len(), 1, "only the installation");
    let shown = root.get_configuration(&id).await.unwrap();
    assert_eq!(shown["data"]["applied_on"], Value::Null);
}

#[tokio::test]
async fn until_identity_follows_its_people_see_the_epoch_before() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    let before = rig.catalog(tenant, 0).await;
    let id = upload(&root, fixture()).await;
    *rig.people.away.lock().unwrap() = true;
    let answered = apply(&root, &id).await.unwrap();
    assert_eq!(answered["data"]["applied_on"], Value::Null, "not in force yet");
    let old = rig.catalog(tenant, before.epoch).await;
    assert_eq!(old, before);
    let earlier = rig.root_of_epoch(tenant, before.epoch);
    assert!(earlier.list_forms(&[]).await.unwrap()["data"].as_array().unwrap().len() > 40);
    assert_eq!(root.list_forms(&[]).await.unwrap()["data"].as_array().unwrap().len(), 3);
    let refused = root.delete_configuration(&id).await;
    assert_eq!(details(refused), ["applied_on"], "identity still needs its data");
    let another = upload(&root, json!({"name": "another"})).await;
    assert_eq!(code(apply(&root, &another).await), Code::Unavailable, "one after the other");
    assert_eq!(rig.catalog(tenant, before.epoch).await, before);
    *rig.people.away.lock().unwrap() = false;
    for _ in 0..100 {
        let shown = root.get_configuration(&id).await.unwrap();
        if shown["data"]["applied_on"].is_string() {
            assert_eq!(shown["data"]["applied_by"], json!("conf_root"));
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("identity never followed");
}

#[tokio::test]
async fn reads_during_an_application_are_whole() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    let standard = upload(&root, json!({"name": "standard"})).await;
    let small = upload(&root, fixture()).await;
    let reader = root.clone();
    let reading = tokio::spawn(async move {
        let mut seen = Vec::new();
        for _ in 0..150 {
            seen.push(reader.list_forms(&[]).await.unwrap()["data"].as_array().unwrap().len());
        }
        seen
    });
    for id in [&small, &standard, &small] {
        apply(&root, id).await.unwrap();
    }
    let seen = reading.await.unwrap();
    assert!(seen.iter().all(|count| [69, 3].contains(count)), "{seen:?}");
}

#[tokio::test]
async fn two_at_once_follow_each_other_or_one_is_told() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    let epoch = rig.catalog(tenant, 0).await.epoch;
    let (a, b) = (upload(&root, json!({"name": "a"})).await, upload(&root, fixture()).await);
    let results = tokio::join!(apply(&root, &a), apply(&root, &b));
    let done = [&results.0, &results.1].iter().filter(|one| one.is_ok()).count();
    assert!(done >= 1, "{results:?}");
    for refused in [results.0, results.1].into_iter().filter(Result::is_err) {
        assert!([Code::AlreadyExists, Code::Aborted].contains(&code(refused)));
    }
    let catalog = rig.catalog(tenant, 0).await;
    assert_eq!(catalog.epoch, epoch + done as u64);
    assert!([3, 69].contains(&catalog.forms.len()));
}

#[tokio::test]
async fn a_snapshot_of_a_newer_system_is_refused() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let mut newer = fixture();
    newer["primero_version"] = json!("3.0.0");
    let id = upload(&root, newer).await;
    let shown = root.get_configuration(&id).await.unwrap();
    assert_eq!(shown["data"]["can_apply"], json!(false));
    assert_eq!(code(apply(&root, &id).await), Code::FailedPrecondition);
}
