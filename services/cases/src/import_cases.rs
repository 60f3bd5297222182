//! Whole cases with their history, taken over in one transaction: the seed, a migration.
//!
//! Every step is decided by the same commands as a caller's write, at the time and by the user
//! that the step names, with all rights: what may be taken over is the operator's decision.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use cases_domain::{
    Author, Case, CaseEvent, CaseKind, CaseRefusal, Context, Named, RegisterCase, Rights,
    UpdateCase,
};
use jiff::Timestamp;
use kit_cabinet::catalogs::Wanted;
use kit_cabinet::people::Person;
use kit_cabinet::{body, refusals};
use kit_decider::{Aggregate as _, Command as _};
use kit_dossier::places;
use kit_proto::cases::v1::{
    CaseHistory, CaseStep, ImportCasesReply, ImportCasesRequest, RefusedCase,
};
use kit_records::values::Record;
use kit_records::{CatalogIndex, Core, RecordType, Schema, Unknown, Validation};
use kit_serve::{Call, Refusal};
use kit_store::Meta;
use serde_json::Value;
use uuid::Uuid;

use crate::cases::Cases;

/// What the import of one request stands on.
struct Import {
    index: Arc<CatalogIndex>,
    people: HashMap<String, Person>,
    places: BTreeMap<String, String>,
    schemas: HashMap<String, Arc<Schema>>,
}

/// The events of one step, and under what they are stored.
struct Decided {
    meta: Meta,
    events: Vec<CaseEvent>,
}

impl Cases {
    /// Stores cases that are not known yet; tells which are, and which were refused.
    pub async fn import(
        &self,
        call: &Call,
        request: ImportCasesRequest,
    ) -> Result<ImportCasesReply, Refusal> {
        let tenant = call.tenant()?;
        let meta = Meta {
            tenant,
            actor: "import".into(),
            command_id: request.command_id.parse().unwrap_or_else(|_| self.office.ids.v7()),
            now: self.office.clock.now(),
            correlation: call.request_id,
            causation: None,
            trace: call.traceparent.clone(),
        };
        let done = self.office.store.done_before(&meta, NAME).await.map_err(refusals::store)?;
        if done.is_some() {
            return Ok(ImportCasesReply {
                known: request.cases.len() as u64,
                ..Default::default()
            });
        }
        let import = self.ground(tenant, &request.cases).await?;
        let known = self.known(tenant, &request.cases).await?;
        self.store_cases(&import, &meta, &request.cases, &known).await
    }

    async fn store_cases(
        &self,
        import: &Import,
        meta: &Meta,
        cases: &[CaseHistory],
        known: &HashSet<Uuid>,
    ) -> Result<ImportCasesReply, Refusal> {
        let mut reply = ImportCasesReply::default();
        let mut unit = self.office.store.unit(meta, NAME);
        for history in cases {
            let id: Uuid = history.id.parse().map_err(|_| Refusal::invalid("id is not a UUID"))?;
            if known.contains(&id) {
                reply.known += 1;
                continue;
            }
            match import.decide(meta, id, history) {
                Err(refused) => reply.refused.push(refused),
                Ok(steps) => {
                    reply.stored += 1;
                    for step in steps {
                        reply.events += step.events.len() as u64;
                        let told = Told(step.events);
                        let stored = unit.create(&step.meta, id, told).await;
                        stored.map_err(|error| refusals::executed(RecordType::Case, error, id))?;
                    }
                }
            }
        }
        unit.commit().await.map_err(refusals::store)?;
        Ok(reply)
    }

    /// Reads what the steps refer to, once for all of them.
    async fn ground(&self, tenant: Uuid, cases: &[CaseHistory]) -> Result<Import, Refusal> {
        let index =
            self.office.catalogs.take(tenant, Wanted::default()).await.map_err(|error| {
                tracing::warn!(%error, "no catalog");
                Refusal::unavailable()
            })?;
        let (mut names, mut codes) = (BTreeSet::new(), BTreeSet::new());
        let place_field = places::reporting_field(&index.settings);
        for step in cases.iter().flat_map(|case| &case.steps) {
            let body = body(&step.data)?;
            names.insert(step.user_name.clone());
            names.extend(text(&body, "owned_by"));
            codes.extend(place_field.and_then(|field| text(&body, field)));
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let people = self
            .office
            .people
            .find(&self.office.store, tenant, &names)
            .await
            .map_err(refusals::store)?;
        let places = self.paths(tenant, codes).await?;
        let modules = index.modules.iter().map(|module| module.unique_id.clone());
        let schemas = modules.chain([String::new()]).map(|id| (id.clone(), schema(&index, &id)));
        let schemas = schemas.collect();
        Ok(Import { index, people, places, schemas })
    }

    async fn paths(
        &self,
        tenant: Uuid,
        codes: BTreeSet<String>,
    ) -> Result<BTreeMap<String, String>, Refusal> {
        if codes.is_empty() {
            return Ok(BTreeMap::new());
        }
        let codes: Vec<String> = codes.into_iter().collect();
        let sql = "SELECT code, array_to_string(hierarchy, '.') FROM directory_location \
             WHERE tenant = $1 AND code = ANY($2)";
        let tx = self.office.store.read(tenant).await.map_err(refusals::store)?;
        let rows = tx.query(sql, &[&tenant, &codes]).await.map_err(refusals::store)?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }

    async fn known(&self, tenant: Uuid, cases: &[CaseHistory]) -> Result<HashSet<Uuid>, Refusal> {
        let ids: Vec<Uuid> = cases.iter().filter_map(|case| case.id.parse().ok()).collect();
        // A record that was erased does not come back by being taken over once more.
        let sql = "SELECT id FROM case_row WHERE tenant = $1 AND id = ANY($2) UNION \
             SELECT record_id FROM erasure_row WHERE tenant = $1 AND record_type = 'case' \
             AND record_id = ANY($2) AND status IN ('approved', 'carried_out')";
        let tx = self.office.store.read(tenant).await.map_err(refusals::store)?;
        let rows = tx.query(sql, &[&tenant, &ids]).await.map_err(refusals::store)?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }
}

/// The name that an import is stored under.
const NAME: &str = "ImportCases";

/// What was decided already.
struct Told(Vec<CaseEvent>);

impl kit_decider::Command for Told {
    type Of = Case;
    type Refusal = CaseRefusal;

