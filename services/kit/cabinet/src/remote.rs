//! The other services, as cases needs them: catalogs from configuration, people from identity,
//! keys destroyed by the keyring.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use kit_proto::configuration::v1::GetCatalogRequest;
use kit_proto::identity::v1::{DirectoryUser, GetDirectoryRequest, ListReadersRequest, Readers};
use kit_proto::keyring::v1::{DestroyKeyReply, DestroyKeyRequest, ListDestroyedKeysRequest};
use kit_records::{Catalog, Record, RecordType};
use kit_seal::hex;
use kit_serve::Shared;
use serde_json::Value;
use uuid::Uuid;

use crate::catalogs::CatalogSource;
use crate::erasures::{Destroyed, Listed, Shredder};
use crate::people::{PeopleSource, Person, Reader};

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

    fn readers(
        &self,
        tenant: Uuid,
        record_type: RecordType,
        scope: Record,
    ) -> BoxFuture<'_, anyhow::Result<Vec<Reader>>> {
        Box::pin(async move {
            let request = ListReadersRequest {
                tenant: tenant.to_string(),
                record_type: record_type.as_str().to_owned(),
                scope: serde_json::to_vec(&scope)?.into(),
            };
            let call = self.0.internal_call(Some(tenant));
            let reply = self.0.peers.identity().list_readers(call.request(request)).await?;
            readers(reply.into_inner())
        })
    }
}

fn readers(reply: Readers) -> anyhow::Result<Vec<Reader>> {
    let mut forms = HashMap::new();
    for role in reply.roles {
        forms.insert(role.unique_id, Arc::new(serde_json::from_slice(&role.forms)?));
    }
    let reader = |user: kit_proto::identity::v1::Reader| Reader {
        forms: forms.get(&user.role).cloned().unwrap_or_default(),
        user_name: user.user_name,
        full_name: user.full_name,
        role: user.role,
        all: user.all,
        through: user.through.into_iter().map(|term| (term.field, term.value)).collect(),
    };
    Ok(reply.users.into_iter().map(reader).collect())
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
