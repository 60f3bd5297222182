//! Configuration snapshots: checked, applied at once or not at all, exported equal.

use kit_proto::identity::v1::{
    ExportOrganisationRequest, GetDirectoryRequest, GrantFormRequest, Organisation,
    OrganisationRequest,
};
use kit_serve::{Code, Refusal};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::rig::{Rig, code, data};

fn snapshot() -> (Value, Value, Value) {
    let agencies = json!([{"unique_id": "UN", "agency_code": "UN", "name_i18n": {"en": "UN"}, "disabled": false}]);
    let groups = json!([{"unique_id": "g", "name": "G", "description": null}]);
    let role = |name: &str, permissions: Value| {
        json!({"unique_id": format!("role-{name}"), "name": name,
        "description": null, "group_permission": "all", "is_manager": true, "referral": false,
        "transfer": false, "disabled": false, "permissions": permissions,
        "form_section_read_write": {"coming": "rw"}, "module_unique_ids": ["primeromodule-cp"]})
    };
    let roles = json!([
        role("worker", json!({"case": ["read"], "objects": {}})),
        role(
            "superuser",
            json!({"case": ["manage"], "agency": ["read", "create"], "audit_log": ["manage"], "objects": {"role": ["role-worker"]}})
        ),
    ]);
    (agencies, groups, roles)
}

fn request(
    tenant: Uuid,
    (agencies, groups, roles): &(Value, Value, Value),
    epoch: u64,
) -> OrganisationRequest {
    let bytes = |value: &Value| value.to_string().into();
    OrganisationRequest {
        tenant: tenant.to_string(),
        snapshot_id: "one".into(),
        organisation: Some(Organisation {
            agencies: bytes(agencies),
            user_groups: bytes(groups),
            roles: bytes(roles),
        }),
        actor: "chief".into(),
        epoch,
    }
}

async fn apply(rig: &Rig, message: OrganisationRequest) -> Value {
    let reply = rig.client().apply_organisation(rig.internal().request(message)).await.unwrap();
    serde_json::from_slice(&reply.into_inner().problems).unwrap()
}

pub async fn export(rig: &Rig, tenant: Uuid) -> (Value, Value, Value) {
    let message = ExportOrganisationRequest { tenant: tenant.to_string() };
    let reply = rig.client().export_organisation(rig.internal().request(message)).await.unwrap();
    let one = reply.into_inner();
    let json = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap();
    (json(&one.agencies), json(&one.user_groups), json(&one.roles))
}

#[tokio::test]
async fn applies_at_once_and_exports_what_it_got() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    assert_eq!(chief.principal.epoch, 0);
    let given = snapshot();
    assert_eq!(apply(&rig, request(chief.tenant, &given, 1)).await, json!([]));
    assert_eq!(apply(&rig, request(chief.tenant, &given, 1)).await, json!([]), "again");
    let now = rig.still(&rig.shared, &chief).await.unwrap();
    assert_eq!(now.epoch, 1);
    assert_eq!(now.forms.keys().collect::<Vec<_>>(), ["coming"]);
    let (agencies, groups, roles) = export(&rig, chief.tenant).await;
    assert_eq!(agencies[1], given.0[0]);
    assert_eq!(groups, given.1);
    let found = |name: &str| {
        roles.as_array().unwrap().iter().find(|role| role["name"] == name).unwrap().clone()
    };
    assert_eq!(found("worker"), given.2[0]);
    assert_eq!(found("superuser"), given.2[1]);
    let mut late = given.clone();
    late.2[0]["permissions"]["case"] = json!(["read", "write"]);
    let late = OrganisationRequest { snapshot_id: "old".into(), ..request(chief.tenant, &late, 0) };
    assert_eq!(apply(&rig, late).await, json!([]));
    assert_eq!(rig.still(&rig.shared, &chief).await.unwrap().epoch, 1, "never back");
    assert_eq!(export(&rig, chief.tenant).await.2, roles, "a late retry changes nothing");
}

#[tokio::test]
async fn tells_what_applying_would_change() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let changes = async |given: &(Value, Value, Value)| {
        let request = rig.internal().request(request(chief.tenant, given, 1));
        rig.client().check_organisation(request).await.unwrap().into_inner().changes
    };
    let given = snapshot();
    // What people made beside it is not theirs to lose; what they change of it is.
    chief.group("beside").await;
    chief.role("made here", "self", json!({"case": ["read"]})).await;
    assert!(changes(&given).await.len() >= 4);
    apply(&rig, request(chief.tenant, &given, 1)).await;
    assert_eq!(changes(&given).await, Vec::<String>::new());
    let mut other = given.clone();
    other.2[0]["permissions"]["case"] = json!(["read", "write"]);
    assert_eq!(changes(&other).await, ["Role role-worker"]);
}

#[tokio::test]
async fn names_object_and_field_and_changes_nothing() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let before = export(&rig, chief.tenant).await;
    let mut bad = snapshot();
    bad.0 = json!([{"unique_id": "UN", "agency_code": "UN", "name_i18n": {"fr": "x"}}, {"agency_code": "X"}]);
    bad.2[0]["permissions"]["case"] = json!(["fly"]);
    bad.2[1]["name"] = "worker".into();
    bad.2.as_array_mut().unwrap().push(json!({"unique_id": "role-worker", "name": "x"}));
    let problems = apply(&rig, request(chief.tenant, &bad, 1)).await;
    let named: Vec<String> = problems
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!("{}: {}", one["object"].as_str().unwrap(), one["field"].as_str().unwrap())
        })
        .collect();
    for expected in [
        "Agency UN: name",
        "Agency 1: unique_id",
        "Role role-worker: permissions/case/fly",
        "Role role-worker: unique_id",
        "Role role-superuser: name",
    ] {
        assert!(named.contains(&expected.to_owned()), "{expected} in {named:?}");
    }
    assert_eq!(export(&rig, chief.tenant).await, before);
    assert_eq!(rig.still(&rig.shared, &chief).await.unwrap().epoch, 0);
}

#[tokio::test]
async fn a_new_form_is_granted_and_people_are_listed() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let message = GrantFormRequest {
        tenant: chief.tenant.to_string(),
        role: "role-superuser".into(),
        form: "new_form".into(),
    };
    for _ in 0..2 {
        rig.client().grant_form(rig.internal().request(message.clone())).await.unwrap();
    }
    let now = rig.still(&rig.shared, &chief).await.unwrap();
    assert!(now.forms.contains_key("new_form"));
    let unknown = GrantFormRequest { role: "role-none".into(), ..message };
    let refused = rig.client().grant_form(rig.internal().request(unknown)).await;
    assert_eq!(code(refused.map_err(Refusal::from)), Code::NotFound);
    let named = GetDirectoryRequest {
        tenant: chief.tenant.to_string(),
        user_names: vec!["chief".into(), "x".into()],
    };
    let people = rig.client().get_directory(rig.internal().request(named)).await.unwrap();
    let people = people.into_inner().users;
    assert_eq!(people.len(), 1);
    assert_eq!(people[0].full_name, "Administrator");
    let describe = ExportOrganisationRequest { tenant: chief.tenant.to_string() };
    let reply = rig.client().describe_organisation(rig.internal().request(describe)).await.unwrap();
    let described = data(&reply.into_inner());
    assert_eq!(described["agencies"].as_array().unwrap().len(), 1);
    assert_eq!(described["code_of_conduct"], Value::Null);
}
