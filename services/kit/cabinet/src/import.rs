//! Whole records, taken over: the seed, a migration. Each is decided by the same command as a
//! caller's write, at the time and by the user that it names, with all rights: what may be taken
//! over is the operator's decision.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::marker::PhantomData;
use std::sync::Arc;

use jiff::Timestamp;
use kit_decider::Command;
use kit_dossier::{Author, Context, Dossier, Event, Kind, Named, Refusal as DossierRefusal};
use kit_dossier::{Register, Rights};
use kit_proto::records::v1::{ImportRecordsReply, ImportRecordsRequest, ImportedRecord};
use kit_records::{CatalogIndex, Core, Record, RecordType, Schema, Unknown, Validation};
use kit_serve::{Call, Refusal};
use kit_store::Meta;
use serde_json::Value;
use uuid::Uuid;

use crate::cabinet::Cabinet;
use crate::catalogs::Wanted;
use crate::office::Office;
use crate::people::Person;
use crate::refusals;
use crate::tables::Tables;
use crate::writes::body;

/// The name that an import is stored under.
const NAME: &str = "ImportRecords";

/// What a body may hold besides what forms say.
const CORE: [(&str, Core); 7] = [
    ("module_id", Core::Module),
    ("created_at", Core::Time),
    ("owned_by", Core::Text),
    ("status", Core::Status),
    ("record_state", Core::Bool),
    ("incident_case_id", Core::UuidOrNull),
    ("case_id_display", Core::Text),
];
/// What entries of lists say of the record that they are about.
const LINKS: [&str; 2] = ["case_id", "case_id_display"];

/// What an import stands on.
struct Ground {
    index: Arc<CatalogIndex>,
    people: HashMap<String, Person>,
    schemas: HashMap<String, Arc<Schema>>,
    known: BTreeSet<Uuid>,
}

impl<K: Kind> Cabinet<K> {
    /// Stores the records that are not known yet, all in one transaction.
    pub async fn import_records(
        &self,
        call: &Call,
        request: &ImportRecordsRequest,
    ) -> Result<ImportRecordsReply, Refusal> {
        let tenant = call.tenant()?;
        let ground = self.office.ground::<K>(tenant, &request.records).await?;
        let mut reply = ImportRecordsReply::default();
        let meta = Meta {
            correlation: call.request_id,
            trace: call.traceparent.clone(),
            ..self.office.own_meta(tenant)
        };
        let mut unit = self.office.store.unit(&meta, NAME);
        for one in &request.records {
            let id: Uuid = one.id.parse().map_err(|_| Refusal::invalid("id is not a UUID"))?;
            if ground.known.contains(&id) {
                reply.known += 1;
                continue;
            }
            match ground.decide::<K>(id, one)? {
                Err(refusal) => reply.refused.push(reason(&refusal)),
                Ok((now, events)) => {
                    let meta = Meta { actor: one.user_name.clone(), now, ..meta.clone() };
                    let stored = unit.create(&meta, id, Told::<K>(events, PhantomData)).await;
                    stored.map_err(|error| refusals::executed(K::RECORD_TYPE, error, id))?;
                    reply.stored += 1;
                }
            }
        }
        unit.commit().await.map_err(refusals::store)?;
        Ok(reply)
    }
}

/// What was decided already.
struct Told<K>(Vec<Event>, PhantomData<K>);

impl<K: Kind> Command for Told<K> {
    type Of = Dossier<K>;
    type Refusal = DossierRefusal;

    fn decide(self, _: &Dossier<K>) -> Result<Vec<Event>, DossierRefusal> {
        Ok(self.0)
    }
}