    fn decide(self, _: &Case) -> Result<Vec<CaseEvent>, CaseRefusal> {
        Ok(self.0)
    }
}

impl Import {
    /// Decides all steps of a case, or says which one is refused.
    fn decide(
        &self,
        meta: &Meta,
        id: Uuid,
        history: &CaseHistory,
    ) -> Result<Vec<Decided>, RefusedCase> {
        let mut case = Case::default();
        let mut decided = Vec::with_capacity(history.steps.len());
        for (at, step) in (0_u32..).zip(&history.steps) {
            let refused = |refusal: CaseRefusal| RefusedCase {
                id: history.id.clone(),
                step: at,
                reasons: reasons(refusal),
            };
            let (now, events) = self.step(&case, id, at, step).map_err(refused)?;
            for event in &events {
                case.evolve(event);
            }
            let meta = Meta { actor: step.user_name.clone(), now, ..meta.clone() };
            decided.push(Decided { meta, events });
        }
        Ok(decided)
    }

    fn step(
        &self,
        case: &Case,
        id: Uuid,
        at: u32,
        step: &CaseStep,
    ) -> Result<(Timestamp, Vec<CaseEvent>), CaseRefusal> {
        let Ok(Value::Object(sent)) = serde_json::from_slice(&step.data) else {
            return Err(CaseRefusal::Invalid(vec![]));
        };
        let module = case.module.clone().or_else(|| text(&sent, "module_id")).unwrap_or_default();
        let schema = self.schemas.get(&module).or_else(|| self.schemas.get("")).cloned();
        let context = self.context(id, at, step, schema.unwrap_or_default())?;
        let validation = Validation {
            index: &self.index,
            record_type: RecordType::Case,
            schema: &context.schema,
            unknown: Unknown::Ignore,
            today: context.today,
        };
        let body = validation.check(&sent).map_err(CaseRefusal::Invalid)?;
        let now = context.now;
        let owner = self.named(&body);
        let events = if case.is_registered() {
            let action = Some(step.record_action.clone()).filter(|action| !action.is_empty());
            let rights = Rights::ALL;
            UpdateCase {
                kind: CaseKind,
                context,
                body,
                base: None,
                seen: None,
                action,
                rights,
                owner,
                identified: Named::Nobody,
            }
            .decide(case)
        } else {
            let rights = Rights::ALL;
            RegisterCase {
                kind: CaseKind,
                context,
                id,
                body,
                rights,
                owner,
                identified: Named::Nobody,
            }
            .decide(case)
        };
        Ok((now, events?))
    }

    fn context(
        &self,
        id: Uuid,
        at: u32,
        step: &CaseStep,
        schema: Arc<Schema>,
    ) -> Result<Context, CaseRefusal> {
        let person = self.people.get(&step.user_name).ok_or(CaseRefusal::OwnerUnknown)?;
        let now = Timestamp::from_microsecond(step.at_unix_us).unwrap_or_default();
        Ok(Context {
            index: Arc::clone(&self.index),
            schema,
            author: Author {
                user_name: person.user_name.clone(),
                agency: person.agency.clone(),
                agency_office: person.agency_office.clone(),
                groups: person.groups.clone(),
                identified: person.user_category.as_deref() == Some("identified"),
            },
            now,
            today: now.to_zoned(jiff::tz::TimeZone::UTC).date(),
            seed: Uuid::new_v5(&id, &at.to_be_bytes()),
            places: self.places.clone(),
            chains: BTreeMap::new(),
        })
    }

    fn named(&self, body: &Record) -> Named {
        match text(body, "owned_by") {
            None => Named::Nobody,
            Some(name) if self.people.contains_key(&name) => Named::Known,
            Some(_) => Named::Unknown,
        }
    }
}

/// Everything that a record of a module may hold.
fn schema(index: &CatalogIndex, module: &str) -> Arc<Schema> {
    let module = Some(module).filter(|id| !id.is_empty());
    let mut schema = Schema::of_type(index, RecordType::Case, module);
    for (name, core) in [
        ("module_id", Core::Module),
        ("created_at", Core::Time),
        ("owned_by", Core::Text),
        ("status", Core::Status),
        ("record_state", Core::Bool),
        ("case_status_reopened", Core::Bool),
        ("hidden_name", Core::Bool),
        ("family_id", Core::UuidOrNull),
        ("family_member_id", Core::UuidOrNull),
        ("registry_record_id", Core::UuidOrNull),
    ] {
        schema.allow_core(name, core);
    }
    Arc::new(schema)
}

fn text(body: &Record, field: &str) -> Option<String> {
    body.get(field).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn reasons(refusal: CaseRefusal) -> Vec<String> {
    match refusal {
        CaseRefusal::Invalid(wrong) if !wrong.is_empty() => {
            wrong.into_iter().map(|one| format!("{} {}", one.pointer, one.code.as_str())).collect()
        }
        other => vec![other.to_string()],
    }
}
