//! Roles and the permission table (contract 8.5).

use std::collections::BTreeMap;

use identity_domain::permissions::{MANAGEMENT, RESOURCES};
use identity_domain::{
    Authority, CreateRole, DeleteRole, Patch, Rank, Role, RoleSurroundings, UpdateRole,
    unique_id_from,
};
use kit_proto::common::v1::{DeleteRequest, GetRequest, ListRequest, Reply, WriteRequest};
use kit_records::Catalog;
use kit_serve::{Call, Refusal};
use serde_json::{Map, Value, json};

use crate::bodies::{ROLE_KEYS, role_attributes, role_patch};
use crate::directory::Directory;
use crate::documents::role_document;
use crate::parameters::{Parameters, sort_by};
use crate::refused::domain;
use crate::shell::{
    Shell, answer, answer_about, answer_list, body_of, chosen_id, missing, number_in_path,
};

const KIND: &str = "Role";

impl Shell {
    pub(super) async fn list_permissions(
        &self,
        call: &Call,
        _message: ListRequest,
    ) -> Result<Reply, Refusal> {
        self.directory(call).await?;
        let actions: Map<String, Value> =
            RESOURCES.iter().map(|one| (one.name.to_owned(), json!(one.actions))).collect();
        answer(&json!({"management": MANAGEMENT, "resource_actions": actions}))
    }

    pub(super) async fn list_roles(
        &self,
        call: &Call,
        message: ListRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let by = self.authority(call, &directory)?;
        let parameters = Parameters(&message.parameters);
        let roles = directory.roles.values().filter(|role| is_wanted(role, &parameters, &by));
        let mut documents: Vec<Value> = roles.map(|role| role_document(role)).collect();
        if let (Some(attribute), descending) = parameters.order() {
            sort_by(&mut documents, attribute, descending, "en");
        }
        let (part, metadata) = parameters.uncapped_paging_if_asked(100)?.cut(documents);
        answer_list(&part, &metadata)
    }

    pub(super) async fn get_role(
        &self,
        call: &Call,
        message: GetRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let number = number_in_path(&message.id, KIND)?;
        let role = directory.roles.get(&number).ok_or_else(|| missing(KIND, number))?;
        let by = self.authority(call, &directory)?;
        if !by.may("role", "read") || !reads(&by, role) {
            return Err(Refusal::forbidden());
        }
        answer_about(number, &role_document(role), false)
    }

