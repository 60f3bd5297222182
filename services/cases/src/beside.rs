//! What cases and families show of one another, and cases of registry records: asked for when they
//! are read, so that it is never out of date.

use std::collections::{BTreeSet, HashMap};

use crate::incidents::add_incidents;
use cases_domain::families::{DETAILS, FAMILY, MEMBER, MEMBERS, SHARED, cases_of, shown_details};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kit_cabinet::tables::Tables;
use kit_cabinet::{Asking, Beside, Office, Opened, open_all, refusals, rows_of};
use kit_records::{Record, RecordType};
use kit_serve::Refusal;
use kit_store::StoreError;
use serde_json::{Value, json};
use uuid::Uuid;

/// The field of a case that names its registry record.
pub const REGISTRY: &str = "registry_record_id";
const HAS_INCIDENTS: &str = "has_incidents";
/// What a case shows of its registry record, and what it is called there.
const OF_REGISTRY: [(&str, &str); 4] = [
    ("registry_id_display", "registry_id_display"),
    ("registry_name", "name"),
    ("registry_no", "registry_no"),
    ("registry_location_current", "location_current"),
];
/// What a case shows of its family, besides what it changes there.
const OF_FAMILY: [&str; 2] = ["family_id_display", "family_name"];

/// Adds to cases what their families and registry records say; to families, whether the reader may
/// open the cases of their members.
pub struct Related;

impl Beside for Related {
    /// Families say whether the reader may open their members' cases by what lies sealed: a device
    /// hears of that with the family's own next change.
    fn links(&self, record_type: RecordType) -> &'static [&'static str] {
        match record_type {
            RecordType::Case => &[REGISTRY, FAMILY, MEMBER, HAS_INCIDENTS],
            _ => &[],
        }
    }

    fn add<'a>(
        &'a self,
        office: &'a Office,
        asking: &'a Asking,
        records: &'a mut [Opened],
    ) -> BoxFuture<'a, Result<(), Refusal>> {
        async move {
            match asking.record_type {
                RecordType::Case => {
                    add_to_cases(office, asking, records).await?;
                    add_incidents(office, asking, records).await
                }
                RecordType::Family => add_to_families(office, asking, records).await,
                _ => Ok(()),
            }
        }
        .boxed()
    }
}

/// The fields of a case that may change with its links.
pub fn shown_of_links() -> BTreeSet<String> {
    let of_registry = OF_REGISTRY.iter().map(|(name, _)| *name);
    let of_family = OF_FAMILY.into_iter().chain(SHARED).chain([FAMILY, MEMBER, DETAILS, REGISTRY]);
    of_registry.chain(of_family).map(str::to_owned).collect()
}

async fn add_to_cases(
    office: &Office,
    asking: &Asking,
    records: &mut [Opened],
) -> Result<(), Refusal> {
    let mut linked: Vec<(usize, Record)> = Vec::new();
    for (at, one) in records.iter().enumerate().filter(|(_, one)| is_linked(&one.json)) {
        linked.push((at, serde_json::from_slice(&one.json).map_err(Refusal::internal)?));
    }
    if linked.is_empty() {
        return Ok(());
    }
    let ids = |field: &str| linked.iter().filter_map(|(_, record)| id(record, field)).collect();
    let registry = documents(office, asking, RecordType::RegistryRecord, ids(REGISTRY)).await?;
    let families = documents(office, asking, RecordType::Family, ids(FAMILY)).await?;
    let cases = families.values().flat_map(cases_of).collect();
    let open = open_to_reader(office, asking, cases).await?;
    for (at, mut record) in linked {
        if let Some(found) = id(&record, REGISTRY).and_then(|id| registry.get(&id)) {
            copy(found, &mut record, OF_REGISTRY);
        }
        if let Some(family) = id(&record, FAMILY).and_then(|id| families.get(&id)) {
            copy(family, &mut record, OF_FAMILY.map(|name| (name, name)));
            copy(family, &mut record, SHARED.map(|name| (name, name)));
            let own = record.get(MEMBER).and_then(Value::as_str);
            let nothing = Value::Null;
            let members = family.get(MEMBERS).unwrap_or(&nothing);
            let kept = record.get(DETAILS).unwrap_or(&nothing);
            let mut details = shown_details(members, own, kept);
            mark(&mut details, &open);
            record.insert(DETAILS.into(), Value::Array(details));
        }
        records[at].json = serde_json::to_vec(&record).map_err(Refusal::internal)?;
    }
    Ok(())
}

async fn add_to_families(
    office: &Office,
    asking: &Asking,
    records: &mut [Opened],
) -> Result<(), Refusal> {
    for one in records.iter_mut() {
        let mut family: Record = serde_json::from_slice(&one.json).map_err(Refusal::internal)?;
        let cases = cases_of(&family);
        if cases.is_empty() {
            continue;
        }
        let open = open_to_reader(office, asking, cases).await?;
        if let Some(Value::Array(members)) = family.get_mut(MEMBERS) {
            mark(members, &open);
        }
        one.json = serde_json::to_vec(&family).map_err(Refusal::internal)?;
    }
    Ok(())
}

/// Whether a document names a family or a registry record. Most do not, and are not read.
fn is_linked(json: &[u8]) -> bool {
    let text = std::str::from_utf8(json).unwrap_or_default();
    [r#""family_id":""#, r#""registry_record_id":""#].iter().any(|link| text.contains(link))
}

/// Says of each entry that has a case whether the reader may open it.
fn mark(entries: &mut [Value], open: &BTreeSet<Uuid>) {
    for entry in entries.iter_mut().filter_map(Value::as_object_mut) {
        if let Some(case) = id(entry, "case_id") {
            entry.insert("can_read_record".into(), json!(open.contains(&case)));
        }
    }
}

fn copy<const N: usize>(from: &Record, to: &mut Record, fields: [(&str, &str); N]) {
    for (here, there) in fields {
        match from.get(there) {
            Some(value) => to.insert(here.into(), value.clone()),
            None => to.shift_remove(here),
        };
    }
}

fn id(record: &Record, field: &str) -> Option<Uuid> {
    record.get(field).and_then(Value::as_str)?.parse().ok()
}

/// The documents of some records. Those that are gone are left out.
async fn documents(
    office: &Office,
    asking: &Asking,
    record_type: RecordType,
    ids: Vec<Uuid>,
) -> Result<HashMap<Uuid, Record>, Refusal> {
    let found = async {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let (tenant, tables) = (asking.tenant, Tables::of(record_type));
        let tx = office.store.read(tenant).await?;
        let rows = rows_of(&tx, tables, tenant, ids).await?;
        drop(tx);
        open_all(office.store.keys(), tables, tenant, rows).await
    };
    let found: Result<Vec<Opened>, StoreError> = found.await;
    let found = found.map_err(refusals::store)?.into_iter();
    found
        .map(|one| Ok((one.row.id, serde_json::from_slice(&one.json).map_err(Refusal::internal)?)))
        .collect()
}

/// Which of some cases the reader may open.
async fn open_to_reader(
    office: &Office,
    asking: &Asking,
    cases: Vec<Uuid>,
) -> Result<BTreeSet<Uuid>, Refusal> {
    let asking = asking.about(RecordType::Case);
    if cases.is_empty() || !asking.may("read") {
        return Ok(BTreeSet::new());
    }
    let tx = office.read(&asking).await?;
    let rows = rows_of(&tx, asking.tables(), asking.tenant, cases).await;
    let reach = asking.reach();
    let open = rows.map_err(refusals::store)?.into_iter().filter(|row| row.is_within(&reach));
    Ok(open.map(|row| row.id).collect())
}
