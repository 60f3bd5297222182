//! Writing users (contract 9).

use identity_domain::password::{self, NewPassword};
use identity_domain::{
    AcceptCodeOfConduct, CreateUser, DeleteUser, Membership, Profile, Rank, Refusal as Domain,
    RequestPasswordReset, UpdateUser, User, UserSurroundings, patched,
};
use kit_proto::common::v1::{DeleteRequest, Reply, WriteRequest};
use kit_serve::{Call, Refusal};
use kit_store::{Done, ExecuteError, Meta};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::bodies::{UserBody, user_body};
use crate::directory::{Directory, Versioned};
use crate::documents::user_document;
use crate::projections::email_token;
use crate::refused::{domain, refused};
use crate::sessions;
use crate::shell::{Shell, answer_about, body_of, chosen_id, kept, missing, number_in_path};

const KIND: &str = "User";

impl Shell {
    pub(super) async fn create_user(
        &self,
        call: &Call,
        message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, &message.command_id)?;
        let directory = self.directory(call).await?;
        let by = self.authority(call, &directory)?;
        if !by.may("user", "create") {
            return Err(Refusal::forbidden());
        }
        let body = body_of(&message)?;
        let (sent_id, _) = chosen_id(&body);
        let sent = user_body(&body, &directory);
        body.finish()?;
        let making = Box::pin(async {
            let create = self.new_user(call, &directory, by, sent).await?;
            let number = create.number;
            self.create(&meta, number, create, KIND).await
        });
        let number = self.once(&meta, "CreateUser", making).await?;
        self.user_reply(call, number, sent_id).await
    }

    async fn new_user(
        &self,
        call: &Call,
        directory: &Directory,
        by: identity_domain::Authority,
        sent: UserBody,
    ) -> Result<CreateUser, Refusal> {
        let around = self.surroundings(call, directory, None, &sent).await?;
        let password = self.new_password(&sent).await?;
        let mut fresh = Profile { send_mail: true, ..Profile::default() };
        let agency = sent.agency.clone().unwrap_or_default();
        if let Some(agency) = directory.agency(&agency) {
            fresh.services.clone_from(&agency.attributes.services);
        }
        let profile = patched(&fresh, &sent.profile, &[]).map_err(|no| domain(no, KIND))?;
        let tenant = directory.tenant;
        Ok(CreateUser {
            by,
            number: kept(self.store.next_number(tenant, "user").await)?,
            user_name: sent.user_name.unwrap_or_default(),
            profile,
            membership: Membership {
                role: sent.role.unwrap_or_default(),
                agency,
                groups: sent.groups.unwrap_or_default(),
            },
            password,
            disabled: sent.disabled.unwrap_or_default(),
            around,
        })
    }

    pub(super) async fn update_user(
        &self,
        call: &Call,
        message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, &message.command_id)?;
        let directory = self.directory(call).await?;
        let number = number_in_path(&message.id, KIND)?;
        let user = directory.users.get(&number).ok_or_else(|| missing(KIND, number))?;
        let by = self.authority(call, &directory)?;
        let standing = directory.standing_of(user);
        let own = by.is(&standing);
        if !own && !by.writes_user(&standing) {
            return Err(Refusal::forbidden());
        }
        let body = body_of(&message)?;
        let sent = user_body(&body, &directory);
        body.finish()?;
        let around = self.surroundings(call, &directory, Some(user), &sent).await?;
        let accept = sent.code_of_conduct.filter(|_| own).map(|id| AcceptCodeOfConduct {
            id,
            current: around.code_of_conduct,
            at: meta.now.to_string(),
        });
        let update = UpdateUser {
            by,
            password: self.new_password(&sent).await?,
            user_name: sent.user_name,
            profile: sent.profile,
            role: sent.role,
            agency: sent.agency,
            groups: sent.groups,
            disabled: sent.disabled,
            terms_accepted_at: (own && sent.accepts_terms).then(|| meta.now.to_string()),
            around,
        };
        self.carry_out(call, &meta, number, update, accept).await?;
        self.user_reply(call, number, false).await
    }

    /// The change and the acceptance as one; then sessions that it ends are ended.
    async fn carry_out(
        &self,
        call: &Call,
        meta: &Meta,
        number: i64,
        update: UpdateUser,
        accept: Option<AcceptCodeOfConduct>,
    ) -> Result<(), Refusal> {
        let own = update.by.number() == Some(number);
        let done = self.store.transact(meta, "UpdateUser", |unit| {
            let (update, accept) = (update.clone(), accept.clone());
            Box::pin(async move {
                let before = unit.load::<User>(number).await?.state.credential;
                let mut after = unit.execute(number, update).await?;
                if let Some(accept) = accept {
                    after = unit.execute(number, accept).await?;
                }
                Ok((after.state.credential != before).then_some(after.state))
            })
        });
        let done = done.await.map_err(|error: ExecuteError<Domain>| refused(error, KIND))?;
        let Done::Now(Some(user)) = done else { return Ok(()) };
        // Its sessions count no more, since they have another credential. Whoever changes their
        // own password stays signed in where they did it.
        match call.principal()?.session.filter(|_| own) {
            Some(id) => kept(sessions::keep_one(&self.store, meta.tenant, &user, id).await),
            None => kept(sessions::end_all(&self.store, meta.tenant, number).await),
        }
    }

    pub(super) async fn delete_user(
        &self,
        call: &Call,
        message: DeleteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, &message.command_id)?;
        let directory = self.directory(call).await?;
        let number = number_in_path(&message.id, KIND)?;
        let user = directory.users.get(&number).ok_or_else(|| missing(KIND, number))?;
        let by = self.authority(call, &directory)?;
        let delete = DeleteUser { by, rank: directory.rank_of(user) };
        self.change(&meta, number, delete, KIND).await?;
        kept(sessions::end_all(&self.store, meta.tenant, number).await)?;
        answer_about(number, &json!({"id": number}), false)
    }

    /// Disables all the users that ids or filters name, within the caller's reach.
    pub(super) async fn request_password_reset(
        &self,
        call: &Call,
        message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, &message.command_id)?;
        let directory = self.directory(call).await?;
        let number = number_in_path(&message.id, KIND)?;
        let user = directory.users.get(&number).ok_or_else(|| missing(KIND, number))?;
        let by = self.authority(call, &directory)?;
        let request = RequestPasswordReset { by, rank: directory.rank_of(user) };
        self.change(&meta, number, request, KIND).await?;
        let text = json!({"message": "user.password_reset.request_submitted"});
        answer_about(number, &text, false)
    }

    async fn new_password(&self, sent: &UserBody) -> Result<NewPassword, Refusal> {
        let Some(password) = &sent.password else { return Ok(NewPassword::Absent) };
        let confirmation = sent.password_confirmation.as_deref();
        let problems = password::problems(password, confirmation);
        if !problems.is_empty() {
            return Ok(NewPassword::Refused(problems));
        }
        Ok(NewPassword::Hashed(self.passwords.hash(password).await?))
    }

    async fn surroundings(
        &self,
        call: &Call,
        directory: &Directory,
        user: Option<&Versioned<User>>,
        sent: &UserBody,
    ) -> Result<UserSurroundings, Refusal> {
        let own = user.map(|user| user.number);
        let name = sent.user_name.as_deref().unwrap_or_default();
        let email = sent.profile.get("email").and_then(Value::as_str);
        let email_taken = match email {
            Some(email) => self.is_email_taken(directory, email, own).await?,
            None => false,
        };
        let kept_or = |sent: &Option<String>, old: fn(&User) -> &String| {
            sent.clone().or_else(|| user.map(|user| old(user).clone())).unwrap_or_default()
        };
        let role = kept_or(&sent.role, |user| &user.membership.role);
        let agency = kept_or(&sent.agency, |user| &user.membership.agency);
        let groups = sent.groups.iter().flatten();
        let enables = user.is_none_or(|user| user.disabled) && sent.disabled != Some(true);
        Ok(UserSurroundings {
            user_name_taken: own.is_none() && self.is_name_taken(directory.tenant, name).await?,
            email_taken,
            rank: user.map_or(Rank::Ordinary, |user| directory.rank_of(user)),
            new_rank: directory.role(&role).map(|role| role.rank()),
            agency_known: directory.agency(&agency).is_some(),
            unknown_groups: groups.filter(|one| directory.group(one).is_none()).cloned().collect(),
            limit_reached: enables && self.is_limit_reached(call, directory).await,
            locales: directory.locales.clone(),
            code_of_conduct: directory.code_of_conduct.as_ref().map(|code| code.number),
        })
    }

    /// Whether someone has or ever had this user name.
    async fn is_name_taken(&self, tenant: Uuid, name: &str) -> Result<bool, Refusal> {
        let tx = kept(self.store.read(tenant).await)?;
        let sql = "select 1 from user_name where tenant = $1 and user_name = $2";
        Ok(kept(tx.query_opt(sql, &[&tenant, &name]).await)?.is_some())
    }

    async fn is_email_taken(
        &self,
        directory: &Directory,
        email: &str,
        own: Option<i64>,
    ) -> Result<bool, Refusal> {
        let tenant = directory.tenant;
        let token = kept(email_token(self.store.keys(), tenant, email).await)?;
        let tx = kept(self.store.read(tenant).await)?;
        let sql = "select number from directory_entry where tenant = $1 and email_token = $2";
        let row = kept(tx.query_opt(sql, &[&tenant, &token]).await)?;
        Ok(row.is_some_and(|row| row.try_get::<_, i64>(0).ok() != own))
    }

    /// As many as the organisation's settings allow, or the installation does.
    async fn is_limit_reached(&self, call: &Call, directory: &Directory) -> bool {
        let own = self.own_maximum(call).await;
        own.is_some_and(|most| directory.total_enabled() as u64 >= most)
            || directory.max_users.is_some_and(|most| directory.enabled() as u64 >= most)
    }

    /// The lower one of the two, for whoever looks after users.
    async fn maximum_users(&self, call: &Call, directory: &Directory) -> Option<u64> {
        self.own_maximum(call).await.into_iter().chain(directory.max_users).min()
    }

    /// By the organisation's settings.
    async fn own_maximum(&self, call: &Call) -> Option<u64> {
        let catalog = self.catalogs.if_any(call).await?;
        catalog.settings.get("system_options")?.get("maximum_users")?.as_u64()
    }

    async fn user_reply(&self, call: &Call, number: i64, sent_id: bool) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let user = directory.users.get(&number).ok_or_else(|| missing(KIND, number))?;
        let catalog = self.catalogs.if_any(call).await.unwrap_or_default();
        let mut document = user_document(&directory, user, &catalog).into();
        self.tell_reporting_places(call, std::slice::from_mut(&mut document)).await?;
        let metadata = json!({
            "total_enabled": directory.total_enabled(),
            "maximum_users": self.maximum_users(call, &directory).await,
        });
        let metadata = serde_json::to_vec(&metadata).map_err(Refusal::internal)?;
        Ok(Reply { metadata: metadata.into(), ..answer_about(number, &document, sent_id)? })
    }
}
