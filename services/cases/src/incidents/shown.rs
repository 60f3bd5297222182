//! A case's incidents on its way to a reader: those within their reach, without their subforms.

use std::collections::{BTreeSet, HashMap};

use kit_cabinet::{Asking, Office, Opened, refusals};
use kit_records::{Record, RecordType};
use kit_serve::Refusal;
use kit_store::{KeyState, StoreError};
use serde_json::{Value, json};
use uuid::Uuid;

use super::FACT;

/// The field of a case that shows them.
const DETAILS: &str = "incident_details";

/// Incidents of some cases, with the groups and agencies of those who work on them.
const SELECT: &str = "SELECT i.incident, i.case_id, i.version, i.user_names, i.key_id, i.sealed, \
     array(SELECT DISTINCT g FROM directory_user d, unnest(d.groups) g \
     WHERE d.tenant = i.tenant AND d.user_name = ANY(i.user_names)) AS groups, \
     array(SELECT DISTINCT d.agency FROM directory_user d WHERE d.tenant = i.tenant \
     AND d.user_name = ANY(i.user_names) AND d.agency IS NOT NULL) AS agencies \
     FROM case_incident i WHERE i.tenant = $1 AND i.case_id = ANY($2) ORDER BY i.incident";

/// What each reader of an incident sees of it, whatever their forms.
const ALWAYS: [&str; 4] = ["id", "short_id", "incident_code", "incident_date_derived"];

/// A row, and what makes it reachable.
struct Linked {
    incident: Uuid,
    case: Uuid,
    version: i64,
    key: Option<Uuid>,
    sealed: Option<Vec<u8>>,
    scope: Record,
}

/// Adds their incidents to the cases that have any.
pub async fn add_incidents(
    office: &Office,
    asking: &Asking,
    records: &mut [Opened],
) -> Result<(), Refusal> {
    let has_any = |one: &&Opened| {
        std::str::from_utf8(&one.json).is_ok_and(|text| text.contains(r#""has_incidents":true"#))
    };
    let cases: Vec<Uuid> = records.iter().filter(has_any).map(|one| one.row.id).collect();
    let about = asking.about(RecordType::Incident);
    if cases.is_empty() || !asking.may("view_incident_from_case") {
        return Ok(());
    }
    let reach = about.reach();
    let mut linked = linked(office, asking, &cases).await.map_err(refusals::store)?;
    linked.retain(|one| reach.covers(&one.scope));
    let mut shown: HashMap<Uuid, Vec<Value>> = HashMap::new();
    let opened = opened(office, asking, linked).await.map_err(refusals::store)?;
    for (case, incident) in opened {
        let module = incident.get("module_id").and_then(Value::as_str);
        let readable = about.permitted(module).readable();
        shown.entry(case).or_default().push(cut(&incident, &readable));
    }
    for one in records {
        let Some(mut details) = shown.remove(&one.row.id) else { continue };
        let mut record: Record = serde_json::from_slice(&one.json).map_err(Refusal::internal)?;
        if let Some(Value::Array(own)) = record.get(DETAILS) {
            details.extend(own.iter().cloned());
        }
        record.insert(DETAILS.into(), Value::Array(details));
        one.json = serde_json::to_vec(&record).map_err(Refusal::internal)?;
    }
    Ok(())
}

async fn linked(
    office: &Office,
    asking: &Asking,
    cases: &[Uuid],
) -> Result<Vec<Linked>, StoreError> {
    let tx = office.store.read(asking.tenant).await?;
    let rows = tx.query(SELECT, &[&asking.tenant, &cases]).await?;
    let texts = |row: &tokio_postgres::Row, name: &str| row.try_get::<_, Vec<String>>(name);
    let read = |row: &tokio_postgres::Row| {
        let scope = Record::from_iter([
            ("associated_user_names".to_owned(), json!(texts(row, "user_names")?)),
            ("associated_user_groups".to_owned(), json!(texts(row, "groups")?)),
            ("associated_user_agencies".to_owned(), json!(texts(row, "agencies")?)),
        ]);
        Ok(Linked {
            incident: row.try_get("incident")?,
            case: row.try_get("case_id")?,
            version: row.try_get("version")?,
            key: row.try_get("key_id")?,
            sealed: row.try_get("sealed")?,
            scope,
        })
    };
    rows.iter().map(read).collect()
}

/// The incidents that can still be read, each with its case.
async fn opened(
    office: &Office,
    asking: &Asking,
    linked: Vec<Linked>,
) -> Result<Vec<(Uuid, Record)>, StoreError> {
    let keys = linked.iter().filter_map(|one| one.key);
    let keys = office.store.keys().open(asking.tenant, keys).await?;
    let mut opened = Vec::with_capacity(linked.len());
    for Linked { incident, case, version, key, sealed, .. } in linked {
        let key = key.and_then(|id| keys.get(&id));
        let (Some(KeyState::Live(key)), Some(sealed)) = (key, sealed) else { continue };
        let (id, version) = (incident.to_string(), version.cast_unsigned().to_be_bytes());
        let context: [&[u8]; 4] =
            [FACT.as_bytes(), asking.tenant.as_bytes(), id.as_bytes(), &version];
        let damaged = || StoreError::Internal(anyhow::anyhow!("incident {incident} is damaged"));
        let json = key.open(&context, &sealed).map_err(|_| damaged())?;
        opened.push((case, serde_json::from_slice(&json)?));
    }
    Ok(opened)
}

/// An incident as an entry of its case.
fn cut(incident: &Record, readable: &BTreeSet<String>) -> Value {
    let is_subform = |value: &Value| {
        value.as_array().is_some_and(|list| list.iter().any(Value::is_object)) || value.is_object()
    };
    let is_shown = |name: &str| ALWAYS.contains(&name) || readable.contains(name);
    let mut entry: Record = incident
        .iter()
        .filter(|(name, value)| is_shown(name) && !is_subform(value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    entry.insert("unique_id".into(), incident.get("id").cloned().unwrap_or_default());
    Value::Object(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_holds_what_may_be_read_and_no_subforms() {
        let incident = json!({
            "id": "i1", "description": "seen", "secret": "x", "age": 9,
            "perpetrators": [{"unique_id": "p"}], "tags": ["a"],
        });
        let readable = ["description", "tags", "perpetrators"].map(str::to_owned).into();
        let entry = cut(incident.as_object().unwrap(), &readable);
        let wanted = json!({"id": "i1", "description": "seen", "tags": ["a"], "unique_id": "i1"});
        assert_eq!(entry, wanted);
    }
}
