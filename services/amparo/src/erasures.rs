//! `amparo erasures`: what was erased stays erased where a backup was restored.

use crate::reach::Reach;
use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use keyring::{EVERY_KEY, parse_journal};
use kit_proto::keyring::v1::{DestroyKeyRequest, DestroyTenantKeysRequest};
use kit_proto::records::v1::RecoverErasuresRequest;
use kit_serve::{Service, Shared};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;
use uuid::Uuid;

/// What was erased stays erased where a backup was restored.
#[derive(Debug, Args)]
pub struct Erasures {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Destroys again the keys that a journal or certificates list. Safe to repeat.
    Replay(Replay),
}

#[derive(Debug, Args)]
struct Replay {
    /// The keyring's journal of destroyed keys, or a copy of it.
    #[arg(long, required_unless_present = "certificate")]
    journal: Option<PathBuf>,
    /// A certificate of an erasure, as the API gives it.
    #[arg(long)]
    certificate: Vec<PathBuf>,
    #[command(flatten)]
    reach: Reach,
}

/// What the certificate of a destroyed tenant begins with.
const TENANT_CERTIFICATE: &str = "amparo tenant certificate 1";

/// The services that keep records.
const KEEPERS: [Service; 3] = [Service::Cases, Service::Incidents, Service::Tracing];

/// A tenant with a million records has a million keys.
const ALL_KEYS: Duration = Duration::from_mins(15);

/// A key to destroy, and what it was destroyed for.
#[derive(Debug, PartialEq)]
struct Destroyed {
    tenant: Uuid,
    key_id: Uuid,
    note: Value,
}

impl Erasures {
    /// Carries the command out.
    pub async fn run(self) -> Result<()> {
        let Command::Replay(replay) = self.command;
        replay.run().await
    }
}

