//! What the rpcs share: the store, the caches, who asks and what they sent.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use kit_proto::common::v1::{Reply, WriteRequest};
use kit_serve::{Call, Clock, FieldProblem, Ids, Refusal};
use kit_store::{Meta, Store};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::organisation::OrganisationPort;
use crate::refusals::store_refusal;
use crate::workspace::{Workspace, Workspaces, json_bytes};

/// The configuration service, behind its rpcs.
#[derive(Clone)]
pub struct App {
    pub store: Store,
    pub workspaces: Arc<Workspaces>,
    pub organisation: Arc<dyn OrganisationPort>,
    pub clock: Clock,
    pub ids: Ids,
}

/// What makes an object, and answers its number.
pub type Making<'a> = Pin<Box<dyn Future<Output = Result<i64, Refusal>> + Send + 'a>>;

/// A command that makes an object, and the category of the object's stream.
#[derive(Debug, Clone, Copy)]
pub struct Creation {
    pub command: &'static str,
    pub category: &'static str,
}

impl App {
    pub fn new(
        store: Store,
        organisation: Arc<dyn OrganisationPort>,
        clock: Clock,
        ids: Ids,
    ) -> Self {
        let workspaces = Arc::new(Workspaces::new(store.clone()));
        Self { store, workspaces, organisation, clock, ids }
    }

    /// The configuration that the caller sees.
    pub async fn seen_by(&self, call: &Call) -> Result<Arc<Workspace>, Refusal> {
        let epoch = call.principal()?.epoch;
        let seen = self.workspaces.of_epoch(call.tenant()?, epoch).await;
        seen.map_err(store_refusal)
    }

    /// The configuration as it is now, for writes.
    pub async fn current(&self, tenant: Uuid) -> Result<Arc<Workspace>, Refusal> {
        self.workspaces.current(tenant).await.map_err(store_refusal)
    }

    /// Under what a write of this caller acts.
    pub fn meta(&self, call: &Call, command_id: &str) -> Result<Meta, Refusal> {
        let command_id = match command_id {
            "" => self.ids.v7(),
            id => Uuid::parse_str(id).map_err(|_not_a_uuid| wrong_type("/command_id", "uuid"))?,
        };
        Ok(Meta {
            tenant: call.tenant()?,
            actor: call.principal()?.user_name.clone(),
            command_id,
            now: self.clock.now(),
            correlation: call.request_id,
            causation: None,
            trace: call.traceparent.clone(),
        })
    }

    /// Under what the service itself acts, once for each pair of purpose and number.
    pub fn own_meta(&self, tenant: Uuid, actor: &str) -> Meta {
        Meta {
            tenant,
            actor: actor.to_owned(),
            command_id: self.ids.v7(),
            now: self.clock.now(),
            correlation: self.ids.v7(),
            causation: None,
            trace: None,
        }
    }

    /// The number of a new object: the client's, or the next one.
    pub async fn number(
        &self,
        tenant: Uuid,
        kind: &str,
        data: &Map<String, Value>,
    ) -> Result<i64, Refusal> {
        let number = match data.get("id").and_then(Value::as_i64) {
            // Refused before the counter follows it there, from where it could not go on.
            Some(chosen) if chosen > i64::from(i32::MAX) => {
                return Err(wrong_type("/id", "integer"));
            }
            Some(chosen) if chosen > 0 => {
                self.store.raise_number(tenant, kind, chosen).await.map(|()| chosen)
            }
            _ => self.store.next_number(tenant, kind).await,
        };
        number.map_err(store_refusal)
    }

    /// Makes an object, unless the same command id made it before: a repeat must not draw another
    /// number. A refusal may come of an earlier try of the very same command that was carried out
    /// meanwhile: then that is the outcome. Answers the number.
    pub async fn once(
        &self,
        meta: &Meta,
        by: Creation,
        making: Making<'_>,
    ) -> Result<i64, Refusal> {
        if let Some(number) = self.made_before(meta, by).await? {
            return Ok(number);
        }
        match making.await {
            Ok(number) => Ok(number),
            Err(refusal) => self.made_before(meta, by).await?.ok_or(refusal),
        }
    }

    async fn made_before(&self, meta: &Meta, by: Creation) -> Result<Option<i64>, Refusal> {
        let spans = self.store.done_before(meta, by.command).await.map_err(store_refusal)?;
        let number =
            |stream: &str| stream.strip_prefix(by.category)?.strip_prefix('-')?.parse().ok();
        Ok(spans.into_iter().flatten().find_map(|(stream, ..)| number(&stream)))
    }