    pub(super) async fn create_role(
        &self,
        call: &Call,
        message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, &message.command_id)?;
        let directory = self.directory(call).await?;
        let by = self.authority(call, &directory)?;
        if !by.may("role", "create") {
            return Err(Refusal::forbidden());
        }
        let body = body_of(&message)?;
        body.refuse_nulls(&ROLE_KEYS);
        let (sent_id, chosen) = chosen_id(&body);
        let patch = role_patch(&body);
        let unique_id = body.text("unique_id").flatten().filter(|id| !id.is_empty());
        body.finish()?;
        let making = Box::pin(async {
            let attributes = role_attributes(&patch).map_err(|no| domain(no, KIND))?;
            let unique_id = unique_id
                .unwrap_or_else(|| unique_id_from("role", &attributes.name, &self.chance()));
            let catalog = self.catalogs.newest(call).await?;
            let mut around = surroundings(&catalog);
            around.unique_id_taken = directory.role(&unique_id).is_some();
            around.name_taken = is_name_taken(&directory, &attributes.name, None);
            let taken = |number| directory.roles.contains_key(&number);
            let number = self.number_for(meta.tenant, "role", chosen, taken).await?;
            let create = CreateRole { by, number, unique_id, attributes, around };
            self.create(&meta, number, create, KIND).await
        });
        let number = self.once(&meta, "CreateRole", making).await?;
        self.role_reply(call, number, sent_id).await
    }

    pub(super) async fn update_role(
        &self,
        call: &Call,
        message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, &message.command_id)?;
        let directory = self.directory(call).await?;
        let number = number_in_path(&message.id, KIND)?;
        if !directory.roles.contains_key(&number) {
            return Err(missing(KIND, number));
        }
        let by = self.authority(call, &directory)?;
        if !by.may("role", "write") {
            return Err(Refusal::forbidden());
        }
        let body = body_of(&message)?;
        body.refuse_nulls(&ROLE_KEYS);
        let patch = role_patch(&body);
        body.finish()?;
        let mut around = surroundings(&*self.catalogs.newest(call).await?);
        around.name_taken =
            name_of(&patch).is_some_and(|name| is_name_taken(&directory, name, Some(number)));
        self.change(&meta, number, UpdateRole { by, patch, around }, KIND).await?;
        self.role_reply(call, number, false).await
    }

    pub(super) async fn delete_role(
        &self,
        call: &Call,
        message: DeleteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, &message.command_id)?;
        let directory = self.directory(call).await?;
        let number = number_in_path(&message.id, KIND)?;
        let role = directory.roles.get(&number).ok_or_else(|| missing(KIND, number))?;
        let by = self.authority(call, &directory)?;
        let in_use = directory.users.values().any(|user| user.membership.role == role.unique_id);
        self.change(&meta, number, DeleteRole { by, in_use }, KIND).await?;
        answer_about(number, &json!({"id": number}), false)
    }

    async fn role_reply(&self, call: &Call, number: i64, sent_id: bool) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let role = directory.roles.get(&number).ok_or_else(|| missing(KIND, number))?;
        answer_about(number, &role_document(role), sent_id)
    }
}

/// Super users' and user admins' roles are read by their like alone.
fn reads(by: &Authority, role: &Role) -> bool {
    let rank = role.rank();
    by.handles_role(&role.unique_id) && (rank == Rank::Ordinary || by.rank() >= rank)
}

fn is_wanted(role: &Role, parameters: &Parameters<'_>, by: &Authority) -> bool {
    let one = &role.attributes;
    let disabled = parameters.booleans("disabled");
    let scopes = parameters.list("group_permission");
    let scope = json!(one.group_permission);
    let managed = parameters.flag("managed");
    let external = parameters.flag("external");
    let referral = parameters.flag("referral_authorization");
    (disabled.is_empty() || disabled.contains(&one.disabled))
        && (scopes.is_empty() || scopes.iter().any(|wanted| scope == *wanted))
        && (!managed || by.gives_role(&role.unique_id, role.rank()))
        && (!external || (!one.disabled && (one.referral || one.transfer)))
        && (!referral || (!one.disabled && one.referral_authorization))
}

fn name_of(patch: &Patch) -> Option<&str> {
    patch.get("name").and_then(Value::as_str)
}

/// Whether another role has this name.
fn is_name_taken(directory: &Directory, name: &str, but: Option<i64>) -> bool {
    directory.roles.values().any(|one| Some(one.number) != but && one.attributes.name == name)
}

/// What the configuration says about roles; nothing before there is one.
pub(super) fn surroundings(catalog: &Catalog) -> RoleSurroundings {
    let modules: Vec<_> = catalog.modules.iter().map(|one| one.unique_id.clone()).collect();
    let configured = !modules.is_empty();
    let forms: BTreeMap<_, _> = catalog
        .forms
        .iter()
        .filter(|form| !form.is_nested)
        .map(|form| (form.unique_id.clone(), form.module_ids.clone()))
        .collect();
    RoleSurroundings {
        levels: levels(catalog),
        modules: configured.then_some(modules),
        form_modules: configured.then_some(forms),
        ..RoleSurroundings::default()
    }
}

fn levels(catalog: &Catalog) -> Option<Vec<i64>> {
    let config = catalog.settings.get("reporting_location_config")?;
    let map = config.get("admin_level_map")?.as_object()?;
    Some(map.keys().filter_map(|level| level.parse().ok()).collect())
}
