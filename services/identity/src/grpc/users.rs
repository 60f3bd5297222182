//! Reading users (contract 9).

use identity_domain::{Authority, Profile, User};
use kit_proto::common::v1::{GetRequest, ListRequest, Parameter, Reply};
use kit_serve::{Call, Refusal};
use serde_json::{Value, json};

use crate::activity::{Activity, Ranges};
use crate::directory::{Directory, Versioned};
use crate::documents::{session_data, user_document};
use crate::parameters::{Parameters, sort_by};
use crate::principal::{groups, principal};
use crate::shell::{Shell, answer_about, answer_list, missing, number_in_path};

const KIND: &str = "User";

impl Shell {
    pub(super) async fn list_users(
        &self,
        call: &Call,
        message: ListRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let by = self.authority(call, &directory)?;
        if !by.reads_users() {
            return Err(Refusal::forbidden());
        }
        let parameters = Parameters(&message.parameters);
        let paging = parameters.paging(20)?;
        let stats = parameters.flag("activity_stats");
        let (users, activity) =
            self.narrowed(call, &directory, &by, &message.parameters, stats).await?;
        let total_enabled = directory.total_enabled();
        let catalog = self.catalogs.if_any(call).await.unwrap_or_default();
        let document = |user| {
            let mut document = Value::from(user_document(&directory, user, &catalog));
            if stats {
                activity.add_to(&mut document);
            }
            document
        };
        let (mut part, mut metadata) = if let (Some(attribute), down) = parameters.order() {
            let mut documents: Vec<Value> = users.into_iter().map(document).collect();
            sort_by(&mut documents, attribute, down, "en");
            paging.cut(documents)
        } else {
            let (page, metadata) = paging.cut(users);
            (page.into_iter().map(document).collect(), metadata)
        };
        if parameters.flag("extended") {
            self.extend_all(call, &directory, &mut part).await?;
            if stats {
                for document in &mut part {
                    activity.add_to(document);
                }
            }
        }
        self.tell_reporting_places(call, &mut part).await?;
        metadata["total_enabled"] = total_enabled.into();
        answer_list(&part, &metadata)
    }

    /// Users within the caller's reach that the filters select, with the times of their
    /// activity where these are filtered by or asked for.
    pub(super) async fn narrowed<'a>(
        &self,
        call: &Call,
        directory: &'a Directory,
        by: &Authority,
        parameters: &[Parameter],
        stats: bool,
    ) -> Result<(Vec<&'a Versioned<User>>, Activity), Refusal> {
        let ranges = Ranges::of(&Parameters(parameters))?;
        let mut users = reached(directory, by, parameters);
        if ranges.are_open() && !stats {
            return Ok((users, Activity::default()));
        }
        let names = users.iter().map(|user| user.user_name.clone()).collect();
        let activity = Activity::read(self.activity.of(call, directory.tenant, names).await?);
        users.retain(|user| ranges.hold(&activity, &user.user_name));
        Ok((users, activity))
    }

    async fn extend_all(
        &self,
        call: &Call,
        directory: &Directory,
        documents: &mut [Value],
    ) -> Result<(), Refusal> {
        for document in documents {
            let number = document["id"].as_i64().unwrap_or_default();
            if let Some(user) = directory.users.get(&number) {
                *document = self.extended(call, directory, user).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn get_user(
        &self,
        call: &Call,
        message: GetRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let number = number_in_path(&message.id, KIND)?;
        let user = directory.users.get(&number).ok_or_else(|| missing(KIND, number))?;
        let by = self.authority(call, &directory)?;
        if !by.reads_user(&directory.standing_of(user)) {
            return Err(Refusal::forbidden());
        }
        let mut document = if Parameters(&message.parameters).flag("extended") {
            self.extended(call, &directory, user).await?
        } else {
            let catalog = self.catalogs.if_any(call).await.unwrap_or_default();
            user_document(&directory, user, &catalog).into()
        };
        self.tell_reporting_places(call, std::slice::from_mut(&mut document)).await?;
        answer_about(number, &document, false)
    }

    /// The user with the session data of the web application.
    async fn extended(
        &self,
        call: &Call,
        directory: &Directory,
        user: &Versioned<User>,
    ) -> Result<Value, Refusal> {
        let catalog = self.catalogs.of(call).await?;
        let mut document = user_document(directory, user, &catalog);
        let now = self.shared.clock.now();
        if let Some(principal) = principal(directory, user, None, now, self.token_seconds) {
            document.extend(session_data(directory, user, principal, &catalog));
        }
        Ok(document.into())
    }

    pub(super) async fn list_identified_users(
        &self,
        call: &Call,
        message: ListRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let by = self.authority(call, &directory)?;
        if !by.may("case", "attribute") {
            return Err(Refusal::forbidden());
        }
        let parameters = Parameters(&message.parameters);
        let words = parameters.text("query").map(str::to_lowercase);
        let identified = |user: &User| {
            let role = directory.role_of(user);
            role.is_some_and(|role| role.attributes.user_category.as_deref() == Some("identified"))
        };
        let users = directory.users.values().filter(|user| !user.disabled && identified(user));
        let documents: Vec<Value> = users
            .filter(|user| is_called(user, words.as_deref()))
            .map(|user| {
                let profile = &user.profile;
                json!({"user_name": user.user_name, "full_name": profile.full_name,
                    "email": profile.email})
            })
            .collect();
        let (part, metadata) = parameters.paging_if_asked(20)?.cut(documents);
        answer_list(&part, &metadata)
    }
}

/// Users within the caller's reach that the filters select, by number.
fn reached<'a>(
    directory: &'a Directory,
    by: &Authority,
    parameters: &[Parameter],
) -> Vec<&'a Versioned<User>> {
    let parameters = Parameters(parameters);
    directory
        .users
        .values()
        .map(AsRef::as_ref)
        .filter(|user| by.reads_user(&directory.standing_of(user)))
        .filter(|user| is_wanted(directory, user, &parameters))
        .collect()
}

fn is_wanted(directory: &Directory, user: &User, parameters: &Parameters<'_>) -> bool {
    let Profile { location, services, .. } = &user.profile;
    let disabled = parameters.booleans("disabled");
    let roles = parameters.numbers("role_id");
    let agencies: Vec<i64> =
        [parameters.numbers("agency"), parameters.numbers("agency_id")].concat();
    let wanted_groups = parameters.list("user_group_ids");
    let wanted_services = parameters.list("services");
    let role = directory.role_of(user).map(|role| role.number);
    let agency = directory.agency(&user.membership.agency).map(|agency| agency.number);
    let words = parameters.text("query").map(str::to_lowercase);
    (disabled.is_empty() || disabled.contains(&user.disabled))
        && (roles.is_empty() || role.is_some_and(|role| roles.contains(&role)))
        && (agencies.is_empty() || agency.is_some_and(|agency| agencies.contains(&agency)))
        && (wanted_groups.is_empty()
            || groups(directory, user).iter().any(|one| wanted_groups.contains(&one.as_str())))
        && (wanted_services.is_empty()
            || services.iter().any(|one| wanted_services.contains(&one.as_str())))
        && parameters.text("user_name").is_none_or(|name| user.user_name == name.to_lowercase())
        && parameters.text("location").is_none_or(|one| location.as_deref() == Some(one))
        && is_called(user, words.as_deref())
}

/// Whether the words are part of the user's name or full name.
fn is_called(user: &User, words: Option<&str>) -> bool {
    words.is_none_or(|words| {
        user.user_name.contains(words) || user.profile.full_name.to_lowercase().contains(words)
    })
}
