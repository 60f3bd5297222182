//! A case for a relative: from the family that they are a member of, or from the case of another
//! member. The family, the case that asked and the new one are stored together.

use std::sync::Arc;

use cases_domain::families::{
    DETAILS, FAMILY, FamilyKind, MEMBER, MEMBERS, SHARED, case_of, member,
};
use cases_domain::{Case, CaseKind, UpdateCase};
use kit_cabinet::{Asking, Written, body, refusals};
use kit_dossier::{Context, Named, Register, Rights, fields};
use kit_proto::common::v1::{GetRequest, Parameter, Reply, WriteRequest};
use kit_records::{Record, RecordType, Schema, Unknown, Validation};
use kit_serve::{Code, ErrorItem, FieldProblem, Refusal};
use kit_store::Meta;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::cases::Cases;
use crate::links::{Family, register, update};

/// What making a case for a relative takes.
#[derive(Clone)]
struct TakeUp {
    family: Uuid,
    /// Where there is no family yet.
    found: Option<Register<FamilyKind>>,
    /// The case that asked, where it is not a member yet.
    joins: Option<(Uuid, UpdateCase)>,
    case: Register<CaseKind>,
}

impl Cases {
    /// `POST /families/:id/case` with `family_member_id`.
    pub async fn create_case_from_family(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        let asking = &asking.about(RecordType::Family);
        let row = self.office.existing(asking, &request.id).await?;
        asking.must("case_from_family")?;
        if !row.is_within(&asking.reach()) {
            return Err(Refusal::forbidden());
        }
        let sent = body(&request.data)?;
        let wanted = fields::text(&sent, MEMBER).unwrap_or_default();
        let loaded = self.office.store.load::<Family>(asking.tenant, row.id).await;
        let family = loaded.map_err(refusals::store)?.state;
        let meta = self.office.meta(asking, &request.command_id);
        let relative = member(&family.values, wanted).ok_or_else(|| no_such_member(MEMBER))?;
        // A repeat under the same command id finds the case that it made.
        let id = self.office.new_id(&asking.about(RecordType::Case), &request.command_id);
        without_case(relative, id, MEMBER)?;
        let module = family.module.clone();
        let case = self.new_case(asking, &meta, id, module, relative, (row.id, wanted)).await?;
        let take_up = TakeUp { family: row.id, found: None, joins: None, case };
        let made = self.take_up(&meta, take_up).await?;
        self.answer_with(asking, &row.id, &[MEMBERS], &made).await
    }

    /// `POST /cases/:id/family` with `family_detail_id`.
    pub async fn create_family_case(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        const DETAIL: &str = "family_detail_id";
        let row = self.office.existing(asking, &request.id).await?;
        asking.must("case_from_family")?;
        asking.must("read")?;
        if !row.is_within(&asking.reach()) {
            return Err(Refusal::forbidden());
        }
        let sent = body(&request.data)?;
        let wanted = fields::text(&sent, DETAIL).unwrap_or_default();
        let loaded = self.office.store.load::<Case>(asking.tenant, row.id).await;
        let case = loaded.map_err(refusals::store)?.state;
        let meta = self.office.meta(asking, &request.command_id);
        let linked = fields::text(&case.values, FAMILY).and_then(|id| id.parse::<Uuid>().ok());
        let (family, relative) = if let Some(family) = linked {
            let loaded = self.office.store.load::<Family>(asking.tenant, family).await;
            let found = loaded.map_err(refusals::store)?.state;
            (family, member(&found.values, wanted).cloned())
        } else {
            let mut details = fields::entries(&case.values, DETAILS);
            let found = details.find(|one| fields::text(one, "unique_id") == Some(wanted));
            (Uuid::new_v5(&meta.command_id, b"family"), found.cloned())
        };
        let relative = relative.ok_or_else(|| no_such_member(DETAIL))?;
        let id = self.office.new_id(asking, &request.command_id);
        without_case(&relative, id, DETAIL)?;
        let module = case.module.clone();
        let new = self.new_case(asking, &meta, id, module, &relative, (family, wanted)).await?;
        let context = new.context.clone();
        let take_up = TakeUp {
            family,
            found: linked.is_none().then(|| new_family(&context, family, &case)),
            joins: linked.is_none().then(|| (row.id, joining(&context, family))),
            case: new,
        };
        let made = self.take_up(&meta, take_up).await?;
        let shown = [FAMILY, MEMBER, SHARED[0], DETAILS];
        self.answer_with(asking, &row.id, &shown, &made).await
    }

