//! The other services, as cases needs them: catalogs from configuration, people from identity,
//! keys destroyed by the keyring.

use futures_util::future::BoxFuture;
use kit_proto::configuration::v1::GetCatalogRequest;
use kit_proto::identity::v1::{DirectoryUser, GetDirectoryRequest};
use kit_proto::keyring::v1::{DestroyKeyReply, DestroyKeyRequest, ListDestroyedKeysRequest};
use kit_records::Catalog;
use kit_seal::hex;
use kit_serve::Shared;
use serde_json::Value;
use uuid::Uuid;

use crate::catalogs::CatalogSource;
use crate::erasures::{Destroyed, Listed, Shredder};
use crate::people::{PeopleSource, Person};

/// Configuration and identity by gRPC.
#[derive(Debug, Clone)]
pub struct Remote(pub Shared);

/// Where a service that keeps no records has its catalogs from.
pub fn remote_catalogs(shared: &Shared) -> std::sync::Arc<dyn CatalogSource> {
    std::sync::Arc::new(Remote(shared.clone()))
}

impl CatalogSource for Remote {
    fn fetch(
        &self,
        tenant: Uuid,
        newer_than: u64,
        epoch: u64,
    ) -> BoxFuture<'_, anyhow::Result<Option<Catalog>>> {
        Box::pin(async move {
            let request = GetCatalogRequest { tenant: tenant.to_string(), newer_than, epoch };
            let call = self.0.internal_call(Some(tenant));
            let reply = self.0.peers.configuration().get_catalog(call.request(request)).await?;
            let json = reply.into_inner().json;
            if json.is_empty() { Ok(None) } else { Ok(Some(serde_json::from_slice(&json)?)) }
        })
    }
}

impl PeopleSource for Remote {
    fn find(&self, tenant: Uuid, names: Vec<String>) -> BoxFuture<'_, anyhow::Result<Vec<Person>>> {
        Box::pin(async move {
            let request = GetDirectoryRequest { tenant: tenant.to_string(), user_names: names };
            let call = self.0.internal_call(Some(tenant));
            let reply = self.0.peers.identity().get_directory(call.request(request)).await?;
            Ok(reply.into_inner().users.into_iter().map(Person::from).collect())
        })
    }
}

impl Shredder for Remote {
    fn destroy(
        &self,
        tenant: Uuid,
        key_id: Uuid,
        note: Value,
    ) -> BoxFuture<'_, anyhow::Result<Option<Listed>>> {
        Box::pin(async move {
            let request = DestroyKeyRequest {
                tenant: tenant.to_string(),
                key_id: key_id.to_string(),
                note: note.to_string().into_bytes().into(),
            };
            let call = self.0.internal_call(Some(tenant));
            let reply = self.0.peers.keyring().destroy_key(call.request(request)).await?;
            let DestroyKeyReply { journal_number: number, journal_hash } = reply.into_inner();
            let hash = hex(&journal_hash);
            Ok((number > 0).then_some(Listed { number, hash }))
        })
    }

    fn destroyed(&self, tenant: Uuid) -> BoxFuture<'_, anyhow::Result<Vec<Destroyed>>> {
        Box::pin(async move {
            let request = ListDestroyedKeysRequest { tenant: tenant.to_string() };
            let call = self.0.internal_call(Some(tenant));
            let reply = self.0.peers.keyring().list_destroyed_keys(call.request(request)).await?;
            let keys = reply.into_inner().keys.into_iter();
            keys.map(|key| {
                let note = serde_json::from_slice(&key.note)?;
                Ok(Destroyed { key_id: key.key_id.parse()?, note })
            })
            .collect()
        })
    }
}

impl From<DirectoryUser> for Person {
    fn from(user: DirectoryUser) -> Self {
        Self {
            user_name: user.user_name,
            version: user.version,
            user_id: user.id,
            agency: filled(user.agency),
            agency_office: filled(user.agency_office),
            groups: user.groups,
            location: filled(user.location),
            user_category: filled(user.user_category),
            disabled: user.disabled,
            deleted: false,
        }
    }
}

/// Proto has no null: an empty text stands for it.
pub fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
