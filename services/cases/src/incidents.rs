//! What a case knows of its incidents, which another service keeps: by that service's facts.

mod shown;

use cases_domain::{Case, CaseKind, CaseRefusal};
use kit_bus::{Consumer, Delivered, Kind};
use kit_cabinet::{Office, ServiceName};
use kit_dossier::{NoteIncident, Stamp};
use kit_proto::facts::v1::{RecordChanged, RecordErased};
use kit_records::{Record, RecordType};
use kit_store::{ExecuteError, Meta, StoreError, Tx};
use serde_json::Value;
use uuid::Uuid;

pub use shown::add_incidents;

use crate::Service;

/// The fact of an incident that its sealed part is bound to.
const FACT: &str = "record_changed";

const FIND: &str = "SELECT case_id FROM case_incident WHERE tenant = $1 AND incident = $2";
const WRITE: &str = "INSERT INTO case_incident \
     (tenant, incident, case_id, version, user_names, key_id, sealed) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant, incident) DO UPDATE SET \
     case_id = excluded.case_id, version = excluded.version, user_names = excluded.user_names, \
     key_id = excluded.key_id, sealed = excluded.sealed";
const REMOVE: &str = "DELETE FROM case_incident WHERE tenant = $1 AND incident = $2";
const REMOVE_ALL: &str = "DELETE FROM case_incident WHERE tenant = $1 AND case_id = $2";

/// Hears what becomes of incidents.
pub struct IncidentFacts {
    pub office: Office,
}

impl Consumer for IncidentFacts {
    const NAME: &'static str = Service::NAME;
    const SOURCE: &'static str = "incidents";

    async fn apply(&self, tx: &Tx, fact: &Delivered) -> Result<(), StoreError> {
        let incident = RecordType::Incident.as_str();
        match &fact.fact.kind {
            Some(Kind::RecordChanged(changed)) if changed.record_type == incident => {
                self.changed(tx, fact, changed).await
            }
            Some(Kind::RecordErased(erased)) if erased.record_type == incident => {
                self.erased(tx, fact, erased).await
            }
            _ => Ok(()),
        }
    }
}

impl IncidentFacts {
    async fn changed(
        &self,
        tx: &Tx,
        fact: &Delivered,
        changed: &RecordChanged,
    ) -> Result<(), StoreError> {
        let Ok(incident) = changed.record_id.parse::<Uuid>() else { return Ok(()) };
        let facets: Record = serde_json::from_slice(&changed.facets)?;
        let case = facets.get("incident_case_id").and_then(Value::as_str);
        let case: Option<Uuid> = case.and_then(|id| id.parse().ok());
        let before = case_of(tx, fact.tenant, incident).await?;
        if let Some(before) = before.filter(|before| case != Some(*before)) {
            self.note(fact, before, incident, false).await?;
        }
        let is_there = match case {
            Some(case) if before == Some(case) => exists(&self.office, fact.tenant, case).await?,
            Some(case) => self.note(fact, case, incident, true).await?,
            None => false,
        };
        let Some(case) = case.filter(|_| is_there) else {
            return remove(tx, fact.tenant, incident).await;
        };
        let names = facets.get("associated_user_names").and_then(Value::as_array);
        let names = names.into_iter().flatten().filter_map(Value::as_str);
        let names: Vec<&str> = names.collect();
        let key: Option<Uuid> = changed.key_id.parse().ok();
        let sealed = Some(&changed.sealed[..]).filter(|sealed| !sealed.is_empty());
        let version = i64::try_from(fact.fact.version).unwrap_or(i64::MAX);
        let row: kit_store::Params<'_> =
            &[&fact.tenant, &incident, &case, &version, &names, &key, &sealed];
        tx.execute(WRITE, row).await.map(drop)
    }

    async fn erased(
        &self,
        tx: &Tx,
        fact: &Delivered,
        erased: &RecordErased,
    ) -> Result<(), StoreError> {
        let Ok(incident) = erased.record_id.parse::<Uuid>() else { return Ok(()) };
        let keys = erased.key_ids.iter().filter_map(|id| id.parse().ok());
        self.office.store.keys().forget(fact.tenant, keys);
        if let Some(case) = case_of(tx, fact.tenant, incident).await? {
            self.note(fact, case, incident, false).await?;
        }
        remove(tx, fact.tenant, incident).await
    }

    /// Notes it in the case; says whether there is one.
    async fn note(
        &self,
        fact: &Delivered,
        case: Uuid,
        incident: Uuid,
        linked: bool,
    ) -> Result<bool, StoreError> {
        let purpose = [case.as_bytes(), &[u8::from(linked)][..]].concat();
        let meta = Meta {
            // Follows from the fact: one that comes twice notes nothing twice.
            command_id: Uuid::new_v5(&fact.event_id, &purpose),
            actor: fact.fact.actor.clone(),
            correlation: fact.event_id,
            causation: Some(fact.event_id),
            trace: fact.trace.clone(),
            ..self.office.own_meta(fact.tenant)
        };
        let stamp = Stamp { by: meta.actor.clone(), at: meta.now };
        let command = NoteIncident { kind: CaseKind, stamp, incident, linked };
        match self.office.execute(&meta, case, command).await {
            Ok(_) => Ok(true),
            // It was erased, or never was.
            Err(
                ExecuteError::Store(StoreError::Erased)
                | ExecuteError::Refused(CaseRefusal::NotRegistered),
            ) => Ok(false),
            Err(ExecuteError::Store(error)) => Err(error),
            Err(ExecuteError::Refused(refusal)) => {
                tracing::warn!(case.id = %case, %refusal, "a case did not note its incident");
                Ok(true)
            }
        }
    }
}

async fn case_of(tx: &Tx, tenant: Uuid, incident: Uuid) -> Result<Option<Uuid>, StoreError> {
    let row = tx.query_opt(FIND, &[&tenant, &incident]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

async fn exists(office: &Office, tenant: Uuid, case: Uuid) -> Result<bool, StoreError> {
    match office.store.load::<Case>(tenant, case).await {
        Ok(loaded) => Ok(loaded.exists()),
        Err(StoreError::Erased) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn remove(tx: &Tx, tenant: Uuid, incident: Uuid) -> Result<(), StoreError> {
    tx.execute(REMOVE, &[&tenant, &incident]).await.map(drop)
}

/// A case is gone, and with it what it showed of its incidents.
pub async fn remove_all(tx: &Tx, tenant: Uuid, case: Uuid) -> Result<u64, StoreError> {
    tx.execute(REMOVE_ALL, &[&tenant, &case]).await
}
