//! Fifth step: what came of it, as conditions; sent only when something is not as it was.

use jiff::Timestamp;
use kit_proto::identity::v1::TenantLimits;
use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::apply::Outcome;
use crate::definition::{Condition, Tenant, TenantStatus, Truth};
use crate::office::{MANAGER, Office};
use crate::trouble::Trouble;
use crate::validate::Wish;

/// A condition before anyone knows since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    about: &'static str,
    status: Truth,
    reason: &'static str,
    message: String,
}

impl Finding {
    /// It is so.
    pub fn yes(about: &'static str, reason: &'static str, message: impl Into<String>) -> Self {
        Self { about, status: Truth::True, reason, message: message.into() }
    }

    /// It is not so.
    pub fn no(about: &'static str, reason: &'static str, message: impl Into<String>) -> Self {
        Self { about, status: Truth::False, reason, message: message.into() }
    }

    /// It is not so, or for the moment nobody knows.
    pub fn trouble(about: &'static str, trouble: &Trouble) -> Self {
        let status = if trouble.passing { Truth::Unknown } else { Truth::False };
        Self { about, status, reason: trouble.reason, message: trouble.message.clone() }
    }
}

/// What a look at a tenant found; `before` is what was known.
pub fn findings(
    wish: Option<&Wish>,
    outcome: &Outcome,
    before: Option<&TenantStatus>,
) -> Vec<Finding> {
    let mut found = vec![ready(outcome, before)];
    found.push(match &outcome.opened {
        Ok(opened) if opened.status == "open" => Finding::yes("Open", "Open", "people may sign in"),
        Ok(_) => Finding::no("Open", "Suspended", "nobody signs in; all data stays"),
        Err(trouble) => Finding::trouble("Open", trouble),
    });
    if let Ok(opened) = &outcome.opened {
        found.push(if opened.status == "suspended" {
            Finding::yes("Suspended", "Wished", "spec.suspended says so")
        } else {
            Finding::no("Suspended", "NotWished", "spec.suspended does not say so")
        });
    }
    found.push(match &outcome.routed {
        Ok(resources) if resources.route.is_some() => {
            Finding::yes("Routed", "RouteApplied", "its host names lead to the gateway")
        }
        Ok(_) => Finding::yes("Routed", "RouteOfAll", "one route serves all host names"),
        Err(trouble) => Finding::trouble("Routed", trouble),
    });
    found.push(match &outcome.configured {
        Ok(_) => Finding::yes("Configured", "Installed", "the configuration is in force"),
        Err(trouble) => Finding::trouble("Configured", trouble),
    });
    found.extend(wish.filter(|_| outcome.opened.is_ok()).and_then(limited));
    found
}

/// What it is kept to, if it is to anything.
fn limited(wish: &Wish) -> Option<Finding> {
    let TenantLimits { users, requests_per_second } = wish.limits;
    let users = users.map(|most| format!("at most {most} users"));
    let requests = requests_per_second.map(|most| format!("at most {most} requests per second"));
    let all: Vec<String> = users.into_iter().chain(requests).collect();
    (!all.is_empty()).then(|| Finding::yes("Limited", "Kept", all.join(", ")))
}

/// Ready is who is open, reached and configured. A configuration that does not come into force
/// leaves the one before in force, so that people go on working.
fn ready(outcome: &Outcome, before: Option<&TenantStatus>) -> Finding {
    let has_one = before.is_some_and(|status| status.configuration.is_some());
    let troubles = [
        outcome.opened.as_ref().err(),
        outcome.routed.as_ref().err(),
        outcome.configured.as_ref().err().filter(|_| !has_one),
    ];
    if let Some(trouble) = troubles.into_iter().flatten().next() {
        return Finding { status: Truth::False, ..Finding::trouble("Ready", trouble) };
    }
    match &outcome.opened {
        Ok(opened) if opened.status == "open" => {
            Finding::yes("Ready", "Ready", "open, routed and configured")
        }
        _ => Finding::no("Ready", "Suspended", "suspended, as spec says"),
    }
}

/// The status after a look; what did not change keeps its time.
pub fn status(
    tenant: &Tenant,
    found: Vec<Finding>,
    outcome: Option<&Outcome>,
    now: Timestamp,
) -> TenantStatus {
    let before = tenant.status.clone().unwrap_or_default();
    let generation = tenant.metadata.generation;
    let opened = outcome.and_then(|outcome| outcome.opened.as_ref().ok());
    let configured = outcome.and_then(|outcome| outcome.configured.as_ref().ok());
    let conditions = found.into_iter().map(|found| {
        let known = before.conditions.iter().find(|known| known.r#type == found.about);
        let since = known.filter(|known| known.status == found.status);
        Condition {
            r#type: found.about.to_owned(),
            status: found.status,
            reason: found.reason.to_owned(),
            message: found.message,
            last_transition_time: since
                .map_or_else(|| second(now), |known| known.last_transition_time.clone()),
            observed_generation: generation,
        }
    });
    TenantStatus {
        observed_generation: generation,
        tenant_id: opened.map(|opened| opened.id.clone()).or(before.tenant_id),
        configuration: configured.cloned().or(before.configuration),
        export: before.export,
        conditions: conditions.collect(),
    }
}

/// Kubernetes writes whole seconds.
fn second(now: Timestamp) -> String {
    now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Sends the status when it is another, and announces what turned.
pub async fn update_status(
    office: &Office,
    tenant: &Tenant,
    status: &TenantStatus,
) -> Result<(), kube::Error> {
    let before = tenant.status.clone().unwrap_or_default();
    if before == *status {
        return Ok(());
    }
    let name = tenant.metadata.name.clone().unwrap_or_default();
    let object = json!({
        "apiVersion": "amparo.dev/v1alpha1",
        "kind": "Tenant",
        "metadata": {"name": name},
        "status": status,
    });
    let force = PatchParams::apply(MANAGER).force();
    office.tenants().patch_status(&name, &force, &Patch::Apply(&object)).await?;
    for condition in turned(&before, status) {
        office.announce(tenant, &condition.into()).await;
    }
    Ok(())
}

/// Conditions whose truth or reason is not what it was.
fn turned<'a>(before: &TenantStatus, after: &'a TenantStatus) -> Vec<&'a Condition> {
    let same = |one: &Condition, other: &Condition| {
        one.r#type == other.r#type && one.status == other.status && one.reason == other.reason
    };
    let known = |one: &&Condition| before.conditions.iter().any(|other| same(one, other));
    // That nobody wished a suspension is no news.
    after.conditions.iter().filter(|one| !known(one) && one.reason != "NotWished").collect()
}

