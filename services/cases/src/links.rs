//! Cases that are linked to a family or a registry record: a write of such a case may be a write of
//! its family as well, in one transaction.

use std::collections::BTreeSet;
use std::sync::Arc;

use cases_domain::families::{self, FAMILY, FamilyKind, Link, LinkRefusal, MEMBER, Plan};
use cases_domain::{Case, CaseKind, CaseRefusal, Stamp, UpdateCase};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kit_cabinet::{
    Answering, Asking, Cabinet, ChangedRecord, Drawer, NewRecord, Office, Written, no_content,
    refusals, rows_of,
};
use kit_decider::Command;
use kit_dossier::{Assign, Context, Dossier, Event, Update, fields};
use kit_proto::common::v1::{Reply, WriteRequest};
use kit_records::{Code, Record, RecordType, Schema, Violation};
use kit_serve::{FieldProblem, Refusal};
use kit_store::{Burial, Done, ExecuteError, Meta, StoreError, Unit};
use serde_json::Value;
use uuid::Uuid;

use crate::beside::{REGISTRY, shown_of_links};
use crate::merging;

/// A family at one version.
pub type Family = Dossier<FamilyKind>;
pub type Fault = ExecuteError<CaseRefusal>;

/// Cases, as callers see them.
#[derive(Clone)]
pub struct LinkedCases {
    pub cabinet: Cabinet<CaseKind>,
}

impl Drawer for LinkedCases {
    fn within(&self) -> &dyn Drawer {
        &self.cabinet
    }

    fn create<'a>(&'a self, asking: &'a Asking, request: &'a WriteRequest) -> Answering<'a> {
        async move {
            asking.must("create")?;
            let draft = self.cabinet.draft_create(asking, request).await?;
            self.check_links(asking, &Record::new(), &draft.command.body).await?;
            if fields::text(&draft.command.body, FAMILY).is_none() {
                return self.cabinet.register(asking, draft).await;
            }
            self.register_member(asking, draft).await
        }
        .boxed()
    }

    fn update<'a>(&'a self, asking: &'a Asking, request: &'a WriteRequest) -> Answering<'a> {
        self.change(asking, request).boxed()
    }

    fn bury<'a>(
        &'a self,
        meta: &'a Meta,
        id: Uuid,
        note: &'a Value,
    ) -> BoxFuture<'a, Result<Option<Burial>, StoreError>> {
        async move {
            let mut note = note.clone();
            note["forgotten"] = self.leave_for_good(meta, id).await?.into();
            let burial = self.within().bury(meta, id, &note).await?;
            self.forget_incidents(meta.tenant, id).await?;
            Ok(burial)
        }
        .boxed()
    }
}

impl LinkedCases {
    pub const fn new(office: Office) -> Self {
        Self { cabinet: Cabinet::new(office) }
    }

    pub fn office(&self) -> &Office {
        &self.cabinet.office
    }

    async fn change(&self, asking: &Asking, request: &WriteRequest) -> Result<Reply, Refusal> {
        let draft = self.cabinet.draft_update(asking, request).await?;
        let body = &draft.command.body;
        let touches_registry = body.contains_key(REGISTRY);
        if !Link::is_touched_by(body) && !touches_registry {
            return self.change_alone(asking, draft).await;
        }
        let loaded = self.office().store.load::<Case>(asking.tenant, draft.row.id).await;
        let state = loaded.map_err(refusals::store)?.state;
        self.check_links(asking, &state.values, body).await?;
        if Link::of(&state.values, body) == Link::default() && !touches_registry {
            return self.change_alone(asking, draft).await;
        }
        drop(state);
        self.change_linked(asking, draft).await
    }

    /// Changes a case and no family; one that was merged hands on what is written to it.
    async fn change_alone(
        &self,
        asking: &Asking,
        draft: ChangedRecord<CaseKind>,
    ) -> Result<Reply, Refusal> {
        let ChangedRecord { meta, row, command } = draft;
        match self.office().execute(&meta, row.id, command.clone()).await {
            Ok(outcome) => self.cabinet.changed(asking, &outcome, Some(row)).await,
            Err(ExecuteError::Refused(CaseRefusal::Merged(_))) => {
                self.change_linked(asking, ChangedRecord { meta, row, command }).await
            }
            Err(error) => Err(refusals::executed(RecordType::Case, error, row.id)),
        }
    }

