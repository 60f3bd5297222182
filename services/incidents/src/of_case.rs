//! The incidents of a case: listed, begun, linked. Whoever asks must reach the case.

use std::sync::Arc;

use incidents_domain::{FieldMap, IncidentKind, LinkToCase};
use kit_access::Write;
use kit_cabinet::{Asking, body, refusals};
use kit_dossier::Context;
use kit_proto::common::v1::{GetRequest, ListRequest, Parameter, Reply, WriteRequest};
use kit_records::{Record, RecordType};
use kit_serve::{FieldProblem, Refusal};
use kit_store::{ExecuteError, StoreError};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Incidents;
use crate::drawer::unless_erased;
use crate::told::tell;

/// The name that a linking is stored under.
const LINKING: &str = "LinkIncidents";
/// As many incidents of one case are listed.
const MOST: &str = "1000";
/// As many are linked at once.
const AT_ONCE: usize = 100;

impl Incidents {
    /// `GET /cases/:id/incidents`: those that the caller reaches, without pages.
    pub async fn list_case_incidents(
        &self,
        asking: &Asking,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        asking.must("read")?;
        let card = self.cases.find(&asking.call, &request.id).await?;
        let one = |name: &str, value: String| Parameter { name: name.to_owned(), value };
        let mut parameters =
            vec![one("incident_case_id", card.id.to_string()), one("per", MOST.to_owned())];
        let fields = |parameter: &&Parameter| parameter.name.starts_with("fields");
        parameters.extend(request.parameters.iter().filter(fields).cloned());
        let list = ListRequest { parameters, record_type: RecordType::Incident.as_str().into() };
        let reply = self.office.list_records(asking, &list).await?;
        Ok(Reply { metadata: Vec::new().into(), ..reply })
    }

    /// `GET /cases/:id/incidents/new`: what the form of a new incident is filled with.
    pub async fn get_new_incident(
        &self,
        asking: &Asking,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        let card = self.cases.find(&asking.call, &request.id).await?;
        let context = self.context(asking, "").await?;
        let prefilled = card.prefilled(&context);
        let map = FieldMap::of(&asking.index, card.module.as_deref());
        let readable = asking.permitted(map.module).readable();
        let mut new = Record::from_iter([
            ("id".to_owned(), Value::Null),
            ("enabled".to_owned(), json!(true)),
        ]);
        new.extend(prefilled.into_iter().filter(|(name, _)| readable.contains(name)));
        let data = serde_json::to_vec(&new).map_err(Refusal::internal)?;
        let record_ids = vec![card.id.to_string()];
        Ok(Reply { data: data.into(), record_ids, ..Reply::default() })
    }

    /// `POST /cases/:id/incidents`: links incidents that exist, all of them or none.
    pub async fn link_incidents(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        asking.must("link_incident_to_case")?;
        let wanted = wanted(&body(&request.data)?)?;
        let mut ids = Vec::with_capacity(wanted.len());
        for id in &wanted {
            ids.push(self.office.reachable(asking, id).await?.id);
        }
        let case = Arc::new(self.cases.find(&asking.call, &request.id).await?);
        let people = &self.office.people;
        let ensured = people.ensure(&self.office.store, asking.tenant, &[&case.owner]).await;
        ensured.map_err(refusals::store)?;
        let meta = self.office.meta(asking, &request.command_id);
        let context = self.context(asking, &request.command_id).await?;
        let done = self.office.store.done_before(&meta, LINKING).await.map_err(refusals::store)?;
        if done.is_none() {
            let mut unit = self.office.store.unit(&meta, LINKING);
            for id in &ids {
                let link = LinkToCase { context: context.clone(), case: Arc::clone(&case) };
                unit.execute(id, link).await.map_err(|error| refused(error, *id))?;
            }
            unit.commit().await.map_err(refusals::store)?;
            unless_erased(&self.office, &*self.cases, asking, case.id, &ids).await?;
            for id in &ids {
                tell(&self.office, &*self.cases, asking, (*id, true)).await;
            }
        }
        let record_ids = ids.iter().map(Uuid::to_string).collect();
        Ok(Reply { no_content: true, record_ids, ..Reply::default() })
    }

    async fn context(&self, asking: &Asking, command_id: &str) -> Result<Context, Refusal> {
        let schema = asking.schema(None, Write::Update);
        let meta = self.office.meta(asking, command_id);
        self.office.context::<IncidentKind>(asking, &meta, schema, &Record::new()).await
    }
}

/// The ids that a body names, each once.
fn wanted(body: &Record) -> Result<Vec<String>, Refusal> {
    let wrong =
        |code: &str| Refusal::invalid_record(vec![FieldProblem::new("/incident_ids", code)]);
    let list = body.get("incident_ids").and_then(Value::as_array);
    let list = list.ok_or_else(|| wrong("not_a_list"))?;
    let mut ids: Vec<String> = Vec::new();
    for id in list {
        let id = id.as_str().ok_or_else(|| wrong("not_a_uuid"))?.to_owned();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if ids.len() > AT_ONCE { Err(wrong("too_many")) } else { Ok(ids) }
}

fn refused(error: ExecuteError<kit_dossier::Refusal>, id: Uuid) -> Refusal {
    match error {
        ExecuteError::Store(StoreError::Erased) => refusals::no_such(RecordType::Incident, ""),
        error => refusals::executed(RecordType::Incident, error, id),
    }
}
