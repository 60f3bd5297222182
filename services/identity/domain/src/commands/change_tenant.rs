//! Changes what a tenant is called, where it is reached, which languages it has and what it may use.

use kit_decider::Command;

use super::open_tenant::{check_hosts, check_locales};
use crate::refusal::{Problem, Problems};
use crate::{Refusal, Tenant, TenantEvent, TenantLimits, TenantStatus};

/// What is none stays as it is.
#[derive(Clone, Default)]
pub struct ChangeTenant {
    pub display_name: Option<String>,
    /// All of them, lower case, without port.
    pub hosts: Option<Vec<String>>,
    /// The first one by default.
    pub locales: Option<Vec<String>>,
    /// Whether another tenant has one of the hosts.
    pub hosts_taken: bool,
    /// Of each limit, 0 for none.
    pub limits: TenantLimits,
}

impl Command for ChangeTenant {
    type Of = Tenant;
    type Refusal = Refusal;

    fn decide(self, tenant: &Tenant) -> Result<Vec<TenantEvent>, Refusal> {
        if !matches!(tenant.status, TenantStatus::Open | TenantStatus::Suspended) {
            return Err(Refusal::Gone);
        }
        let Self { display_name, hosts, locales, hosts_taken, limits } = self;
        let display_name = display_name.unwrap_or_else(|| tenant.display_name.clone());
        let hosts = hosts.unwrap_or_else(|| tenant.hosts.clone());
        let locales = locales.unwrap_or_else(|| tenant.locales.clone());
        let mut problems = Problems::default();
        problems.unless(
            !display_name.is_empty(),
            Problem::new("display_name", "errors.models.tenant.display_name", "required"),
        );
        check_hosts(&mut problems, &hosts, hosts_taken);
        problems.unless(
            !locales.is_empty(),
            Problem::new("locales", "errors.models.tenant.locales", "required"),
        );
        check_locales(&mut problems, &locales);
        problems.refuse()?;
        let same = display_name == tenant.display_name
            && hosts == tenant.hosts
            && locales == tenant.locales;
        let changed = (!same).then_some(TenantEvent::Changed { display_name, hosts, locales });
        let limits = limited(tenant.limits, limits);
        let limited = (limits != tenant.limits).then_some(TenantEvent::Limited { limits });
        Ok(changed.into_iter().chain(limited).collect())
    }
}

/// The limits after a change.
fn limited(before: TenantLimits, change: TenantLimits) -> TenantLimits {
    let one =
        |before, change: Option<u32>| change.map_or(before, |most| Some(most).filter(|n| *n > 0));
    TenantLimits {
        users: one(before.users, change.users),
        requests_per_second: one(before.requests_per_second, change.requests_per_second),
    }
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;

    use super::*;

    fn opened() -> TenantEvent {
        TenantEvent::Opened {
            name: "relief".into(),
            display_name: "Relief".into(),
            hosts: vec!["relief.example.org".into()],
            locales: vec!["en".into()],
        }
    }

    fn hosts(hosts: &[&str]) -> ChangeTenant {
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        ChangeTenant { hosts: Some(hosts), ..ChangeTenant::default() }
    }

    #[test]
    fn what_is_not_named_stays() {
        let events = hosts(&["new.example.org"]).decide(&fold(&[opened()])).unwrap();
        let state: Tenant = fold(&[opened(), events[0].clone()]);
        assert_eq!((state.display_name.as_str(), state.hosts.len()), ("Relief", 1));
        assert_eq!(state.hosts, ["new.example.org"]);
        assert_eq!(hosts(&["new.example.org"]).decide(&state), Ok(vec![]));
    }

    #[test]
    fn a_tenant_keeps_a_host_and_a_name() {
        let tenant: Tenant = fold(&[opened()]);
        for bad in [
            hosts(&[]),
            hosts(&["UPPER"]),
            ChangeTenant { hosts_taken: true, ..hosts(&["a.example.org"]) },
            ChangeTenant { display_name: Some(String::new()), ..ChangeTenant::default() },
            ChangeTenant { locales: Some(vec![]), ..ChangeTenant::default() },
        ] {
            assert!(matches!(bad.decide(&tenant), Err(Refusal::Invalid(_))));
        }
    }

    #[test]
    fn a_limit_is_set_kept_and_taken_away() {
        let limit = |users, requests_per_second| ChangeTenant {
            limits: TenantLimits { users, requests_per_second },
            ..ChangeTenant::default()
        };
        let mut events = vec![opened()];
        let mut change = |command: ChangeTenant| {
            let new = command.decide(&fold(&events)).unwrap();
            events.extend(new.clone());
            let tenant: Tenant = fold(&events);
            (new.len(), tenant.limits.users, tenant.limits.requests_per_second)
        };
        assert_eq!(change(limit(Some(5), None)), (1, Some(5), None));
        assert_eq!(change(limit(Some(5), None)), (0, Some(5), None));
        assert_eq!(change(limit(None, Some(20))), (1, Some(5), Some(20)));
        assert_eq!(change(ChangeTenant::default()), (0, Some(5), Some(20)));
        assert_eq!(change(limit(Some(0), None)), (1, None, Some(20)));
    }

    #[test]
    fn a_closed_tenant_does_not_change() {
        let closed: Tenant = fold(&[opened(), TenantEvent::Closed]);
        assert_eq!(hosts(&["a.example.org"]).decide(&closed), Err(Refusal::Gone));
    }
}
