//! `POST /cases`.

use cases_domain::{Case, CaseEvent, CaseRefusal, Named, RegisterCase, Registered};
use kit_access::Write;
use kit_proto::common::v1::{Reply, WriteRequest};
use kit_records::values::Record;
use kit_serve::{Code, Refusal};
use kit_store::{ExecuteError, StoreError};
use serde_json::Value;
use uuid::Uuid;

use super::body;
use crate::refusals;
use crate::service::{Asking, Cases};

impl Cases {
    /// Registers a case. A client that made the id itself gets no content, also when it repeats
    /// a creation that it had no answer to.
    pub async fn create_case(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        asking.must("create")?;
        let sent = body(&request.data)?;
        let module = sent.get("module_id").and_then(Value::as_str);
        let schema = asking.schema(module, Write::Create);
        let mut body = asking.validated(&schema, &sent, request.strict)?;
        let meta = self.meta(asking, &request.command_id);
        let own_id = body.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let id = own_id.unwrap_or_else(|| self.new_id(&request.command_id));
        let owner = self.first_owner(asking, &mut body).await?;
        let identified = self.identity_free(asking, id).await?;
        let context = self.context(asking, &meta, schema, &body).await?;
        let rights = asking.rights();
        let command = RegisterCase { context, id, body: body.clone(), rights, owner, identified };
        match self.execute(&meta, id, command).await {
            Ok(outcome) => {
                if own_id.is_none() {
                    return self.changed(asking, &outcome, None).await;
                }
                Ok(no_content(id, outcome.version))
            }
            Err(ExecuteError::Refused(CaseRefusal::AlreadyRegistered)) if own_id.is_some() => {
                self.repeated(asking, id, &body).await
            }
            // An id that was erased is taken, as any other that is not the caller's to see.
            Err(ExecuteError::Store(StoreError::Erased)) => {
                let gone = self.gone(asking, id).await;
                Err(if gone.code == Code::Gone { gone } else { Refusal::taken() })
            }
            Err(error) => Err(refusals::executed(error, id)),
        }
    }

    /// The id of a new case. The same command makes the same case, also when its first answer
    /// was lost.
    fn new_id(&self, command_id: &str) -> Uuid {
        match command_id.parse::<Uuid>() {
            Ok(command) => Uuid::new_v5(&command, b"case"),
            Err(_) => self.ids.v7(),
        }
    }

    /// What the directory says of the owner, who has a row before the case has one.
    async fn first_owner(&self, asking: &Asking, body: &mut Record) -> Result<Named, Refusal> {
        let author = asking.principal.user_name.as_str();
        let ensured = self.people.ensure(&self.store, asking.tenant, &[author]).await;
        ensured.map_err(refusals::store)?;
        self.owner(asking, None, body).await
    }

    async fn identity_free(&self, asking: &Asking, case: Uuid) -> Result<Named, Refusal> {
        if asking.author().identified {
            self.has_own_case(asking, &asking.principal.user_name, case).await
        } else {
            Ok(Named::Nobody)
        }
    }

    /// The id is taken: by this very creation, or by another.
    async fn repeated(&self, asking: &Asking, id: Uuid, body: &Record) -> Result<Reply, Refusal> {
        let (loaded, events) =
            self.store.load_until::<Case>(asking.tenant, id, 1).await.map_err(refusals::store)?;
        let same = events.first().is_some_and(|first| match &first.event {
            CaseEvent::Registered(registered) => {
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

fn no_content(id: Uuid, version: u64) -> Reply {
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
