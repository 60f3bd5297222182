//! What all writes of records share, as far as the shell is concerned: rights, validation, people
//! and places, the answer; the decision itself is in `kit-dossier`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kit_access::{Handover, Write};
use kit_dossier::{Author, Context, Dossier, Event, Kind, Named, Rights, places};
use kit_proto::common::v1::Reply;
use kit_records::values::Record;
use kit_records::{Schema, Unknown, Validation};
use kit_serve::Refusal;
use kit_store::{Meta, Outcome};
use serde_json::Value;
use uuid::Uuid;

use crate::answer::{Answer, View};
use crate::cabinet::Cabinet;
use crate::conflicts;
use crate::office::{Asking, Office};
use crate::people::Person;
use crate::refusals;
use crate::stored::{Opened, Stored};

/// Changed with the owner, though in no event: they follow from the directory.
const OWNERS: [&str; 6] = [
    "owned_by_groups",
    "owned_by_agency_id",
    "owned_by_agency_office",
    "owned_by_location",
    "associated_user_groups",
    "associated_user_agencies",
];

/// The body of a write: the value of `data`, which is an object.
pub fn body(data: &[u8]) -> Result<Record, Refusal> {
    match serde_json::from_slice(data) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) | Err(_) => Err(Refusal::missing_parameter("data")),
    }
}

impl Asking {
    /// What may be stored of the body. Unknown fields are left out, as clients of Primero expect,
    /// unless the caller wants to hear of them.
    pub fn validated(
        &self,
        schema: &Schema,
        body: &Record,
        strict: bool,
    ) -> Result<Record, Refusal> {
        let validation = Validation {
            index: &self.index,
            record_type: self.record_type,
            schema,
            unknown: if strict { Unknown::Report } else { Unknown::Ignore },
            today: self.today,
        };
        validation.check(body).map_err(refusals::invalid)
    }

    /// What the caller may write.
    pub fn schema(&self, module: Option<&str>, write: Write<'_>) -> Arc<Schema> {
        let who = (&self.principal, &self.index);
        self.schemas.of(who, (self.record_type, module), write)
    }

    /// Decisions that need a right of their own. To whom the record may be handed over was
    /// looked at before, see [`Office::owner`].
    pub fn rights(&self) -> Rights {
        let may = |action| self.may(action);
        Rights {
            close: may("close"),
            reopen: may("reopen"),
            enable_disable: may("enable_disable_record"),
            assign: true,
            attribute: may("attribute"),
        }
    }

    /// Whether the caller may hand a record of `owner` over to somebody.
    fn may_hand_over(&self, owner: Option<&str>, name: &str, to: Option<&Person>) -> bool {
        let principal = &self.principal;
        match self.permitted(None).handover(owner, name) {
            Handover::Anyone => true,
            Handover::SameAgency => {
                to.is_some_and(|to| to.agency.as_deref() == Some(principal.agency.as_str()))
            }
            Handover::SameGroup => {
                to.is_some_and(|to| to.groups.iter().any(|group| principal.groups.contains(group)))
            }
            Handover::Refused => false,
        }
    }

    /// Who asks, as decisions know them.
    pub fn author(&self) -> Author {
        let principal = &self.principal;
        Author {
            user_name: principal.user_name.clone(),
            agency: Some(principal.agency.clone()).filter(|agency| !agency.is_empty()),
            agency_office: principal.agency_office.clone(),
            groups: principal.groups.clone(),
            identified: principal.user_category.as_deref() == Some("identified"),
        }
    }
}

impl Office {
    /// What a decision on a record of a kind may know besides the record.
    pub async fn context<K: Kind>(
        &self,
        asking: &Asking,
        meta: &Meta,
        schema: Arc<Schema>,
        body: &Record,
    ) -> Result<Context, Refusal> {
        Ok(Context {
            index: Arc::clone(&asking.index),
            schema,
            author: asking.author(),
            now: meta.now,
            today: asking.today,
            seed: meta.command_id,
            places: self.places(asking, body).await?,
            chains: self.chains(asking, K::chains(&asking.index)).await?,
        })
    }

