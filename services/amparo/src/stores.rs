//! Each service's event store as an operator's command opens it: with its read
//! models, without its server.

use crate::serve::ServiceSettings;
use anyhow::{Result, bail};
use kit_serve::{Service, Shared};
use kit_store::Store;

/// Services that record events.
pub const WITH_STORE: [Service; 5] = [
    Service::Identity,
    Service::Configuration,
    Service::Cases,
    Service::Incidents,
    Service::Tracing,
];

/// Opens the store of one service.
pub async fn open(settings: &ServiceSettings, shared: &Shared) -> Result<Store> {
    match shared.service {
        Service::Identity => identity::open(&settings.identity, shared).await,
        Service::Configuration => configuration::open(&settings.configuration, shared).await,
        Service::Cases => cases::open(&settings.cases, shared).await,
        Service::Incidents => incidents::open(&settings.incidents, shared).await,
        Service::Tracing => family_tracing::open(&settings.tracing, shared).await,
        Service::Reporting => reporting::open(&settings.reporting, shared).await,
        other @ (Service::Keyring | Service::Gateway) => bail!("{other} has no event store"),
    }
}