    /// A block of numbers.
    pub async fn numbers(
        &self,
        tenant: Uuid,
        kind: &str,
        count: usize,
    ) -> Result<Vec<i64>, Refusal> {
        if count == 0 {
            return Ok(vec![]);
        }
        let wanted = i64::try_from(count).unwrap_or_default();
        let first = self.store.next_numbers(tenant, kind, wanted).await.map_err(store_refusal)?;
        Ok((first..first + wanted).collect())
    }

    /// Seven random characters for made-up unique ids.
    pub fn suffix(&self) -> String {
        self.ids.v4().simple().to_string()[..7].to_owned()
    }
}

/// Who may change the metadata, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Everything.
    Manage,
    /// Texts, order and visibility.
    Restyle,
}

/// What the caller may do with forms, lookups, places and modules.
pub fn metadata_right(call: &Call) -> Result<Right, Refusal> {
    let principal = call.principal()?;
    if principal.may("metadata", "manage") {
        Ok(Right::Manage)
    } else if principal.grants("metadata", "manage_restricted") {
        Ok(Right::Restyle)
    } else {
        Err(Refusal::forbidden())
    }
}

/// Demands everything on the metadata.
pub fn may_manage(call: &Call) -> Result<(), Refusal> {
    match metadata_right(call)? {
        Right::Manage => Ok(()),
        Right::Restyle => Err(Refusal::forbidden()),
    }
}

/// Demands one permission.
pub fn may(call: &Call, resource: &str, action: &str) -> Result<(), Refusal> {
    if call.principal()?.may(resource, action) { Ok(()) } else { Err(Refusal::forbidden()) }
}

/// The body's `data`, which has to be an object.
pub fn object(data: &Bytes) -> Result<Map<String, Value>, Refusal> {
    match value(data)? {
        Value::Object(members) => Ok(members),
        _ => Err(wrong_type("", "object")),
    }
}

/// The body's `data`, whatever it is.
pub fn value(data: &Bytes) -> Result<Value, Refusal> {
    if data.is_empty() {
        return Err(Refusal::missing_parameter("data"));
    }
    match serde_json::from_slice(data) {
        Ok(Value::Null) => Err(Refusal::missing_parameter("data")),
        Ok(value) => Ok(value),
        // Nested deeper than anything that is stored.
        Err(_) => Err(wrong_type("", "shallower value")),
    }
}

/// 422 for one value of a wrong type.
pub fn wrong_type(pointer: &str, expected: &str) -> Refusal {
    let problem = FieldProblem::new(pointer, "wrong_type").with("expected", expected);
    Refusal::invalid_record(vec![problem])
}

/// The number in a path; what is none is not found.
pub fn path_number(id: &str, kind: &str) -> Result<i64, Refusal> {
    id.parse().map_err(|_no_number| Refusal::not_found(named(kind, id)))
}

/// `Couldn't find FormSection with 'id'=31`.
pub fn named(kind: &str, id: impl std::fmt::Display) -> String {
    let id: String = id.to_string().chars().take(64).collect();
    format!("Couldn't find {kind} with 'id'={id}")
}

/// An answer with data alone.
pub fn answer(data: &Value) -> Reply {
    Reply { data: json_bytes(data), ..Reply::default() }
}

/// An answer with a list and its metadata.
pub fn listed(data: &Value, metadata: &Value) -> Reply {
    Reply { data: json_bytes(data), metadata: json_bytes(metadata), ..Reply::default() }
}

/// The answer to a creation: nothing when the client chose the id.
pub fn created(request: &Map<String, Value>, data: &Value) -> Reply {
    let no_content = request.get("id").is_some_and(|id| !id.is_null());
    let id = match &data["id"] {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    };
    Reply { no_content, record_ids: id.into_iter().collect(), ..answer(data) }
}

/// What a write was asked with.
pub struct Write {
    pub meta: Meta,
    pub data: Map<String, Value>,
}

impl App {
    /// The meta and the body of a write.
    pub fn write(&self, call: &Call, request: &WriteRequest) -> Result<Write, Refusal> {
        Ok(Write { meta: self.meta(call, &request.command_id)?, data: object(&request.data)? })
    }
}
