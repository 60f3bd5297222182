//! Many records flagged at once: those that a list shows.

use kit_dossier::{AddFlag, Kind, Stamp};
use kit_proto::common::v1::{ListRequest, Parameter, Reply, WriteRequest};
use kit_serve::Refusal;
use kit_store::{ExecuteError, Meta, StoreError};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::sent::Sent;
use crate::cabinet::Cabinet;
use crate::office::Asking;
use crate::refusals;
use crate::writes::body;

/// As many records are flagged at once.
const MOST: usize = 100;
/// The permission action.
const MULTIPLE: &str = "flag_multiple";

impl<K: Kind> Cabinet<K> {
    /// `POST /<type>/flags`: the records that the filters list. Done when this answers.
    pub async fn flag_records(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        asking.must(MULTIPLE)?;
        let body = body(&request.data)?;
        let filters = body.get("filters").and_then(Value::as_object);
        let filters = filters.filter(|filters| !filters.is_empty());
        let filters = filters.ok_or_else(|| Refusal::missing_parameter("filters"))?;
        let sent = Sent::of(&body)?;
        let message = sent.message.filter(|message| !message.trim().is_empty());
        let message = message.ok_or_else(|| Refusal::missing_parameter("message"))?;
        let list = ListRequest {
            parameters: parameters(filters, body.get("query")),
            record_type: K::RECORD_TYPE.as_str().to_owned(),
        };
        let ids = self.office.list_records(asking, &list).await?.record_ids;
        if ids.len() > MOST {
            return Err(Refusal::invalid("case.messages.bulk_flag_limit"));
        }
        let meta = self.office.meta(asking, &request.command_id);
        let date = sent.date.unwrap_or(asking.today);
        let numbers = self.office.flag_numbers(asking, ids.len()).await?;
        for (id, number) in ids.iter().zip(numbers) {
            let stamp = Stamp { by: meta.actor.clone(), at: meta.now };
            let message = message.clone();
            let command = AddFlag { kind: K::default(), stamp, id: number, message, date };
            self.flag_one(&meta, id, command).await?;
        }
        let raised = json!({"message": message, "filters": filters});
        Ok(Reply {
            data: raised.to_string().into_bytes().into(),
            record_ids: ids,
            ..Reply::default()
        })
    }

    /// Under an id that follows from the call's: a repeat flags nothing twice.
    async fn flag_one(&self, meta: &Meta, id: &str, command: AddFlag<K>) -> Result<(), Refusal> {
        let Ok(id) = id.parse::<Uuid>() else { return Ok(()) };
        let command_id = Uuid::new_v5(&meta.command_id, id.as_bytes());
        let meta = Meta { command_id, ..meta.clone() };
        match self.office.execute(&meta, id, command).await {
            // Erased since it was listed.
            Ok(_) | Err(ExecuteError::Store(StoreError::Erased)) => Ok(()),
            Err(error) => Err(refusals::executed(K::RECORD_TYPE, error, id)),
        }
    }
}

/// The filters of a body as those of a query, and one more row than may be flagged.
fn parameters(filters: &Map<String, Value>, query: Option<&Value>) -> Vec<Parameter> {
    let one = |name: &str, value: String| Parameter { name: name.to_owned(), value };
    let mut parameters = vec![one("per", (MOST + 1).to_string()), one("fields", "short".into())];
    if let Some(text) = query.and_then(Value::as_str) {
        parameters.push(one("query", text.to_owned()));
    }
    for (name, value) in filters {
        // What a list is made of besides filters is not the body's to say.
        if !["per", "page", "fields", "query"].contains(&name.as_str()) {
            flatten(name, value, &mut parameters);
        }
    }
    parameters
}

fn flatten(name: &str, value: &Value, into: &mut Vec<Parameter>) {
    let one = |value: String| Parameter { name: name.to_owned(), value };
    match value {
        Value::Null => {}
        Value::String(text) => into.push(one(text.clone())),
        Value::Bool(_) | Value::Number(_) => into.push(one(value.to_string())),
        Value::Array(list) => {
            for (at, value) in list.iter().enumerate() {
                flatten(&format!("{name}[{at}]"), value, into);
            }
        }
        Value::Object(members) => {
            for (member, value) in members {
                flatten(&format!("{name}[{member}]"), value, into);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_of_a_body_are_those_of_a_query() {
        let filters = json!({
            "short_id": ["a1", "b2"], "sex": "male", "age": 9, "not": {"status": "closed"},
            "per": 1000, "query": "x",
        });
        let told = parameters(filters.as_object().unwrap(), Some(&json!("Omar")));
        let told: Vec<_> = told.iter().map(|one| format!("{}={}", one.name, one.value)).collect();
        assert_eq!(
            told,
            [
                "per=101",
                "fields=short",
                "query=Omar",
                "short_id[0]=a1",
                "short_id[1]=b2",
                "sex=male",
                "age=9",
                "not[status]=closed",
            ]
        );
    }
}
