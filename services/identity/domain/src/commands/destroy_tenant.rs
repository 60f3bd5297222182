//! Notes that the keys of a tenant were destroyed.

use kit_decider::Command;
use serde_json::Value;

use crate::refusal::{Problem, Problems};
use crate::{Refusal, Tenant, TenantEvent, TenantStatus};

/// Nobody reads anything of it again. The keys are destroyed before this is asked.
#[derive(Clone)]
pub struct DestroyTenant {
    /// The keyring's word.
    pub certificate: Value,
    /// The keyring knows it, and this history, restored from a backup, does not.
    pub recovered: bool,
}

impl DestroyTenant {
    /// Whether a tenant may be destroyed now: only what was closed before.
    pub fn check(tenant: &Tenant) -> Result<(), Refusal> {
        let mut problems = Problems::default();
        match tenant.status {
            TenantStatus::Unknown => return Err(Refusal::Gone),
            TenantStatus::Closed | TenantStatus::Destroyed => {}
            TenantStatus::Open | TenantStatus::Suspended => {
                problems.unless(false, Problem::new("status", NOT_CLOSED, "not_closed"));
            }
        }
        problems.refuse()
    }
}

impl Command for DestroyTenant {
    type Of = Tenant;
    type Refusal = Refusal;

    fn decide(self, tenant: &Tenant) -> Result<Vec<TenantEvent>, Refusal> {
        if tenant.status == TenantStatus::Unknown {
            return Err(Refusal::Gone);
        }
        if !self.recovered {
            Self::check(tenant)?;
        }
        if tenant.status == TenantStatus::Destroyed {
            return Ok(vec![]);
        }
        Ok(vec![TenantEvent::Destroyed { certificate: self.certificate }])
    }
}

const NOT_CLOSED: &str = "errors.models.tenant.not_closed";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn destroy(recovered: bool) -> DestroyTenant {
        DestroyTenant { certificate: json!({"digest": "1"}), recovered }
    }

    fn tenant(status: TenantStatus) -> Tenant {
        Tenant { status, ..Tenant::default() }
    }

    #[test]
    fn only_what_is_closed_is_destroyed_and_once() {
        for status in [TenantStatus::Open, TenantStatus::Suspended] {
            assert!(matches!(destroy(false).decide(&tenant(status)), Err(Refusal::Invalid(_))));
        }
        assert_eq!(destroy(false).decide(&tenant(TenantStatus::Unknown)), Err(Refusal::Gone));
        assert_eq!(destroy(false).decide(&tenant(TenantStatus::Closed)).unwrap().len(), 1);
        assert_eq!(destroy(false).decide(&tenant(TenantStatus::Destroyed)), Ok(vec![]));
    }

    #[test]
    fn a_restored_history_takes_over_what_the_keyring_knows() {
        assert_eq!(destroy(true).decide(&tenant(TenantStatus::Open)).unwrap().len(), 1);
        assert_eq!(destroy(true).decide(&tenant(TenantStatus::Destroyed)), Ok(vec![]));
    }
}
