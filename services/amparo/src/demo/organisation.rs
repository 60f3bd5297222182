//! The people and places of a demonstration organisation.

use crate::demo::PASSWORD;
use crate::tenant::explain;
use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kit_proto::common::v1::{ListRequest, Parameter, Reply, WriteRequest};
use kit_serve::{CallContext, Shared};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::time::Duration;

const ORGANISATION: &str = include_str!("organisation.json");
const PLACES: &[u8] = include_bytes!("places.csv");

/// Who works in a demonstration organisation.
#[derive(Debug, Deserialize)]
pub struct Organisation {
    agencies: Vec<Map<String, Value>>,
    user_groups: Vec<Map<String, Value>>,
    users: Vec<Person>,
}

/// A user as the REST contract has it, with the agency by unique id.
#[derive(Debug, Deserialize)]
struct Person {
    agency: String,
    #[serde(flatten)]
    user: Map<String, Value>,
}

impl Organisation {
    pub fn read() -> Result<Self> {
        serde_json::from_str(ORGANISATION).context("demo/organisation.json")
    }

    /// More people of an organisation that is there.
    pub fn of_people(people: &[Value]) -> Result<Self> {
        let users = serde_json::from_value(people.into()).context("people")?;
        Ok(Self { agencies: Vec::new(), user_groups: Vec::new(), users })
    }

    /// User names with what they may do.
    pub fn people(&self) -> impl Iterator<Item = (&str, &str)> {
        self.users.iter().map(|person| {
            let role = text(&person.user, "role_unique_id");
            (text(&person.user, "user_name"), describe(role))
        })
    }

    /// Makes what is missing of it, as the administrator.
    pub async fn found(&self, shared: &Shared, administrator: &CallContext) -> Result<()> {
        let founder = Founder { shared, call: administrator };
        founder.import_places().await.context("places")?;
        founder.make_agencies(&self.agencies).await.context("agencies")?;
        founder.make_groups(&self.user_groups).await.context("user groups")?;
        founder.make_users(&self.users).await.context("users")
    }
}

/// The administrator at work.
struct Founder<'a> {
    shared: &'a Shared,
    call: &'a CallContext,
}

impl Founder<'_> {
    async fn import_places(&self) -> Result<()> {
        let mut configuration = self.shared.peers.configuration();
        let known = configuration.list_locations(self.call.request(first_page())).await;
        if !rows(known)?.is_empty() {
            return Ok(());
        }
        let file = json!({ "file_name": "places.csv", "data_base64": STANDARD.encode(PLACES) });
        let call = self.call.clone().with_timeout(Duration::from_mins(2));
        let reply = configuration.import_locations(call.request(write(&file)?)).await;
        reply.map_err(explain).map(drop)
    }

    async fn make_agencies(&self, agencies: &[Map<String, Value>]) -> Result<()> {
        let mut identity = self.shared.peers.identity();
        let known = rows(identity.list_agencies(self.call.request(first_page())).await)?;
        for agency in agencies {
            if !has(&known, "unique_id", text(agency, "unique_id")) {
                let request = self.call.request(write(agency)?);
                identity.create_agency(request).await.map_err(explain)?;
            }
        }
        Ok(())
    }

    async fn make_groups(&self, groups: &[Map<String, Value>]) -> Result<()> {
        let mut identity = self.shared.peers.identity();
        let known = rows(identity.list_user_groups(self.call.request(first_page())).await)?;
        for group in groups {
            if !has(&known, "unique_id", text(group, "unique_id")) {
                let request = self.call.request(write(group)?);
                identity.create_user_group(request).await.map_err(explain)?;
            }
        }
        Ok(())
    }

    async fn make_users(&self, people: &[Person]) -> Result<()> {
        let mut identity = self.shared.peers.identity();
        let known = rows(identity.list_users(self.call.request(first_page())).await)?;
        let agencies = rows(identity.list_agencies(self.call.request(first_page())).await)?;
        for Person { agency, user } in people {
            if has(&known, "user_name", text(user, "user_name")) {
                continue;
            }
            let agency = agencies.iter().find(|row| row["unique_id"] == agency.as_str());
            let mut user = user.clone();
            user.insert("agency_id".into(), agency.context("agency")?["id"].clone());
            user.insert("password".into(), PASSWORD.into());
            user.insert("password_confirmation".into(), PASSWORD.into());
            user.insert("send_mail".into(), false.into());
            identity.create_user(self.call.request(write(&user)?)).await.map_err(explain)?;
        }
        Ok(())
    }
}

/// A body as it is sent.
pub fn write(document: &impl serde::Serialize) -> Result<WriteRequest> {
    Ok(WriteRequest { data: serde_json::to_vec(document)?.into(), ..Default::default() })
}

fn first_page() -> ListRequest {
    let per = Parameter { name: "per".into(), value: "1000".into() };
    ListRequest { parameters: vec![per], ..Default::default() }
}

fn rows(reply: Result<tonic::Response<Reply>, tonic::Status>) -> Result<Vec<Value>> {
    let reply = reply.map_err(explain)?.into_inner();
    serde_json::from_slice(&reply.data).context("an answer that is not a list")
}

fn has(rows: &[Value], key: &str, value: &str) -> bool {
    rows.iter().any(|row| row[key] == value)
}

fn text<'a>(document: &'a Map<String, Value>, key: &str) -> &'a str {
    document.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn describe(role: &str) -> &'static str {
    match role {
        "role-cp-case-worker" => "case worker: own cases",
        "role-cp-manager" => "manager: cases of both teams",
        "role-gbv-case-worker" => "case worker: survivors of gender-based violence",
        "role-mrm-monitor" => "monitor: grave violations against children",
        "role-cp-administrator" => "administrator: people and configuration",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_has_an_agency_and_groups_that_exist() {
        let organisation = Organisation::read().unwrap();
        for person in &organisation.users {
            assert!(organisation.agencies.iter().any(|it| it["unique_id"] == *person.agency));
            for group in person.user["user_group_unique_ids"].as_array().unwrap() {
                assert!(organisation.user_groups.iter().any(|it| it["unique_id"] == *group));
            }
            assert_ne!(describe(text(&person.user, "role_unique_id")), "");
        }
    }
}