impl Replay {
    async fn run(self) -> Result<()> {
        let mut keys = match &self.journal {
            Some(path) => of_journal(&read(path)?)?,
            None => Vec::new(),
        };
        for path in &self.certificate {
            let found = of_certificate(&read(path)?);
            keys.extend(found.with_context(|| format!("{} is no certificate", path.display()))?);
        }
        let shared = self.reach.process()?.share(Service::Gateway);
        let mut unknown = 0_usize;
        for key in &keys {
            unknown += usize::from(!destroy(&shared, key).await?);
        }
        let destroyed = keys.len() - unknown;
        println!("{destroyed} keys are destroyed, {unknown} are unknown here");
        let tenants: BTreeSet<Uuid> = keys.iter().map(|key| key.tenant).collect();
        for tenant in tenants {
            erase_again(&shared, tenant).await?;
        }
        println!("every service knows; these records read as erased");
        Ok(())
    }
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn of_journal(text: &str) -> Result<Vec<Destroyed>> {
    let key = |entry: keyring::JournalEntry| Destroyed {
        tenant: entry.tenant,
        key_id: entry.key_id,
        note: entry.note,
    };
    Ok(parse_journal(text).context("the journal")?.into_iter().map(key).collect())
}

/// From the certificate alone, or from the answer that holds it.
fn of_certificate(text: &str) -> Result<Vec<Destroyed>> {
    let mut value: Value = serde_json::from_str(text)?;
    for member in ["data", "certificate"] {
        if let Some(inner) = value.get_mut(member) {
            value = inner.take();
        }
    }
    let tenant = uuid(&value["tenant"])?;
    if value["format"] == TENANT_CERTIFICATE {
        return Ok(vec![Destroyed { tenant, key_id: EVERY_KEY, note: note_of_tenant(&value) }]);
    }
    let mut note = Map::new();
    for (name, from) in [
        ("erasure_id", &value["erasure_id"]),
        ("record_type", &value["record"]["type"]),
        ("record_id", &value["record"]["id"]),
        ("reason", &value["reason"]),
        ("known", &value["known"]),
        ("requested", &value["requested"]),
        ("approved", &value["approved"]),
    ] {
        if from.is_null() {
            bail!("{name} is missing");
        }
        note.insert(name.to_owned(), from.clone());
    }
    let keys = value["keys"].as_array().context("keys are missing")?;
    keys.iter()
        .map(|key| {
            let note = Value::Object(note.clone());
            Ok(Destroyed { tenant, key_id: uuid(&key["key_id"])?, note })
        })
        .collect()
}

/// What the keyring noted when it destroyed all of a tenant's keys.
fn note_of_tenant(certificate: &Value) -> Value {
    let members = ["tenant", "name", "reason", "exported", "requested"];
    members.into_iter().map(|name| (name.to_owned(), certificate[name].clone())).collect()
}

fn uuid(value: &Value) -> Result<Uuid> {
    let text = value.as_str().context("an id is missing")?;
    text.parse().context("an id is not a UUID")
}

/// Has every service that keeps records take over from the keyring what was destroyed.
async fn erase_again(shared: &Shared, tenant: Uuid) -> Result<()> {
    for service in KEEPERS {
        let call = shared.internal_call(Some(tenant));
        let request = call.request(RecoverErasuresRequest { tenant: tenant.to_string() });
        let asked = shared.peers.records(service).recover_erasures(request).await;
        asked.map_err(crate::tenant::explain).with_context(|| format!("{service}"))?;
    }
    Ok(())
}

/// Whether the keyring knows the key.
async fn destroy(shared: &Shared, key: &Destroyed) -> Result<bool> {
    let note = if key.note.is_null() { String::new() } else { key.note.to_string() };
    if key.key_id == EVERY_KEY {
        return destroy_tenant(shared, key.tenant, note).await;
    }
    let request = DestroyKeyRequest {
        tenant: key.tenant.to_string(),
        key_id: key.key_id.to_string(),
        note: note.into_bytes().into(),
    };
    let call = shared.internal_call(Some(key.tenant));
    match shared.peers.keyring().destroy_key(call.request(request)).await {
        Ok(_) => Ok(true),
        Err(status) if status.code() == tonic::Code::NotFound => Ok(false),
        Err(status) => Err(crate::tenant::explain(status)),
    }
}

/// The services forget its rows within minutes, and identity takes over what the keyring knows.
async fn destroy_tenant(shared: &Shared, tenant: Uuid, note: String) -> Result<bool> {
    let call = shared.internal_call(Some(tenant)).with_timeout(ALL_KEYS);
    let request =
        DestroyTenantKeysRequest { tenant: tenant.to_string(), note: note.into_bytes().into() };
    let asked = shared.peers.keyring().destroy_tenant_keys(call.request(request)).await;
    asked.map(|_| true).map_err(crate::tenant::explain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_certificate_is_read_alone_or_within_an_answer() {
        let certificate = json!({
            "tenant": Uuid::from_u128(1), "erasure_id": Uuid::from_u128(2),
            "record": {"type": "case", "id": Uuid::from_u128(3)}, "reason": "legal_order",
            "known": {}, "requested": {"by": "ann", "at": "2026-01-01T00:00:00Z"},
            "approved": {"by": "bob", "at": "2026-01-02T00:00:00Z"},
            "keys": [{"key_id": Uuid::from_u128(4)}],
        });
        let alone = of_certificate(&certificate.to_string()).unwrap();
        assert_eq!((alone[0].tenant, alone[0].key_id), (Uuid::from_u128(1), Uuid::from_u128(4)));
        assert_eq!(alone[0].note["record_id"], json!(Uuid::from_u128(3)));
        let answer = json!({"data": {"id": 1, "certificate": certificate}});
        assert_eq!(of_certificate(&answer.to_string()).unwrap(), alone);
        assert!(of_certificate("{}").is_err());
        assert!(of_certificate(r#"{"data": {"certificate": null}}"#).is_err());
    }
}
