//! What other services need to know about people.

use identity_domain::{GrantForm, User};
use kit_proto::identity::v1::{
    Directory as Answer, DirectoryUser, GetDirectoryRequest, GrantFormReply, GrantFormRequest,
};
use kit_serve::{Call, Refusal};

use crate::directory::{Directory, Versioned, tidy_name};
use crate::principal::groups;
use crate::refused::refused;
use crate::shell::{Shell, kept, missing};
use crate::tenant_of;

impl Shell {
    /// The named users; all of them when none is named.
    pub(super) async fn get_directory(
        &self,
        _call: &Call,
        message: GetDirectoryRequest,
    ) -> Result<Answer, Refusal> {
        let directory = kept(self.directories.now(tenant_of(&message.tenant)?).await)?;
        let all = || directory.users.values().map(|user| listed(&directory, user)).collect();
        if message.user_names.is_empty() {
            return Ok(Answer { users: all() });
        }
        let named = message.user_names.iter().filter_map(|name| directory.user_named(name));
        Ok(Answer { users: named.map(|user| listed(&directory, user)).collect() })
    }

    pub(super) async fn grant_form(
        &self,
        call: &Call,
        message: GrantFormRequest,
    ) -> Result<GrantFormReply, Refusal> {
        let tenant = tenant_of(&message.tenant)?;
        let directory = kept(self.directories.now(tenant).await)?;
        let role = directory.role(&message.role).ok_or_else(|| missing("Role", &message.role))?;
        let mut meta = self.meta_in(call, tenant, "")?;
        "configuration".clone_into(&mut meta.actor);
        let grant = GrantForm { form: message.form };
        let done = self.store.execute(&meta, role.number, grant).await;
        done.map_err(|error| refused(error, "Role"))?;
        Ok(GrantFormReply {})
    }
}

fn listed(directory: &Directory, user: &Versioned<User>) -> DirectoryUser {
    let role = directory.role_of(user);
    let category = role.and_then(|role| role.attributes.user_category.clone());
    DirectoryUser {
        user_name: tidy_name(&user.user_name),
        id: user.number,
        full_name: user.profile.full_name.clone(),
        agency: user.membership.agency.clone(),
        agency_office: user.profile.agency_office.clone().unwrap_or_default(),
        groups: groups(directory, user),
        location: user.profile.location.clone().unwrap_or_default(),
        code: user.profile.code.clone().unwrap_or_default(),
        disabled: user.disabled,
        version: user.version,
        user_category: category.unwrap_or_default(),
        role_name: role.map(|role| role.attributes.name.clone()).unwrap_or_default(),
    }
}
