//! What a device keeps of its person's records: told what it knows, a service answers what changed,
//! and what has to go. Nothing is remembered between calls, so that nothing can be skipped.
//!
//! The caseload is chosen anew each time: records that the caller owns or is assigned to, open,
//! those changed last first; where there is room, other open records within reach, newest first;
//! and what the person pinned, as long as they reach it.

mod choose;
mod tag;
mod wish;

use std::collections::{BTreeSet, HashMap, HashSet};

use kit_proto::common::v1::{Reply, WriteRequest};
use kit_records::query::Projection;
use kit_serve::Refusal;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::answer::{Answer, View};
use crate::list::rows_of;
use crate::office::{Asking, Office};
use crate::refusals;
use crate::shallow::{ObjectWriter, array};
use crate::stored::{Opened, open_all};
use choose::Looked;
use wish::Wish;

/// What the caller sees of records, by module.
struct Views<'a> {
    asking: &'a Asking,
    known: HashMap<Option<String>, Answer<'a>>,
}

/// What has to come, and what has to go.
#[derive(Default)]
struct Plan {
    /// Records whose tag is not what the device knows, those that matter most first.
    changed: Vec<Uuid>,
    gone: Vec<Value>,
    /// Known and not there any more: erased, or never the caller's to know.
    missing: Vec<Uuid>,
    /// How many the device keeps once it has everything.
    kept: usize,
    /// What those that changed show of others.
    beside: HashMap<Uuid, Vec<u8>>,
}

impl<'a> Views<'a> {
    fn new(asking: &'a Asking) -> Self {
        Self { asking, known: HashMap::new() }
    }

    fn of(&mut self, module: Option<&str>) -> &Answer<'a> {
        let asking = self.asking;
        self.known
            .entry(module.map(str::to_owned))
            .or_insert_with(|| Answer::new(asking, module, View::Asked(&Projection::All)))
    }
}

impl Office {
    /// `POST /sync`, of one record type.
    pub async fn sync_records(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        let wish = Wish::read(&request.data)?;
        let mut views = Views::new(asking);
        let mut plan = if asking.may("read") {
            self.plan(asking, &wish, &mut views).await?
        } else {
            Plan { missing: wish.known.keys().copied().collect(), ..Plan::default() }
        };
        self.add_missing(asking, &mut plan).await?;
        let more = plan.changed.len() > wish.records;
        plan.changed.truncate(wish.records);
        let (changed, cut) = self.written(asking, &wish, &plan, &mut views).await?;
        let (ids, items): (Vec<String>, Vec<Vec<u8>>) = changed.into_iter().unzip();
        let mut answer = ObjectWriter::new(items.iter().map(Vec::len).sum());
        let items = array(items.iter().map(Vec::as_slice));
        // Each was written as JSON.
        answer.raw("changed", std::str::from_utf8(&items).map_err(Refusal::internal)?);
        answer.value("gone", &plan.gone).value("more", &(more || cut)).value("kept", &plan.kept);
        Ok(Reply { data: answer.end().into(), record_ids: ids, ..Reply::default() })
    }

    async fn plan(
        &self,
        asking: &Asking,
        wish: &Wish,
        views: &mut Views<'_>,
    ) -> Result<Plan, Refusal> {
        let chosen = self.chosen(asking, wish.limit).await?;
        let every: HashSet<Uuid> =
            chosen.iter().chain(&wish.pinned).chain(wish.known.keys()).copied().collect();
        let mut looked = self.looked(asking, every.into_iter().collect()).await?;
        let reach = asking.reach();
        let may_pin = |id: &&Uuid| {
            looked
                .get(*id)
                .is_some_and(|one| one.merged_into.is_none() && one.row.is_within(&reach))
        };
        let mut wanted: Vec<Uuid> =
            chosen.into_iter().filter(|id| looked.contains_key(id)).collect();
        let all: HashSet<Uuid> = wanted.iter().copied().collect();
        wanted.extend(wish.pinned.iter().filter(may_pin).filter(|id| !all.contains(*id)));
        let mut plan = Plan { kept: wanted.len(), ..Plan::default() };
        let stays: HashSet<Uuid> = wanted.iter().copied().collect();
        for id in wanted {
            let Some(one) = looked.get_mut(&id) else { continue };
            let tag = views.of(one.row.module.as_deref()).tag(&one.row, &one.beside);
            if wish.known.get(&id) != Some(&tag) {
                plan.changed.push(id);
                plan.beside.insert(id, std::mem::take(&mut one.beside));
            }
        }
        for id in wish.known.keys().filter(|id| !stays.contains(*id)) {
            match looked.get(id) {
                None => plan.missing.push(*id),
                Some(one) => plan.gone.push(gone(*id, one, one.row.is_within(&reach))),
            }
        }
        Ok(plan)
    }

