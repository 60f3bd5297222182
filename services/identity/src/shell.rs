//! What every rpc works with, and the steps they share.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use identity_domain::{Authority, Refusal as Domain};
use kit_access::Principal;
use kit_decider::{Command, Stored};
use kit_proto::common::v1::{Reply, WriteRequest};
use kit_serve::{Call, Refusal, Shared};
use kit_store::{Meta, Outcome, Store, StoreError};
use serde_json::Value;
use uuid::Uuid;

use crate::activity::ActivitySource;
use crate::catalogs::Catalogs;
use crate::directory::{Directories, Directory};
use crate::passwords::Passwords;
use crate::principal::principal;
use crate::refused::{refused, stored};
use crate::sessions::SessionRule;
use crate::sign_in::{Doorkeeper, admits};

/// The service: everything its rpcs need.
pub(crate) struct Shell {
    pub shared: Shared,
    pub store: Store,
    pub directories: Directories,
    pub catalogs: Catalogs,
    pub activity: Arc<dyn ActivitySource>,
    pub passwords: Passwords,
    pub door: Doorkeeper,
    pub token_seconds: u32,
    pub session_rule: SessionRule,
}

impl Shell {
    /// The caller's directory as it is now. A person's tenant has to be open.
    pub async fn directory(&self, call: &Call) -> Result<Arc<Directory>, Refusal> {
        let directory = self.directories.now(call.tenant()?).await.map_err(stored)?;
        admits(&directory)?;
        Ok(directory)
    }

    /// The caller as they are now, whatever their token still says.
    pub fn caller(&self, call: &Call, directory: &Directory) -> Result<Principal, Refusal> {
        let claimed = call.principal()?;
        let now = self.shared.clock.now();
        let user = directory.users.get(&claimed.user_id);
        let fresh = user.and_then(|user| principal(directory, user, None, now, self.token_seconds));
        let fresh = fresh.ok_or_else(|| Refusal::unauthenticated("Not signed in."))?;
        Ok(Principal { session: claimed.session, proven_at: claimed.proven_at, ..fresh })
    }

    /// In whose name the call comes.
    pub fn authority(&self, call: &Call, directory: &Directory) -> Result<Authority, Refusal> {
        Ok(Authority::Person(Box::new(self.caller(call, directory)?)))
    }

    /// Under what a write is recorded.
    pub fn meta(&self, call: &Call, command_id: &str) -> Result<Meta, Refusal> {
        self.meta_in(call, call.tenant()?, command_id)
    }

    /// The same in a tenant that the message names.
    pub fn meta_in(&self, call: &Call, tenant: Uuid, command_id: &str) -> Result<Meta, Refusal> {
        let actor = match call.principal() {
            Ok(principal) => principal.user_name.clone(),
            Err(_) => "identity".to_owned(),
        };
        Ok(Meta {
            tenant,
            actor,
            command_id: self.command_id(command_id)?,
            now: self.shared.clock.now(),
            correlation: call.request_id,
            causation: None,
            trace: call.traceparent.clone(),
        })
    }

    /// A few letters that keep ids made from equal names apart.
    pub fn chance(&self) -> String {
        let id = self.shared.ids.v7().simple().to_string();
        id[id.len() - 7..].to_owned()
    }

    pub fn command_id(&self, given: &str) -> Result<Uuid, Refusal> {
        if given.is_empty() {
            return Ok(self.shared.ids.v7());
        }
        Uuid::parse_str(given).map_err(|_| Refusal::invalid("command_id is not a UUID"))
    }

    /// The number for a new object: the client's own where it sent one, else the next.
    pub async fn number_for(
        &self,
        tenant: Uuid,
        kind: &str,
        given: Option<i64>,
        taken: impl Fn(i64) -> bool,
    ) -> Result<i64, Refusal> {
        let Some(number) = given else {
            return self.store.next_number(tenant, kind).await.map_err(stored);
        };
        if number <= 0 || number > i64::from(i32::MAX) || taken(number) {
            return Err(Refusal::taken());
        }
        self.store.raise_number(tenant, kind, number).await.map_err(stored)?;
        Ok(number)
    }

