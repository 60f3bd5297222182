//! What a case knows of its incidents, which another service keeps: that service says so with each
//! write, before it answers; its facts say the same, and reach us whatever happens in between.

mod shown;

use std::collections::HashMap;

use cases_domain::{CaseKind, CaseRefusal};
use kit_bus::{Consumer, Delivered, Kind};
use kit_cabinet::{Office, ServiceName, refusals};
use kit_dossier::{NoteIncident, Stamp};
use kit_proto::cases::v1::{NoteIncidentReply, NoteIncidentRequest};
use kit_proto::facts::v1::RecordChanged;
use kit_records::{Record, RecordType};
use kit_serve::{Call, Refusal};
use kit_store::{ExecuteError, Meta, StoreError, Tx};
use serde_json::Value;
use uuid::Uuid;

pub use shown::add_incidents;

use crate::Service;

/// The fact of an incident that its sealed part is bound to.
const FACT: &str = "record_changed";

const FIND: &str = "SELECT case_id, version FROM case_incident WHERE tenant = $1 AND incident = $2";
/// What is older than what is known changes nothing.
const WRITE: &str = "INSERT INTO case_incident \
     (tenant, incident, case_id, version, user_names, key_id, sealed) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant, incident) DO UPDATE SET \
     case_id = excluded.case_id, version = excluded.version, user_names = excluded.user_names, \
     key_id = excluded.key_id, sealed = excluded.sealed \
     WHERE case_incident.version <= excluded.version";
/// It belongs to no case any more; that this is known keeps out what was told before.
const PART: &str = "UPDATE case_incident SET case_id = NULL, version = $3, user_names = '{}', \
     key_id = NULL, sealed = NULL WHERE tenant = $1 AND incident = $2 AND version <= $3";
/// A case that is there, and is not erased before we are done: what it shows goes with it.
const STAY: &str = "SELECT FROM case_row WHERE tenant = $1 AND id = $2 FOR KEY SHARE";
const REMOVE_ALL: &str = "DELETE FROM case_incident WHERE tenant = $1 AND case_id = $2";
/// The version of an incident that was erased.
const ERASED: i64 = i64::MAX;

/// Hears what becomes of incidents.
pub struct IncidentFacts {
    pub office: Office,
}

/// What an incident says at a version.
#[derive(Debug)]
struct News {
    incident: Uuid,
    version: i64,
    case: Option<Uuid>,
    /// Who works on it.
    names: Vec<String>,
    key: Option<Uuid>,
    sealed: Option<Vec<u8>>,
}

/// What is known of an incident.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Known {
    case: Option<Uuid>,
    version: i64,
}

impl Consumer for IncidentFacts {
    const NAME: &'static str = Service::NAME;
    const SOURCE: &'static str = "incidents";

    /// Cases note what they gain and lose. What is known grows with each fact of the batch, as its
    /// rows will.
    async fn react(&self, facts: &[&Delivered]) -> Result<(), StoreError> {
        let mut told: HashMap<Uuid, Known> = HashMap::new();
        for fact in facts {
            let Some(news) = News::of(fact)? else { continue };
            let before = match told.get(&news.incident) {
                Some(known) => Some(*known),
                None => self.known(fact.tenant, news.incident).await?,
            };
            if before.is_some_and(|known| known.version > news.version) {
                continue;
            }
            note(&self.office, &self.meta(fact), before, &news).await?;
            told.insert(news.incident, Known { case: news.case, version: news.version });
        }
        Ok(())
    }

    async fn apply(&self, tx: &Tx, fact: &Delivered) -> Result<(), StoreError> {
        let Some(news) = News::of(fact)? else { return Ok(()) };
        write(tx, fact.tenant, &news).await.map(drop)
    }

    fn applied(&self, facts: &[&Delivered]) {
        for fact in facts {
            if let Some(Kind::RecordErased(erased)) = &fact.fact.kind {
                let keys = erased.key_ids.iter().filter_map(|id| id.parse().ok());
                self.office.store.keys().forget(fact.tenant, keys);
            }
        }
    }
}

impl IncidentFacts {
    fn meta(&self, fact: &Delivered) -> Meta {
        Meta {
            command_id: fact.event_id,
            actor: fact.fact.actor.clone(),
            correlation: fact.event_id,
            causation: Some(fact.event_id),
            trace: fact.trace.clone(),
            ..self.office.own_meta(fact.tenant)
        }
    }

    async fn known(&self, tenant: Uuid, incident: Uuid) -> Result<Option<Known>, StoreError> {
        let tx = self.office.store.read(tenant).await?;
        known(&tx, tenant, incident).await
    }
}

impl News {
    /// What a fact says of an incident, if it says anything.
    fn of(delivered: &Delivered) -> Result<Option<Self>, StoreError> {
        let incident = RecordType::Incident.as_str();
        match &delivered.fact.kind {
            Some(Kind::RecordChanged(changed)) if changed.record_type == incident => {
                Self::of_fact(changed, delivered.fact.version)
            }
            Some(Kind::RecordErased(erased)) if erased.record_type == incident => {
                Ok(erased.record_id.parse().ok().map(Self::of_erased))
            }
            _ => Ok(None),
        }
    }

    fn of_fact(changed: &RecordChanged, version: u64) -> Result<Option<Self>, StoreError> {
        let Ok(incident) = changed.record_id.parse::<Uuid>() else { return Ok(None) };
        let facets: Record = serde_json::from_slice(&changed.facets)?;
        let case = facets.get("incident_case_id").and_then(Value::as_str);
        let names = facets.get("associated_user_names").and_then(Value::as_array);
        let names = names.into_iter().flatten().filter_map(Value::as_str);
        Ok(Some(Self {
            incident,
            version: i64::try_from(version).unwrap_or(ERASED - 1),
            case: case.and_then(|id| id.parse().ok()),
            names: names.map(str::to_owned).collect(),
            key: changed.key_id.parse().ok(),
            sealed: Some(changed.sealed.to_vec()).filter(|sealed| !sealed.is_empty()),
        }))
    }

