//! Two operators with the rights that the chart gives them, on real API servers: what only those
//! show. Left out where there are none.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Secret};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kit_serve::{Shutdown, Trigger};
use kube::api::{
    Api, ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams,
};
use kube::{Client, CustomResourceExt as _};
use operator::definition::{Tenant, Truth, custom_resource_definition};
use operator::office::route_resource;
use operator::settings::RouteKind;
use serde_json::{Value, json};
use tests::Installation;

use crate::rig::{OWN, TENANTS, office, opened, settings};
use crate::servers::Servers;

const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/helm/golden/everything.yaml");
const LEASE: [&str; 4] = ["--operator-lease-seconds", "3", "--operator-route", "ingress"];

#[tokio::test(flavor = "multi_thread")]
async fn two_operators_keep_tenants_on_real_servers() {
    let Some(servers) = Servers::start().await.unwrap() else {
        eprintln!("left out: KUBE_TESTENV names no folder with API servers");
        return;
    };
    let client = servers.administrator().await.unwrap();
    prepare(&client).await;
    let installation = Installation::together(1).unwrap();
    let operators = servers.operator().await.unwrap();
    has_no_other_rights(&operators).await;

    let one = start(&installation, &operators, "one");
    wait("one leads", async || holder(&client).await.as_deref() == Some("one")).await;
    let two = start(&installation, &operators, "two");

    let tenants: Api<Tenant> = Api::namespaced(client.clone(), TENANTS);
    refuses_what_the_definition_forbids(&tenants).await;
    tenants.create(&PostParams::default(), &tenant("coast")).await.unwrap();
    wait("it is ready", async || is(&tenants, "Ready", Truth::True).await).await;
    let office = office(operators.clone(), &settings(&installation, &replica("test")));
    assert_eq!(opened(&office, "coast").await.unwrap().status, "open");

    follows_a_config_map(&client, &tenants).await;
    makes_a_route_again(&client).await;
    events_tell_of_it(&client).await;

    // Cut off without a word, as when its machine dies: the lease is not given up.
    one.task.abort();
    let died = Instant::now();
    set(&tenants, json!({"suspended": true})).await;
    wait("two suspends it", async || is(&tenants, "Suspended", Truth::True).await).await;
    assert_eq!(holder(&client).await.as_deref(), Some("two"));
    println!("another operator followed and acted after {:?}", died.elapsed());
    assert_eq!(opened(&office, "coast").await.unwrap().status, "suspended");

    leaves_once_confirmed(&tenants).await;
    assert_eq!(opened(&office, "coast").await.unwrap().status, "destroyed");
    assert!(routes(&client).get_opt("amparo-tenant-coast").await.unwrap().is_none());

    // Told to stop, it gives the lease up.
    two.stop.stop();
    two.task.await.unwrap().unwrap();
    assert_eq!(holder(&client).await, None);
}

/// What a Tenant refers to is watched: what is wrong with it is told at once, long before the next
/// look by itself, and the configuration before stays in force.
async fn follows_a_config_map(client: &Client, tenants: &Api<Tenant>) {
    let maps: Api<ConfigMap> = Api::namespaced(client.clone(), TENANTS);
    let force = PatchParams::apply("test").force();
    let give = async |text: &str| {
        let map = json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "forms"},
            "data": {"configuration.json": text},
        });
        maps.patch("forms", &force, &Patch::Apply(&map)).await.unwrap();
    };
    let reason = async |wanted: &str| {
        wait(wanted, async || {
            let status = tenants.get("coast").await.unwrap().status.unwrap_or_default();
            let mut all = status.conditions.iter();
            all.any(|one| one.r#type == "Configured" && one.reason == wanted)
        })
        .await;
        assert!(is(tenants, "Ready", Truth::True).await);
    };
    give("[1]").await;
    let reference = json!({"bundle": null, "snapshot": {"configMapRef": {"name": "forms"}}});
    set(tenants, json!({"configuration": reference})).await;
    reason("SnapshotNotJson").await;
    give("{\"data\": 5}").await;
    reason("ConfigurationRefused").await;
    let before = json!({"bundle": "standard", "snapshot": null});
    set(tenants, json!({"configuration": before})).await;
    reason("Installed").await;
}