    /// Makes something, unless the same command id made it before. A refusal may come of an
    /// earlier try of the very same command that was carried out meanwhile: then that is the
    /// outcome. Answers the number.
    pub async fn once(
        &self,
        meta: &Meta,
        name: &str,
        making: BoxFuture<'_, Result<i64, Refusal>>,
    ) -> Result<i64, Refusal> {
        if let Some(number) = self.made_before(meta, name).await? {
            return Ok(number);
        }
        match making.await {
            Ok(number) => Ok(number),
            Err(refusal) => self.made_before(meta, name).await?.ok_or(refusal),
        }
    }

    /// Carries out a command on a new stream. Answers the number.
    pub async fn create<C>(
        &self,
        meta: &Meta,
        number: i64,
        command: C,
        kind: &str,
    ) -> Result<i64, Refusal>
    where
        C: Command<Refusal = Domain, Of: Stored> + Clone + Send + Sync,
    {
        match self.store.execute(meta, number, command).await {
            Ok(_) => Ok(number),
            Err(error) => Err(refused(error, kind)),
        }
    }

    /// The number of what this command id made, if it did.
    async fn made_before(&self, meta: &Meta, name: &str) -> Result<Option<i64>, Refusal> {
        let before = self.store.done_before(meta, name).await.map_err(stored)?;
        let number = |stream: &str| stream.rsplit_once('-').and_then(|(_, id)| id.parse().ok());
        Ok(before.and_then(|spans| spans.first().and_then(|(stream, ..)| number(stream))))
    }

    /// Carries out a command on a stream that there is.
    pub async fn change<C>(
        &self,
        meta: &Meta,
        number: i64,
        command: C,
        kind: &str,
    ) -> Result<Outcome<C::Of>, Refusal>
    where
        C: Command<Refusal = Domain, Of: Stored> + Clone + Send + Sync,
    {
        let one = format!("{kind} with 'id'={number}");
        self.store.execute(meta, number, command).await.map_err(|error| refused(error, &one))
    }
}

/// The number in a path; anything else was not found.
pub(crate) fn number_in_path(id: &str, kind: &str) -> Result<i64, Refusal> {
    id.parse().map_err(|_| missing(kind, id))
}

/// Nothing with this number.
pub(crate) fn missing(kind: &str, id: impl std::fmt::Display) -> Refusal {
    Refusal::not_found(format!("Couldn't find {kind} with 'id'={id}"))
}

/// An answer with data.
pub(crate) fn answer(data: &Value) -> Result<Reply, Refusal> {
    Ok(Reply { data: json_bytes(data)?, ..Reply::default() })
}

/// An answer about one object, for the audit log too. Without a body when the client chose
/// the id.
pub(crate) fn answer_about(id: i64, data: &Value, no_content: bool) -> Result<Reply, Refusal> {
    let data = json_bytes(data)?;
    let record_ids = vec![id.to_string()];
    Ok(Reply { data, no_content, record_ids, ..Reply::default() })
}

/// A list with its metadata.
pub(crate) fn answer_list(data: &[Value], metadata: &Value) -> Result<Reply, Refusal> {
    let ids = data.iter().filter_map(|one| Some(one.get("id")?.to_string()));
    Ok(Reply {
        data: Bytes::from(serde_json::to_vec(data).map_err(Refusal::internal)?),
        metadata: json_bytes(metadata)?,
        record_ids: ids.collect(),
        ..Reply::default()
    })
}

fn json_bytes(value: &Value) -> Result<Bytes, Refusal> {
    Ok(Bytes::from(serde_json::to_vec(value).map_err(Refusal::internal)?))
}

/// The id that a client chose for a new object, and whether it sent one at all.
pub(crate) fn chosen_id(body: &crate::body::Body) -> (bool, Option<i64>) {
    (body.raw("id").is_some_and(|id| !id.is_null()), body.raw("id").and_then(Value::as_i64))
}

/// The store's outcome of a write, or a refusal.
pub(crate) fn kept<T>(result: Result<T, StoreError>) -> Result<T, Refusal> {
    result.map_err(stored)
}

/// What is written.
pub(crate) fn body_of(message: &WriteRequest) -> Result<crate::body::Body, Refusal> {
    crate::body::Body::parse(&message.data)
}
