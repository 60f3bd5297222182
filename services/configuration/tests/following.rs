//! What whoever keeps the installation gives later takes the place of what was installed, and
//! never what people changed since, unless somebody agrees.

use configuration::OrganisationProblem;
use kit_proto::configuration::v1::{InstallConfigurationReply, InstallOutcome};
use kit_serve::Code;
use kit_test::fresh_id;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::rig::Rig;
use crate::snapshots::fixture;

/// The fixture with another name of its first lookup.
fn renamed(name: &str) -> Value {
    let mut snapshot = fixture();
    snapshot["data"]["Lookup"][0]["name_i18n"]["en"] = json!(name);
    snapshot
}

async fn name_of_lookup(rig: &Rig, tenant: Uuid) -> String {
    let unique_id = fixture()["data"]["Lookup"][0]["unique_id"].clone();
    let listed = rig.root(tenant).list_lookups(&[("per", "999")]).await.unwrap();
    let mut all = listed["data"].as_array().unwrap().iter();
    let lookup = all.find(|one| one["unique_id"] == unique_id).unwrap();
    lookup["name"]["en"].as_str().unwrap().to_owned()
}

/// As a person does it in the program.
async fn rename_by_hand(rig: &Rig, tenant: Uuid, name: &str) {
    let unique_id = fixture()["data"]["Lookup"][0]["unique_id"].clone();
    let root = rig.root(tenant);
    let listed = root.list_lookups(&[("per", "999")]).await.unwrap();
    let mut all = listed["data"].as_array().unwrap().iter();
    let id = all.find(|one| one["unique_id"] == unique_id).unwrap()["id"].clone();
    root.update_lookup(&id, json!({"name": {"en": name}})).await.unwrap();
}

async fn deliver(rig: &Rig, tenant: Uuid, given: &Value, word: &str) -> InstallConfigurationReply {
    rig.deliver(tenant, given, word).await.unwrap()
}

async fn begin(rig: &Rig) -> Uuid {
    let tenant = fresh_id();
    let reply = deliver(rig, tenant, &fixture(), "").await;
    assert_eq!(reply.outcome(), InstallOutcome::Installed);
    tenant
}

#[tokio::test]
async fn another_one_takes_its_place_once() {
    let rig = Rig::start().await;
    let (tenant, other) = (begin(&rig).await, begin(&rig).await);
    let before = rig.catalog(tenant, 0).await;
    let again = deliver(&rig, tenant, &fixture(), "").await;
    assert_eq!((again.outcome(), again.digest.len()), (InstallOutcome::Unchanged, 64));

    let reply = deliver(&rig, tenant, &renamed("Second"), "").await;
    assert_eq!(reply.outcome(), InstallOutcome::Replaced);
    assert_ne!(reply.digest, again.digest);
    assert_eq!(name_of_lookup(&rig, tenant).await, "Second");
    assert_eq!(rig.catalog(tenant, 0).await.epoch, before.epoch + 1);
    let (_, part) = rig.people.parts.lock().unwrap().last().unwrap().clone();
    assert_eq!((part.epoch, part.actor.as_str()), (before.epoch + 1, "operator"));
    // It is in the history as the operator's, under a version of its own.
    let listed = rig.root(tenant).list_configurations(&[]).await.unwrap();
    let newest = &listed["data"][0];
    assert_eq!(
        (&newest["created_by"], &newest["applied_by"]),
        (&json!("operator"), &json!("operator"))
    );
    assert_eq!(listed["metadata"]["total"], json!(2));

    // Said again, in whatever order of keys, it does nothing; the other tenant has what it had.
    let mut turned = renamed("Second");
    let first = turned["data"]["Lookup"][0].as_object().unwrap().clone();
    turned["data"]["Lookup"][0] = first.into_iter().rev().collect::<serde_json::Map<_, _>>().into();
    assert_eq!(deliver(&rig, tenant, &turned, "").await.outcome(), InstallOutcome::Unchanged);
    assert_eq!(rig.catalog(tenant, 0).await.epoch, before.epoch + 1);
    assert_eq!(rig.catalog(other, 0).await.epoch, before.epoch);
    // And back to the first one.
    assert_eq!(deliver(&rig, tenant, &fixture(), "").await.outcome(), InstallOutcome::Replaced);
    assert_ne!(name_of_lookup(&rig, tenant).await, "Second");
}

