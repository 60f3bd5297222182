//! Configuration, identity and cases, as far as tracing asks and hears them.

use std::collections::HashMap;
use std::sync::Mutex;

use family_tracing::cases::CaseSource;
use family_tracing::catalogs::CatalogSource;
use family_tracing::people::{PeopleSource, Person};
use futures_util::future::BoxFuture;
use kit_bus::{Fact, Kind};
use kit_proto::facts::v1::{CaseChanged, RecordErased};
use kit_records::{Catalog, Record};
use kit_serve::{Call, Refusal};
use kit_store::DataKey;
use serde_json::{Value, json};
use uuid::Uuid;

use super::people::{catalog, people};
use super::{MODULE, TENANT};

/// A case of another service, and who reaches it.
#[derive(Debug, Clone)]
struct Case {
    record: Record,
    readers: Vec<String>,
    key: DataKey,
    version: u64,
}

/// All of them.
#[derive(Debug)]
pub struct Others {
    catalog: Catalog,
    people: Vec<Person>,
    cases: Mutex<HashMap<Uuid, Case>>,
}

impl Others {
    pub fn new() -> Self {
        Self { catalog: catalog(), people: people(), cases: Mutex::default() }
    }

    /// A case of `owner` that `readers` reach.
    pub fn add(&self, owner: &str, readers: &[&str], more: &Value, key: DataKey) -> Uuid {
        let id = kit_test::fresh_id();
        let mut record = json!({
            "id": id, "owned_by": owner, "case_id_display": "SY-1234567", "module_id": MODULE,
            "record_state": true, "registration_date": "2026-01-10", "owned_by_agency_id": "a",
        });
        let record = record.as_object_mut().unwrap();
        record.extend(more.as_object().unwrap().clone());
        let readers = readers.iter().map(|one| (*one).to_owned()).collect();
        let case = Case { record: record.clone(), readers, key, version: 0 };
        self.cases.lock().unwrap().insert(id, case);
        id
    }

    /// Changes a case; says which fields.
    pub fn change(&self, id: Uuid, changes: &Value) -> Vec<String> {
        let changes = changes.as_object().unwrap().clone();
        let fields = changes.keys().cloned().collect();
        self.cases.lock().unwrap().get_mut(&id).unwrap().record.extend(changes);
        fields
    }

    /// What the cases service tells of a case as it is now.
    pub fn fact(&self, id: Uuid, action: &str, fields: &[String]) -> Fact {
        let case = {
            let mut cases = self.cases.lock().unwrap();
            let case = cases.get_mut(&id).unwrap();
            case.version += 1;
            case.clone()
        };
        let text = id.to_string();
        let version = case.version.to_be_bytes();
        let context: [&[u8]; 4] = [b"case_changed", TENANT.as_bytes(), text.as_bytes(), &version];
        let sealed = case.key.seal(&context, json!(case.record).to_string().as_bytes());
        let changed = CaseChanged {
            case_id: text,
            action: action.to_owned(),
            facets: b"{}".to_vec().into(),
            changed_fields: fields.to_vec(),
            sealed: sealed.into(),
            key_id: case.key.id.to_string(),
        };
        fact_of(&format!("case-{id}"), case.version, Kind::CaseChanged(changed))
    }

    /// A case goes; its key, and what is told of that.
    pub fn remove(&self, id: Uuid) -> (Uuid, Fact) {
        let case = self.cases.lock().unwrap().remove(&id).unwrap();
        let erased = RecordErased {
            record_type: "case".into(),
            record_id: id.to_string(),
            erasure_id: kit_test::fresh_id().to_string(),
            key_ids: vec![case.key.id.to_string()],
            streams: vec![format!("case-{id}")],
        };
        (case.key.id, fact_of(&format!("erasure-{id}"), 3, Kind::RecordErased(erased)))
    }
}

fn fact_of(stream: &str, version: u64, kind: Kind) -> Fact {
    Fact {
        event_id: kit_test::fresh_id().to_string(),
        tenant: TENANT.to_string(),
        stream: stream.to_owned(),
        version,
        actor: "bob".into(),
        kind: Some(kind),
        ..Default::default()
    }
}

impl CatalogSource for Others {
    fn fetch(
        &self,
        _: Uuid,
        newer_than: u64,
        _: u64,
    ) -> BoxFuture<'_, anyhow::Result<Option<Catalog>>> {
        let catalog = Some(self.catalog.clone()).filter(|one| one.version > newer_than);
        Box::pin(async move { Ok(catalog) })
    }
}

impl PeopleSource for Others {
    fn find(&self, _: Uuid, names: Vec<String>) -> BoxFuture<'_, anyhow::Result<Vec<Person>>> {
        let known = self.people.iter().filter(|one| names.contains(&one.user_name));
        let known = known.cloned().collect();
        Box::pin(async move { Ok(known) })
    }
}

impl CaseSource for Others {
    fn find<'a>(&'a self, call: &'a Call, id: &'a str) -> BoxFuture<'a, Result<Record, Refusal>> {
        Box::pin(async move {
            let user = &call.principal()?.user_name;
            let cases = self.cases.lock().unwrap();
            let found = id.parse().ok().and_then(|id: Uuid| cases.get(&id));
            let case = found.ok_or_else(|| Refusal::not_found("Couldn't find Child"))?;
            if !case.readers.contains(user) {
                return Err(Refusal::forbidden());
            }
            Ok(case.record.clone())
        })
    }

    fn reached<'a>(
        &'a self,
        call: &'a Call,
        ids: Vec<Uuid>,
    ) -> BoxFuture<'a, Result<Vec<Record>, Refusal>> {
        Box::pin(async move {
            let user = &call.principal()?.user_name;
            let cases = self.cases.lock().unwrap();
            let known = ids.iter().filter_map(|id| cases.get(id));
            let mine = known.filter(|case| case.readers.contains(user));
            Ok(mine.map(|case| case.record.clone()).collect())
        })
    }
}
