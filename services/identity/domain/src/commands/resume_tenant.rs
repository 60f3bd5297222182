//! Ends a suspension.

use kit_decider::Command;

use crate::{Refusal, Tenant, TenantEvent, TenantStatus};

/// Lets people of a suspended tenant in again.
#[derive(Clone)]
pub struct ResumeTenant;

impl Command for ResumeTenant {
    type Of = Tenant;
    type Refusal = Refusal;

    fn decide(self, tenant: &Tenant) -> Result<Vec<TenantEvent>, Refusal> {
        match tenant.status {
            TenantStatus::Suspended => Ok(vec![TenantEvent::Resumed]),
            TenantStatus::Open => Ok(vec![]),
            TenantStatus::Unknown | TenantStatus::Closed | TenantStatus::Destroyed => {
                Err(Refusal::Gone)
            }
        }
    }
}
