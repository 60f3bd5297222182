//! Whole tracing requests, taken over: the seed, a migration. Each is decided by the same command
//! as a caller's write, at the time and by the user that it names, with all rights.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use family_tracing_domain::{TracingKind, TracingRequest};
use jiff::Timestamp;
use kit_cabinet::catalogs::Wanted;
use kit_cabinet::people::Person;
use kit_cabinet::{body, refusals};
use kit_dossier::{Author, Context, Named, Refusal as DossierRefusal, Register, Rights};
use kit_proto::tracing::v1::{FiledRequest, ImportRequestsReply, ImportRequestsRequest};
use kit_records::{CatalogIndex, Core, RecordType, Schema, Unknown, Validation};
use kit_serve::{Call, Refusal};
use kit_store::{ExecuteError, Meta};
use uuid::Uuid;

use crate::Tracing;

/// What an import stands on.
struct Ground {
    index: Arc<CatalogIndex>,
    people: HashMap<String, Person>,
}

/// What became of one request.
enum Became {
    Stored,
    Known,
    Refused(String),
}

impl Tracing {
    /// Stores requests that are not known yet.
    pub async fn import(
        &self,
        call: &Call,
        request: ImportRequestsRequest,
    ) -> Result<ImportRequestsReply, Refusal> {
        let tenant = call.tenant()?;
        let ground = self.ground(tenant, &request.requests).await?;
        let mut reply = ImportRequestsReply::default();
        for filed in &request.requests {
            match self.import_one(call, tenant, &ground, filed).await? {
                Became::Stored => reply.stored += 1,
                Became::Known => reply.known += 1,
                Became::Refused(reason) => reply.refused.push(reason),
            }
        }
        Ok(reply)
    }

    async fn ground(&self, tenant: Uuid, filed: &[FiledRequest]) -> Result<Ground, Refusal> {
        let taken = self.office.catalogs.take(tenant, Wanted::default()).await;
        let index = taken.map_err(|error| {
            tracing::warn!(error = kit_store::cause(&error), "no catalog");
            Refusal::unavailable()
        })?;
        let names: Vec<&str> = filed.iter().map(|one| one.user_name.as_str()).collect();
        let people = self.office.people.find(&self.office.store, tenant, &names).await;
        Ok(Ground { index, people: people.map_err(refusals::store)? })
    }

    async fn import_one(
        &self,
        call: &Call,
        tenant: Uuid,
        ground: &Ground,
        filed: &FiledRequest,
    ) -> Result<Became, Refusal> {
        let id: Uuid = filed.id.parse().map_err(|_| Refusal::invalid("id is not a UUID"))?;
        let known = self.office.store.load::<TracingRequest>(tenant, id).await;
        if known.map_err(refusals::store)?.exists() {
            return Ok(Became::Known);
        }
        let command = match ground.command(id, filed)? {
            Ok(command) => command,
            Err(refusal) => return Ok(Became::Refused(reason(&refusal))),
        };
        let meta = Meta {
            tenant,
            actor: filed.user_name.clone(),
            command_id: Uuid::new_v5(&id, b"import"),
            now: command.context.now,
            correlation: call.request_id,
            causation: None,
            trace: call.traceparent.clone(),
        };
        match self.office.execute(&meta, id, command).await {
            Ok(_) => Ok(Became::Stored),
            Err(ExecuteError::Refused(DossierRefusal::AlreadyRegistered)) => Ok(Became::Known),
            Err(ExecuteError::Refused(refusal)) => Ok(Became::Refused(reason(&refusal))),
            Err(ExecuteError::Store(error)) => Err(refusals::store(error)),
        }
    }
}

impl Ground {
    /// The registration that a filed request comes to.
    fn command(
        &self,
        id: Uuid,
        filed: &FiledRequest,
    ) -> Result<Result<Register<TracingKind>, DossierRefusal>, Refusal> {
        let sent = body(&filed.data)?;
        let Some(person) = self.people.get(&filed.user_name) else {
            return Ok(Err(DossierRefusal::OwnerUnknown));
        };
        let module = sent.get("module_id").and_then(serde_json::Value::as_str);
        let context = self.context(id, filed, person, schema(&self.index, module));
        let validation = Validation {
            index: &self.index,
            record_type: RecordType::TracingRequest,
            schema: &context.schema,
            unknown: Unknown::Ignore,
            today: context.today,
        };
        let body = match validation.check(&sent) {
            Ok(body) => body,
            Err(violations) => return Ok(Err(DossierRefusal::Invalid(violations))),
        };
        Ok(Ok(Register {
            kind: TracingKind,
            context,
            id,
            body,
            rights: Rights::ALL,
            owner: Named::Nobody,
            identified: Named::Nobody,
        }))
    }

    fn context(&self, id: Uuid, filed: &FiledRequest, person: &Person, schema: Schema) -> Context {
        let now = Timestamp::from_microsecond(filed.at_unix_us).unwrap_or_default();
        Context {
            index: Arc::clone(&self.index),
            schema: Arc::new(schema),
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

/// Everything that a request of a module may hold.
fn schema(index: &CatalogIndex, module: Option<&str>) -> Schema {
    let mut schema = Schema::of_type(index, RecordType::TracingRequest, module);
    schema.allow_core("module_id", Core::Module);
    schema.allow_core("created_at", Core::Time);
    schema
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
