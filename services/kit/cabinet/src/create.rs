//! A record is registered.

use kit_access::Write;
use kit_dossier::{Dossier, Event, Kind, Named, Refusal as DossierRefusal, Register, Registered};
use kit_proto::common::v1::{Reply, WriteRequest};
use kit_records::values::Record;
use kit_serve::{Code, Refusal};
use kit_store::{ExecuteError, Meta, StoreError};
use serde_json::Value;
use uuid::Uuid;

use crate::cabinet::Cabinet;
use crate::office::{Asking, Office};
use crate::refusals;
use crate::writes::body;

/// A record about to be registered.
#[derive(Debug, Clone)]
pub struct NewRecord<K: Kind> {
    pub meta: Meta,
    /// The id that the client made, if it did.
    pub own_id: Option<Uuid>,
    pub command: Register<K>,
}

impl<K: Kind> Cabinet<K> {
    /// Registers a record. A client that made the id itself gets no content, also when it repeats
    /// a creation that it had no answer to.
    pub async fn create_record(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        asking.must("create")?;
        self.create_record_with(asking, request, |_| ()).await
    }

    /// The same by somebody who may do so, with a last word on what is decided.
    pub async fn create_record_with(
        &self,
        asking: &Asking,
        request: &WriteRequest,
        adjust: impl FnOnce(&mut Register<K>) + Send,
    ) -> Result<Reply, Refusal> {
        let mut draft = self.draft_create(asking, request).await?;
        adjust(&mut draft.command);
        self.register(asking, draft).await
    }

    /// What a request to create comes to, validated; nobody has asked yet who may do so.
    pub async fn draft_create(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<NewRecord<K>, Refusal> {
        let sent = body(&request.data)?;
        let module = sent.get("module_id").and_then(Value::as_str);
        let schema = asking.schema(module, Write::Create);
        let mut body = asking.validated(&schema, &sent, request.strict)?;
        let meta = self.office.meta(asking, &request.command_id);
        let own_id = body.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let id = own_id.unwrap_or_else(|| self.office.new_id(asking, &request.command_id));
        let owner = self.office.first_owner(asking, &mut body).await?;
        let identified = self.office.identity_free(asking, id).await?;
        let context = self.office.context::<K>(asking, &meta, schema, &body).await?;
        let rights = asking.rights();
        let kind = K::default();
        let command = Register { kind, context, id, body, rights, owner, identified };
        Ok(NewRecord { meta, own_id, command })
    }

    /// Registers what was drafted, and answers.
    pub async fn register(&self, asking: &Asking, draft: NewRecord<K>) -> Result<Reply, Refusal> {
        let (id, body) = (draft.command.id, draft.command.body.clone());
        match self.office.execute(&draft.meta, id, draft.command).await {
            Ok(outcome) if draft.own_id.is_none() => self.changed(asking, &outcome, None).await,
            Ok(outcome) => Ok(no_content(id, outcome.version)),
            Err(error) => self.not_registered(asking, (id, draft.own_id), &body, error).await,
        }
    }

    /// Why a record could not be registered, if it was not by this very creation.
    pub async fn not_registered(
        &self,
        asking: &Asking,
        (id, own_id): (Uuid, Option<Uuid>),
        body: &Record,
        error: ExecuteError<DossierRefusal>,
    ) -> Result<Reply, Refusal> {
        match error {
            ExecuteError::Refused(DossierRefusal::AlreadyRegistered) if own_id.is_some() => {
                self.repeated(asking, id, body).await
            }
            // An id that was erased is taken, as any other that is not the caller's to see.
            ExecuteError::Store(StoreError::Erased) => {
                let gone = self.office.gone(asking, id).await;
                Err(if gone.code == Code::Gone { gone } else { Refusal::taken() })
            }
            error => Err(refusals::executed(K::RECORD_TYPE, error, id)),
        }
    }

    /// The id is taken: by this very creation, or by another.
    async fn repeated(&self, asking: &Asking, id: Uuid, body: &Record) -> Result<Reply, Refusal> {
        let (loaded, events) = self
            .office
            .store
            .load_until::<Dossier<K>>(asking.tenant, id, 1)
            .await
            .map_err(refusals::store)?;
        let same = events.first().is_some_and(|first| match &first.event {
            Event::Registered(registered) => {
                registered.stamp.by == asking.principal.user_name && holds(registered, body)
            }
            _ => false,
        });
        if !same {
            return Err(Refusal::taken());
        }
        Ok(no_content(id, loaded.version))
    }
}

impl Office {
    /// The id of a new record. The same command makes the same record, also when its first answer
    /// was lost.
    pub fn new_id(&self, asking: &Asking, command_id: &str) -> Uuid {
        match command_id.parse::<Uuid>() {
            Ok(command) => Uuid::new_v5(&command, asking.record_type.as_str().as_bytes()),
            Err(_) => self.ids.v7(),
        }
    }

    /// What the directory says of the owner, who has a row before the record has one.
    pub async fn first_owner(&self, asking: &Asking, body: &mut Record) -> Result<Named, Refusal> {
        let author = asking.principal.user_name.as_str();
        let ensured = self.people.ensure(&self.store, asking.tenant, &[author]).await;
        ensured.map_err(refusals::store)?;
        self.owner(asking, None, body).await
    }

    async fn identity_free(&self, asking: &Asking, record: Uuid) -> Result<Named, Refusal> {
        if asking.author().identified {
            self.has_own(asking, &asking.principal.user_name, record).await
        } else {
            Ok(Named::Nobody)
        }
    }
}

/// The answer to a client that made the id.
pub fn no_content(id: Uuid, version: u64) -> Reply {
    Reply { no_content: true, version, record_ids: vec![id.to_string()], ..Reply::default() }
}

/// Decided by the server or by rights of their own, and so not a part of what was entered.
const NOT_ENTERED: [&str; 8] = [
    "id",
    "module_id",
    "created_at",
    "owned_by",
    "status",
    "record_state",
    "workflow",
    "identified_by",
];

/// Whether a creation entered all that the body holds. Ids of entries and other marks that the
/// server sets may be more than what was sent.
fn holds(registered: &Registered, body: &Record) -> bool {
    let entered =
        |name: &str| registered.values.get(name).or_else(|| registered.computed.get(name));
    body.iter()
        .filter(|(name, _)| !NOT_ENTERED.contains(&name.as_str()))
        .all(|(name, sent)| covers(entered(name).unwrap_or(&Value::Null), sent))
}

fn covers(stored: &Value, sent: &Value) -> bool {
    match (stored, sent) {
        (Value::Object(stored), Value::Object(sent)) => {
            sent.iter().all(|(name, one)| covers(stored.get(name).unwrap_or(&Value::Null), one))
        }
        (Value::Array(stored), Value::Array(sent)) => {
            stored.len() == sent.len()
                && stored.iter().zip(sent).all(|(one, other)| covers(one, other))
        }
        (Value::Null, Value::Array(sent)) => sent.is_empty(),
        _ => stored == sent,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn marks_of_the_server_do_not_make_a_repeat_another_case() {
        let stored = json!([{"unique_id": "a", "contact_name": "Aunt"}]);
        assert!(covers(&stored, &json!([{"contact_name": "Aunt"}])));
        assert!(!covers(&stored, &json!([{"contact_name": "Uncle"}])));
        assert!(!covers(&stored, &json!([{"contact_name": "Aunt"}, {}])));
        assert!(covers(&json!(null), &json!([])));
        assert!(!covers(&json!("Client Made"), &json!("Again")));
    }
}
