//! Whoever wrote an incident of a case finds it there with their next call: cases are told before
//! the answer. The facts that follow say the same, so that nothing is lost where cases are away.

use incidents_domain::Incident;
use incidents_domain::case::case_of;
use kit_cabinet::{Asking, Office, facts};
use kit_proto::cases::v1::NoteIncidentRequest;
use kit_records::{Record, RecordType};
use kit_store::StoreError;
use serde_json::Value;
use uuid::Uuid;

use crate::cases::CaseSource;

/// Tells cases of an incident that belongs to a case, or did before it was written.
pub async fn tell(
    office: &Office,
    cases: &dyn CaseSource,
    asking: &Asking,
    (id, was_linked): (Uuid, bool),
) {
    let told = match told(office, asking, id, was_linked).await {
        Ok(Some(told)) => cases.note(asking.tenant, told).await,
        Ok(None) => return,
        Err(error) => Err(kit_cabinet::refusals::store(error)),
    };
    if let Err(refusal) = told {
        tracing::warn!(incident.id = %id, code = ?refusal.code, "cases hear of an incident later");
    }
}

async fn told(
    office: &Office,
    asking: &Asking,
    id: Uuid,
    was_linked: bool,
) -> Result<Option<NoteIncidentRequest>, StoreError> {
    let tenant = asking.tenant;
    let loaded = match office.store.load::<Incident>(tenant, id).await {
        Err(StoreError::Erased) => return Ok(None),
        loaded => loaded?,
    };
    let case = case_of(&loaded.state.values);
    if case.is_none() && !was_linked {
        return Ok(None);
    }
    let document = loaded.state.document(&Record::new());
    let names = document.get("associated_user_names").and_then(Value::as_array);
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    let (id, version) = (id.to_string(), loaded.version);
    let sealed = match &loaded.key {
        Some(key) => facts::sealed(key, RecordType::Incident, tenant, &id, version, &document)?,
        None => Vec::new(),
    };
    Ok(Some(NoteIncidentRequest {
        version,
        case_id: case.map(|case| case.to_string()).unwrap_or_default(),
        actor: asking.principal.user_name.clone(),
        user_names: names.map(str::to_owned).collect(),
        sealed: sealed.into(),
        key_id: loaded.key.as_ref().map(|key| key.id.to_string()).unwrap_or_default(),
        incident_id: id,
    }))
}