    /// Changes a case and its families.
    async fn change_linked(
        &self,
        asking: &Asking,
        draft: ChangedRecord<CaseKind>,
    ) -> Result<Reply, Refusal> {
        let ChangedRecord { meta, row, mut command } = draft;
        fields::identify(&mut command.body, &command.context);
        let written = {
            let _turn = self.office().turns.of(meta.tenant, row.id).await;
            let done = self.office().store.transact(&meta, "Update", |unit| {
                let (office, meta, command) =
                    (self.office().clone(), meta.clone(), command.clone());
                Box::pin(async move { update(&office, unit, &meta, row.id, command).await })
            });
            done.await.map_err(|error| refusals::executed(RecordType::Case, error, row.id))?
        };
        let written = self.told(&meta, row.id, written).await?;
        self.cabinet.answer_write(asking, &written, None).await
    }

    /// Registers a case that is a member of a family from the first moment.
    pub async fn register_member(
        &self,
        asking: &Asking,
        draft: NewRecord<CaseKind>,
    ) -> Result<Reply, Refusal> {
        let (id, own_id) = (draft.command.id, draft.own_id);
        let body = draft.command.body.clone();
        match self.store_member(&draft).await {
            Ok(done) => {
                let written = self.told(&draft.meta, id, done).await?;
                if own_id.is_some() {
                    return Ok(no_content(id, written.version));
                }
                self.cabinet.answer_write(asking, &written, None).await
            }
            Err(error) => self.cabinet.not_registered(asking, (id, own_id), &body, error).await,
        }
    }

    /// The same without an answer.
    pub async fn store_member(
        &self,
        draft: &NewRecord<CaseKind>,
    ) -> Result<Done<Written<CaseKind>>, Fault> {
        let NewRecord { meta, command, .. } = draft;
        self.office()
            .store
            .transact(meta, "Register", |unit| {
                let (office, meta, command) =
                    (self.office().clone(), meta.clone(), command.clone());
                Box::pin(async move { register(&office, unit, &meta, command).await })
            })
            .await
    }

    /// What was written, also when it was written before under the same command id.
    pub async fn told(
        &self,
        meta: &Meta,
        id: Uuid,
        done: Done<Written<CaseKind>>,
    ) -> Result<Written<CaseKind>, Refusal> {
        let mut written = match done {
            Done::Now(written) => written,
            Done::Before(_) => {
                let loaded = self.office().store.load::<Case>(meta.tenant, id).await;
                let loaded = loaded.map_err(refusals::store)?;
                let (state, version) = (loaded.state, loaded.version);
                Written { state, version, events: Vec::new(), also: BTreeSet::new() }
            }
        };
        written.also = shown_of_links();
        Ok(written)
    }

    /// Refused unless a family and a registry record that a body newly names are there, and the
    /// caller may know of them.
    async fn check_links(
        &self,
        asking: &Asking,
        before: &Record,
        body: &Record,
    ) -> Result<(), Refusal> {
        for (field, record_type) in
            [(REGISTRY, RecordType::RegistryRecord), (FAMILY, RecordType::Family)]
        {
            let named = fields::text(body, field);
            let Some(named) = named.filter(|id| fields::text(before, field) != Some(*id)) else {
                continue;
            };
            let unknown = || {
                Refusal::invalid_record(vec![FieldProblem::new(format!("/{field}"), "not_found")])
            };
            let id = named.parse::<Uuid>().map_err(|_| unknown())?;
            let asking = asking.about(record_type);
            let tx = self.office().read(&asking).await?;
            let rows = rows_of(&tx, asking.tables(), asking.tenant, vec![id]).await;
            let row = rows.map_err(refusals::store)?.pop().ok_or_else(unknown)?;
            if !row.is_within(&asking.reach()) && !asking.may("search_and_select_family_record") {
                return Err(unknown());
            }
        }
        Ok(())
    }
}