    /// Of what has no row: erased for whoever reached it, out of scope for everyone else.
    async fn add_missing(&self, asking: &Asking, plan: &mut Plan) -> Result<(), Refusal> {
        let missing = std::mem::take(&mut plan.missing);
        let erased = self.erased_among(asking, &missing).await.map_err(refusals::store)?;
        for id in missing {
            let reason = if erased.contains(&id) { "erased" } else { "out_of_scope" };
            plan.gone.push(json!({"id": id, "reason": reason}));
        }
        Ok(())
    }

    /// Records with their ids, until they are large enough for an answer; whether any were cut off.
    async fn written(
        &self,
        asking: &Asking,
        wish: &Wish,
        plan: &Plan,
        views: &mut Views<'_>,
    ) -> Result<(Vec<(String, Vec<u8>)>, bool), Refusal> {
        let mut opened = self.documents(asking, &plan.changed).await?;
        let mut written = Vec::with_capacity(plan.changed.len());
        let mut size = 0;
        for id in &plan.changed {
            // Erased meanwhile: the next call says so.
            let Some(record) = opened.remove(id) else { continue };
            if size >= wish.bytes && !written.is_empty() {
                return Ok((written, true));
            }
            let answer = views.of(record.row.module.as_deref());
            let beside = plan.beside.get(id).map_or(&[][..], Vec::as_slice);
            let tag = answer.tag(&record.row, beside);
            let json = answer.write(&record, &[]).map_err(Refusal::internal)?;
            let mut item = ObjectWriter::new(json.len() + 128);
            item.value("record_type", asking.record_type.as_str()).value("id", id);
            item.value("version", &record.row.version).value("tag", &tag);
            item.raw("record", std::str::from_utf8(&json).map_err(Refusal::internal)?);
            let item = item.end();
            size += item.len();
            written.push((id.to_string(), item));
        }
        Ok((written, false))
    }

    /// The records as a single read opens them.
    async fn documents(
        &self,
        asking: &Asking,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, Opened>, Refusal> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let tx = self.read(asking).await?;
        let rows = rows_of(&tx, asking.tables(), asking.tenant, ids.to_vec()).await;
        drop(tx);
        let rows = rows.map_err(refusals::store)?;
        // What left the caller's reach since it was chosen is not shown.
        let reach = asking.reach();
        let rows = rows.into_iter().filter(|row| row.is_within(&reach)).collect();
        let opened = open_all(self.store.keys(), asking.tables(), asking.tenant, rows).await;
        let mut opened = opened.map_err(refusals::store)?;
        self.add_beside(asking, &mut opened).await?;
        Ok(opened.into_iter().map(|one| (one.row.id, one)).collect())
    }
}

/// Why a record that there is leaves the device.
fn gone(id: Uuid, one: &Looked, within: bool) -> Value {
    match (&one.merged_into, within) {
        (_, false) => json!({"id": id, "reason": "out_of_scope"}),
        (Some(into), true) => json!({"id": id, "reason": "merged", "merged_into": into}),
        (None, true) if !one.open => json!({"id": id, "reason": "closed"}),
        (None, true) => json!({"id": id, "reason": "not_chosen"}),
    }
}

/// Ids without repeats, in their order.
fn once(ids: Vec<Uuid>) -> Vec<Uuid> {
    let mut seen = BTreeSet::new();
    ids.into_iter().filter(|id| seen.insert(*id)).collect()
}
