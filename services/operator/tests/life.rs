//! The life of a tenant as its object, look by look.

use std::sync::Arc;

use http::Method;
use kit_parcel::{KeyPair, Opener};
use operator::definition::Tenant;
use operator::office::Office;
use operator::reconcile::{FINALIZER, Fault, reconcile};
use serde_json::{Value, json};
use tests::Installation;

use crate::cluster::Cluster;
use crate::rig::{OWN, TENANTS, office, opened, settings};

/// One tenant's object in a cluster in memory, and who looks at it.
pub struct Scene {
    pub cluster: Cluster,
    pub office: Arc<Office>,
    name: &'static str,
}

pub fn path_of(name: &str) -> String {
    format!("/apis/amparo.dev/v1alpha1/namespaces/{TENANTS}/tenants/{name}")
}

fn route_of(name: &str) -> String {
    format!("/apis/networking.k8s.io/v1/namespaces/{OWN}/ingresses/amparo-tenant-{name}")
}

fn secret_of(name: &str) -> String {
    format!("/api/v1/namespaces/{TENANTS}/secrets/{name}")
}

impl Scene {
    pub fn new(installation: &Installation, name: &'static str) -> Self {
        Self::with(installation, name, &[])
    }

    fn with(installation: &Installation, name: &'static str, more: &[&str]) -> Self {
        let cluster = Cluster::default();
        let flags = ["--operator-replica", "one", "--operator-route", "ingress"];
        let flags = [&flags[..], more].concat();
        let office = office(cluster.client(), &settings(installation, &flags));
        let scene = Self { cluster, office, name };
        scene.give_password();
        scene.cluster.put(
            &path_of(name),
            &json!({
                "apiVersion": "amparo.dev/v1alpha1",
                "kind": "Tenant",
                "metadata": {"name": name, "namespace": TENANTS},
                "spec": {
                    "displayName": "Coast",
                    "hosts": [format!("{name}.example.org")],
                    "locales": ["en", "ar"],
                    "administrator": {"passwordSecretRef": {"name": name}},
                    "cell": "default",
                },
            }),
        );
        scene
    }

    fn give_password(&self) {
        // "First-entry-1"
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": self.name, "namespace": TENANTS},
            "data": {"password": "Rmlyc3QtZW50cnktMQ=="},
        });
        self.cluster.put(&secret_of(self.name), &secret);
    }

    pub fn object(&self) -> Value {
        self.cluster.get(&path_of(self.name)).unwrap()
    }

    pub fn change(&self, key: &str, value: Value) {
        let mut object = self.object();
        object["spec"][key] = value;
        self.cluster.put(&path_of(self.name), &object);
    }

    pub async fn look(&self) -> Result<kube::runtime::controller::Action, Fault> {
        let tenant: Tenant = serde_json::from_value(self.object()).unwrap();
        reconcile(Arc::new(tenant), Arc::clone(&self.office)).await
    }

    /// Looks once, which has to go well, and gives the condition that was asked for.
    pub async fn seen(&self, about: &str) -> (String, String) {
        self.look().await.unwrap();
        self.condition(about)
    }

    pub fn condition(&self, about: &str) -> (String, String) {
        let status = &self.object()["status"];
        let all = status["conditions"].as_array().cloned().unwrap_or_default();
        let one = all.iter().find(|one| one["type"] == about).cloned().unwrap_or_default();
        let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
        (text("status"), text("reason"))
    }

    async fn opened(&self) -> String {
        opened(&self.office, self.name).await.map(|tenant| tenant.status).unwrap_or_default()
    }

    pub fn events(&self) -> Vec<Value> {
        self.cluster.under("/apis/events.k8s.io/")
    }
}

