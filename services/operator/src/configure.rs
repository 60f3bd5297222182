//! Part of the fourth step: configuration installs what is asked for, or says why not.

use std::time::Duration;

use kit_proto::configuration::v1::{
    InstallConfigurationReply, InstallConfigurationRequest, InstallOutcome,
};
use kit_proto::identity::v1::Tenant as Opened;

use crate::definition::{ConfigurationStatus, Tenant, Truth};
use crate::office::{News, Office};
use crate::trouble::{Trouble, bounded};
use crate::validate::Content;

/// A large configuration takes a while.
const INSTALLING: Duration = Duration::from_mins(5);

/// Installs what is asked for, and later what takes its place. A snapshot that is in force is not
/// sent again; what the program ships is asked about at every look, for only configuration knows
/// whether its version ships another.
pub async fn configure(
    office: &Office,
    tenant: &Tenant,
    opened: &Opened,
    content: &Content,
) -> Result<ConfigurationStatus, Trouble> {
    let known = tenant.status.as_ref().and_then(|status| status.configuration.as_ref());
    let is_snapshot = !content.snapshot.is_empty();
    if let Some(known) = known.filter(|known| is_snapshot && known.source == content.source) {
        return Ok(known.clone());
    }
    let reply = install(office, opened, content).await?;
    match reply.outcome() {
        InstallOutcome::ChangedByPeople => Err(changed_in_program(&reply.changed)),
        InstallOutcome::Unchanged if known.is_some() => {
            let source = content.source.clone();
            Ok(ConfigurationStatus { source, ..known.cloned().unwrap_or_default() })
        }
        InstallOutcome::Replaced => {
            let after = in_force(&reply, content);
            office.announce(tenant, &applied(&after)).await;
            Ok(after)
        }
        InstallOutcome::Installed | InstallOutcome::Unchanged => Ok(in_force(&reply, content)),
    }
}

async fn install(
    office: &Office,
    opened: &Opened,
    content: &Content,
) -> Result<InstallConfigurationReply, Trouble> {
    let id = opened.id.parse().map_err(|_broken| {
        Trouble::passing("Unreachable", "identity answered without the tenant's id")
    })?;
    let call = office.shared.internal_call(Some(id)).with_timeout(INSTALLING);
    let request = InstallConfigurationRequest {
        tenant: opened.id.clone(),
        snapshot: content.snapshot.clone().into(),
        locales: opened.locales.clone(),
        actor: "operator".into(),
        follow: true,
        agreement: content.agreement.clone(),
    };
    let mut configuration = office.shared.peers.configuration();
    let reply = configuration.install_configuration(call.request(request)).await;
    let reply = reply.map_err(|status| match Trouble::of_service("configuration", status) {
        trouble if trouble.passing => trouble,
        refused => Trouble { reason: "ConfigurationRefused", ..refused },
    });
    Ok(reply?.into_inner())
}

fn in_force(reply: &InstallConfigurationReply, content: &Content) -> ConfigurationStatus {
    let warnings = serde_json::from_slice::<Vec<serde_json::Value>>(&reply.warnings);
    ConfigurationStatus {
        catalog_version: i64::try_from(reply.catalog_version).unwrap_or(i64::MAX),
        digest: format!("sha256:{}", reply.digest),
        source: content.source.clone(),
        warnings: warnings.map_or(0, |list| i64::try_from(list.len()).unwrap_or(i64::MAX)),
    }
}

fn changed_in_program(changed: &[String]) -> Trouble {
    let message = format!(
        "people changed what was installed, and would lose that: {}. Take it into the \
         configuration, or write a new text into configuration.reapply to replace it",
        bounded(changed, ", ")
    );
    Trouble::lasting("ChangedInProgram", message)
}

fn applied(after: &ConfigurationStatus) -> News {
    News {
        about: "Configured".to_owned(),
        status: Truth::True,
        reason: "ConfigurationApplied".to_owned(),
        message: format!(
            "another configuration is in force: catalog {}, {}, {} warnings",
            after.catalog_version, after.digest, after.warnings
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_changed_is_named_and_what_helps() {
        let trouble = changed_in_program(&["Form basic_identity".to_owned()]);
        assert_eq!(trouble.reason, "ChangedInProgram");
        assert!(!trouble.passing);
        for part in ["Form basic_identity", "configuration.reapply"] {
            assert!(trouble.message.contains(part), "{}", trouble.message);
        }
    }
}
