//! Which objects a snapshot makes, changes and removes, with the numbers of new ones.

use configuration_domain::{
    Form, FormEntry, Lookup, PutReport, ReplaceForm, ReplaceLookup, Report, SnapshotData,
};
use kit_serve::Refusal;
use uuid::Uuid;

use crate::app::App;
use crate::workspace::Workspace;

/// Commands by number of the object.
#[derive(Debug, Default)]
pub struct Plan {
    pub forms: Vec<(i64, ReplaceForm)>,
    pub gone_forms: Vec<i64>,
    pub lookups: Vec<(i64, ReplaceLookup)>,
    pub gone_lookups: Vec<i64>,
    pub reports: Vec<(i64, PutReport)>,
    pub gone_reports: Vec<i64>,
}

impl App {
    /// Objects meet by unique id; those that the snapshot does not have go.
    pub async fn plan(
        &self,
        tenant: Uuid,
        workspace: &Workspace,
        data: &SnapshotData,
    ) -> Result<Plan, Refusal> {
        let mut plan = Plan::default();
        self.plan_forms(tenant, workspace, data, &mut plan).await?;
        self.plan_lookups(tenant, workspace, data, &mut plan).await?;
        self.plan_reports(tenant, workspace, data, &mut plan).await?;
        Ok(plan)
    }

    async fn plan_forms(
        &self,
        tenant: Uuid,
        workspace: &Workspace,
        data: &SnapshotData,
        plan: &mut Plan,
    ) -> Result<(), Refusal> {
        let known =
            |entry: &FormEntry| workspace.configuration.form(entry.attributes.str("unique_id"));
        let new_forms = data.forms.iter().filter(|one| known(one).is_none()).count();
        let fields_to_number: usize =
            data.forms.iter().map(|one| new_fields(one, known(one))).sum();
        let mut numbers = self.numbers(tenant, "form", new_forms).await?.into_iter();
        let mut field_numbers = self.numbers(tenant, "field", fields_to_number).await?.into_iter();
        for entry in &data.forms {
            let form = known(entry);
            let id = form.map_or_else(|| numbers.next().unwrap_or_default(), |one| one.id);
            let new_ids = field_numbers.by_ref().take(new_fields(entry, form)).collect();
            let (attributes, fields) = (entry.attributes.clone(), entry.fields.clone());
            plan.forms.push((id, ReplaceForm { id, attributes, fields, new_ids }));
        }
        let kept: Vec<i64> = plan.forms.iter().map(|(id, _)| *id).collect();
        let forms = workspace.configuration.forms.iter().map(|one: &Form| one.id);
        plan.gone_forms = forms.filter(|id| !kept.contains(id)).collect();
        Ok(())
    }

    async fn plan_lookups(
        &self,
        tenant: Uuid,
        workspace: &Workspace,
        data: &SnapshotData,
        plan: &mut Plan,
    ) -> Result<(), Refusal> {
        let known = |unique_id: &str| workspace.configuration.lookup(unique_id).map(|one| one.id);
        let ids = data.lookups.iter().map(|one| known(one.attributes.str("unique_id")));
        let ids: Vec<Option<i64>> = ids.collect();
        let new = ids.iter().filter(|one| one.is_none()).count();
        let mut numbers = self.numbers(tenant, "lookup", new).await?.into_iter();
        for (entry, id) in data.lookups.iter().zip(ids) {
            let id = id.or_else(|| numbers.next()).unwrap_or_default();
            plan.lookups.push((id, ReplaceLookup { id, attributes: entry.attributes.clone() }));
        }
        let kept: Vec<i64> = plan.lookups.iter().map(|(id, _)| *id).collect();
        let lookups = workspace.configuration.lookups.iter().map(|one: &Lookup| one.id);
        plan.gone_lookups = lookups.filter(|id| !kept.contains(id)).collect();
        Ok(())
    }

    async fn plan_reports(
        &self,
        tenant: Uuid,
        workspace: &Workspace,
        data: &SnapshotData,
        plan: &mut Plan,
    ) -> Result<(), Refusal> {
        let reports = &workspace.configuration.reports;
        let known = |unique_id: &str| {
            let report = reports.iter().find(|one| one.attributes.str("unique_id") == unique_id);
            report.map(|one| one.id)
        };
        let ids: Vec<Option<i64>> =
            data.reports.iter().map(|one| known(one.str("unique_id"))).collect();
        let new = ids.iter().filter(|one| one.is_none()).count();
        let mut numbers = self.numbers(tenant, "report", new).await?.into_iter();
        for (attributes, id) in data.reports.iter().zip(ids) {
            let id = id.or_else(|| numbers.next()).unwrap_or_default();
            plan.reports.push((id, PutReport { id, attributes: attributes.clone() }));
        }
        let kept: Vec<i64> = plan.reports.iter().map(|(id, _)| *id).collect();
        let ids = reports.iter().map(|one: &Report| one.id);
        plan.gone_reports = ids.filter(|id| !kept.contains(id)).collect();
        Ok(())
    }
}

/// How many fields of an entry have no number yet.
fn new_fields(entry: &FormEntry, form: Option<&Form>) -> usize {
    let is_new = |name: &str| form.is_none_or(|form| form.field(name).is_none());
    entry.fields.iter().filter(|one| is_new(one.str("name"))).count()
}
