//! A tenant: one organisation on this installation, kept apart from all others.

use kit_decider::{Aggregate, Stored};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Whether people of a tenant may work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantStatus {
    #[default]
    Unknown,
    Open,
    /// Nobody may sign in; everything is kept.
    Suspended,
    /// For good.
    Closed,
    /// Closed, and its keys are destroyed: nobody reads anything of it again.
    Destroyed,
}

/// What a tenant may use, as whoever keeps the installation says; none is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TenantLimits {
    /// Users that are not disabled. Those that there are beyond it stay.
    pub users: Option<u32>,
    /// Requests that all of its users together may keep up.
    pub requests_per_second: Option<u32>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tenant {
    pub status: TenantStatus,
    pub name: String,
    pub display_name: String,
    pub hosts: Vec<String>,
    pub locales: Vec<String>,
    /// The catalog epoch that roles belong to.
    pub epoch: u64,
    /// The last snapshot whose organisation was applied.
    pub snapshot: String,
    pub limits: TenantLimits,
    /// Signed by the keyring, once it is destroyed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Value>,
}

/// These are storage: version with care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TenantEvent {
    Opened {
        name: String,
        display_name: String,
        hosts: Vec<String>,
        locales: Vec<String>,
    },
    Suspended,
    Resumed,
    Closed,
    OrganisationApplied {
        snapshot: String,
        epoch: u64,
    },
    /// What it is now, all of it.
    Changed {
        display_name: String,
        hosts: Vec<String>,
        locales: Vec<String>,
    },
    Destroyed {
        certificate: Value,
    },
    /// What it may use from now on, all of it.
    Limited {
        limits: TenantLimits,
    },
}

impl Aggregate for Tenant {
    const CATEGORY: &'static str = "tenant";
    type Event = TenantEvent;

    fn evolve(&mut self, event: &TenantEvent) {
        match event {
            TenantEvent::Opened { name, display_name, hosts, locales } => {
                *self = Self {
                    status: TenantStatus::Open,
                    name: name.clone(),
                    display_name: display_name.clone(),
                    hosts: hosts.clone(),
                    locales: locales.clone(),
                    ..Self::default()
                };
            }
            TenantEvent::Suspended => self.status = TenantStatus::Suspended,
            TenantEvent::Resumed => self.status = TenantStatus::Open,
            TenantEvent::Closed => self.status = TenantStatus::Closed,
            TenantEvent::OrganisationApplied { snapshot, epoch } => {
                self.snapshot.clone_from(snapshot);
                self.epoch = self.epoch.max(*epoch);
            }
            TenantEvent::Changed { display_name, hosts, locales } => {
                self.display_name.clone_from(display_name);
                self.hosts.clone_from(hosts);
                self.locales.clone_from(locales);
            }
            TenantEvent::Destroyed { certificate } => {
                self.status = TenantStatus::Destroyed;
                self.certificate = Some(certificate.clone());
            }
            TenantEvent::Limited { limits } => self.limits = *limits,
        }
    }
}

impl Stored for Tenant {
    const SEALED: bool = false;
}
