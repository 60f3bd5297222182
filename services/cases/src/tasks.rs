//! `GET /tasks`: what the caller has to do on their own open cases.

use cases_domain::View;
use cases_domain::tasks::{self, TaskKind, TaskOrder, TaskRow};
use kit_cabinet::{Asking, COLUMNS, Opened, Stored, open_all, pairs, refusals};
use kit_proto::common::v1::{ListRequest, Reply};
use kit_records::query;
use kit_records::values::Record;
use kit_records::{CatalogIndex, RecordType};
use kit_serve::Refusal;
use kit_store::StoreError;
use serde_json::{Value, json};

use crate::cases::Cases;

/// Cases of one person beyond this number are not searched for tasks.
const OWN_CASES: i64 = 5_000;

impl Cases {
    /// The open tasks of the caller's own open, enabled cases.
    pub async fn list_tasks(
        &self,
        asking: &Asking,
        request: &ListRequest,
    ) -> Result<Reply, Refusal> {
        if !asking.principal.may("dashboard", "dash_tasks") {
            return Err(Refusal::forbidden());
        }
        asking.must("read")?;
        let asked =
            query::parse(&pairs(&request.parameters), &|_| false).map_err(refusals::unreadable)?;
        let from_appointment = View::of_settings(&asking.index.settings).due_from_appointment;
        let own = self.own_open_cases(asking).await.map_err(refusals::store)?;
        let mut rows = Vec::new();
        for case in &own {
            let document: Record = serde_json::from_slice(&case.json).map_err(Refusal::internal)?;
            rows.extend(tasks::rows(&document, from_appointment));
        }
        let (order, descending) = order(asked.order.as_ref());
        tasks::sort(&mut rows, order, descending);
        let total = rows.len();
        let skipped =
            usize::try_from((asked.page - 1).saturating_mul(asked.per)).unwrap_or(usize::MAX);
        let per = usize::try_from(asked.per).unwrap_or(usize::MAX);
        let page: Vec<Value> =
            rows.iter().skip(skipped).take(per).map(|row| shown(row, asking)).collect();
        let metadata = json!({
            "total": total, "per": asked.per, "page": asked.page,
            "field_names": {
                "assessment": TaskKind::Assessment.due_field(from_appointment),
                "case_plan": TaskKind::CasePlan.due_field(from_appointment),
                "follow_up": TaskKind::FollowUp.due_field(from_appointment),
                "service": TaskKind::Service.due_field(from_appointment),
            },
        });
        Ok(Reply {
            data: Value::Array(page).to_string().into_bytes().into(),
            metadata: metadata.to_string().into_bytes().into(),
            record_ids: rows.iter().skip(skipped).take(per).map(|row| row.id.clone()).collect(),
            ..Reply::default()
        })
    }

    async fn own_open_cases(&self, asking: &Asking) -> Result<Vec<Opened>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM case_term s JOIN case_row r ON r.tenant = s.tenant \
             AND r.id = s.id AND r.created_at = s.created_at \
             WHERE s.tenant = $1 AND s.term = scope_term('associated_user_names', $2) \
             AND r.owned_by = $2 AND r.status = 'open' AND r.record_state \
             ORDER BY s.created_at DESC, s.id DESC LIMIT $3"
        );
        let tx = self.office.store.read(asking.tenant).await?;
        let user_name = &asking.principal.user_name;
        let rows = tx.query(&sql, &[&asking.tenant, user_name, &OWN_CASES]).await?;
        drop(tx);
        let rows = rows.iter().map(Stored::read).collect::<Result<_, _>>()?;
        open_all(self.office.store.keys(), asking.tables(), asking.tenant, rows).await
    }
}

fn order(asked: Option<&query::Order>) -> (TaskOrder, bool) {
    let Some(asked) = asked else { return (TaskOrder::DueDate, true) };
    let by = match asked.field.as_str() {
        "priority" => TaskOrder::Priority,
        "type" | "type_display" => TaskOrder::Kind,
        "record_id_display" => TaskOrder::DisplayId,
        "name" => TaskOrder::Name,
        _ => TaskOrder::DueDate,
    };
    (by, asked.descending)
}

fn shown(row: &TaskRow, asking: &Asking) -> Value {
    let (task, today) = (&row.task, asking.today);
    json!({
        "id": row.id,
        "record_type": "case",
        "record_id_display": row.display_id,
        "name": row.name,
        "type": task.kind.as_str(),
        "type_display": type_display(row, asking),
        "detail": task.detail,
        "priority": row.priority,
        "due_date": task.due.strftime("%d-%b-%Y").to_string(),
        "completion_field": task.kind.completion_field(),
        "module_unique_id": row.module,
        "overdue": task.is_overdue(today),
        "upcoming_soon": task.is_upcoming_soon(today),
    })
}

/// The kind in the caller's language, with the follow-up's or service's own type.
fn type_display(row: &TaskRow, asking: &Asking) -> String {
    let locale = asking.locale.as_deref().unwrap_or("en");
    let language = locale.split(['-', '_']).next().unwrap_or(locale);
    let kind = kind_in(row.task.kind, language);
    match row.task.detail.as_deref() {
        None => kind.to_owned(),
        Some(detail) => {
            let detail = option_in(&asking.index, row.task.kind, detail, [locale, language]);
            format!("{kind}: {detail}")
        }
    }
}

fn kind_in(kind: TaskKind, language: &str) -> &'static str {
    match (kind, language) {
        (TaskKind::Assessment, "fr") => "Évaluation",
        (TaskKind::Assessment, "es") => "Evaluación",
        (TaskKind::Assessment, "ar") => "تقييم",
        (TaskKind::Assessment, _) => "Assessment",
        (TaskKind::CasePlan, "fr") => "Plan de prise en charge",
        (TaskKind::CasePlan, "es") => "Plan del caso",
        (TaskKind::CasePlan, "ar") => "خطة الحالة",
        (TaskKind::CasePlan, _) => "Case Plan",
        (TaskKind::FollowUp, "fr") => "Suivi",
        (TaskKind::FollowUp, "es") => "Seguimiento",
        (TaskKind::FollowUp, "ar") => "متابعة",
        (TaskKind::FollowUp, _) => "Follow up",
        (TaskKind::Service, "es") => "Servicio",
        (TaskKind::Service, "ar") => "خدمة",
        (TaskKind::Service, _) => "Service",
    }
}

/// What the forms call the type of a follow-up or service, in the first of the languages that they
/// know; the type's id where they say nothing.
fn option_in(index: &CatalogIndex, kind: TaskKind, id: &str, languages: [&str; 2]) -> String {
    let (subform, field) = match kind {
        TaskKind::FollowUp => ("followup_subform_section", "followup_type"),
        _ => ("services_section", "service_type"),
    };
    let form = index.field(RecordType::Case, subform).and_then(|field| index.subform(field));
    let field = form.and_then(|form| form.fields.iter().find(|one| one.name == field));
    let option = field.and_then(|field| index.option(field, id));
    let text = option.and_then(|option| {
        let asked = languages.iter().find_map(|language| option.display_text.get(*language));
        asked.or_else(|| option.display_text.get("en"))
    });
    text.filter(|text| !text.is_empty()).map_or_else(|| id.to_owned(), Clone::clone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_of_its_own_in_each_language() {
        for language in ["en", "fr", "es", "ar", "xx"] {
            let names: std::collections::BTreeSet<&str> =
                TaskKind::ALL.iter().map(|kind| kind_in(*kind, language)).collect();
            assert_eq!(names.len(), 4, "{language}");
        }
    }
}
