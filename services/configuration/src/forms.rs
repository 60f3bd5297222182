//! Forms: list, show, create, change, remove.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use configuration_domain::{
    AddFormGroup, AssignModules, CreateForm, Form, Reach, RemoveForm, ReviseForm,
    form_group_additions,
};
use kit_proto::common::v1::{DeleteRequest, GetRequest, Reply, WriteRequest};
use kit_serve::{Call, Refusal};
use kit_store::{Done, ExecuteError, Meta, Unit};
use serde_json::{Value, json};

use crate::app::{
    App, Right, Write, answer, created, may_manage, metadata_right, named, path_number,
};
use crate::documents::form_document;
use crate::params::Params;
use crate::refusals::execute_refusal;
use crate::workspace::{Workspace, json_bytes};

const KIND: &str = "FormSection";

impl App {
    /// Every form of the system; clients pick those of their role.
    pub async fn list_forms(&self, call: &Call, params: &Params) -> Result<Reply, Refusal> {
        let workspace = self.seen_by(call).await?;
        let filters = ["record_type", "module_id", "unique_id", "exclude_subforms"];
        if filters.iter().all(|name| params.get(name).is_none()) {
            let data =
                workspace.forms.get_or_init(|| json_bytes(&forms_document(&workspace, |_| true)));
            return Ok(Reply { data: data.clone(), ..Reply::default() });
        }
        let is = |name: &str, value: &str| params.get(name).is_none_or(|wanted| wanted == value);
        Ok(answer(&forms_document(&workspace, |form| {
            is("record_type", form.parent_form())
                && is("unique_id", form.unique_id())
                && params
                    .get("module_id")
                    .is_none_or(|one| form.module_ids().iter().any(|id| id == one))
                && !(params.flag("exclude_subforms") && form.is_nested())
        })))
    }

    /// One form.
    pub async fn get_form(&self, call: &Call, request: &GetRequest) -> Result<Reply, Refusal> {
        metadata_right(call)?;
        let workspace = self.seen_by(call).await?;
        let id = path_number(&request.id, KIND)?;
        form_reply(&workspace, id)
    }

    /// A new form, granted to the role of whoever made it.
    pub async fn create_form(&self, call: &Call, request: &WriteRequest) -> Result<Reply, Refusal> {
        may_manage(call)?;
        let Write { meta, data } = self.write(call, request)?;
        let workspace = self.current(meta.tenant).await?;
        let configuration = &workspace.configuration;
        let id = self.number(meta.tenant, "form", &data).await?;
        let command = CreateForm {
            id,
            references: configuration.references(&data, self.field_ids(&meta, &data).await?),
            taken: configuration.other_form_ids(id),
            suffix: self.suffix(),
            data: data.clone(),
        };
        let work = FormWork { id, command: FormCommand::Create(command), workspace };
        let form = self.carry_out(&meta, "CreateForm", work).await?;
        let role = call.principal()?.role.clone();
        self.grant(&meta, role, form.unique_id().to_owned()).await;
        Ok(created(&data, &self.form_document(&meta, form.id).await?))
    }

    /// Changes a form. Only its id is answered.
    pub async fn update_form(&self, call: &Call, request: &WriteRequest) -> Result<Reply, Refusal> {
        let reach = match metadata_right(call)? {
            Right::Manage => Reach::Full,
            Right::Restyle => Reach::Restricted,
        };
        let id = path_number(&request.id, KIND)?;
        let Write { meta, data } = self.write(call, request)?;
        let workspace = self.current(meta.tenant).await?;
        let configuration = &workspace.configuration;
        let command = ReviseForm {
            references: configuration.references(&data, self.field_ids(&meta, &data).await?),
            taken: configuration.other_form_ids(id),
            reach,
            data,
        };
        let work = FormWork { id, command: FormCommand::Revise(command), workspace };
        self.carry_out(&meta, "ReviseForm", work).await?;
        Ok(answer(&json!({ "id": id })))
    }

    /// Removes a form.
    pub async fn delete_form(
        &self,
        call: &Call,
        request: &DeleteRequest,
    ) -> Result<Reply, Refusal> {
        may_manage(call)?;
        let id = path_number(&request.id, KIND)?;
        let meta = self.meta(call, &request.command_id)?;
        let command = RemoveForm { by_snapshot: false };
        let done = self.store.execute(&meta, id, command).await;
        done.map_err(|error| execute_refusal(error, &named(KIND, id)))?;
        Ok(answer(&json!({ "id": id })))
    }

    async fn field_ids(
        &self,
        meta: &Meta,
        data: &serde_json::Map<String, Value>,
    ) -> Result<Vec<i64>, Refusal> {
        let fields = data.get("fields").and_then(Value::as_array).map_or(0, Vec::len);
        self.numbers(meta.tenant, "field", fields).await
    }

