//! Two cases of one child are merged, and parted again; what is written to a merged case goes on
//! to the one that is kept. Each is one transaction over all the streams that it touches.

use std::collections::{BTreeMap, BTreeSet};

use cases_domain::families::{self, Kinship};
use cases_domain::{Case, CaseKind, CaseRefusal, UpdateCase};
use kit_access::Write;
use kit_cabinet::{Asking, Office, Stored, Written, body, refusals};
use kit_decider::Command;
use kit_dossier::{Absorb, Carry, Context, Event, Release, Restore, Retire, Side, UpdateRetired};
use kit_proto::common::v1::{Reply, WriteRequest};
use kit_records::{Record, RecordType};
use kit_serve::{FieldProblem, Refusal};
use kit_store::{ExecuteError, Loaded, Meta, StoreError, Unit};
use serde_json::Value;
use uuid::Uuid;

use crate::cases::Cases;
use crate::links::{Family, change_family};

type Fault = ExecuteError<CaseRefusal>;

/// Both cases of a merge, each within reach, and with which forms it is decided.
struct Both {
    kept: Stored,
    retired: Uuid,
    context: Context,
    sent: Record,
}

/// The names that these units of work are stored under.
const MERGE: &str = "MergeCases";
const UNMERGE: &str = "UnmergeCases";

impl Cases {
    /// `POST /cases/:id/merge`: merges the case that the body names into this one.
    pub async fn merge_cases(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.office.meta(asking, &request.command_id);
        let both = self.both(asking, request, &meta).await?;
        let choices = choices(&both)?;
        let id = both.kept.id;
        let done = self.office.store.transact(&meta, MERGE, |unit| {
            let (office, meta) = (self.office.clone(), meta.clone());
            let (context, choices) = (both.context.clone(), choices.clone());
            let retired = both.retired;
            Box::pin(
                async move { merge(&office, unit, &meta, context, (id, retired), choices).await },
            )
        });
        let done = done.await.map_err(|error| refusals::executed(RecordType::Case, error, id))?;
        self.answer(asking, &meta, (id, both.retired), done).await
    }

    /// `POST /cases/:id/unmerge`: takes the merge of the case that the body names back.
    pub async fn unmerge_cases(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.office.meta(asking, &request.command_id);
        let both = self.both(asking, request, &meta).await?;
        let id = both.kept.id;
        let done = self.office.store.transact(&meta, UNMERGE, |unit| {
            let (office, meta) = (self.office.clone(), meta.clone());
            let (context, retired) = (both.context.clone(), both.retired);
            Box::pin(async move { unmerge(&office, unit, &meta, context, (id, retired)).await })
        });
        let done = done.await.map_err(|error| refusals::executed(RecordType::Case, error, id))?;
        self.answer(asking, &meta, (id, both.retired), done).await
    }

    /// The case of the path and that of the body: found (404), permitted (403), named rightly (422).
    /// A case beyond the reach is named as wrongly as one that there is not.
    async fn both(
        &self,
        asking: &Asking,
        request: &WriteRequest,
        meta: &Meta,
    ) -> Result<Both, Refusal> {
        let kept = self.office.existing(asking, &request.id).await?;
        asking.must("read")?;
        asking.must("merge")?;
        if !is_writable(asking, &kept) {
            return Err(Refusal::forbidden());
        }
        let sent = body(&request.data)?;
        let unknown = || Refusal::invalid_record(vec![FieldProblem::new("/case_id", "not_found")]);
        let named = sent.get("case_id").and_then(Value::as_str).ok_or_else(unknown)?;
        let row = match self.office.existing(asking, named).await {
            Ok(row) if is_writable(asking, &row) => row,
            Err(refusal) if refusal.code == kit_serve::Code::Internal => return Err(refusal),
            Err(refusal) if refusal.code == kit_serve::Code::Unavailable => return Err(refusal),
            _ => return Err(unknown()),
        };
        let schema = asking.schema(kept.module.as_deref(), Write::Update);
        let context = self.office.context::<CaseKind>(asking, meta, schema, &Record::new()).await?;
        Ok(Both { kept, retired: row.id, context, sent })
    }

    async fn answer(
        &self,
        asking: &Asking,
        meta: &Meta,
        (kept, retired): (Uuid, Uuid),
        done: kit_store::Done<Written<CaseKind>>,
    ) -> Result<Reply, Refusal> {
        let written = self.linked.told(meta, kept, done).await?;
        let mut reply = self.linked.cabinet.answer_write(asking, &written, None).await?;
        reply.record_ids.push(retired.to_string());
        Ok(reply)
    }
}

fn is_writable(asking: &Asking, row: &Stored) -> bool {
    let at = asking.permitted(row.module.as_deref());
    at.may_write(Write::Update) && row.is_within(&asking.reach())
}

