//! Closes a tenant.

use kit_decider::Command;

use crate::{Refusal, Tenant, TenantEvent, TenantStatus};

/// Ends a tenant for good; its data stays until it is removed.
#[derive(Clone)]
pub struct CloseTenant;

impl Command for CloseTenant {
    type Of = Tenant;
    type Refusal = Refusal;

    fn decide(self, tenant: &Tenant) -> Result<Vec<TenantEvent>, Refusal> {
        match tenant.status {
            TenantStatus::Open | TenantStatus::Suspended => Ok(vec![TenantEvent::Closed]),
            TenantStatus::Closed | TenantStatus::Destroyed => Ok(vec![]),
            TenantStatus::Unknown => Err(Refusal::Gone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ResumeTenant;

    #[test]
    fn a_closed_tenant_stays_closed() {
        let closed = Tenant { status: TenantStatus::Closed, ..Tenant::default() };
        assert_eq!(CloseTenant.decide(&closed), Ok(vec![]));
        assert_eq!(ResumeTenant.decide(&closed), Err(Refusal::Gone));
    }
}
