//! operator: opens, routes, configures and closes tenants as objects of Kubernetes say. The only
//! crate that knows Kubernetes; it keeps nothing itself and reads no record.

pub mod apply;
pub mod build;
pub mod configure;
pub mod definition;
pub mod dereference;
pub mod finish;
pub mod lease;
pub mod office;
pub mod reconcile;
pub mod settings;
pub mod trouble;
pub mod update_status;
pub mod validate;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use futures_util::StreamExt as _;
use k8s_openapi::api::core::v1::ConfigMap;
use kit_serve::{Clock, Health, Ids, Process, Shutdown, Trigger, serve_admin};
use kube::Client;
use kube::api::DynamicObject;
use kube::runtime::reflector::ObjectRef;
use kube::runtime::{Controller, watcher};
use tokio::net::TcpListener;

use crate::build::TENANT_LABEL;
use crate::definition::Tenant;
use crate::lease::Leadership;
use crate::office::Office;
use crate::settings::Settings;

/// Tenants that are looked at side by side.
const AT_ONCE: u16 = 4;

/// Waits for the lease, then keeps every tenant as its object says, until told to stop. Ends with
/// an error when the lease is lost: whoever runs it starts it again.
pub async fn run(settings: Settings, client: Client, shutdown: Shutdown) -> anyhow::Result<()> {
    let clock = Clock::system();
    let process = Process::try_new(settings.platform(), clock.clone(), Ids::system(clock.clone()))?;
    let office = Arc::new(Office::try_new(client.clone(), &settings, &process)?);
    watch_over(&settings, &client, &shutdown).await?;
    let term = Duration::from_secs(settings.operator_lease_seconds.max(3));
    let mut leadership = Leadership::new(
        client,
        &settings.operator_namespace,
        &settings.operator_lease,
        &settings.operator_replica,
        term,
        clock,
    );
    if !leadership.won(&shutdown).await {
        return Ok(());
    }
    tracing::info!(replica = settings.operator_replica, "leads");
    let (trigger, stop) = Shutdown::new();
    let looking = tokio::spawn(look_at_all(office, stop));
    let lost = leadership.kept(&shutdown).await;
    if lost.is_err() {
        // Another may lead already: nothing that is under way may go on.
        looking.abort();
        return lost;
    }
    finish_looking(trigger, looking).await;
    leadership.give_up().await.context("the lease could not be given up")
}

async fn finish_looking(trigger: Trigger, looking: tokio::task::JoinHandle<()>) {
    trigger.stop();
    if looking.await.is_err() {
        tracing::warn!("a look at a tenant was cut short");
    }
}

/// `/livez`, `/readyz` and `/metrics`; ready is who reaches the API server.
async fn watch_over(
    settings: &Settings,
    client: &Client,
    shutdown: &Shutdown,
) -> anyhow::Result<()> {
    let Some(at) = settings.admin_listen else { return Ok(()) };
    let health = Health::default();
    let client = client.clone();
    health.need("kubernetes", move || {
        let client = client.clone();
        async move { client.apiserver_version().await.is_ok() }
    });
    let listener = TcpListener::bind(at).await.with_context(|| format!("{at}"))?;
    tokio::spawn(serve_admin(listener, vec![("operator".into(), health)], shutdown.clone()));
    Ok(())
}

/// Tenants whose configuration a `ConfigMap` is.
fn referring(tenants: &[Arc<Tenant>], map: &ConfigMap) -> Vec<ObjectRef<Tenant>> {
    let Some(name) = &map.metadata.name else { return vec![] };
    let refers = |tenant: &&Arc<Tenant>| {
        let snapshot = tenant.spec.configuration.snapshot.as_ref();
        snapshot.is_some_and(|it| it.config_map_ref.name == *name)
    };
    tenants.iter().filter(refers).map(|tenant| ObjectRef::from_obj(&**tenant)).collect()
}

/// Looks at every tenant that changed, and at all of them now and then.
async fn look_at_all(office: Arc<Office>, shutdown: Shutdown) {
    let mut controller = Controller::new(office.tenants(), watcher::Config::default())
        .with_config(kube::runtime::controller::Config::default().concurrency(AT_ONCE));
    let looked_at = controller.store();
    controller = controller.watches(office.config_maps(), watcher::Config::default(), move |map| {
        referring(&looked_at.state(), &map)
    });
    if let Some((api, resource)) = office.routes() {
        let namespace = office.tenants_namespace.clone();
        let ours = watcher::Config::default().labels(TENANT_LABEL);
        // Who takes a route away finds it made again.
        controller = controller.watches_with(api, resource, ours, move |route: DynamicObject| {
            let tenant = route.metadata.labels.and_then(|mut labels| labels.remove(TENANT_LABEL));
            tenant.map(|name| ObjectRef::<Tenant>::new(&name).within(&namespace))
        });
    }
    controller
        .graceful_shutdown_on(async move { shutdown.wait().await })
        .run(reconcile::reconcile, reconcile::again, office)
        .for_each(|outcome| async move {
            if let Err(error) = outcome {
                tracing::debug!(%error, "not looked at");
            }
        })
        .await;
}
