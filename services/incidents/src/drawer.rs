//! Incidents as records: what a call means here beyond what it means for every type.

use std::sync::Arc;

use futures_util::FutureExt;
use incidents_domain::case::{CASE_ID, CASE_NAME, case_of};
use incidents_domain::{CaseCard, FieldMap, Incident, IncidentKind};
use kit_cabinet::{Answering, Asking, Cabinet, Drawer, Office, body, refusals};
use kit_dossier::{Named, Register, Update};
use kit_proto::common::v1::{DeleteRequest, Reply, WriteRequest};
use kit_records::Record;
use kit_serve::{Code, Refusal};
use kit_store::StoreError;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::cases::CaseSource;
use crate::inbox::forget_case;
use crate::told::tell;

/// A cabinet of incidents that knows of cases.
pub struct IncidentDrawer {
    pub cabinet: Cabinet<IncidentKind>,
    pub cases: Arc<dyn CaseSource>,
}

impl IncidentDrawer {
    /// Registers an incident, alone or of a case that the caller reaches.
    async fn create_incident(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        if !(asking.may("create") || asking.principal.may("case", "incident_from_case")) {
            return Err(Refusal::forbidden());
        }
        let mut sent = body(&request.data)?;
        sent.shift_remove(CASE_NAME);
        let card = self.case_of(asking, &sent).await?;
        if let Some(card) = &card {
            // The case's module says of which module its incidents are.
            let map = FieldMap::of(&asking.index, card.module.as_deref());
            sent.extend(map.module.map(|module| ("module_id".to_owned(), json!(module))));
        }
        let data = serde_json::to_vec(&sent).map_err(Refusal::internal)?;
        let request = WriteRequest { data: data.into(), ..request.clone() };
        let of_case = card.as_ref().map(|card| card.id);
        let adjust = |command: &mut Register<IncidentKind>| {
            (command.rights.close, command.rights.reopen) = (true, true);
            if let Some(card) = card.filter(|_| command.body.contains_key(CASE_ID)) {
                card.complete(&command.context, &Record::new(), &mut command.body);
                command.owner = Named::Known;
            }
        };
        let reply = self.cabinet.create_record_with(asking, &request, adjust).await?;
        if let Some(case) = of_case {
            let made = reply.record_ids.iter().filter_map(|id| id.parse().ok()).collect::<Vec<_>>();
            unless_erased(&self.cabinet.office, &*self.cases, asking, case, &made).await?;
            for id in made {
                tell(&self.cabinet.office, &*self.cases, asking, (id, false)).await;
            }
        }
        Ok(reply)
    }

    /// The case that a body names.
    async fn case_of(&self, asking: &Asking, sent: &Record) -> Result<Option<CaseCard>, Refusal> {
        let Some(id) = sent.get(CASE_ID).and_then(Value::as_str) else { return Ok(None) };
        let card = self.cases.find(&asking.call, id).await?;
        let office = &self.cabinet.office;
        let ensured = office.people.ensure(&office.store, asking.tenant, &[&card.owner]).await;
        ensured.map_err(refusals::store)?;
        Ok(Some(card))
    }

    /// Changes an incident. While it belongs to a case it goes with the case's owner.
    async fn update_incident(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        let is_linked = match request.id.parse::<Uuid>() {
            Ok(id) => self.is_linked(asking.tenant, id).await.map_err(refusals::store)?,
            Err(_) => false,
        };
        let adjust = |command: &mut Update<IncidentKind>| {
            // Only cases know closing as a right of its own.
            (command.rights.close, command.rights.reopen) = (true, true);
            command.rights.assign &= !is_linked;
        };
        let reply = self.cabinet.update_record_with(asking, request, adjust).await?;
        self.told(asking, &request.id, is_linked).await;
        Ok(reply)
    }

    async fn disable_incident(
        &self,
        asking: &Asking,
        request: &DeleteRequest,
    ) -> Result<Reply, Refusal> {
        let reply = self.cabinet.disable_record(asking, request).await?;
        self.told(asking, &request.id, false).await;
        Ok(reply)
    }

    async fn told(&self, asking: &Asking, id: &str, was_linked: bool) {
        if let Ok(id) = id.parse::<Uuid>() {
            tell(&self.cabinet.office, &*self.cases, asking, (id, was_linked)).await;
        }
    }

    async fn is_linked(&self, tenant: Uuid, id: Uuid) -> Result<bool, StoreError> {
        match self.cabinet.office.store.load::<Incident>(tenant, id).await {
            Ok(loaded) => Ok(case_of(&loaded.state.values).is_some()),
            // What was erased is refused where everything else is.
            Err(StoreError::Erased) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// A case may be erased while incidents of it are being written: whoever writes looks once more
/// afterwards. An erasure later than that finds the incidents by itself.
pub async fn unless_erased(
    office: &Office,
    cases: &dyn CaseSource,
    asking: &Asking,
    case: Uuid,
    incidents: &[Uuid],
) -> Result<(), Refusal> {
    match cases.find(&asking.call, &case.to_string()).await {
        Err(refusal) if matches!(refusal.code, Code::Gone | Code::NotFound) => {}
        // Also where nobody answers: nothing says that it is gone.
        _ => return Ok(()),
    }
    for id in incidents {
        let meta = office.own_meta(asking.tenant);
        forget_case(office, &meta, *id).await.map_err(refusals::store)?;
    }
    Ok(())
}

impl Drawer for IncidentDrawer {
    fn within(&self) -> &dyn Drawer {
        &self.cabinet
    }

    fn create<'a>(&'a self, asking: &'a Asking, request: &'a WriteRequest) -> Answering<'a> {
        self.create_incident(asking, request).boxed()
    }

    fn update<'a>(&'a self, asking: &'a Asking, request: &'a WriteRequest) -> Answering<'a> {
        self.update_incident(asking, request).boxed()
    }

    fn disable<'a>(&'a self, asking: &'a Asking, request: &'a DeleteRequest) -> Answering<'a> {
        self.disable_incident(asking, request).boxed()
    }
}