    /// The form itself, its subforms' modules and its group's name, all or nothing.
    async fn carry_out(&self, meta: &Meta, name: &str, work: FormWork) -> Result<Form, Refusal> {
        let what = named(KIND, work.id);
        let work = Arc::new(work);
        let done = self.store.transact(meta, name, |unit| {
            let work = Arc::clone(&work);
            Box::pin(async move { work.run(unit).await })
        });
        match done.await.map_err(|error| execute_refusal(error, &what))? {
            Done::Now(form) => Ok(form),
            Done::Before(streams) => self.form_done_before(meta, &streams).await,
        }
    }

    async fn form_done_before(
        &self,
        meta: &Meta,
        streams: &[kit_store::Span],
    ) -> Result<Form, Refusal> {
        let ids =
            streams.iter().filter_map(|(stream, ..)| stream.strip_prefix("form-")?.parse().ok());
        let workspace = self.current(meta.tenant).await?;
        let mut known = ids.filter_map(|id: i64| workspace.configuration.form_by_id(id));
        known.next().cloned().ok_or_else(|| Refusal::not_found(KIND))
    }

    async fn form_document(&self, meta: &Meta, id: i64) -> Result<Value, Refusal> {
        let workspace = self.current(meta.tenant).await?;
        let form = workspace.configuration.form_by_id(id);
        let form = form.ok_or_else(|| Refusal::not_found(named(KIND, id)))?;
        Ok(form_document(form, &workspace, &numbers(&workspace)))
    }

    /// Lets the role see the form. The form is there already: a failure is tried again behind
    /// the caller's back.
    async fn grant(&self, meta: &Meta, role: String, form: String) {
        let granted = self.organisation.grant_form(meta.tenant, role.clone(), form.clone()).await;
        if granted.is_ok() {
            return;
        }
        let (organisation, tenant) = (Arc::clone(&self.organisation), meta.tenant);
        tokio::spawn(async move {
            for seconds in [1, 5, 30, 120] {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                let again = organisation.grant_form(tenant, role.clone(), form.clone()).await;
                if again.is_ok() {
                    return;
                }
            }
            tracing::error!(%tenant, "a new form could not be granted to its maker's role");
        });
    }
}

/// One write to a form, with what follows for others.
struct FormWork {
    id: i64,
    command: FormCommand,
    workspace: Arc<Workspace>,
}

enum FormCommand {
    Create(CreateForm),
    Revise(ReviseForm),
}

type Refused = ExecuteError<configuration_domain::Refusal>;

impl FormWork {
    async fn run(&self, unit: &mut Unit) -> Result<Form, Refused> {
        let before = self.workspace.configuration.form_by_id(self.id);
        let done = match &self.command {
            FormCommand::Create(command) => unit.execute(self.id, command.clone()).await?,
            FormCommand::Revise(command) => unit.execute(self.id, command.clone()).await?,
        };
        let form = Form::clone(&done.state);
        let configuration = &self.workspace.configuration;
        if configuration.contains_itself(form.unique_id(), &form.fields) {
            let message = "errors.models.form_section.contains_itself";
            let no = configuration_domain::Refusal::one("fields", message, "/fields", "invalid");
            return Err(ExecuteError::Refused(no));
        }
        let same_modules = before.is_some_and(|one| {
            one.module_ids() == form.module_ids() && one.subforms().eq(form.subforms())
        });
        if !same_modules && !form.module_ids().is_empty() {
            for subform in configuration.subforms_below(&form) {
                let command = AssignModules { module_ids: form.module_ids() };
                unit.execute(subform.id, command).await?;
            }
        }
        self.add_group(unit, &form).await?;
        Ok(form)
    }

    /// A form group that no lookup knows yet becomes a value of its module's lookup.
    async fn add_group(&self, unit: &mut Unit, form: &Form) -> Result<(), Refused> {
        for (lookup, value) in form_group_additions(form, &self.workspace.configuration) {
            unit.execute(lookup, AddFormGroup { value }).await?;
        }
        Ok(())
    }
}

/// The numbers of all forms by unique id.
fn numbers(workspace: &Workspace) -> HashMap<&str, i64> {
    workspace.configuration.forms.iter().map(|one| (one.unique_id(), one.id)).collect()
}

fn forms_document(workspace: &Workspace, wanted: impl Fn(&Form) -> bool) -> Value {
    let numbers = numbers(workspace);
    let forms = workspace.configuration.forms.iter().filter(|form| wanted(form));
    forms.map(|form| form_document(form, workspace, &numbers)).collect()
}

fn form_reply(workspace: &Workspace, id: i64) -> Result<Reply, Refusal> {
    let form = workspace.configuration.form_by_id(id);
    let form = form.ok_or_else(|| Refusal::not_found(named(KIND, id)))?;
    Ok(answer(&form_document(form, workspace, &numbers(workspace))))
}