#[cfg(test)]
mod tests {
    use kit_proto::identity::v1::Tenant as Opened;

    use super::*;
    use crate::build::Resources;
    use crate::definition::ConfigurationStatus;

    const NOON: Timestamp = Timestamp::constant(1_800_000_000, 0);
    const LATER: Timestamp = Timestamp::constant(1_800_000_060, 0);

    fn outcome(word: &str) -> Outcome {
        let opened = Opened { id: "7".into(), status: word.into(), ..Opened::default() };
        Outcome {
            opened: Ok(opened),
            routed: Ok(Resources::new(None).applied()),
            configured: Ok(ConfigurationStatus::default()),
        }
    }

    fn tenant(status: Option<TenantStatus>) -> Tenant {
        let spec = serde_json::from_value(json!({
            "displayName": "Coast",
            "hosts": ["coast.example.org"],
            "administrator": {"passwordSecretRef": {"name": "first"}},
        }));
        let mut tenant = Tenant::new("coast", spec.unwrap());
        tenant.metadata.generation = Some(3);
        tenant.status = status;
        tenant
    }

    fn after(before: Option<TenantStatus>, outcome: &Outcome, now: Timestamp) -> TenantStatus {
        let found = findings(None, outcome, before.as_ref());
        status(&tenant(before), found, Some(outcome), now)
    }

    fn of<'a>(status: &'a TenantStatus, about: &str) -> &'a Condition {
        status.conditions.iter().find(|one| one.r#type == about).unwrap()
    }

    #[test]
    fn an_open_tenant_is_ready() {
        let status = after(None, &outcome("open"), NOON);
        assert_eq!(of(&status, "Ready").status, Truth::True);
        assert_eq!(of(&status, "Ready").last_transition_time, "2027-01-15T08:00:00Z");
        assert_eq!(status.observed_generation, Some(3));
        assert_eq!(status.tenant_id.as_deref(), Some("7"));
    }

    #[test]
    fn what_did_not_change_keeps_its_time() {
        let first = after(None, &outcome("open"), NOON);
        let second = after(Some(first.clone()), &outcome("open"), LATER);
        assert_eq!(first, second);
        assert!(turned(&first, &second).is_empty());
    }

    #[test]
    fn a_suspended_tenant_is_not_ready_and_says_why() {
        let first = after(None, &outcome("open"), NOON);
        let second = after(Some(first.clone()), &outcome("suspended"), LATER);
        assert_eq!(of(&second, "Ready").reason, "Suspended");
        assert_eq!(of(&second, "Suspended").status, Truth::True);
        assert_ne!(of(&second, "Ready").last_transition_time, "2027-01-15T08:00:00Z");
        let names: Vec<_> = turned(&first, &second).iter().map(|it| it.r#type.clone()).collect();
        assert_eq!(names, ["Ready", "Open", "Suspended"]);
    }

    #[test]
    fn what_passes_is_unknown_and_what_stays_is_no() {
        let away = Outcome::nothing(&Trouble::passing("Unreachable", "identity is away"));
        assert_eq!(of(&after(None, &away, NOON), "Open").status, Truth::Unknown);
        assert_eq!(of(&after(None, &away, NOON), "Ready").status, Truth::False);
        let refused = Outcome::nothing(&Trouble::lasting("Refused", "hosts"));
        assert_eq!(of(&after(None, &refused, NOON), "Open").status, Truth::False);
    }

    #[test]
    fn a_configuration_that_is_refused_leaves_the_one_before_in_force() {
        let refused = Trouble::lasting("ConfigurationRefused", "Form x: name");
        let refused = Outcome { configured: Err(refused), ..outcome("open") };
        // There is none yet.
        assert_eq!(of(&after(None, &refused, NOON), "Ready").reason, "ConfigurationRefused");
        let first = after(None, &outcome("open"), NOON);
        let second = after(Some(first.clone()), &refused, LATER);
        assert_eq!(of(&second, "Ready"), of(&first, "Ready"));
        assert_eq!(of(&second, "Configured").status, Truth::False);
        assert_eq!(second.configuration, first.configuration);
        let names: Vec<_> = turned(&first, &second).iter().map(|it| it.r#type.clone()).collect();
        assert_eq!(names, ["Configured"]);
    }

    #[test]
    fn what_was_known_stays_known_while_services_are_away() {
        let first = after(None, &outcome("open"), NOON);
        let away = Outcome::nothing(&Trouble::passing("Unreachable", "identity is away"));
        let second = after(Some(first.clone()), &away, LATER);
        assert_eq!(second.tenant_id, first.tenant_id);
        assert_eq!(second.configuration, first.configuration);
    }
}