    const fn of_erased(incident: Uuid) -> Self {
        let names = Vec::new();
        Self { incident, version: ERASED, case: None, names, key: None, sealed: None }
    }

    fn of_request(told: NoteIncidentRequest) -> Result<Self, Refusal> {
        let id = |text: &str| text.parse::<Uuid>();
        let no_id = |_| Refusal::invalid("an id is not a UUID");
        Ok(Self {
            incident: id(&told.incident_id).map_err(no_id)?,
            version: i64::try_from(told.version).unwrap_or(ERASED - 1),
            case: Some(told.case_id)
                .filter(|case| !case.is_empty())
                .map(|case| id(&case).map_err(no_id))
                .transpose()?,
            names: told.user_names,
            key: id(&told.key_id).ok(),
            sealed: Some(told.sealed.to_vec()).filter(|sealed| !sealed.is_empty()),
        })
    }
}

/// An incident was written a moment ago, and its author waits: what its fact will say, at once.
///
/// Facts may be applied at the same time, older and newer ones. Whatever comes last, what is known
/// of the incident is its highest version, and the cases say what is known.
pub async fn note_incident(
    office: &Office,
    call: &Call,
    told: NoteIncidentRequest,
) -> Result<NoteIncidentReply, Refusal> {
    let tenant = call.tenant()?;
    let meta = Meta {
        actor: told.actor.clone(),
        correlation: call.request_id,
        trace: call.traceparent.clone(),
        ..office.own_meta(tenant)
    };
    let news = News::of_request(told)?;
    let noted = note_at_once(office, &meta, &news).await;
    noted.map_err(refusals::store)?;
    Ok(NoteIncidentReply {})
}

async fn note_at_once(office: &Office, meta: &Meta, news: &News) -> Result<(), StoreError> {
    let tenant = meta.tenant;
    let read = office.store.read(tenant).await?;
    let before = known(&read, tenant, news.incident).await?;
    drop(read);
    if before.is_some_and(|known| known.version >= news.version) {
        return Ok(());
    }
    note(office, meta, before, news).await?;
    let tx = office.store.begin(tenant).await?;
    let written = write(&tx, tenant, news).await?;
    let after = known(&tx, tenant, news.incident).await?.unwrap_or_default();
    tx.commit().await?;
    // Something newer was heard meanwhile, perhaps before the case noted what is here.
    match news.case {
        Some(case) if !written && after.case != Some(case) => {
            let meta = Meta { command_id: office.ids.v7(), ..meta.clone() };
            note_in(office, &meta, case, news.incident, false).await
        }
        _ => Ok(()),
    }
}

/// The case that the incident leaves and the one that it comes to note it.
async fn note(
    office: &Office,
    meta: &Meta,
    known: Option<Known>,
    news: &News,
) -> Result<(), StoreError> {
    let before = known.and_then(|known| known.case);
    if let Some(before) = before.filter(|before| news.case != Some(*before)) {
        note_in(office, meta, before, news.incident, false).await?;
    }
    match news.case {
        Some(case) => note_in(office, meta, case, news.incident, true).await,
        None => Ok(()),
    }
}

/// Notes it in one case, if there is one.
async fn note_in(
    office: &Office,
    meta: &Meta,
    case: Uuid,
    incident: Uuid,
    linked: bool,
) -> Result<(), StoreError> {
    let purpose = [case.as_bytes(), &[u8::from(linked)][..]].concat();
    // Follows from the fact: one that comes twice notes nothing twice.
    let meta = Meta { command_id: Uuid::new_v5(&meta.command_id, &purpose), ..meta.clone() };
    let stamp = Stamp { by: meta.actor.clone(), at: meta.now };
    let command = NoteIncident { kind: CaseKind, stamp, incident, linked };
    match office.execute(&meta, case, command).await {
        Ok(_)
        // It was erased, or never was.
        | Err(
            ExecuteError::Store(StoreError::Erased)
            | ExecuteError::Refused(CaseRefusal::NotRegistered),
        ) => Ok(()),
        Err(ExecuteError::Store(error)) => Err(error),
        Err(ExecuteError::Refused(refusal)) => {
            tracing::warn!(case.id = %case, %refusal, "a case did not note its incident");
            Ok(())
        }
    }
}

async fn known(tx: &Tx, tenant: Uuid, incident: Uuid) -> Result<Option<Known>, StoreError> {
    let row = tx.query_opt(FIND, &[&tenant, &incident]).await?;
    row.map(|row| Ok(Known { case: row.try_get(0)?, version: row.try_get(1)? })).transpose()
}

/// Keeps what is shown of the incident, if its case is there; says whether nothing newer was known.
async fn write(tx: &Tx, tenant: Uuid, news: &News) -> Result<bool, StoreError> {
    let News { incident, version, case, names, key, sealed } = news;
    let case = match case {
        Some(case) => tx.query_opt(STAY, &[&tenant, case]).await?.and(Some(case)),
        None => None,
    };
    let Some(case) = case else {
        tx.execute(PART, &[&tenant, incident, version]).await?;
        return Ok(true);
    };
    let row: kit_store::Params<'_> = &[&tenant, incident, case, version, names, key, sealed];
    Ok(tx.execute(WRITE, row).await? > 0)
}

/// A case is gone, and with it what it showed of its incidents.
pub async fn remove_all(tx: &Tx, tenant: Uuid, case: Uuid) -> Result<u64, StoreError> {
    tx.execute(REMOVE_ALL, &[&tenant, &case]).await
}
