//! The caseload of a demonstration: written by hand, entered through the services' own calls by
//! the people of the organisation, so that its history, facts and search terms are real.
//!
//! What is there already is left as it is: every record's id and every act's command id follow
//! from its name in `caseload.json`, and a caseload that is whole is not looked at again.

use crate::demo::organisation::{Organisation, write};
use crate::demo::{ADMINISTRATOR, sign_in};
use crate::tenant::explain;
use anyhow::{Context as _, Result, bail};
use jiff::{Timestamp, ToSpan as _};
use kit_proto::cases::v1::{CaseHistory, CaseStep, ImportCasesRequest};
use kit_proto::common::v1::{GetRequest, WriteRequest};
use kit_proto::identity::v1::Tenant;
use kit_serve::{CallContext, Service, Shared};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;

const CASELOAD: &str = include_str!("caseload.json");
/// An act may be about a trace that is known a moment after its request was filed.
const TRIES: u32 = 40;
const PAUSE: Duration = Duration::from_millis(250);

/// What a demonstration organisation works on.
#[derive(Debug, Deserialize)]
pub struct Caseload {
    /// Who works there besides those of every demonstration.
    people: Vec<Value>,
    cases: Vec<PastCase>,
    acts: Vec<Act>,
}

/// A case with what was done for it until now.
#[derive(Debug, Deserialize)]
struct PastCase {
    id: String,
    by: String,
    steps: Vec<PastStep>,
}

#[derive(Debug, Deserialize)]
struct PastStep {
    /// Days before today.
    ago: i64,
    #[serde(default)]
    action: String,
    data: Map<String, Value>,
}

/// What somebody does now.
#[derive(Debug, Deserialize)]
struct Act {
    by: String,
    #[serde(rename = "do")]
    what: What,
    #[serde(rename = "type")]
    record_type: String,
    id: String,
    data: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum What {
    Create,
    Update,
    Flag,
    Confirm,
}

impl Caseload {
    pub fn read() -> Result<Self> {
        serde_json::from_str(CASELOAD).context("demo/caseload.json")
    }

    /// Those who work there besides those of every demonstration.
    pub fn people(&self) -> Result<Organisation> {
        Organisation::of_people(&self.people)
    }

    /// Enters what is missing of it.
    pub async fn enter(&self, shared: &Shared, tenant: &Tenant) -> Result<()> {
        let mut clerk = Clerk::new(shared, tenant)?;
        if clerk.is_done(self).await? {
            return Ok(());
        }
        clerk.import(&self.cases).await.context("cases")?;
        for (number, act) in self.acts.iter().enumerate() {
            clerk.enter(number, act).await.with_context(|| format!("{} of {}", act.id, act.by))?;
        }
        Ok(())
    }
}

/// Enters one act after the other.
struct Clerk<'a> {
    shared: &'a Shared,
    tenant: &'a Tenant,
    names: Names,
    people: HashMap<String, CallContext>,
}

/// Ids and days by what the caseload calls them.
#[derive(Debug, Clone, Copy)]
struct Names {
    tenant: Uuid,
    now: Timestamp,
}

impl<'a> Clerk<'a> {
    fn new(shared: &'a Shared, tenant: &'a Tenant) -> Result<Self> {
        let names = Names { tenant: tenant.id.parse()?, now: shared.clock.now() };
        Ok(Self { shared, tenant, names, people: HashMap::new() })
    }

    /// Signs in as one of the people, once.
    async fn by(&mut self, user_name: &str) -> Result<CallContext> {
        if let Some(call) = self.people.get(user_name) {
            return Ok(call.clone());
        }
        let call = sign_in(self.shared, self.tenant, user_name).await?;
        self.people.insert(user_name.to_owned(), call.clone());
        Ok(call)
    }

    /// Whether the last record is there, which is entered after all others; and the last flag.
    async fn is_done(&mut self, caseload: &Caseload) -> Result<bool> {
        let Some(last) = caseload.acts.iter().rev().find(|act| act.what == What::Flag) else {
            return Ok(false);
        };
        let call = self.by(ADMINISTRATOR).await?;
        let request = GetRequest {
            id: self.names.id(&last.id).to_string(),
            record_type: last.record_type.clone(),
            ..Default::default()
        };
        let mut records = self.shared.peers.records(keeper(&last.record_type)?);
        match records.list_record_flags(call.request(request)).await {
            Ok(reply) => {
                let flags: Vec<Value> = serde_json::from_slice(&reply.into_inner().data)?;
                Ok(!flags.is_empty())
            }
            Err(status) if status.code() == tonic::Code::NotFound => Ok(false),
            Err(status) => Err(explain(status)),
        }
    }

    async fn import(&self, cases: &[PastCase]) -> Result<()> {
        let histories = cases.iter().map(|case| self.names.history(case));
        let request = ImportCasesRequest {
            command_id: Uuid::new_v5(&self.names.tenant, b"cases").to_string(),
            cases: histories.collect::<Result<_>>()?,
        };
        let call = self.shared.internal_call(Some(self.names.tenant));
        let call = call.with_timeout(Duration::from_mins(2)).request(request);
        let reply = self.shared.peers.cases().import_cases(call).await.map_err(explain)?;
        match reply.into_inner().refused.first() {
            Some(refused) => {
                bail!("case {} at step {}: {:?}", refused.id, refused.step, refused.reasons)
            }
            None => Ok(()),
        }
    }

