//! Second step, no client required: what is wished, or why it cannot be.

use std::fmt::Write as _;

use kit_proto::identity::v1::TenantLimits;
use kit_serve::Secret;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::definition::{Bundle, Configuration, Limits, Tenant};
use crate::dereference::Found;
use crate::trouble::Trouble;

/// A tenant as it shall be.
#[derive(Debug, Clone)]
pub struct Wish {
    pub name: String,
    pub display_name: String,
    pub hosts: Vec<String>,
    pub locales: Vec<String>,
    pub administrator: String,
    pub password: Option<Secret>,
    /// Whatever is wrong with it keeps nobody from being suspended.
    pub configuration: Result<Content, Trouble>,
    pub suspended: bool,
    /// None is no limit.
    pub limits: TenantLimits,
}

/// A configuration: nothing stands for what the program ships.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    pub snapshot: Vec<u8>,
    /// Agrees that what people changed is replaced; empty when nobody does.
    pub agreement: String,
    /// Of all that is asked for.
    pub source: String,
}

/// Checks what the API server cannot.
pub fn validate(tenant: &Tenant, found: Found, cell: &str) -> Result<Wish, Trouble> {
    let spec = &tenant.spec;
    if spec.cell != cell {
        let message = format!("this installation is the cell {cell}, not {}", spec.cell);
        return Err(Trouble::lasting("OtherCell", message));
    }
    Ok(Wish {
        name: tenant.metadata.name.clone().unwrap_or_default(),
        display_name: spec.display_name.clone(),
        hosts: spec.hosts.clone(),
        locales: spec.locales.clone(),
        administrator: spec.administrator.user_name.clone(),
        password: found.password,
        configuration: content(&spec.configuration, found.snapshot),
        suspended: spec.suspended,
        limits: limits(spec.limits.unwrap_or_default()),
    })
}

fn content(wanted: &Configuration, found: Option<Vec<u8>>) -> Result<Content, Trouble> {
    let agreement = wanted.reapply.clone().unwrap_or_default();
    match (wanted.bundle, &wanted.snapshot) {
        (Some(Bundle::Standard), None) => {
            let source = digest(&[b"bundle standard", agreement.as_bytes()]);
            Ok(Content { snapshot: vec![], agreement, source })
        }
        (None, Some(reference)) => {
            let name = &reference.config_map_ref;
            let missing = format!("ConfigMap {} with the key {} is not there", name.name, name.key);
            let snapshot = found.ok_or_else(|| Trouble::passing("SnapshotNotFound", missing))?;
            let is_json = serde_json::from_slice::<serde_json::Map<String, Value>>(&snapshot);
            if is_json.is_err() {
                return Err(Trouble::lasting("SnapshotNotJson", "the snapshot is no JSON object"));
            }
            let source = digest(&[b"snapshot", &snapshot, agreement.as_bytes()]);
            Ok(Content { snapshot, agreement, source })
        }
        _ => Err(Trouble::lasting("Contradiction", "name either a bundle or a snapshot")),
    }
}

/// Each part with its length, so that no two lists of parts look alike.
fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let bytes: [u8; 32] = hash.finalize().into();
    bytes.iter().fold("sha256:".to_owned(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

fn limits(Limits { users, requests_per_second }: Limits) -> TenantLimits {
    let at_most = |most: Option<i32>| most.and_then(|most| most.try_into().ok());
    TenantLimits { users: at_most(users), requests_per_second: at_most(requests_per_second) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// As the API server hands it over: defaults are in.
    fn tenant(change: &Value) -> Tenant {
        let mut object = json!({
            "apiVersion": "amparo.dev/v1alpha1",
            "kind": "Tenant",
            "metadata": {"name": "coast", "namespace": "tenants"},
            "spec": {
                "displayName": "Coast",
                "hosts": ["coast.example.org"],
                "administrator": {"passwordSecretRef": {"name": "first"}},
            },
        });
        for (key, value) in change.as_object().unwrap() {
            object["spec"][key] = value.clone();
        }
        serde_json::from_value(object).unwrap()
    }

    fn wish(change: &Value, found: Found) -> Wish {
        validate(&tenant(change), found, "default").unwrap()
    }

    #[test]
    fn the_standard_configuration_is_the_default() {
        let wish = wish(&json!({}), Found::default());
        let content = wish.configuration.unwrap();
        assert!(content.snapshot.is_empty());
        assert_eq!((content.source.len(), content.agreement.as_str()), (71, ""));
        assert_eq!(wish.locales, ["en"]);
        assert_eq!(wish.limits, TenantLimits::default());
    }

    #[test]
    fn another_cells_tenant_is_refused() {
        let refused = validate(&tenant(&json!({"cell": "eu-1"})), Found::default(), "default");
        assert_eq!(refused.unwrap_err().reason, "OtherCell");
    }

    #[test]
    fn a_missing_snapshot_keeps_nobody_from_being_suspended() {
        let snapshot = json!({"snapshot": {"configMapRef": {"name": "forms"}}});
        let change = json!({"configuration": snapshot, "suspended": true});
        let wish = wish(&change, Found::default());
        assert_eq!(wish.configuration.unwrap_err().reason, "SnapshotNotFound");
        assert!(wish.suspended);
    }

    #[test]
    fn what_is_no_json_is_not_sent() {
        let snapshot = json!({"snapshot": {"configMapRef": {"name": "forms"}}});
        let found = Found { snapshot: Some(b"[1]".to_vec()), password: None };
        let wish = wish(&json!({"configuration": snapshot}), found);
        assert_eq!(wish.configuration.unwrap_err().reason, "SnapshotNotJson");
    }

    #[test]
    fn another_text_in_reapply_agrees_anew() {
        let content_of = |change: Value| wish(&change, Found::default()).configuration.unwrap();
        let plain = content_of(json!({}));
        let again = content_of(json!({"configuration": {"bundle": "standard", "reapply": "2"}}));
        assert_ne!(plain.source, again.source);
        assert_eq!(again.agreement, "2");
        assert_eq!(plain, content_of(json!({"configuration": {"bundle": "standard"}})));
    }

    #[test]
    fn a_limit_that_is_not_there_is_none() {
        let wish = wish(&json!({"limits": {"users": 3}}), Found::default());
        assert_eq!(wish.limits, TenantLimits { users: Some(3), requests_per_second: None });
    }
}
