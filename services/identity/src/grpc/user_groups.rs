//! User groups (contract 8.6).

use identity_domain::{
    AddMember, Authority, CreateUserGroup, DeleteUserGroup, Refusal as Domain, RemoveMember,
    UpdateUserGroup, UserGroup, UserGroupAttributes, patched, unique_id_from,
};
use kit_proto::common::v1::{DeleteRequest, GetRequest, ListRequest, Reply, WriteRequest};
use kit_serve::{Call, Refusal};
use kit_store::ExecuteError;
use serde_json::{Value, json};

use crate::bodies::{USER_GROUP_KEYS, user_group_patch};
use crate::directory::Directory;
use crate::documents::user_group_document;
use crate::parameters::{Parameters, sort_by};
use crate::refused::{domain, refused};
use crate::shell::{Shell, answer_about, answer_list, body_of, chosen_id, missing, number_in_path};

const KIND: &str = "UserGroup";

impl Shell {
    pub(super) async fn list_user_groups(
        &self,
        call: &Call,
        message: ListRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let by = self.authority(call, &directory)?;
        if !reads_groups(&by) {
            return Err(Refusal::forbidden());
        }
        let parameters = Parameters(&message.parameters);
        let disabled = parameters.booleans("disabled");
        let agencies = parameters.list("agency_unique_ids");
        let managed = parameters.flag("managed");
        let wanted = |group: &UserGroup| {
            let attributes = &group.attributes;
            (disabled.is_empty() || disabled.contains(&attributes.disabled))
                && (!managed || by.reaches_group(&group.unique_id))
                && (agencies.is_empty()
                    || attributes.agencies.iter().any(|one| agencies.contains(&one.as_str())))
        };
        let groups = directory.groups.values().filter(|group| wanted(group));
        let mut documents: Vec<Value> = groups.map(|one| user_group_document(one)).collect();
        if let (Some(attribute), descending) = parameters.order() {
            sort_by(&mut documents, attribute, descending, "en");
        }
        let (part, metadata) = parameters.paging_if_asked(20)?.cut(documents);
        answer_list(&part, &metadata)
    }

    pub(super) async fn get_user_group(
        &self,
        call: &Call,
        message: GetRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let number = number_in_path(&message.id, KIND)?;
        let group = directory.groups.get(&number).ok_or_else(|| missing(KIND, number))?;
        let by = self.authority(call, &directory)?;
        if !reads_groups(&by) || !by.reads_group(&group.unique_id) {
            return Err(Refusal::forbidden());
        }
        answer_about(number, &user_group_document(group), false)
    }

    pub(super) async fn create_user_group(
        &self,
        call: &Call,
        message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, &message.command_id)?;
        let directory = self.directory(call).await?;
        let by = self.authority(call, &directory)?;
        if !by.may("user_group", "create") {
            return Err(Refusal::forbidden());
        }
        let body = body_of(&message)?;
        body.refuse_nulls(&USER_GROUP_KEYS);
        let (sent_id, chosen) = chosen_id(&body);
        let patch = user_group_patch(&body, &directory);
        let unique_id = body.text("unique_id").flatten().filter(|id| !id.is_empty());
        body.finish()?;
        let making = Box::pin(async {
            let attributes = patched(&UserGroupAttributes::default(), &patch, &[])
                .map_err(|refusal| domain(refusal, KIND))?;
            let taken = |number| directory.groups.contains_key(&number);
            let number = self.number_for(meta.tenant, "user_group", chosen, taken).await?;
            let name = attributes.name.clone().unwrap_or_default();
            let unique_id =
                unique_id.unwrap_or_else(|| unique_id_from("usergroup", &name, &self.chance()));
            let unique_id_taken = directory.group(&unique_id).is_some();
            let create = CreateUserGroup { by, number, unique_id, attributes, unique_id_taken };
            self.create_group(&meta, create).await.map(|()| number)
        });
        let number = self.once(&meta, "CreateUserGroup", making).await?;
        self.group_reply(call, number, sent_id).await
    }

    /// The group, and its maker's membership where that follows, in one transaction.
    async fn create_group(
        &self,
        meta: &kit_store::Meta,
        create: CreateUserGroup,
    ) -> Result<(), Refusal> {
        let done = self.store.transact(meta, "CreateUserGroup", |unit| {
            let create = create.clone();
            Box::pin(async move {
                let joins = create.by.joins_own_groups().then(|| create.by.number()).flatten();
                let group = create.unique_id.clone();
                unit.execute(create.number, create).await?;
                if let Some(user) = joins {
                    unit.execute(user, AddMember { group }).await?;
                }
                Ok(())
            })
        });
        done.await.map_err(|error: ExecuteError<Domain>| refused(error, KIND))?;
        Ok(())
    }

    pub(super) async fn update_user_group(
        &self,
        call: &Call,
        message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, &message.command_id)?;
        let directory = self.directory(call).await?;
        let number = number_in_path(&message.id, KIND)?;
        let group = directory.groups.get(&number).ok_or_else(|| missing(KIND, number))?;
        let by = self.authority(call, &directory)?;
        if !by.may("user_group", "write") || !by.reaches_group(&group.unique_id) {
            return Err(Refusal::forbidden());
        }
        let body = body_of(&message)?;
        body.refuse_nulls(&USER_GROUP_KEYS);
        let patch = user_group_patch(&body, &directory);
        body.finish()?;
        self.change(&meta, number, UpdateUserGroup { by, patch }, KIND).await?;
        self.group_reply(call, number, false).await
    }

    pub(super) async fn delete_user_group(
        &self,
        call: &Call,
        message: DeleteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, &message.command_id)?;
        let directory = self.directory(call).await?;
        let number = number_in_path(&message.id, KIND)?;
        let group = directory.groups.get(&number).ok_or_else(|| missing(KIND, number))?;
        let by = self.authority(call, &directory)?;
        let members = members(&directory, &group.unique_id);
        let done = self.store.transact(&meta, "DeleteUserGroup", |unit| {
            let (by, members, group) = (by.clone(), members.clone(), group.unique_id.clone());
            Box::pin(async move {
                unit.execute(number, DeleteUserGroup { by }).await?;
                unit.preload::<identity_domain::User>(members.iter()).await?;
                for member in members {
                    unit.execute(member, RemoveMember { group: group.clone() }).await?;
                }
                Ok(())
            })
        });
        done.await.map_err(|error: ExecuteError<Domain>| refused(error, KIND))?;
        answer_about(number, &json!({"id": number}), false)
    }

    async fn group_reply(&self, call: &Call, number: i64, sent_id: bool) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let group = directory.groups.get(&number).ok_or_else(|| missing(KIND, number))?;
        answer_about(number, &user_group_document(group), sent_id)
    }
}

fn members(directory: &Directory, group: &str) -> Vec<i64> {
    let users = directory.users.values();
    let members = users.filter(|user| user.membership.groups.iter().any(|one| one == group));
    members.map(|user| user.number).collect()
}

/// Reading groups, or insights over everything, which are grouped by them.
fn reads_groups(by: &Authority) -> bool {
    let insights = match by {
        Authority::Installation => true,
        Authority::Person(one) => {
            one.objects.managed_report.as_ref().is_some_and(|report| report.scope == "all")
        }
    };
    by.may("user_group", "read") || insights
}
