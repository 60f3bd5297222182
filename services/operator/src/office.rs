//! What every look at a Tenant works with: the API server, the services, the settings.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ConfigMap, Secret as SecretObject};
use kit_serve::{Process, Service, Shared};
use kube::api::{ApiResource, DynamicObject, GroupVersionKind};
use kube::runtime::events::{Event, EventType, Recorder, Reporter};
use kube::{Api, Client, Resource as _};

use crate::definition::{Condition, Tenant, Truth};
use crate::settings::{Exporting, RouteKind, Routing, Settings};

/// Whom the API server knows as the owner of fields.
pub const MANAGER: &str = "amparo-operator";

/// Clients and settings of one operator.
pub struct Office {
    pub client: Client,
    pub shared: Shared,
    pub routing: Routing,
    pub cell: String,
    pub tenants_namespace: String,
    pub resync: Duration,
    pub exporting: Option<Exporting>,
    recorder: Recorder,
}

impl Office {
    /// An office over a client that is given, so that tests give theirs.
    pub fn try_new(client: Client, settings: &Settings, process: &Process) -> anyhow::Result<Self> {
        let reporter = Reporter {
            controller: MANAGER.to_owned(),
            instance: Some(settings.operator_replica.clone()),
        };
        Ok(Self {
            recorder: Recorder::new(client.clone(), reporter),
            client,
            shared: process.share(Service::Gateway),
            routing: settings.routing()?,
            cell: settings.operator_cell.clone(),
            tenants_namespace: settings.operator_tenants_namespace.clone(),
            resync: Duration::from_secs(settings.operator_resync_seconds),
            exporting: settings.exporting()?,
        })
    }

    pub fn tenants(&self) -> Api<Tenant> {
        Api::namespaced(self.client.clone(), &self.tenants_namespace)
    }

    pub fn secrets(&self) -> Api<SecretObject> {
        Api::namespaced(self.client.clone(), &self.tenants_namespace)
    }

    pub fn config_maps(&self) -> Api<ConfigMap> {
        Api::namespaced(self.client.clone(), &self.tenants_namespace)
    }

    /// The kind of route that is made, and where; none when one route serves all.
    pub fn routes(&self) -> Option<(Api<DynamicObject>, ApiResource)> {
        let resource = route_resource(self.routing.kind)?;
        let namespace = &self.routing.namespace;
        Some((Api::namespaced_with(self.client.clone(), namespace, &resource), resource))
    }

    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Tells whoever watches the object that something about it is no longer as it was.
    pub async fn announce(&self, tenant: &Tenant, news: &News) {
        // Sealed, limited or missing things are warnings; what is as wished is not.
        let well = news.status == Truth::True;
        let event = Event {
            type_: if well { EventType::Normal } else { EventType::Warning },
            reason: news.reason.clone(),
            note: Some(cut(format!("{}: {}", news.about, news.message), NOTE)),
            action: "Reconcile".to_owned(),
            secondary: None,
        };
        if let Err(error) = self.recorder.publish(&event, &tenant.object_ref(&())).await {
            tracing::warn!(%error, "an event could not be published");
        }
    }
}

/// What happened to a tenant, for an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    pub about: String,
    pub status: Truth,
    pub reason: String,
    pub message: String,
}

impl From<&Condition> for News {
    fn from(condition: &Condition) -> Self {
        Self {
            about: condition.r#type.clone(),
            status: condition.status,
            reason: condition.reason.clone(),
            message: condition.message.clone(),
        }
    }
}

/// The API server takes no longer note.
const NOTE: usize = 1_000;

/// At most so many bytes of a text.
fn cut(mut text: String, most: usize) -> String {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
        text.push_str("...");
    }
    text
}

/// What the API server calls a kind of route.
pub fn route_resource(kind: RouteKind) -> Option<ApiResource> {
    let known = match kind {
        RouteKind::None => return None,
        RouteKind::Ingress => {
            (GroupVersionKind::gvk("networking.k8s.io", "v1", "Ingress"), "ingresses")
        }
        RouteKind::HttpRoute => {
            (GroupVersionKind::gvk("gateway.networking.k8s.io", "v1", "HTTPRoute"), "httproutes")
        }
    };
    Some(ApiResource::from_gvk_with_plural(&known.0, known.1))
}
