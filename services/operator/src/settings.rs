//! Settings of the operator: where it watches, whom it calls, what it routes with.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use clap::{Args, ValueEnum};
use kit_parcel::{KeyPair, Lock, Opener, PublicKey};
use kit_serve::{InternalSettings, LogSettings, PeerSettings, Platform, TlsSettings};
use serde_json::{Map, Value};

/// What the operator of one installation needs to know.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub struct Settings {
    /// The namespace whose Tenants are this installation's, with what they refer to.
    #[arg(long, env = "AMPARO_OPERATOR_TENANTS_NAMESPACE")]
    pub operator_tenants_namespace: String,
    /// The namespace that the operator runs in, where the gateway is and routes are made.
    #[arg(long, env = "AMPARO_OPERATOR_NAMESPACE")]
    pub operator_namespace: String,
    /// Name of this replica, as it holds the lease.
    #[arg(long, env = "AMPARO_OPERATOR_REPLICA")]
    pub operator_replica: String,
    /// Name of the lease that one replica holds.
    #[arg(long, env = "AMPARO_OPERATOR_LEASE", default_value = "amparo-operator")]
    pub operator_lease: String,
    /// Seconds after which a lease that is not renewed may be taken.
    #[arg(long, env = "AMPARO_OPERATOR_LEASE_SECONDS", default_value_t = 15)]
    pub operator_lease_seconds: u64,
    /// The part of the platform that this installation is; Tenants of others are refused.
    #[arg(long, env = "AMPARO_OPERATOR_CELL", default_value = "default")]
    pub operator_cell: String,
    /// Seconds after which every Tenant is looked at again, changed or not.
    #[arg(long, env = "AMPARO_OPERATOR_RESYNC_SECONDS", default_value_t = 300)]
    pub operator_resync_seconds: u64,
    /// A folder in which exports of tenants are made before their keys are destroyed, and their
    /// certificates.
    #[arg(long, env = "AMPARO_OPERATOR_EXPORT_FOLDER", requires = "operator_export_recipient")]
    pub operator_export_folder: Option<PathBuf>,
    /// Public keys (amparo-public-..., see `amparo backup --make-key`) that exports are sealed for.
    #[arg(long, env = "AMPARO_OPERATOR_EXPORT_RECIPIENTS", value_delimiter = ',')]
    pub operator_export_recipient: Vec<String>,
    #[command(flatten)]
    pub routing: RoutingSettings,
    /// Address for /livez, /readyz, /health and /metrics over HTTP; not served when absent.
    #[arg(long, env = "AMPARO_ADMIN_LISTEN")]
    pub admin_listen: Option<SocketAddr>,
    #[command(flatten)]
    pub peers: PeerSettings,
    #[command(flatten)]
    pub internal: InternalSettings,
    #[command(flatten)]
    pub tls: TlsSettings,
    #[command(flatten)]
    pub log: LogSettings,
}

/// How host names of tenants lead to the gateway.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub struct RoutingSettings {
    /// What is made for the host names of a tenant.
    #[arg(long, env = "AMPARO_OPERATOR_ROUTE", value_enum, default_value_t = RouteKind::None)]
    pub operator_route: RouteKind,
    /// The gateway's Service.
    #[arg(long, env = "AMPARO_OPERATOR_ROUTE_SERVICE", default_value = "amparo-gateway")]
    pub operator_route_service: String,
    /// Its port.
    #[arg(long, env = "AMPARO_OPERATOR_ROUTE_PORT", default_value_t = 80)]
    pub operator_route_port: u16,
    /// Class of every Ingress.
    #[arg(long, env = "AMPARO_OPERATOR_ROUTE_INGRESS_CLASS")]
    pub operator_route_ingress_class: Option<String>,
    /// Whether an Ingress names a Secret `<its name>-tls`, for cert-manager to fill.
    #[arg(long, env = "AMPARO_OPERATOR_ROUTE_TLS")]
    pub operator_route_tls: bool,
    /// Gateways that an `HTTPRoute` belongs to: a JSON list of parentRefs.
    #[arg(long, env = "AMPARO_OPERATOR_ROUTE_PARENTS", default_value = "[]")]
    pub operator_route_parents: String,
    /// Annotations of every route: a JSON object.
    #[arg(long, env = "AMPARO_OPERATOR_ROUTE_ANNOTATIONS", default_value = "{}")]
    pub operator_route_annotations: String,
}

/// Kinds of routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RouteKind {
    /// One route for all host names exists already.
    None,
    Ingress,
    HttpRoute,
}

/// Where exports go, checked.
#[derive(Debug, Clone)]
pub struct Exporting {
    pub folder: PathBuf,
    pub locks: Vec<Lock>,
    /// Opens what this process writes, so that it reads it again; forgotten with the process.
    pub opener: Opener,
}

/// How routes are made, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Routing {
    pub kind: RouteKind,
    pub namespace: String,
    pub service: String,
    pub port: u16,
    pub ingress_class: Option<String>,
    pub tls: bool,
    pub parents: Vec<Value>,
    pub annotations: Map<String, Value>,
}

impl Settings {
    /// How routes are made; refuses what could not work.
    pub fn routing(&self) -> anyhow::Result<Routing> {
        let given = &self.routing;
        let parents: Vec<Value> = serde_json::from_str(&given.operator_route_parents)
            .context("--operator-route-parents is not a JSON list")?;
        let annotations = serde_json::from_str(&given.operator_route_annotations)
            .context("--operator-route-annotations is not a JSON object")?;
        let wanting = given.operator_route == RouteKind::HttpRoute && parents.is_empty();
        ensure!(!wanting, "--operator-route-parents: name the Gateway that routes belong to");
        Ok(Routing {
            kind: given.operator_route,
            namespace: self.operator_namespace.clone(),
            service: given.operator_route_service.clone(),
            port: given.operator_route_port,
            ingress_class: given.operator_route_ingress_class.clone(),
            tls: given.operator_route_tls,
            parents,
            annotations,
        })
    }

    /// Where exports go, if they go anywhere; refuses what is no public key.
    pub fn exporting(&self) -> anyhow::Result<Option<Exporting>> {
        let Some(folder) = self.operator_export_folder.clone() else { return Ok(None) };
        let once = KeyPair::random();
        let mut locks = vec![Lock::Public(once.public())];
        for text in &self.operator_export_recipient {
            let key = PublicKey::parse(text.trim()).context("--operator-export-recipient")?;
            locks.push(Lock::Public(key));
        }
        ensure!(locks.len() > 1, "--operator-export-recipient: nobody could open an export");
        Ok(Some(Exporting { folder, locks, opener: Opener::Secret(once) }))
    }

    /// What of all processes' settings the operator has.
    pub fn platform(&self) -> Platform {
        Platform {
            peers: self.peers.clone(),
            internal: self.internal.clone(),
            tls: self.tls.clone(),
            log: self.log.clone(),
            ..Platform::default()
        }
    }
}
