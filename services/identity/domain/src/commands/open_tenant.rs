//! Opens a tenant.

use kit_decider::Command;

use crate::refusal::{Problem, Problems};
use crate::{Refusal, Tenant, TenantEvent, TenantStatus};

/// Begins an organisation's life on this installation.
#[derive(Clone)]
pub struct OpenTenant {
    /// As operators call it: lower case letters, digits and hyphens.
    pub name: String,
    pub display_name: String,
    /// Host names that lead to it, lower case, without port.
    pub hosts: Vec<String>,
    pub locales: Vec<String>,
    /// Whether another tenant has one of the hosts.
    pub hosts_taken: bool,
}

impl Command for OpenTenant {
    type Of = Tenant;
    type Refusal = Refusal;

    fn decide(self, tenant: &Tenant) -> Result<Vec<TenantEvent>, Refusal> {
        if tenant.status != TenantStatus::Unknown {
            return Ok(vec![]);
        }
        let mut problems = Problems::default();
        problems.unless(is_name(&self.name), Problem::new("name", NAME, "invalid"));
        check_hosts(&mut problems, &self.hosts, self.hosts_taken);
        check_locales(&mut problems, &self.locales);
        problems.refuse()?;
        let locales =
            if self.locales.is_empty() { vec!["en".to_owned()] } else { self.locales.clone() };
        let display_name =
            if self.display_name.is_empty() { self.name.clone() } else { self.display_name };
        Ok(vec![TenantEvent::Opened { name: self.name, display_name, hosts: self.hosts, locales }])
    }
}

const NAME: &str = "errors.models.tenant.name";
const HOSTS: &str = "errors.models.tenant.hosts";
const HOSTS_TAKEN: &str = "errors.models.tenant.hosts_taken";

/// Hosts that a tenant may have.
pub(super) fn check_hosts(problems: &mut Problems, hosts: &[String], taken: bool) {
    problems.unless(!hosts.is_empty(), Problem::new("hosts", HOSTS, "required"));
    problems.unless(!taken, Problem::new("hosts", HOSTS_TAKEN, "taken"));
    problems
        .unless(hosts.iter().all(|host| is_host(host)), Problem::new("hosts", HOSTS, "invalid"));
}

/// Languages that a tenant may have.
pub(super) fn check_locales(problems: &mut Problems, locales: &[String]) {
    problems.unless(
        locales.iter().all(|locale| is_locale(locale)),
        Problem::new("locales", "errors.models.tenant.locales", "invalid"),
    );
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=63).contains(&name.len()) && !name.starts_with('-') && name.chars().all(plain)
}

fn is_host(host: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._[]:".contains(c);
    (1..=253).contains(&host.len()) && host.chars().all(plain)
}

fn is_locale(locale: &str) -> bool {
    (2..=20).contains(&locale.len())
        && locale.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;

    use super::*;

    fn open(name: &str) -> OpenTenant {
        OpenTenant {
            name: name.into(),
            display_name: String::new(),
            hosts: vec!["relief.example.org".into()],
            locales: vec![],
            hosts_taken: false,
        }
    }

    #[test]
    fn opening_twice_changes_nothing() {
        let events = open("relief").decide(&Tenant::default()).unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!(open("relief").decide(&fold(&events)), Ok(vec![]));
    }

    #[test]
    fn names_what_is_wrong() {
        let bad = OpenTenant { hosts: vec!["UPPER".into()], ..open("no spaces") };
        let Err(Refusal::Invalid(problems)) = bad.decide(&Tenant::default()) else { panic!() };
        let names: Vec<_> = problems.iter().map(|one| one.attribute).collect();
        assert_eq!(names, ["name", "hosts"]);
    }
}