    /// A case for a relative, in the family's module: what the relative's entry tells, as far as
    /// the forms of cases have room for it.
    async fn new_case(
        &self,
        asking: &Asking,
        meta: &Meta,
        id: Uuid,
        module: Option<String>,
        relative: &Record,
        (family, member): (Uuid, &str),
    ) -> Result<Register<CaseKind>, Refusal> {
        let asking = &asking.about(RecordType::Case);
        let mut body = fitting(asking, module.as_deref(), case_of(relative));
        if let Some(module) = module {
            body.insert("module_id".into(), module.into());
        }
        body.insert(FAMILY.into(), family.to_string().into());
        body.insert(MEMBER.into(), member.into());
        let owner = self.office.first_owner(asking, &mut body).await?;
        // No form was filled in: nothing is missing in one.
        let schema = Arc::new(Schema::default());
        let context = self.office.context::<CaseKind>(asking, meta, schema, &body).await?;
        let rights = Rights::default();
        let identified = Named::Nobody;
        Ok(Register { kind: CaseKind, context, id, body, rights, owner, identified })
    }

    async fn take_up(&self, meta: &Meta, take_up: TakeUp) -> Result<Written<CaseKind>, Refusal> {
        let id = take_up.case.id;
        let done = self.office.store.transact(meta, "TakeUpRelative", |unit| {
            let (office, meta, take_up) = (self.office.clone(), meta.clone(), take_up.clone());
            Box::pin(async move {
                let TakeUp { family, found, joins, case } = take_up;
                if let Some(found) = found {
                    unit.execute(family, found).await?;
                }
                if let Some((id, command)) = joins {
                    update(&office, unit, &meta, id, command).await?;
                }
                register(&office, unit, &meta, case).await
            })
        });
        let done = done.await.map_err(|error| refusals::executed(RecordType::Case, error, id))?;
        self.linked.told(meta, id, done).await
    }

    /// The record that was asked, cut to these fields, and the new case beside them.
    async fn answer_with(
        &self,
        asking: &Asking,
        id: &Uuid,
        shown: &[&str],
        made: &Written<CaseKind>,
    ) -> Result<Reply, Refusal> {
        let row = self.office.existing(asking, &id.to_string()).await?;
        let fields = Parameter { name: "fields".into(), value: shown.join(",") };
        let asked = GetRequest { parameters: vec![fields], ..GetRequest::default() };
        let mut reply = self.office.shown(asking, row, &asked).await?;
        let mut data: Record = serde_json::from_slice(&reply.data).map_err(Refusal::internal)?;
        let case = &made.state;
        data.insert(
            "record".into(),
            json!({
                "id": case.id,
                "case_id_display": case.display_id,
                MEMBER: case.values.get(MEMBER),
            }),
        );
        reply.data = Value::Object(data).to_string().into_bytes().into();
        reply.record_ids.push(case.id.to_string());
        Ok(reply)
    }
}

/// A family for a case that has none.
fn new_family(context: &Context, id: Uuid, case: &Case) -> Register<FamilyKind> {
    let module = case.module.clone().map(|module| ("module_id".to_owned(), module.into()));
    Register {
        kind: FamilyKind,
        context: context.clone(),
        id,
        body: module.into_iter().collect(),
        rights: Rights::default(),
        owner: Named::Nobody,
        identified: Named::Nobody,
    }
}

/// Lets a case join a family.
fn joining(context: &Context, family: Uuid) -> UpdateCase {
    UpdateCase {
        kind: CaseKind,
        context: context.clone(),
        body: Record::from_iter([(FAMILY.to_owned(), family.to_string().into())]),
        base: None,
        seen: None,
        action: None,
        rights: Rights::default(),
        owner: Named::Nobody,
        identified: Named::Nobody,
    }
}

/// What of a body fits the forms of a type; the rest is left out.
fn fitting(asking: &Asking, module: Option<&str>, mut body: Record) -> Record {
    let schema = Schema::of_type(&asking.index, asking.record_type, module);
    let validation = Validation {
        index: &asking.index,
        record_type: asking.record_type,
        schema: &schema,
        unknown: Unknown::Ignore,
        today: asking.today,
    };
    match validation.check(&body) {
        Ok(fits) => fits,
        Err(wrong) => {
            for one in wrong {
                let name = one.pointer.trim_start_matches('/').split('/').next();
                body.shift_remove(name.unwrap_or_default());
            }
            validation.check(&body).unwrap_or_default()
        }
    }
}

/// 404: an entry that is not there.
fn no_such_member(field: &str) -> Refusal {
    let error = ErrorItem::new("Couldn't find FamilyMember").with_detail(field);
    Refusal::new(Code::NotFound, error)
}

/// Refused where the relative has a case already, and it is not the one being made.
fn without_case(relative: &Record, made: Uuid, field: &str) -> Result<(), Refusal> {
    match fields::text(relative, "case_id") {
        Some(case) if case != made.to_string() => {
            Err(Refusal::invalid_record(vec![FieldProblem::new(
                format!("/{field}"),
                "not_an_option",
            )]))
        }
        _ => Ok(()),
    }
}