impl Office {
    /// Reads what the records refer to, once for all of them.
    async fn ground<K: Kind>(
        &self,
        tenant: Uuid,
        records: &[ImportedRecord],
    ) -> Result<Ground, Refusal> {
        let index = self.catalogs.take(tenant, Wanted::default()).await.map_err(|error| {
            tracing::warn!(error = kit_store::cause(&error), "no catalog");
            Refusal::unavailable()
        })?;
        let mut names = BTreeSet::new();
        for one in records {
            names.insert(one.user_name.clone());
            names.extend(text(&body(&one.data)?, "owned_by"));
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let people = self.people.find(&self.store, tenant, &names).await;
        let people = people.map_err(refusals::store)?;
        let modules = index.modules.iter().map(|module| module.unique_id.clone());
        let schemas = modules.chain([String::new()]);
        let schemas = schemas.map(|id| (id.clone(), schema(&index, K::RECORD_TYPE, &id))).collect();
        let known = self.taken(tenant, K::RECORD_TYPE, records).await?;
        Ok(Ground { index, people, schemas, known })
    }

    /// Those whose ids are taken. What was erased does not come back by being taken over again.
    async fn taken(
        &self,
        tenant: Uuid,
        record_type: RecordType,
        records: &[ImportedRecord],
    ) -> Result<BTreeSet<Uuid>, Refusal> {
        let ids: Vec<Uuid> = records.iter().filter_map(|one| one.id.parse().ok()).collect();
        let sql = format!(
            "SELECT id FROM {} WHERE tenant = $1 AND id = ANY($2) UNION \
             SELECT record_id FROM erasure_row WHERE tenant = $1 AND record_type = $3 \
             AND record_id = ANY($2) AND status IN ('approved', 'carried_out')",
            Tables::of(record_type).row
        );
        let tx = self.store.read(tenant).await.map_err(refusals::store)?;
        let rows = tx.query(&sql, &[&tenant, &ids, &record_type.as_str()]).await;
        Ok(rows.map_err(refusals::store)?.iter().map(|row| row.get(0)).collect())
    }
}

impl Ground {
    /// The events that a record's registration comes to.
    fn decide<K: Kind>(
        &self,
        id: Uuid,
        one: &ImportedRecord,
    ) -> Result<Result<(Timestamp, Vec<Event>), DossierRefusal>, Refusal> {
        let sent = body(&one.data)?;
        let Some(person) = self.people.get(&one.user_name) else {
            return Ok(Err(DossierRefusal::OwnerUnknown));
        };
        let module = text(&sent, "module_id").unwrap_or_default();
        let schema = self.schemas.get(&module).or_else(|| self.schemas.get(""));
        let context = self.context(id, one, person, schema.cloned().unwrap_or_default());
        let validation = Validation {
            index: &self.index,
            record_type: K::RECORD_TYPE,
            schema: &context.schema,
            unknown: Unknown::Ignore,
            today: context.today,
        };
        let mut body = match validation.check(&sent) {
            Ok(body) => body,
            Err(violations) => return Ok(Err(DossierRefusal::Invalid(violations))),
        };
        keep_links(&sent, &mut body);
        let owner = match text(&body, "owned_by") {
            None => Named::Nobody,
            Some(name) if self.people.contains_key(&name) => Named::Known,
            Some(_) => Named::Unknown,
        };
        let (now, kind, rights) = (context.now, K::default(), Rights::ALL);
        let identified = Named::Nobody;
        let command = Register { kind, context, id, body, rights, owner, identified };
        Ok(command.decide(&Dossier::default()).map(|events| (now, events)))
    }

    fn context(
        &self,
        id: Uuid,
        one: &ImportedRecord,
        person: &Person,
        schema: Arc<Schema>,
    ) -> Context {
        let now = Timestamp::from_microsecond(one.at_unix_us).unwrap_or_default();
        Context {
            index: Arc::clone(&self.index),
            schema,
            author: Author {
                user_name: person.user_name.clone(),
                agency: person.agency.clone(),
                agency_office: person.agency_office.clone(),
                groups: person.groups.clone(),
                identified: false,
            },
            now,
            today: now.to_zoned(jiff::tz::TimeZone::UTC).date(),
            seed: Uuid::new_v5(&id, b"entries"),
            places: BTreeMap::new(),
            chains: BTreeMap::new(),
        }
    }
}

/// Everything that a record of a module may hold.
fn schema(index: &CatalogIndex, record_type: RecordType, module: &str) -> Arc<Schema> {
    let module = Some(module).filter(|id| !id.is_empty());
    let mut schema = Schema::of_type(index, record_type, module);
    for (name, core) in CORE {
        schema.allow_core(name, core);
    }
    Arc::new(schema)
}

/// Entries that are about another record go on saying so: no form has a field for that.
fn keep_links(sent: &Record, body: &mut Record) {
    for (name, entries) in body.iter_mut() {
        let (Value::Array(entries), Some(sent)) = (entries, sent.get(name)) else { continue };
        for entry in entries.iter_mut().filter_map(Value::as_object_mut) {
            let is_same = |one: &&Value| Some(&one["unique_id"]) == entry.get("unique_id");
            let Some(one) = sent.as_array().into_iter().flatten().find(is_same) else { continue };
            for link in LINKS {
                let told = one.get(link).filter(|told| told.is_string());
                if let Some(told) = told.cloned() {
                    entry.insert(link.to_owned(), told);
                }
            }
        }
    }
}

fn text(body: &Record, field: &str) -> Option<String> {
    body.get(field).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Pointers of what was wrong, or one sentence; nothing that was entered.
fn reason(refusal: &DossierRefusal) -> String {
    match refusal {
        DossierRefusal::Invalid(violations) => {
            let each =
                violations.iter().map(|one| format!("{} {}", one.pointer, one.code.as_str()));
            each.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
