//! A configuration that changes after it was installed, in the object or in what it refers to.

use serde_json::{Value, json};
use tests::{Client, Installation};

use crate::life::{Scene, is};
use crate::rig::TENANTS;

/// Of every first administrator in tests.
const PASSWORD: &str = "First-entry-1";
const HOST: &str = "shore.example.org";

fn map_of(name: &str) -> String {
    format!("/api/v1/namespaces/{TENANTS}/configmaps/{name}")
}

/// The configuration in a `ConfigMap`, with another name of its first lookup.
fn give(scene: &Scene, present: &Value, name: &str) {
    let mut given = present.clone();
    given["data"]["Lookup"][0]["name_i18n"]["en"] = json!(name);
    put(scene, &given);
}

fn put(scene: &Scene, given: &Value) {
    let map = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "forms", "namespace": TENANTS},
        "data": {"configuration.json": given.to_string()},
    });
    scene.cluster.put(&map_of("forms"), &map);
}

struct Office<'a> {
    client: Client,
    scene: &'a Scene,
}

impl Office<'_> {
    /// What people see, and what they are about to change: the lookup that is changed here.
    async fn lookup(&self, unique_id: &Value) -> Value {
        let listed = self.client.get("/api/v2/lookups?per=999").await.unwrap().data().unwrap();
        listed
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["unique_id"] == *unique_id)
            .unwrap()
            .clone()
    }

    async fn rename(&self, unique_id: &Value, name: &str) {
        let id = self.lookup(unique_id).await["id"].clone();
        let body = json!({"data": {"name": {"en": name}}});
        let path = format!("/api/v2/lookups/{id}");
        assert_eq!(self.client.patch(&path, &body).await.unwrap().status, 200);
    }

    fn message(&self) -> String {
        let status = self.scene.object()["status"].clone();
        let all = status["conditions"].as_array().unwrap();
        let one = all.iter().find(|one| one["type"] == "Configured").unwrap();
        one["message"].as_str().unwrap().to_owned()
    }

    fn told(&self, reason: &str) -> usize {
        self.scene.events().iter().filter(|event| event["reason"] == reason).count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_follows_its_configuration() {
    let installation = Installation::together(1).unwrap();
    let scene = &Scene::new(&installation, "shore");
    scene.look().await.unwrap();
    assert_eq!(scene.seen("Ready").await, is("True", "Ready"));
    let client = Client::with_basic(installation.port, HOST, "admin", PASSWORD);
    let people = Office { client, scene };
    let present = people.client.get("/api/amparo/v1/configurations/present/export").await.unwrap();
    let present = present.data().unwrap();
    let changed = present["data"]["Lookup"][0]["unique_id"].clone();
    another_takes_its_place(&people, &present, &changed).await;
    errors_leave_it_in_force(&people, &present).await;
    people_come_first(&people, &present, &changed).await;
}

fn snapshot(reapply: Option<&str>) -> Value {
    let mut wanted = json!({"snapshot": {"configMapRef": {"name": "forms"}}});
    if let Some(text) = reapply {
        wanted["reapply"] = json!(text);
    }
    wanted
}

/// From the program's own to a snapshot, and to another content of it.
async fn another_takes_its_place(people: &Office<'_>, present: &Value, changed: &Value) {
    let scene = people.scene;
    give(scene, present, "First");
    scene.change("configuration", snapshot(None));
    assert_eq!(scene.seen("Configured").await, is("True", "Installed"));
    assert_eq!(people.lookup(changed).await["name"]["en"], "First");
    give(scene, present, "Second");
    assert_eq!(scene.seen("Configured").await, is("True", "Installed"));
    assert_eq!(people.lookup(changed).await["name"]["en"], "Second");
    assert!(people.told("ConfigurationApplied") > 0);
    let status = scene.object()["status"].clone();
    scene.seen("Ready").await;
    assert_eq!(scene.object()["status"], status, "nothing more to do");
}

async fn errors_leave_it_in_force(people: &Office<'_>, present: &Value) {
    let scene = people.scene;
    let before = scene.object()["status"]["configuration"].clone();
    let mut bad = present.clone();
    bad["data"]["FormSection"][0]["name_i18n"] = json!({});
    put(scene, &bad);
    assert_eq!(scene.seen("Configured").await, is("False", "ConfigurationRefused"));
    assert_eq!(scene.condition("Ready"), is("True", "Ready"));
    assert!(people.message().contains("FormSection"), "{}", people.message());
    assert_eq!(people.told("ConfigurationRefused"), 1);
    assert_eq!(scene.object()["status"]["configuration"], before);
}

/// What they changed stays, until somebody agrees.
async fn people_come_first(people: &Office<'_>, present: &Value, changed: &Value) {
    let scene = people.scene;
    people.rename(changed, "Ours").await;
    give(scene, present, "Third");
    assert_eq!(scene.seen("Configured").await, is("False", "ChangedInProgram"));
    assert_eq!(scene.condition("Ready"), is("True", "Ready"));
    for part in [changed.as_str().unwrap(), "configuration.reapply"] {
        assert!(people.message().contains(part), "{}", people.message());
    }
    assert_eq!(people.lookup(changed).await["name"]["en"], "Ours");
    scene.change("configuration", snapshot(Some("agreed")));
    assert_eq!(scene.seen("Configured").await, is("True", "Installed"));
    assert_eq!(people.lookup(changed).await["name"]["en"], "Third");

    // A status that got lost, as when objects are restored, agrees to nothing.
    people.rename(changed, "Ours again").await;
    let mut object = scene.object();
    object.as_object_mut().unwrap().remove("status");
    scene.cluster.put(&crate::life::path_of("shore"), &object);
    assert_eq!(scene.seen("Configured").await, is("True", "Installed"));
    assert_eq!(people.lookup(changed).await["name"]["en"], "Ours again");
}
