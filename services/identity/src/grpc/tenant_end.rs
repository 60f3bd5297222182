//! The end of a tenant: its keys are destroyed, and a certificate says so.

use identity_domain::{DestroyTenant, Refusal as Domain, Tenant as Organisation, TenantStatus};
use kit_proto::identity::v1::{DestroyTenantReply, DestroyTenantRequest};
use kit_proto::keyring::v1::{
    DestroyKeyReply, DestroyTenantKeysRequest, ListDestroyedTenantsRequest,
};
use kit_seal::hex;
use kit_serve::{Call, CallContext, FieldProblem, Refusal};
use kit_shell::certificate;
use kit_store::Meta;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

use super::tenants::named;
use crate::refused::{domain, refused};
use crate::shell::{Shell, kept};

/// A tenant with a million records has a million keys.
const DESTROYING: Duration = Duration::from_mins(10);
/// Letters of a reason.
const LONGEST: usize = 500;

impl Shell {
    /// Destroys the keys of a closed tenant, once its name was written a second time. Safe to
    /// repeat: it answers with the first certificate.
    pub(super) async fn destroy_tenant(
        &self,
        call: &Call,
        message: DestroyTenantRequest,
    ) -> Result<DestroyTenantReply, Refusal> {
        let tenant = named(&message.name);
        let loaded = kept(self.store.load::<Organisation>(tenant, tenant).await)?;
        DestroyTenant::check(&loaded.state).map_err(|refusal| domain(refusal, "Tenant"))?;
        if let Some(known) = &loaded.state.certificate {
            return Ok(reply(known));
        }
        agreed(&message)?;
        let meta = self.installation_meta(call, tenant, self.shared.ids.v7());
        let note = json!({
            "tenant": tenant,
            "name": message.name,
            "reason": message.reason,
            "exported": message.exported,
            "requested": { "by": message.by, "at": meta.now },
        });
        let certificate = self.ended(&meta, &note, false).await?;
        tracing::warn!(tenant.id = %tenant, "the keys of a tenant were destroyed");
        Ok(reply(&certificate))
    }

    /// Takes over what the keyring knows and this database, restored from a backup, does not.
    pub(crate) async fn recover_ended(&self) -> Result<(), Refusal> {
        let call = self.shared.internal_call(None);
        let asked = call.request(ListDestroyedTenantsRequest {});
        let ended = self.shared.peers.keyring().list_destroyed_tenants(asked).await?;
        for one in ended.into_inner().tenants {
            let Ok(tenant) = one.tenant.parse::<Uuid>() else { continue };
            let known = kept(self.store.load::<Organisation>(tenant, tenant).await)?.state.status;
            if matches!(known, TenantStatus::Unknown | TenantStatus::Destroyed) {
                continue;
            }
            let note = serde_json::from_slice(&one.note).unwrap_or_default();
            self.ended(&self.own_meta(tenant), &note, true).await?;
            tracing::warn!(tenant.id = %tenant, "a restored backup ends a tenant again");
        }
        Ok(())
    }

    /// Destroys the keys and notes it.
    async fn ended(&self, meta: &Meta, note: &Value, recovered: bool) -> Result<Value, Refusal> {
        let tenant = meta.tenant;
        let call = self.shared.internal_call(Some(tenant)).with_timeout(DESTROYING);
        let listed = self.destroy_keys(&call, tenant, note).await?;
        let made = certificate_of(tenant, note, meta, &listed, recovered);
        let certificate = kept(certificate::sign(self.store.keys(), made).await)?;
        let command = DestroyTenant { certificate, recovered };
        let done = self.store.execute(meta, tenant, command).await;
        let done = done.map_err(|error| refused(error, "Tenant"))?;
        // Of two that asked at a time, the first one's counts.
        let known = done.state.certificate.clone();
        known.ok_or_else(|| domain(Domain::Gone, "Tenant"))
    }

    async fn destroy_keys(
        &self,
        call: &CallContext,
        tenant: Uuid,
        note: &Value,
    ) -> Result<DestroyKeyReply, Refusal> {
        let request = call.request(DestroyTenantKeysRequest {
            tenant: tenant.to_string(),
            note: note.to_string().into_bytes().into(),
        });
        let listed = self.shared.peers.keyring().destroy_tenant_keys(request).await?;
        Ok(listed.into_inner())
    }

    fn own_meta(&self, tenant: Uuid) -> Meta {
        Meta {
            tenant,
            actor: "installation".to_owned(),
            command_id: self.shared.ids.v7(),
            now: self.shared.clock.now(),
            correlation: self.shared.ids.v7(),
            causation: None,
            trace: None,
        }
    }
}

/// Its name a second time, who wants it and why, and what became of the data.
fn agreed(message: &DestroyTenantRequest) -> Result<(), Refusal> {
    let mut problems = Vec::new();
    if message.confirm != message.name {
        problems.push(FieldProblem::new("/confirm", "not_the_name"));
    }
    if message.by.trim().is_empty() {
        problems.push(FieldProblem::new("/by", "required"));
    }
    if message.reason.trim().is_empty() || message.reason.chars().count() > LONGEST {
        problems.push(FieldProblem::new("/reason", "required"));
    }
    let exported = message.exported.len() == 64 && message.exported.bytes().all(is_digit);
    if !exported && message.exported != "nothing" {
        problems.push(FieldProblem::new("/exported", "invalid"));
    }
    if problems.is_empty() { Ok(()) } else { Err(Refusal::invalid_record(problems)) }
}

const fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'a'..=b'f')
}

/// Ids and coded values.
fn certificate_of(
    tenant: Uuid,
    note: &Value,
    meta: &Meta,
    listed: &DestroyKeyReply,
    recovered: bool,
) -> Value {
    let listed = (listed.journal_number > 0)
        .then(|| json!({ "entry": listed.journal_number, "hash": hex(&listed.journal_hash) }));
    json!({
        "format": "amparo tenant certificate 1",
        "tenant": tenant,
        "name": note["name"],
        "reason": note["reason"],
        "exported": note["exported"],
        "requested": note["requested"],
        "carried_out_at": meta.now,
        "recovered_after_restore": recovered,
        "keys": "every",
        "journal": listed,
        "told": ["identity", "configuration", "cases", "incidents", "tracing", "reporting", "gateway"],
        "remaining": [
            "hash chains and metadata of all streams; sealed events open for nobody",
            "forms and roles, which name nobody; the name of the tenant, which is not given again",
            "sealed copies in NATS and in backups, which open for nobody",
            "this certificate and the entry in the keyring's journal",
        ],
    })
}

fn reply(certificate: &Value) -> DestroyTenantReply {
    DestroyTenantReply { certificate: certificate.to_string().into_bytes().into() }
}