pub fn is(truth: &str, reason: &str) -> (String, String) {
    (truth.to_owned(), reason.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_lives_as_its_object_says() {
    let installation = Installation::together(1).unwrap();
    begins(&Scene::new(&installation, "coast")).await;
    waits_for_what_it_needs(&Scene::new(&installation, "hills")).await;
    outlives_failures(&Scene::new(&installation, "delta"), &installation).await;
    ends_only_as_agreed(&Scene::new(&installation, "plain")).await;
    moves(&Scene::new(&installation, "nomad")).await;
    exports_nowhere(&Scene::new(&installation, "stays")).await;
    leaves_with_its_data(&installation).await;
}

async fn begins(scene: &Scene) {
    // The finalizer comes before anything is opened.
    scene.look().await.unwrap();
    assert_eq!(scene.object()["metadata"]["finalizers"], json!([FINALIZER]));
    assert_eq!(scene.opened().await, "");

    assert_eq!(scene.seen("Ready").await, is("True", "Ready"));
    assert_eq!(scene.opened().await, "open");
    let status = scene.object()["status"].clone();
    assert_eq!(status["observedGeneration"], 1);
    assert!(status["configuration"]["catalogVersion"].as_i64().unwrap() > 0);
    let route = scene.cluster.get(&route_of("coast")).unwrap();
    assert_eq!(route["spec"]["rules"][0]["host"], "coast.example.org");
    let reasons: Vec<_> = scene.events().iter().map(|it| it["reason"].clone()).collect();
    assert!(reasons.contains(&"Ready".into()) && reasons.contains(&"Installed".into()));

    // Nothing changed: nothing is written but the route, which may have been taken away.
    scene.cluster.asked();
    scene.look().await.unwrap();
    let written: Vec<_> =
        scene.cluster.asked().into_iter().filter(|it| !it.starts_with("GET")).collect();
    assert_eq!(written, [format!("PATCH {}", route_of("coast"))]);

    scene.change("suspended", true.into());
    assert_eq!(scene.seen("Ready").await, is("False", "Suspended"));
    assert_eq!(scene.condition("Suspended"), is("True", "Wished"));
    assert_eq!(scene.opened().await, "suspended");
    scene.change("suspended", false.into());
    assert_eq!(scene.seen("Ready").await, is("True", "Ready"));
    assert_eq!(scene.opened().await, "open");

    // The first password may go.
    scene.cluster.remove(&secret_of("coast"));
    scene.change("limits", json!({"users": 5, "requestsPerSecond": 20}));
    assert_eq!(scene.seen("Ready").await, is("True", "Ready"));
    assert_eq!(scene.condition("Limited"), is("True", "Kept"));
    let limits = opened(&scene.office, "coast").await.unwrap().limits.unwrap();
    assert_eq!((limits.users, limits.requests_per_second), (Some(5), Some(20)));
    scene.change("limits", json!({}));
    assert_eq!(scene.seen("Limited").await, is("", ""));
    let limits = opened(&scene.office, "coast").await.unwrap().limits.unwrap();
    assert_eq!((limits.users, limits.requests_per_second), (None, None));
}

async fn waits_for_what_it_needs(scene: &Scene) {
    scene.cluster.remove(&secret_of("hills"));
    scene.look().await.unwrap();
    assert_eq!(scene.seen("Open").await, is("Unknown", "PasswordNotFound"));
    assert_eq!(scene.condition("Ready"), is("False", "PasswordNotFound"));
    assert_eq!(scene.opened().await, "");
    assert!(scene.cluster.get(&route_of("hills")).is_none());

    // Another organisation's host.
    scene.give_password();
    scene.change("hosts", json!(["coast.example.org"]));
    assert_eq!(scene.seen("Open").await, is("False", "Refused"));
    let conditions = scene.object()["status"]["conditions"].to_string();
    assert!(conditions.contains("hosts"), "{conditions}");
    assert_eq!(scene.opened().await, "");

    // A snapshot that is not there keeps the tenant from being configured, not from being open.
    scene.change("hosts", json!(["hills.example.org"]));
    scene.change("configuration", json!({"snapshot": {"configMapRef": {"name": "forms"}}}));
    assert_eq!(scene.seen("Configured").await, is("Unknown", "SnapshotNotFound"));
    assert_eq!(scene.condition("Open"), is("True", "Open"));
    assert_eq!(scene.condition("Ready"), is("False", "SnapshotNotFound"));
    scene.change("configuration", json!({"bundle": "standard"}));
    assert_eq!(scene.seen("Ready").await, is("True", "Ready"));

    // Another cell's object is left alone, also in its end.
    scene.change("cell", "elsewhere".into());
    assert_eq!(scene.seen("Ready").await, is("False", "OtherCell"));
    scene.cluster.remove(&path_of("hills"));
    scene.look().await.unwrap();
    assert!(scene.cluster.get(&path_of("hills")).is_none());
    assert_eq!(scene.opened().await, "open");
}

async fn outlives_failures(scene: &Scene, installation: &Installation) {
    scene.look().await.unwrap();
    // Who may not make routes opens and configures all the same, and says so.
    scene.cluster.fail(Method::PATCH, "/ingresses/", 403);
    assert_eq!(scene.seen("Routed").await, is("False", "RouteRefused"));
    assert_eq!(scene.condition("Configured"), is("True", "Installed"));
    assert_eq!(scene.condition("Ready"), is("False", "RouteRefused"));
    scene.cluster.mend();
    assert_eq!(scene.seen("Ready").await, is("True", "Ready"));
    let id = scene.object()["status"]["tenantId"].clone();

    // A status that cannot be written is tried again.
    scene.change("suspended", true.into());
    for status in [409, 429, 500, 503] {
        scene.cluster.fail(Method::PATCH, "/status", status);
        assert!(scene.look().await.is_err());
        scene.cluster.mend();
    }
    assert_eq!(scene.seen("Ready").await, is("False", "Suspended"));

    // Services that are away change nothing of what is known.
    let nowhere = ["--operator-replica", "two", "--operator-route", "ingress"];
    let mut away = settings(installation, &nowhere);
    away.peers.identity_url = "http://127.0.0.1:1".into();
    let office = office(scene.cluster.client(), &away);
    let tenant: Tenant = serde_json::from_value(scene.object()).unwrap();
    reconcile(Arc::new(tenant), office).await.unwrap();
    assert_eq!(scene.condition("Open"), is("Unknown", "Unreachable"));
    assert_eq!(scene.object()["status"]["tenantId"], id);
    assert!(scene.object()["status"]["configuration"].is_object());
    assert_eq!(scene.seen("Ready").await, is("False", "Suspended"));
}

async fn ends_only_as_agreed(scene: &Scene) {
    scene.look().await.unwrap();
    assert_eq!(scene.seen("Ready").await, is("True", "Ready"));

    // A route that cannot be taken away, and a service that is away, keep the object.
    scene.cluster.fail(Method::DELETE, "/ingresses/", 500);
    scene.cluster.remove(&path_of("plain"));
    assert!(scene.look().await.is_err());
    assert_eq!(scene.opened().await, "open");
    scene.cluster.mend();
    scene.look().await.unwrap();
    assert!(scene.cluster.get(&path_of("plain")).is_none());
    assert!(scene.cluster.get(&route_of("plain")).is_none());
    assert_eq!(scene.opened().await, "closed");
}

/// Host names and the display name follow the object.
async fn moves(scene: &Scene) {
    scene.look().await.unwrap();
    scene.change("hosts", json!(["new.example.org", "old.example.org"]));
    scene.change("displayName", "Nomads".into());
    scene.change("locales", json!(["ar"]));
    assert_eq!(scene.seen("Ready").await, is("True", "Ready"));
    let tenant = opened(&scene.office, "nomad").await.unwrap();
    assert_eq!((tenant.display_name.as_str(), tenant.locales), ("Nomads", vec!["ar".to_owned()]));
    assert_eq!(tenant.hosts, ["new.example.org", "old.example.org"]);
    let route = scene.cluster.get(&route_of("nomad")).unwrap();
    assert_eq!(route["spec"]["rules"][0]["host"], "new.example.org");

    // A host of another organisation is refused, and what it had stays.
    scene.change("hosts", json!(["coast.example.org"]));
    assert_eq!(scene.seen("Open").await, is("False", "Refused"));
    assert_eq!(opened(&scene.office, "nomad").await.unwrap().hosts.len(), 2);
}

async fn exports_nowhere(scene: &Scene) {
    scene.look().await.unwrap();
    assert_eq!(scene.seen("Ready").await, is("True", "Ready"));
    let deletion = json!({"policy": "ExportThenDestroy", "confirm": "stays"});
    scene.change("deletion", deletion);
    scene.cluster.remove(&path_of("stays"));
    assert!(scene.look().await.is_err());
    assert_eq!(scene.condition("Ready"), is("False", "ExportNotConfigured"));
    assert_eq!(scene.opened().await, "closed");
    scene.change("deletion", json!({"policy": "Retain"}));
    scene.look().await.unwrap();
    assert_eq!(scene.opened().await, "closed");
}

async fn leaves_with_its_data(installation: &Installation) {
    let (folder, pair) = (tempfile::tempdir().unwrap(), KeyPair::random());
    let (place, key) = (folder.path().to_str().unwrap(), pair.public().to_string());
    let exports = ["--operator-export-folder", place, "--operator-export-recipient", &key];
    let scene = Scene::with(installation, "leaver", &exports);
    scene.look().await.unwrap();
    assert_eq!(scene.seen("Ready").await, is("True", "Ready"));
    scene.change("deletion", json!({"policy": "ExportThenDestroy"}));
    scene.cluster.remove(&path_of("leaver"));

    // Exported once, and nothing is destroyed until somebody writes its name.
    for _ in 0..2 {
        assert!(scene.look().await.is_err());
        assert_eq!(scene.condition("Ready"), is("False", "ConfirmationMissing"));
        assert_eq!(scene.condition("Exported"), is("True", "Exported"));
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    }
    assert_eq!(scene.opened().await, "closed");
    let export = scene.object()["status"]["export"].clone();
    let file = folder.path().join(export["file"].as_str().unwrap());
    let mut lines = Vec::new();
    let file = std::fs::File::open(file).unwrap();
    let taken = kit_takeout::read(&Opener::Secret(pair), file, &mut lines).unwrap();
    assert_eq!(export["sha256"], taken.sha256);
    let text = String::from_utf8(lines).unwrap();
    for part in ["leaver.example.org", "\"full_name\":\"Administrator\"", "role-superuser"] {
        assert!(text.contains(part), "{part}");
    }

    scene.change("deletion", json!({"policy": "ExportThenDestroy", "confirm": "leaver"}));
    scene.look().await.unwrap();
    assert!(scene.cluster.get(&path_of("leaver")).is_none());
    assert_eq!(scene.opened().await, "destroyed");
    let certificate = std::fs::read(folder.path().join("leaver.certificate.json")).unwrap();
    let certificate: Value = serde_json::from_slice(&certificate).unwrap();
    assert_eq!(
        (&certificate["exported"], &certificate["name"]),
        (&export["sha256"], &json!("leaver"))
    );
    let told: Vec<_> = scene.events().iter().map(|event| event["reason"].clone()).collect();
    for reason in ["Exported", "ConfirmationMissing", "KeysDestroyed"] {
        assert!(told.contains(&json!(reason)), "{reason} in {told:?}");
    }
}