#[tokio::test]
async fn what_people_changed_stays_until_somebody_agrees() {
    let rig = Rig::start().await;
    let tenant = begin(&rig).await;
    rename_by_hand(&rig, tenant, "Ours").await;
    // What is given is as before: there is nothing to do.
    assert_eq!(deliver(&rig, tenant, &fixture(), "").await.outcome(), InstallOutcome::Unchanged);
    let reply = deliver(&rig, tenant, &renamed("Second"), "").await;
    assert_eq!(reply.outcome(), InstallOutcome::ChangedByPeople);
    let unique_id = fixture()["data"]["Lookup"][0]["unique_id"].as_str().unwrap().to_owned();
    assert_eq!(reply.changed, [format!("Lookup {unique_id}")]);
    assert_eq!(name_of_lookup(&rig, tenant).await, "Ours");

    // Whoever takes it into the configuration agrees with people.
    let reply = deliver(&rig, tenant, &renamed("Ours"), "").await;
    assert_eq!(reply.outcome(), InstallOutcome::Replaced);
    rename_by_hand(&rig, tenant, "Ours again").await;

    // A word counts once.
    let reply = deliver(&rig, tenant, &renamed("Third"), "yes").await;
    assert_eq!(reply.outcome(), InstallOutcome::Replaced);
    assert_eq!(name_of_lookup(&rig, tenant).await, "Third");
    rename_by_hand(&rig, tenant, "Ours for good").await;
    let reply = deliver(&rig, tenant, &renamed("Fourth"), "yes").await;
    assert_eq!(reply.outcome(), InstallOutcome::ChangedByPeople);
    // Another one brings back what was given, also when that is as before.
    let reply = deliver(&rig, tenant, &renamed("Third"), "yes, again").await;
    assert_eq!(reply.outcome(), InstallOutcome::Replaced);
    assert_eq!(name_of_lookup(&rig, tenant).await, "Third");
    // With nothing to replace it is used up all the same.
    let reply = deliver(&rig, tenant, &renamed("Third"), "once more").await;
    assert_eq!(reply.outcome(), InstallOutcome::Unchanged);
    rename_by_hand(&rig, tenant, "Late").await;
    let reply = deliver(&rig, tenant, &renamed("Third"), "once more").await;
    assert_eq!(reply.outcome(), InstallOutcome::Unchanged);
    assert_eq!(name_of_lookup(&rig, tenant).await, "Late");
}

#[tokio::test]
async fn roles_that_people_changed_count_too() {
    let rig = Rig::start().await;
    let tenant = begin(&rig).await;
    *rig.people.changes.lock().unwrap() = vec!["Role role-worker".into()];
    let reply = deliver(&rig, tenant, &renamed("Second"), "").await;
    assert_eq!(reply.outcome(), InstallOutcome::ChangedByPeople);
    assert_eq!(reply.changed, ["Role role-worker"]);
    assert_eq!(
        deliver(&rig, tenant, &renamed("Second"), "1").await.outcome(),
        InstallOutcome::Replaced
    );
}

#[tokio::test]
async fn one_with_errors_leaves_the_one_before_in_force() {
    let rig = Rig::start().await;
    let tenant = begin(&rig).await;
    let before = rig.catalog(tenant, 0).await;
    let mut bad = renamed("Second");
    bad["data"]["FormSection"][0]["name_i18n"] = json!({});
    let refused = rig.deliver(tenant, &bad, "").await.unwrap_err();
    assert_eq!(refused.code, Code::InvalidArgument);
    assert!(refused.errors.iter().all(|error| error.detail.is_some()), "{refused:?}");
    *rig.people.problems.lock().unwrap() = vec![OrganisationProblem {
        object: "Role role-a".into(),
        field: "permissions".into(),
        message: "unknown".into(),
    }];
    assert!(rig.deliver(tenant, &renamed("Second"), "1").await.is_err());
    rig.people.problems.lock().unwrap().clear();
    let mut newer = renamed("Second");
    newer["primero_version"] = json!("99.0");
    assert_eq!(rig.deliver(tenant, &newer, "").await.unwrap_err().code, Code::FailedPrecondition);
    assert_eq!(rig.catalog(tenant, 0).await, before);
    // A word that came with what was refused is still good.
    rename_by_hand(&rig, tenant, "Ours").await;
    assert_eq!(
        deliver(&rig, tenant, &renamed("Second"), "1").await.outcome(),
        InstallOutcome::Replaced
    );
}

#[tokio::test]
async fn until_identity_has_followed_nothing_takes_its_place() {
    let rig = Rig::start().await;
    let tenant = begin(&rig).await;
    *rig.people.away.lock().unwrap() = true;
    assert_eq!(
        deliver(&rig, tenant, &renamed("Second"), "").await.outcome(),
        InstallOutcome::Replaced
    );
    let refused = rig.deliver(tenant, &renamed("Third"), "").await.unwrap_err();
    assert_eq!(refused.code, Code::Unavailable);
    assert_eq!(
        deliver(&rig, tenant, &renamed("Second"), "").await.outcome(),
        InstallOutcome::Unchanged
    );
    *rig.people.away.lock().unwrap() = false;
    assert_eq!(
        deliver(&rig, tenant, &renamed("Third"), "").await.outcome(),
        InstallOutcome::Replaced
    );
}

#[tokio::test]
async fn a_tenant_of_before_it_was_noted_follows_too() {
    let rig = Rig::start().await;
    // The program's own, and then a snapshot of somebody's.
    let tenant = rig.tenant().await;
    let reply = deliver(&rig, tenant, &fixture(), "").await;
    assert_eq!(reply.outcome(), InstallOutcome::Replaced);
    assert_eq!(rig.catalog(tenant, 0).await.forms.len(), 3);
}
