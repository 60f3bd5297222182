//! The port to identity: agencies, groups, roles and who may see which form.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use kit_proto::identity::v1 as identity;
use kit_serve::{Refusal, Shared};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::documents::Organisation;

/// An answer from identity, in a while.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Refusal>> + Send + 'a>>;

/// The agencies, groups and roles of a snapshot, and which epoch they belong to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OrganisationPart {
    pub snapshot: Uuid,
    pub epoch: u64,
    pub actor: String,
    pub agencies: Vec<Value>,
    pub user_groups: Vec<Value>,
    pub roles: Vec<Value>,
}

/// Something that identity finds wrong with its part of a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct OrganisationProblem {
    pub object: String,
    pub field: String,
    pub message: String,
}

/// What this service needs of identity.
pub trait OrganisationPort: Send + Sync + 'static {
    fn describe(&self, tenant: Uuid) -> Answer<'_, Organisation>;
    fn export(&self, tenant: Uuid) -> Answer<'_, [Vec<Value>; 3]>;
    fn check(&self, tenant: Uuid, part: OrganisationPart) -> Answer<'_, Vec<OrganisationProblem>>;
    /// What applying it would make or change, by kind and unique id.
    fn changes(&self, tenant: Uuid, part: OrganisationPart) -> Answer<'_, Vec<String>>;
    fn apply(&self, tenant: Uuid, part: OrganisationPart) -> Answer<'_, Vec<OrganisationProblem>>;
    fn grant_form(&self, tenant: Uuid, role: String, form: String) -> Answer<'_, ()>;
}

/// Identity over gRPC.
pub struct Identity {
    shared: Shared,
}

impl Identity {
    pub const fn new(shared: Shared) -> Self {
        Self { shared }
    }

    fn request<T>(&self, tenant: Uuid, message: T) -> tonic::Request<T> {
        self.shared.internal_call(Some(tenant)).request(message)
    }
}

impl OrganisationPort for Identity {
    fn describe(&self, tenant: Uuid) -> Answer<'_, Organisation> {
        Box::pin(async move {
            let message = identity::ExportOrganisationRequest { tenant: tenant.to_string() };
            let request = self.request(tenant, message);
            let reply = self.shared.peers.identity().describe_organisation(request).await?;
            serde_json::from_slice(&reply.into_inner().data).map_err(Refusal::internal)
        })
    }

    fn export(&self, tenant: Uuid) -> Answer<'_, [Vec<Value>; 3]> {
        Box::pin(async move {
            let message = identity::ExportOrganisationRequest { tenant: tenant.to_string() };
            let request = self.request(tenant, message);
            let reply =
                self.shared.peers.identity().export_organisation(request).await?.into_inner();
            let list = |bytes: &Bytes| serde_json::from_slice(bytes).map_err(Refusal::internal);
            Ok([list(&reply.agencies)?, list(&reply.user_groups)?, list(&reply.roles)?])
        })
    }

    fn check(&self, tenant: Uuid, part: OrganisationPart) -> Answer<'_, Vec<OrganisationProblem>> {
        Box::pin(async move {
            let request = self.request(tenant, message(tenant, &part));
            let reply = self.shared.peers.identity().check_organisation(request).await?;
            problems(&reply.into_inner().problems)
        })
    }

    fn changes(&self, tenant: Uuid, part: OrganisationPart) -> Answer<'_, Vec<String>> {
        Box::pin(async move {
            let request = self.request(tenant, message(tenant, &part));
            let reply = self.shared.peers.identity().check_organisation(request).await?;
            Ok(reply.into_inner().changes)
        })
    }

    fn apply(&self, tenant: Uuid, part: OrganisationPart) -> Answer<'_, Vec<OrganisationProblem>> {
        Box::pin(async move {
            let request = self.request(tenant, message(tenant, &part));
            let reply = self.shared.peers.identity().apply_organisation(request).await?;
            problems(&reply.into_inner().problems)
        })
    }

    fn grant_form(&self, tenant: Uuid, role: String, form: String) -> Answer<'_, ()> {
        Box::pin(async move {
            let message = identity::GrantFormRequest { tenant: tenant.to_string(), role, form };
            let request = self.request(tenant, message);
            self.shared.peers.identity().grant_form(request).await?;
            Ok(())
        })
    }
}

fn message(tenant: Uuid, part: &OrganisationPart) -> identity::OrganisationRequest {
    let list = |all: &Vec<Value>| Bytes::from(serde_json::to_vec(all).unwrap_or_default());
    identity::OrganisationRequest {
        tenant: tenant.to_string(),
        snapshot_id: part.snapshot.to_string(),
        organisation: Some(identity::Organisation {
            agencies: list(&part.agencies),
            user_groups: list(&part.user_groups),
            roles: list(&part.roles),
        }),
        actor: part.actor.clone(),
        epoch: part.epoch,
    }
}

fn problems(json: &Bytes) -> Result<Vec<OrganisationProblem>, Refusal> {
    if json.is_empty() {
        return Ok(vec![]);
    }
    serde_json::from_slice(json).map_err(Refusal::internal)
}
