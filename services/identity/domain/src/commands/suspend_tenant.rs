//! Suspends a tenant.

use kit_decider::Command;

use crate::{Refusal, Tenant, TenantEvent, TenantStatus};

/// Keeps everything of a tenant, but lets nobody in.
#[derive(Clone)]
pub struct SuspendTenant;

impl Command for SuspendTenant {
    type Of = Tenant;
    type Refusal = Refusal;

    fn decide(self, tenant: &Tenant) -> Result<Vec<TenantEvent>, Refusal> {
        match tenant.status {
            TenantStatus::Open => Ok(vec![TenantEvent::Suspended]),
            TenantStatus::Suspended => Ok(vec![]),
            TenantStatus::Unknown | TenantStatus::Closed | TenantStatus::Destroyed => {
                Err(Refusal::Gone)
            }
        }
    }
}