    /// The dotted path of the place in the reporting location field, if the body fills it.
    async fn places(
        &self,
        asking: &Asking,
        body: &Record,
    ) -> Result<BTreeMap<String, String>, Refusal> {
        let field = places::reporting_field(&asking.index.settings);
        let Some(code) = field.and_then(|field| body.get(field)).and_then(Value::as_str) else {
            return Ok(BTreeMap::new());
        };
        let path = self.place_path(asking, code).await?;
        Ok(path.map(|path| (code.to_owned(), path.join("."))).into_iter().collect())
    }

    async fn place_path(
        &self,
        asking: &Asking,
        code: &str,
    ) -> Result<Option<Vec<String>>, Refusal> {
        let sql = "SELECT hierarchy FROM directory_location WHERE tenant = $1 AND code = $2";
        let tx = self.read(asking).await?;
        let row = tx.query_opt(sql, &[&asking.tenant, &code]).await.map_err(refusals::store)?;
        row.map(|row| row.try_get(0)).transpose().map_err(Refusal::internal)
    }

    /// What the directory answers to the rules of naming about the author.
    async fn chains(
        &self,
        asking: &Asking,
        asked: Vec<&str>,
    ) -> Result<BTreeMap<String, String>, Refusal> {
        let mut answers = BTreeMap::new();
        for chain in asked {
            if let Some(answer) = self.chain(asking, chain).await? {
                answers.insert(chain.to_owned(), answer);
            }
        }
        Ok(answers)
    }

    async fn chain(&self, asking: &Asking, chain: &str) -> Result<Option<String>, Refusal> {
        let principal = &asking.principal;
        let Some(rest) = chain.strip_prefix("created_by_user.") else { return Ok(None) };
        if let Some(kind) = rest
            .strip_prefix("location.ancestor_by_type(")
            .and_then(|rest| rest.strip_suffix(").location_code"))
        {
            return self.ancestor(asking, kind.trim()).await;
        }
        Ok(match rest {
            "code" => principal.code.clone(),
            "user_name" => Some(principal.user_name.clone()),
            "location" | "location.location_code" => principal.location.clone(),
            "agency.unique_id" | "agency.agency_code" => Some(principal.agency.clone()),
            "agency_office" => principal.agency_office.clone(),
            _ => None,
        })
    }

    /// The place of this type that the author's place lies in.
    async fn ancestor(&self, asking: &Asking, kind: &str) -> Result<Option<String>, Refusal> {
        let Some(code) = &asking.principal.location else { return Ok(None) };
        let sql = "SELECT a.code FROM directory_location l JOIN directory_location a \
             ON a.tenant = l.tenant AND a.code = ANY(l.hierarchy) \
             WHERE l.tenant = $1 AND l.code = $2 AND a.type = $3 LIMIT 1";
        let tx = self.read(asking).await?;
        let row =
            tx.query_opt(sql, &[&asking.tenant, code, &kind]).await.map_err(refusals::store)?;
        row.map(|row| row.try_get(0)).transpose().map_err(Refusal::internal)
    }

    /// What the directory says of the body's `owned_by`. It is left out, as any key that may
    /// not be written, where the caller may not hand the record over to that user.
    pub async fn owner(
        &self,
        asking: &Asking,
        owner: Option<&str>,
        body: &mut Record,
    ) -> Result<Named, Refusal> {
        if body.get("owned_by").and_then(Value::as_str).is_some_and(|to| Some(to) == owner) {
            body.shift_remove("owned_by");
        }
        let Some(name) = body.get("owned_by").and_then(Value::as_str).map(str::to_owned) else {
            return Ok(Named::Nobody);
        };
        let found = self.people.find(&self.store, asking.tenant, &[&name]).await;
        let person = found.map_err(refusals::store)?.remove(&name);
        if !asking.may_hand_over(owner, &name, person.as_ref()) {
            body.shift_remove("owned_by");
            return Ok(Named::Nobody);
        }
        Ok(if person.is_some_and(|one| one.is_active()) { Named::Known } else { Named::Unknown })
    }

    /// Whether the body's `identified_by` can have this record as their own.
    pub async fn identified(
        &self,
        asking: &Asking,
        body: &Record,
        record: Uuid,
    ) -> Result<Named, Refusal> {
        let Some(name) = body.get("identified_by").and_then(Value::as_str) else {
            return Ok(Named::Nobody);
        };
        let person = self.people.ask(asking.tenant, name).await.map_err(refusals::store)?;
        let fits = |person: &Person| {
            person.is_active() && person.user_category.as_deref() == Some("identified")
        };
        if !person.as_ref().is_some_and(fits) {
            return Ok(Named::Unknown);
        }
        self.has_own(asking, name, record).await
    }

