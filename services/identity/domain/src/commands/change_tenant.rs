//! Changes what a tenant is called, where it is reached and which languages it has.

use kit_decider::Command;

use super::open_tenant::{check_hosts, check_locales};
use crate::refusal::{Problem, Problems};
use crate::{Refusal, Tenant, TenantEvent, TenantStatus};

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
}

impl Command for ChangeTenant {
    type Of = Tenant;
    type Refusal = Refusal;

    fn decide(self, tenant: &Tenant) -> Result<Vec<TenantEvent>, Refusal> {
        if !matches!(tenant.status, TenantStatus::Open | TenantStatus::Suspended) {
            return Err(Refusal::Gone);
        }
        let Self { display_name, hosts, locales, hosts_taken } = self;
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
        if same {
            return Ok(vec![]);
        }
        Ok(vec![TenantEvent::Changed { display_name, hosts, locales }])
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
    fn a_closed_tenant_does_not_change() {
        let closed: Tenant = fold(&[opened(), TenantEvent::Closed]);
        assert_eq!(hosts(&["a.example.org"]).decide(&closed), Err(Refusal::Gone));
    }
}