/// The fields whose value the caller chose, who must be allowed to write them.
fn choices(both: &Both) -> Result<BTreeMap<String, Side>, Refusal> {
    let mut choices = BTreeMap::new();
    let mut wrong = Vec::new();
    let named = match both.sent.get("choices") {
        None | Some(Value::Null) => return Ok(choices),
        Some(Value::Object(named)) => named,
        Some(_) => {
            let field = FieldProblem::new("/choices", "wrong_type").with("expected", "object");
            return Err(Refusal::invalid_record(vec![field]));
        }
    };
    for (name, side) in named {
        let problem = |code: &str| FieldProblem::new(format!("/choices/{name}"), code);
        let side = match side.as_str() {
            Some("own") => Side::Own,
            Some("other") => Side::Other,
            _ => {
                wrong.push(problem("not_an_option"));
                continue;
            }
        };
        if both.context.schema.contains(name) {
            choices.insert(name.clone(), side);
        } else {
            wrong.push(problem("not_found"));
        }
    }
    if wrong.is_empty() { Ok(choices) } else { Err(Refusal::invalid_record(wrong)) }
}

/// Merges one case into another, with what that means for a family.
async fn merge(
    office: &Office,
    unit: &mut Unit,
    meta: &Meta,
    context: Context,
    (id, retired): (Uuid, Uuid),
    choices: BTreeMap<String, Side>,
) -> Result<Written<CaseKind>, Fault> {
    let kept = unit.load::<Case>(id).await?.state;
    let other = unit.load::<Case>(retired).await?.state;
    let family = match families::family_of(&kept).or_else(|| families::family_of(&other)) {
        Some(family) => Some((family, unit.load::<Family>(family).await?.state)),
        None => None,
    };
    let of = family.as_ref().map(|(id, family)| (*id, &family.values));
    let Kinship { case: beside, without, family: change } = families::merged(&kept, &other, of);
    let absorb = Absorb {
        kind: CaseKind,
        context: context.clone(),
        merge: meta.command_id,
        other,
        choices,
        beside,
        without,
    };
    let events = absorb.clone().decide(&kept).map_err(ExecuteError::Refused)?;
    drop((kept, family));
    let after = unit.execute(id, absorb).await?;
    let retire = Retire {
        kind: CaseKind,
        stamp: context.stamp(),
        merge: meta.command_id,
        into: id,
        into_display_id: after.state.display_id.clone(),
        into_owner: after.state.owner.clone(),
    };
    unit.execute(retired, retire).await?;
    if let Some((family, change)) = change {
        change_family(office, unit, meta, &context, family, change, &after.state).await?;
    }
    Ok(written(after, events))
}

/// Parts two cases, with what that means for a family.
async fn unmerge(
    office: &Office,
    unit: &mut Unit,
    meta: &Meta,
    context: Context,
    (id, retired): (Uuid, Uuid),
) -> Result<Written<CaseKind>, Fault> {
    let kept = unit.load::<Case>(id).await?;
    let merge = kept.state.absorbed.iter().find(|one| one.other == retired).map(|one| one.id);
    let merge = merge.ok_or(ExecuteError::Refused(CaseRefusal::NotMerged))?;
    let history = office.store.history::<Case>(meta.tenant, id).await?;
    if history.len() as u64 != kept.version {
        // Somebody wrote meanwhile: what is appended now would fail at the version.
        return Err(StoreError::Conflict.into());
    }
    let history: Vec<Event> = history.into_iter().map(|one| one.event).collect();
    let stamp = context.stamp();
    let release = Release { kind: CaseKind, stamp: stamp.clone(), merge, history };
    let events = release.clone().decide(&kept.state).map_err(ExecuteError::Refused)?;
    drop(kept);
    let after = unit.execute(id, release).await?;
    let other = unit.execute(retired, Restore { kind: CaseKind, stamp, merge }).await?;
    for family in
        [families::family_of(&other.state), families::family_of(&after.state)].into_iter().flatten()
    {
        let values = unit.load::<Family>(family).await?.state;
        let change = families::parted(&after.state, &other.state, (family, &values.values));
        drop(values);
        if !change.is_empty() {
            change_family(office, unit, meta, &context, family, change, &other.state).await?;
        }
    }
    Ok(written(after, events))
}

fn written(after: Loaded<Case>, events: Vec<Event>) -> Written<CaseKind> {
    let also = BTreeSet::new();
    Written { state: after.state, version: after.version, events, also }
}

/// Changes a case; one that was merged keeps the change, and hands it on to the case that is kept.
pub async fn write(
    unit: &mut Unit,
    id: Uuid,
    command: UpdateCase,
) -> Result<(Loaded<Case>, Vec<Event>), Fault> {
    let case = unit.load::<Case>(id).await?.state;
    if case.merged.is_none() {
        let events = command.clone().decide(&case).map_err(ExecuteError::Refused)?;
        drop(case);
        return Ok((unit.execute(id, command).await?, events));
    }
    let context = command.context.clone();
    let retired = UpdateRetired(command);
    let events = retired.clone().decide(&case).map_err(ExecuteError::Refused)?;
    let after = unit.execute(id, retired).await?;
    let (mut before, mut happened) = (case, events.clone());
    while let Some(merge) = before.merged.clone() {
        let kept = unit.load::<Case>(merge.other).await?.state;
        let context = context.clone();
        let carry = Carry { kind: CaseKind, context, merge: merge.id, before, events: happened };
        happened = carry.clone().decide(&kept).map_err(ExecuteError::Refused)?;
        unit.execute(merge.other, carry).await?;
        before = kept;
    }
    Ok((after, events))
}