    /// Whether a user is the identified person of a record other than this one.
    pub async fn has_own(
        &self,
        asking: &Asking,
        name: &str,
        record: Uuid,
    ) -> Result<Named, Refusal> {
        let sql = asking.tables().fill(
            "SELECT 1 FROM {term} WHERE tenant = $1 \
             AND term = scope_term('identified_by', $2) AND id <> $3 LIMIT 1",
        );
        let tx = self.read(asking).await?;
        let other = tx.query_opt(&sql, &[&asking.tenant, &name, &record]).await;
        Ok(if other.map_err(refusals::store)?.is_some() { Named::Taken } else { Named::Known })
    }
}

impl<K: Kind> Cabinet<K> {
    /// What a write answers: id, enabled, time, and the fields that changed and may be read.
    /// `before` is the row as it was read, if it was: people and places in it still hold unless
    /// the owner changed.
    pub async fn changed(
        &self,
        asking: &Asking,
        outcome: &Outcome<Dossier<K>>,
        before: Option<Stored>,
    ) -> Result<Reply, Refusal> {
        let written = Written {
            state: Arc::clone(&outcome.state),
            version: outcome.version,
            events: outcome.recorded.iter().map(|one| one.event.clone()).collect(),
            also: BTreeSet::new(),
        };
        self.answer_write(asking, &written, before).await
    }

    /// The same of a write that was one of several.
    pub async fn answer_write(
        &self,
        asking: &Asking,
        written: &Written<K>,
        before: Option<Stored>,
    ) -> Result<Reply, Refusal> {
        let record = &*written.state;
        let same_owner = |row: &Stored| row.owned_by.as_deref() == Some(record.owner.as_str());
        let mut row = match before.filter(same_owner) {
            Some(row) => row,
            None => self.office.existing(asking, &record.id.to_string()).await?,
        };
        // The row may be of another version; the answer is of this one.
        row.last_updated_at = record.last_updated.at;
        row.enabled = record.record_state;
        let document = record.document(&asking.index.settings);
        let json = serde_json::to_vec(&document).map_err(Refusal::internal)?;
        let mut opened = Opened { row, json };
        self.office.add_beside(asking, std::slice::from_mut(&mut opened)).await?;
        let view = View::Asked(&kit_records::query::Projection::All);
        let mut answer = Answer::new(asking, record.module.as_deref(), view);
        let more = match written.conflicts_opened(|field| answer.shows(field)) {
            opened if opened.is_empty() => vec![],
            opened => vec![("conflicts", Value::Array(opened))],
        };
        if let Some(changed) = &written.changed_fields() {
            answer.only(changed);
        }
        Ok(Reply {
            data: answer.write(&opened, &more).map_err(Refusal::internal)?.into(),
            version: written.version,
            record_ids: vec![record.id.to_string()],
            ..Reply::default()
        })
    }
}

/// What a write came to.
#[derive(Debug)]
pub struct Written<K: Kind> {
    pub state: Arc<Dossier<K>>,
    pub version: u64,
    pub events: Vec<Event>,
    /// Fields that changed though they are not the record's own.
    pub also: BTreeSet<String>,
}

impl<K: Kind> Written<K> {
    /// Names of the fields that the command changed; none means all of a new record.
    fn changed_fields(&self) -> Option<BTreeSet<String>> {
        match self.events.first() {
            None => Some(self.also.clone()),
            Some(Event::Registered(_)) => None,
            Some(_) => {
                let mut changed = &self.state.last_changes | &self.also;
                if changed.contains("owned_by") {
                    changed.extend(OWNERS.map(str::to_owned));
                }
                Some(changed)
            }
        }
    }

    /// The conflicts that this command met, in places that the caller may read.
    fn conflicts_opened(&self, may_read: impl Fn(&str) -> bool) -> Vec<Value> {
        let opened = self.events.iter().filter_map(|event| match event {
            Event::ConflictOpened(conflict) => Some(conflict.id),
            _ => None,
        });
        let opened: BTreeSet<Uuid> = opened.collect();
        let here = self.state.conflicts.iter().filter(|(id, _)| opened.contains(id));
        conflicts::shown(here, may_read)
    }
}
