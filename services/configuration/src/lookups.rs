//! Lookups: list, show, create, change, remove.

use configuration_domain::{
    CreateLookup, Lookup, Reach, RemoveLookup, ReviseLookup, form_group_lookup,
};
use kit_proto::common::v1::{DeleteRequest, GetRequest, Reply, WriteRequest};
use kit_serve::{Call, Refusal};
use serde_json::{Value, json};

use crate::app::{
    App, Creation, Right, Write, answer, created, listed, may_manage, metadata_right, named,
    path_number,
};
use crate::documents::lookup_document;
use crate::params::Params;
use crate::refusals::execute_refusal;

const KIND: &str = "Lookup";

impl App {
    /// A page of lookups.
    pub async fn list_lookups(&self, call: &Call, params: &Params) -> Result<Reply, Refusal> {
        let page = params.page(20, 1000)?;
        let workspace = self.seen_by(call).await?;
        let languages = workspace.languages();
        let mut lookups: Vec<&Lookup> = workspace.configuration.lookups.iter().collect();
        sort(&mut lookups, params);
        let total = i64::try_from(lookups.len()).unwrap_or_default();
        let shown = page.cut(lookups).into_iter().map(|one| lookup_document(one, &languages));
        Ok(listed(&shown.collect(), &page.metadata(total)))
    }

    /// One lookup.
    pub async fn get_lookup(&self, call: &Call, request: &GetRequest) -> Result<Reply, Refusal> {
        metadata_right(call)?;
        let workspace = self.seen_by(call).await?;
        let id = path_number(&request.id, KIND)?;
        let lookup = workspace.configuration.lookup_by_id(id);
        let lookup = lookup.ok_or_else(|| Refusal::not_found(named(KIND, id)))?;
        Ok(answer(&lookup_document(lookup, &workspace.languages())))
    }

    /// A new lookup.
    pub async fn create_lookup(
        &self,
        call: &Call,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        may_manage(call)?;
        let Write { meta, data } = self.write(call, request)?;
        let workspace = self.current(meta.tenant).await?;
        let making = Box::pin(async {
            let others = workspace.configuration.lookups.iter();
            let id = self.number(meta.tenant, "lookup", &data).await?;
            let taken = others.map(|one| one.unique_id().to_owned()).collect();
            let command = CreateLookup { id, data: data.clone(), taken, suffix: self.suffix() };
            let done = self.store.execute(&meta, id, command).await;
            done.map_err(|error| execute_refusal(error, KIND))?;
            Ok(id)
        });
        let by = Creation { command: "CreateLookup", category: "lookup" };
        let id = self.once(&meta, by, making).await?;
        let workspace = self.current(meta.tenant).await?;
        let made = workspace.configuration.lookup_by_id(id);
        let made = made.ok_or_else(|| Refusal::not_found(named(KIND, id)))?;
        Ok(created(&data, &lookup_document(made, &workspace.languages())))
    }

    /// Changes a lookup.
    pub async fn update_lookup(
        &self,
        call: &Call,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        let reach = match metadata_right(call)? {
            Right::Manage => Reach::Full,
            Right::Restyle => Reach::Restricted,
        };
        let id = path_number(&request.id, KIND)?;
        let Write { meta, data } = self.write(call, request)?;
        let workspace = self.current(meta.tenant).await?;
        let done = self.store.execute(&meta, id, ReviseLookup { data, reach }).await;
        let done = done.map_err(|error| execute_refusal(error, &named(KIND, id)))?;
        Ok(answer(&lookup_document(&done.state, &workspace.languages())))
    }

    /// Removes a lookup that no field uses.
    pub async fn delete_lookup(
        &self,
        call: &Call,
        request: &DeleteRequest,
    ) -> Result<Reply, Refusal> {
        may_manage(call)?;
        let id = path_number(&request.id, KIND)?;
        let meta = self.meta(call, &request.command_id)?;
        let workspace = self.current(meta.tenant).await?;
        let configuration = &workspace.configuration;
        let lookup = configuration.lookup_by_id(id);
        let mut used_by =
            lookup.map_or_else(Vec::new, |one| configuration.users_of_lookup(one.unique_id()));
        // Form groups are used by forms, not by fields.
        let groups = |form: &configuration_domain::Form| {
            form.module_ids().iter().any(|module| {
                lookup.is_some_and(|one| {
                    one.unique_id() == form_group_lookup(module, form.parent_form())
                })
            })
        };
        used_by.extend(
            configuration
                .forms
                .iter()
                .filter(|form| groups(form))
                .map(|form| form.unique_id().to_owned()),
        );
        let done = self.store.execute(&meta, id, RemoveLookup { used_by }).await;
        done.map_err(|error| execute_refusal(error, &named(KIND, id)))?;
        Ok(answer(&json!({ "id": id })))
    }
}

fn sort(lookups: &mut [&Lookup], params: &Params) {
    let language = params.get("locale").unwrap_or("en");
    match params.get("order_by") {
        Some("name") => lookups.sort_by_key(|one| {
            let name = one.attributes.get("name").and_then(|text| text.get(language));
            name.and_then(Value::as_str).unwrap_or_default().to_lowercase()
        }),
        Some("unique_id") => lookups.sort_by_key(|one| one.unique_id().to_owned()),
        Some("locked") => lookups.sort_by_key(|one| one.attributes.flag("locked", false)),
        _ => {}
    }
    if params.get("order") == Some("desc") {
        lookups.reverse();
    }
}
