//! Modules: list, show, change.

use std::sync::Arc;

use configuration_domain::{AssignModules, ReviseModule};
use kit_proto::common::v1::{GetRequest, Reply, WriteRequest};
use kit_serve::{Call, Refusal};
use serde_json::Value;

use crate::app::{App, Write, answer, may_manage, named, path_number};
use crate::documents::module_document;
use crate::refusals::execute_refusal;
use crate::workspace::Workspace;

const KIND: &str = "PrimeroModule";

impl App {
    /// Every module.
    pub async fn list_modules(&self, call: &Call) -> Result<Reply, Refusal> {
        may_manage(call)?;
        let workspace = self.seen_by(call).await?;
        let modules = workspace.configuration.modules.iter();
        Ok(answer(&modules.map(|one| module_document(one, &workspace)).collect()))
    }

    /// One module. What is not there is said before what is not allowed.
    pub async fn get_module(&self, call: &Call, request: &GetRequest) -> Result<Reply, Refusal> {
        let workspace = self.seen_by(call).await?;
        let id = path_number(&request.id, KIND)?;
        let document = document(&workspace, id)?;
        may_manage(call)?;
        Ok(answer(&document))
    }

    /// Changes a module and which forms belong to it. Forms that are not sent stay as they are
    /// only when the whole list is left out.
    pub async fn update_module(
        &self,
        call: &Call,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        let id = path_number(&request.id, KIND)?;
        let workspace = self.current(call.tenant()?).await?;
        let module = workspace.configuration.module_by_id(id);
        let module = module.ok_or_else(|| Refusal::not_found(named(KIND, id)))?;
        may_manage(call)?;
        let Write { meta, data } = self.write(call, request)?;
        let moves =
            Arc::new(moves(&workspace, module.unique_id(), data.get("form_section_unique_ids")));
        let done = self.store.transact(&meta, "ReviseModule", |unit| {
            let (moves, command) = (Arc::clone(&moves), ReviseModule { data: data.clone() });
            Box::pin(async move {
                unit.execute(id, command).await?;
                for (form, module_ids) in moves.iter() {
                    unit.execute(form, AssignModules { module_ids: module_ids.clone() }).await?;
                }
                Ok(())
            })
        });
        done.await.map_err(|error| execute_refusal(error, &named(KIND, id)))?;
        Ok(answer(&document(&*self.current(meta.tenant).await?, id)?))
    }
}

fn document(workspace: &Workspace, id: i64) -> Result<Value, Refusal> {
    let module = workspace.configuration.module_by_id(id);
    let module = module.ok_or_else(|| Refusal::not_found(named(KIND, id)))?;
    Ok(module_document(module, workspace))
}

/// The forms that enter or leave the module, with the modules they have then.
fn moves(workspace: &Workspace, module: &str, listed: Option<&Value>) -> Vec<(i64, Vec<String>)> {
    let Some(listed) = listed.and_then(Value::as_array) else { return vec![] };
    let forms = workspace.configuration.forms.iter();
    let moved = forms.filter_map(|form| {
        let mut modules = form.module_ids();
        let inside = modules.iter().any(|one| one == module);
        let wanted = listed.iter().any(|one| one == form.unique_id());
        match (inside, wanted) {
            (true, false) => modules.retain(|one| one != module),
            (false, true) => modules.push(module.to_owned()),
            _ => return None,
        }
        Some((form.id, modules))
    });
    moved.collect()
}
