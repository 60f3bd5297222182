//! Names of people, asked of identity when they are shown: reporting keeps none.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use kit_proto::identity::v1::GetDirectoryRequest;
use kit_serve::Shared;
use uuid::Uuid;

/// What is shown of a user beside their user name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    pub full_name: Option<String>,
    pub role_name: Option<String>,
}

/// Who knows people.
pub trait PeopleSource: Send + Sync + 'static {
    /// Those of the named users that exist, by user name.
    fn find(
        &self,
        tenant: Uuid,
        names: Vec<String>,
    ) -> BoxFuture<'_, anyhow::Result<HashMap<String, Person>>>;
}

/// Identity by gRPC.
#[derive(Debug, Clone)]
pub struct Remote(pub Shared);

impl PeopleSource for Remote {
    fn find(
        &self,
        tenant: Uuid,
        names: Vec<String>,
    ) -> BoxFuture<'_, anyhow::Result<HashMap<String, Person>>> {
        Box::pin(async move {
            let request = GetDirectoryRequest { tenant: tenant.to_string(), user_names: names };
            let call = self.0.internal_call(Some(tenant));
            let reply = self.0.peers.identity().get_directory(call.request(request)).await?;
            let people = reply.into_inner().users.into_iter().map(|user| {
                let (full_name, role_name) = (filled(user.full_name), filled(user.role_name));
                (user.user_name, Person { full_name, role_name })
            });
            Ok(people.collect())
        })
    }
}

/// The names of these users; a log without names is better than none.
pub async fn names(
    source: &Arc<dyn PeopleSource>,
    tenant: Uuid,
    mut wanted: Vec<String>,
) -> HashMap<String, Person> {
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() {
        return HashMap::new();
    }
    source.find(tenant, wanted).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "identity does not tell names");
        HashMap::new()
    })
}

fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