/// Changes a case, and the families that it leaves, joins or stays in.
pub async fn update(
    office: &Office,
    unit: &mut Unit,
    meta: &Meta,
    id: Uuid,
    command: UpdateCase,
) -> Result<Written<CaseKind>, Fault> {
    let case = unit.load::<Case>(id).await?.state;
    let mut body = command.body.clone();
    if case.merged.is_some() {
        // Its place in a family is that of the case that is kept.
        for name in [FAMILY, MEMBER] {
            body.shift_remove(name);
        }
    }
    let link = Link::of(&case.values, &body);
    let mut touched = Vec::new();
    if let Some(left) = link.leaves {
        let family = unit.load::<Family>(left).await?.state;
        let plan = families::leave(&case, &family.values, &body);
        touched.push((left, plan.family));
        body = plan.case;
    }
    if let Some(joined) = link.joins {
        let family = unit.load::<Family>(joined).await?.state;
        let mut asked = command.body.clone();
        asked.insert(FAMILY.into(), joined.to_string().into());
        let plan = families::join(&case, (joined, &family.values), &asked).map_err(refused)?;
        touched.push((joined, plan.family));
        body = plan.case;
    }
    if let Some(stays) = link.stays {
        let family = unit.load::<Family>(stays).await?.state;
        let Plan { case, family } = families::stay(&case, &family.values, &body);
        touched.push((stays, family));
        body = case;
    }
    let command = UpdateCase { body, ..command };
    let context = command.context.clone();
    drop(case);
    let (after, events) = merging::write(unit, id, command).await?;
    for (family, change) in touched {
        change_family(office, unit, meta, &context, family, change, &after.state).await?;
    }
    Ok(Written { state: after.state, version: after.version, events, also: BTreeSet::new() })
}

/// Registers a case, then lets it join its family.
pub async fn register(
    office: &Office,
    unit: &mut Unit,
    meta: &Meta,
    mut command: kit_dossier::Register<CaseKind>,
) -> Result<Written<CaseKind>, Fault> {
    let id = command.id;
    let link = [FAMILY, MEMBER].map(|name| (name, command.body.shift_remove(name)));
    let body: Record =
        link.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    fields::identify(&mut command.body, &command.context);
    let join = UpdateCase {
        kind: CaseKind,
        context: command.context.clone(),
        body,
        base: None,
        seen: None,
        action: None,
        rights: command.rights,
        owner: kit_dossier::Named::Nobody,
        identified: kit_dossier::Named::Nobody,
    };
    let nothing = unit.load::<Case>(id).await?.state;
    let mut events: Vec<Event> = command.clone().decide(&nothing).map_err(ExecuteError::Refused)?;
    unit.execute(id, command).await?;
    let mut written = update(office, unit, meta, id, join).await?;
    events.append(&mut written.events);
    Ok(Written { events, ..written })
}

/// Changes a family by what one of its cases brought, and lets the owners of its cases reach it.
pub async fn change_family(
    office: &Office,
    unit: &mut Unit,
    meta: &Meta,
    context: &Context,
    id: Uuid,
    body: Record,
    case: &Case,
) -> Result<(), Fault> {
    // Nobody's forms say what may go this way: the case's did.
    let context = Context { schema: Arc::new(Schema::default()), ..context.clone() };
    let command = Update {
        kind: FamilyKind,
        context,
        body,
        base: None,
        seen: None,
        action: None,
        rights: kit_dossier::Rights::default(),
        owner: kit_dossier::Named::Nobody,
        identified: kit_dossier::Named::Nobody,
    };
    let family = unit.execute(id, command).await?.state;
    let members: Vec<Uuid> = families::cases_of(&family.values);
    let mut users =
        owners(office, meta.tenant, members.iter().filter(|one| **one != case.id)).await?;
    if members.contains(&case.id) {
        users.push(case.owner.clone());
    }
    let stamp = Stamp { by: meta.actor.clone(), at: meta.now };
    unit.execute(id, Assign { kind: FamilyKind, stamp, users }).await?;
    Ok(())
}

/// The owners of some cases.
pub async fn owners(
    office: &Office,
    tenant: Uuid,
    cases: impl Iterator<Item = &Uuid>,
) -> Result<Vec<String>, Fault> {
    let cases: Vec<Uuid> = cases.copied().collect();
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "SELECT DISTINCT owned_by FROM case_row \
         WHERE tenant = $1 AND id = ANY($2) AND owned_by IS NOT NULL";
    let tx = office.store.read(tenant).await?;
    let rows = tx.query(sql, &[&tenant, &cases]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

fn refused(refusal: LinkRefusal) -> Fault {
    let code = match refusal {
        LinkRefusal::NoSuchMember => Code::NotFound,
        LinkRefusal::MemberTaken => Code::NotAnOption,
    };
    ExecuteError::Refused(CaseRefusal::Invalid(vec![Violation::new(format!("/{MEMBER}"), code)]))
}
