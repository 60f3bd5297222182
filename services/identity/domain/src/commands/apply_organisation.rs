//! Records that a snapshot's agencies, groups and roles were applied.

use kit_decider::Command;

use crate::{Refusal, Tenant, TenantEvent, TenantStatus};

/// From now on roles belong to this epoch of the catalog.
#[derive(Clone)]
pub struct ApplyOrganisation {
    pub snapshot: String,
    pub epoch: u64,
}

impl Command for ApplyOrganisation {
    type Of = Tenant;
    type Refusal = Refusal;

    fn decide(self, tenant: &Tenant) -> Result<Vec<TenantEvent>, Refusal> {
        if tenant.status == TenantStatus::Unknown {
            return Err(Refusal::Gone);
        }
        if tenant.snapshot == self.snapshot && tenant.epoch >= self.epoch {
            return Ok(vec![]);
        }
        let Self { snapshot, epoch } = self;
        Ok(vec![TenantEvent::OrganisationApplied { snapshot, epoch }])
    }
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;

    use super::*;

    #[test]
    fn an_epoch_never_goes_back() {
        let history = [
            TenantEvent::Opened {
                name: "relief".into(),
                display_name: "Relief".into(),
                hosts: vec![],
                locales: vec![],
            },
            TenantEvent::OrganisationApplied { snapshot: "a".into(), epoch: 3 },
            TenantEvent::OrganisationApplied { snapshot: "b".into(), epoch: 2 },
        ];
        let tenant: Tenant = fold(&history);
        assert_eq!(tenant.epoch, 3);
        let again = ApplyOrganisation { snapshot: "b".into(), epoch: 3 };
        assert_eq!(again.decide(&tenant), Ok(vec![]));
    }
}