/// Deleted, exported, and there until its name is written.
async fn leaves_once_confirmed(tenants: &Api<Tenant>) {
    set(tenants, json!({"deletion": {"policy": "ExportThenDestroy"}})).await;
    tenants.delete("coast", &DeleteParams::default()).await.unwrap();
    wait("it is exported", async || is(tenants, "Exported", Truth::True).await).await;
    wait("it waits for a word", async || {
        let status = tenants.get("coast").await.unwrap().status.unwrap_or_default();
        status.conditions.iter().any(|one| one.reason == "ConfirmationMissing")
    })
    .await;
    let status = tenants.get("coast").await.unwrap().status.unwrap();
    assert!(EXPORTS.0.path().join(status.export.unwrap().file).is_file());
    let confirm = Patch::Merge(json!({"spec": {"deletion": {"confirm": "another"}}}));
    let refused = tenants.patch("coast", &PatchParams::default(), &confirm).await.unwrap_err();
    assert!(refused.to_string().contains("deletion.confirm"), "{refused}");
    set(tenants, json!({"deletion": {"confirm": "coast"}})).await;
    wait("it is gone", async || tenants.get_opt("coast").await.unwrap().is_none()).await;
}

struct Running {
    task: tokio::task::JoinHandle<anyhow::Result<()>>,
    stop: Trigger,
}

/// Where exports go, and whom they are sealed for.
static EXPORTS: LazyLock<(tempfile::TempDir, String)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    (folder, kit_parcel::KeyPair::random().public().to_string())
});

fn replica(name: &str) -> Vec<&str> {
    let folder = EXPORTS.0.path().to_str().unwrap();
    let exports = ["--operator-export-folder", folder, "--operator-export-recipient", &EXPORTS.1];
    [&["--operator-replica", name], &LEASE[..], &exports].concat()
}

fn start(installation: &Installation, client: &Client, name: &str) -> Running {
    let settings = settings(installation, &replica(name));
    let (stop, shutdown) = Shutdown::new();
    Running { task: tokio::spawn(operator::run(settings, client.clone(), shutdown)), stop }
}

/// The definition, both namespaces, and the rights that the chart gives.
async fn prepare(client: &Client) {
    let definition = custom_resource_definition().unwrap();
    let force = PatchParams::apply("test").force();
    let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
    definitions.patch(Tenant::crd_name(), &force, &Patch::Apply(&definition)).await.unwrap();
    for name in [OWN, TENANTS] {
        let namespace =
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        let namespaces: Api<Namespace> = Api::all(client.clone());
        namespaces.patch(name, &force, &Patch::Apply(&namespace)).await.unwrap();
    }
    let rendered = std::fs::read_to_string(CHART).unwrap();
    let rights = rendered.split("\n---\n").filter(|text| text.contains("\nkind: Role"));
    let mut count = 0;
    for text in rights {
        let object: Value = serde_saphyr::from_str(text).unwrap();
        let text = |pointer: &str| object.pointer(pointer).unwrap().as_str().unwrap();
        let kind =
            kube::api::GroupVersionKind::gvk("rbac.authorization.k8s.io", "v1", text("/kind"));
        let resource = ApiResource::from_gvk(&kind);
        let api: Api<DynamicObject> =
            Api::namespaced_with(client.clone(), text("/metadata/namespace"), &resource);
        api.patch(text("/metadata/name"), &force, &Patch::Apply(&object)).await.unwrap();
        count += 1;
    }
    assert_eq!(count, 4, "two roles and their bindings");
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "first"},
        "stringData": {"password": "First-entry-1"},
    });
    let secrets: Api<Secret> = Api::namespaced(client.clone(), TENANTS);
    secrets.patch("first", &force, &Patch::Apply(&secret)).await.unwrap();
    wait("Tenants are known", async || {
        Api::<Tenant>::namespaced(client.clone(), TENANTS)
            .list(&ListParams::default())
            .await
            .is_ok()
    })
    .await;
}