    async fn enter(&mut self, number: usize, act: &Act) -> Result<()> {
        let call = self.by(&act.by).await?;
        let mut data = self.names.filled(&Value::Object(act.data.clone()));
        let id = self.names.id(&act.id).to_string();
        if act.what == What::Create {
            data["id"] = id.clone().into();
        }
        let request = WriteRequest {
            id,
            command_id: Uuid::new_v5(&self.names.tenant, format!("act {number}").as_bytes())
                .to_string(),
            record_type: act.record_type.clone(),
            ..write(&data)?
        };
        for _ in 0..TRIES {
            match self.send(&call, act, request.clone()).await {
                Err(status) if is_early(act.what, &status) => tokio::time::sleep(PAUSE).await,
                sent => return sent.map_err(explain),
            }
        }
        bail!("its trace is not known")
    }

    async fn send(
        &self,
        call: &CallContext,
        act: &Act,
        request: WriteRequest,
    ) -> Result<(), tonic::Status> {
        let peers = &self.shared.peers;
        let request = call.request(request);
        let records = || {
            let keeper = keeper(&act.record_type);
            keeper
                .map(|service| peers.records(service))
                .map_err(|error| tonic::Status::internal(error.to_string()))
        };
        match act.what {
            What::Create => records()?.create_record(request).await,
            What::Update => records()?.update_record(request).await,
            What::Flag => records()?.create_flag(request).await,
            What::Confirm => peers.tracing().update_trace(request).await,
        }
        .map(drop)
    }
}

/// Traces and the cases that tracing has heard of are there a moment after their records.
fn is_early(what: What, status: &tonic::Status) -> bool {
    use tonic::Code;
    what == What::Confirm
        && matches!(
            status.code(),
            Code::NotFound | Code::FailedPrecondition | Code::InvalidArgument
        )
}

/// The service that keeps records of a type.
fn keeper(record_type: &str) -> Result<Service> {
    match record_type {
        "case" | "family" | "registry_record" => Ok(Service::Cases),
        "incident" => Ok(Service::Incidents),
        "tracing_request" => Ok(Service::Tracing),
        other => bail!("nobody keeps {other}"),
    }
}

impl Names {
    fn id(&self, name: &str) -> Uuid {
        Uuid::new_v5(&self.tenant, name.as_bytes())
    }

    fn moment(&self, days: i64) -> Timestamp {
        self.now + (days * 24).hours()
    }

    /// `#name` is an id, `@-3` the day three days ago, `@@-3` the moment.
    fn filled(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.text(text).unwrap_or_else(|| value.clone()),
            Value::Array(all) => all.iter().map(|one| self.filled(one)).collect(),
            Value::Object(all) => {
                let one = |(name, one): (&String, &Value)| (name.clone(), self.filled(one));
                Value::Object(all.iter().map(one).collect())
            }
            other => other.clone(),
        }
    }

    fn text(&self, text: &str) -> Option<Value> {
        if let Some(name) = text.strip_prefix('#') {
            return Some(self.id(name).to_string().into());
        }
        if let Some(days) = text.strip_prefix("@@") {
            return Some(format!("{:.3}", self.moment(days.parse().ok()?)).into());
        }
        let moment = self.moment(text.strip_prefix('@')?.parse().ok()?);
        Some(moment.to_zoned(jiff::tz::TimeZone::UTC).date().to_string().into())
    }

    fn history(&self, case: &PastCase) -> Result<CaseHistory> {
        let steps = (0_i64..).zip(&case.steps).map(|(number, step)| {
            let at = self.moment(-step.ago) + number.minutes() - 1.hours();
            Ok(CaseStep {
                at_unix_us: at.as_microsecond(),
                user_name: case.by.clone(),
                record_action: step.action.clone(),
                data: serde_json::to_vec(&self.filled(&Value::Object(step.data.clone())))?.into(),
            })
        });
        Ok(CaseHistory { id: self.id(&case.id).to_string(), steps: steps.collect::<Result<_>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeSet;

    fn names() -> Names {
        let now = "2026-06-30T10:00:00Z".parse().unwrap();
        Names { tenant: Uuid::nil(), now }
    }

    #[test]
    fn days_and_ids_follow_from_their_names() {
        let told = json!({"a": "@-30", "b": ["@@+1"], "c": {"id": "#lina"}, "d": "12 @-1"});
        let filled = names().filled(&told);
        assert_eq!(filled["a"], "2026-05-31");
        assert_eq!(filled["b"][0], "2026-07-01T10:00:00.000Z");
        assert_eq!(filled["c"]["id"], names().id("lina").to_string());
        assert_eq!(filled["d"], "12 @-1");
    }

    #[test]
    fn whatever_an_act_is_about_was_entered_before_it() {
        let caseload = Caseload::read().unwrap();
        let mut known: BTreeSet<&str> = caseload.cases.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(known.len(), caseload.cases.len());
        for act in &caseload.acts {
            match act.what {
                What::Create => assert!(known.insert(&act.id), "{} twice", act.id),
                What::Update | What::Flag => assert!(known.contains(&*act.id), "{}", act.id),
                What::Confirm => {
                    let request = act.id.rsplit_once(' ').unwrap().0;
                    assert!(known.contains(request), "{request}");
                }
            }
        }
        for kind in ["family", "registry_record", "incident", "tracing_request"] {
            assert!(caseload.acts.iter().any(|act| act.record_type == kind), "{kind}");
        }
        assert_eq!(caseload.acts.last().unwrap().what, What::Update);
    }
}