async fn has_no_other_rights(client: &Client) {
    let forbidden = |answer: Result<(), kube::Error>| match answer {
        Err(kube::Error::Api(status)) => assert_eq!(status.code, 403, "{status}"),
        other => panic!("{other:?}"),
    };
    let theirs: Api<Secret> = Api::namespaced(client.clone(), TENANTS);
    theirs.get("first").await.unwrap();
    forbidden(theirs.list(&ListParams::default()).await.map(drop));
    let own: Api<Secret> = Api::namespaced(client.clone(), OWN);
    forbidden(own.get("amparo-keyring").await.map(drop));
    let tenants: Api<Tenant> = Api::namespaced(client.clone(), TENANTS);
    forbidden(tenants.create(&PostParams::default(), &tenant("mine")).await.map(drop));
    forbidden(tenants.delete("mine", &DeleteParams::default()).await.map(drop));
    forbidden(Api::<Tenant>::namespaced(client.clone(), OWN).get("x").await.map(drop));
}

async fn refuses_what_the_definition_forbids(tenants: &Api<Tenant>) {
    for (spec, word) in [
        (json!({"hosts": ["https://coast.example.org"]}), "hosts"),
        (json!({"deletion": {"policy": "Destroy", "withoutExport": true}}), "deletion.confirm"),
        (json!({"deletion": {"policy": "Destroy", "confirm": "coast"}}), "withoutExport"),
    ] {
        let mut object = json!(tenant("coast"));
        for (key, value) in spec.as_object().unwrap() {
            object["spec"][key] = value.clone();
        }
        let object: Tenant = serde_json::from_value(object).unwrap();
        let refused = tenants.create(&PostParams::default(), &object).await.unwrap_err();
        assert!(refused.to_string().contains(word), "{refused}");
    }
}

async fn makes_a_route_again(client: &Client) {
    let routes = routes(client);
    let route = routes.get("amparo-tenant-coast").await.unwrap();
    assert_eq!(route.data["spec"]["rules"][0]["host"], "coast.example.org");
    routes.delete("amparo-tenant-coast", &DeleteParams::default()).await.unwrap();
    wait("the route is back", async || {
        routes.get_opt("amparo-tenant-coast").await.unwrap().is_some()
    })
    .await;
}

async fn events_tell_of_it(client: &Client) {
    let events: Api<k8s_openapi::api::events::v1::Event> = Api::namespaced(client.clone(), TENANTS);
    wait("an event says that it is ready", async || {
        let all = events.list(&ListParams::default()).await.unwrap();
        all.items.iter().any(|event| event.reason.as_deref() == Some("Ready"))
    })
    .await;
}

fn tenant(name: &str) -> Tenant {
    let spec = serde_json::from_value(json!({
        "displayName": "Coast",
        "hosts": [format!("{name}.example.org")],
        "administrator": {"passwordSecretRef": {"name": "first"}},
    }));
    Tenant::new(name, spec.unwrap())
}

fn routes(client: &Client) -> Api<DynamicObject> {
    let resource = route_resource(RouteKind::Ingress).unwrap();
    Api::namespaced_with(client.clone(), OWN, &resource)
}

async fn set(tenants: &Api<Tenant>, change: Value) {
    let patch = Patch::Merge(json!({"spec": change}));
    tenants.patch("coast", &PatchParams::default(), &patch).await.unwrap();
}

async fn is(tenants: &Api<Tenant>, about: &str, truth: Truth) -> bool {
    let status = tenants.get("coast").await.unwrap().status.unwrap_or_default();
    status.conditions.iter().any(|one| one.r#type == about && one.status == truth)
}

async fn holder(client: &Client) -> Option<String> {
    let leases: Api<k8s_openapi::api::coordination::v1::Lease> =
        Api::namespaced(client.clone(), OWN);
    let lease = leases.get_opt("amparo-operator").await.unwrap()?;
    lease.spec?.holder_identity.filter(|holder| !holder.is_empty())
}

async fn wait(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !so().await {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
