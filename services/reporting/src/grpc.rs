//! The rpcs of reporting.

use std::sync::Arc;

use jiff::Timestamp;
use kit_access::Principal;
use kit_cabinet::catalogs::{Catalogs, Wanted};
use kit_proto::common::v1::{GetRequest, ListRequest, Reply};
use kit_proto::reporting::v1::{
    Activity, GetActivityRequest, GetReadingRequest, Reading, reporting_server,
};
use kit_serve::{Access, Call, Clock, Code, ErrorItem, Refusal};
use kit_store::{Store, StoreError, Tx};
use serde_json::{Value, json};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::boards::ask::Sight;
use crate::boards::dashboards::Desk;
use crate::boards::rebuild::Edition;
use crate::boards::{home, kinds};
use crate::parameters::{Page, Parameters};
use crate::people::{self, PeopleSource};
use crate::queries::access_log::{self, AccessLog, AccessUser, RecordName};
use crate::queries::activity;
use crate::queries::audit_logs::{AuditLogs, search_audit_logs};
use crate::queries::reading;
use crate::reading::{Reader, habit};

/// What each rpc demands of its caller.
pub const ACCESS: Access = Access::new("amparo.reporting.v1.Reporting")
    .principal(&[
        "ListAuditLogs",
        "ListActivityLog",
        "ListAccessLog",
        "ListAccessUsers",
        "ListReadingAlarms",
        "ListDashboards",
        "GetHome",
    ])
    .internal(&["GetReading", "GetActivity"]);

/// Answers from the read models.
#[derive(Clone)]
pub struct Reporting {
    pub store: Store,
    pub people: Arc<dyn PeopleSource>,
    pub catalogs: Arc<Catalogs>,
    pub clock: Clock,
}

type Answer = Result<Response<Reply>, Status>;

#[tonic::async_trait]
impl reporting_server::Reporting for Reporting {
    async fn list_audit_logs(&self, request: Request<ListRequest>) -> Answer {
        let call = Call::of(&request)?;
        must(call.principal()?, "audit_log", &["read"])?;
        let tenant = call.tenant()?;
        let asked = AuditLogs::try_from(Parameters(&request.get_ref().parameters))?;
        let tx = self.read(tenant).await?;
        let (entries, total, page) =
            search_audit_logs(&tx, tenant, &asked).await.map_err(refused)?;
        Ok(Response::new(listed(entries, total, page)))
    }

    async fn list_activity_log(&self, request: Request<ListRequest>) -> Answer {
        let call = Call::of(&request)?;
        must(call.principal()?, "activity_log", &["transfer", "manage"])?;
        // Transfers are what this log tells of, and there are none yet.
        let metadata = json!({ "total": 0 }).to_string().into_bytes().into();
        Ok(Response::new(Reply { data: "[]".into(), metadata, ..Reply::default() }))
    }

    async fn list_access_log(&self, request: Request<GetRequest>) -> Answer {
        let call = Call::of(&request)?;
        let (record, tenant) = (record_of(&call, request.get_ref())?, call.tenant()?);
        let asked = AccessLog::try_from(Parameters(&request.get_ref().parameters))?;
        let tx = self.read(tenant).await?;
        let found = access_log::search_access_log(&tx, tenant, &record, &asked).await;
        drop(tx);
        let (entries, total, page) = found.map_err(refused)?;
        let wanted = entries.iter().filter_map(|one| one.user_name.clone()).collect();
        let names = people::names(&self.people, tenant, wanted).await;
        let rows = entries.into_iter().map(|one| {
            let person = one.user_name.as_ref().and_then(|name| names.get(name));
            json!({
                "id": one.id,
                "timestamp": format!("{:.3}", one.at),
                "action": one.action,
                "record_type": record.path,
                "record_id": record.id,
                "user_name": one.user_name,
                "full_name": person.and_then(|person| person.full_name.clone()),
                "role_name": person.and_then(|person| person.role_name.clone()),
            })
        });
        Ok(Response::new(listed(rows.collect(), total, page)))
    }

    async fn list_reading_alarms(&self, request: Request<ListRequest>) -> Answer {
        let call = Call::of(&request)?;
        must(call.principal()?, "audit_log", &["read"])?;
        let tenant = call.tenant()?;
        let asked = reading::Alarms::try_from(Parameters(&request.get_ref().parameters))?;
        let tx = self.read(tenant).await?;
        let (alarms, total, page) =
            reading::search_alarms(&tx, tenant, &asked).await.map_err(refused)?;
        Ok(Response::new(listed(alarms, total, page)))
    }

    async fn list_dashboards(&self, request: Request<ListRequest>) -> Answer {
        let call = Call::of(&request)?;
        let names = Parameters(&request.get_ref().parameters).many("names");
        Ok(Response::new(told(&self.dashboards(&call, &names).await?)))
    }

    async fn get_home(&self, request: Request<ListRequest>) -> Answer {
        let call = Call::of(&request)?;
        Ok(Response::new(told(&self.home(&call).await?)))
    }

    async fn get_reading(
        &self,
        request: Request<GetReadingRequest>,
    ) -> Result<Response<Reading>, Status> {
        let GetReadingRequest { tenant, user_id, hour } = request.into_inner();
        let named = || Refusal::missing_parameter("tenant");
        let tenant = tenant.parse().map_err(|_not_a_uuid| named())?;
        let hour = Timestamp::from_second(hour).map_err(|_range| named())?;
        let tx = self.read(tenant).await?;
        let count = reading::count(&tx, tenant, user_id, hour).await.map_err(refused)?;
        let habit = habit(&tx, Reader { tenant, user_id, hour }).await.map_err(refused)?;
        let records = count.map_or(0, |count| count.records);
        Ok(Response::new(Reading { records, usual: habit.usual }))
    }

    async fn list_access_users(&self, request: Request<GetRequest>) -> Answer {
        let call = Call::of(&request)?;
        let (record, tenant) = (record_of(&call, request.get_ref())?, call.tenant()?);
        let tx = self.read(tenant).await?;
        let users = access_log::search_access_users(&tx, tenant, &record).await.map_err(refused)?;
        let row = |one: AccessUser| {
            let last = format!("{:.3}", one.last);
            json!({ "id": one.id, "user_name": one.user_name, "last_seen": last })
        };
        let rows: Vec<Value> = users.into_iter().map(row).collect();
        let data = Value::Array(rows).to_string().into_bytes().into();
        Ok(Response::new(Reply { data, ..Reply::default() }))
    }

    async fn get_activity(
        &self,
        request: Request<GetActivityRequest>,
    ) -> Result<Response<Activity>, Status> {
        Ok(Response::new(self.activity(request.get_ref()).await?))
    }
}

impl Reporting {
    async fn dashboards(&self, call: &Call, names: &[String]) -> Result<Value, Refusal> {
        let principal = call.principal()?;
        let granted = kinds::granted(principal, names);
        let tx = self.read(call.tenant()?).await?;
        let desk = self.desk(&tx, call, &granted).await?;
        Ok(granted.into_iter().flat_map(|name| desk.boards(name)).collect())
    }

    async fn home(&self, call: &Call) -> Result<Value, Refusal> {
        let principal = call.principal()?;
        let granted = kinds::granted(principal, &[]);
        let needed: Vec<&str> = granted.iter().copied().chain([home::NEEDED]).collect();
        let tx = self.read(call.tenant()?).await?;
        let desk = self.desk(&tx, call, &needed).await?;
        let mut page = home::page(&tx, principal, &desk, &granted).await.map_err(refused)?;
        if desk.sight.edition == Edition::Before {
            page["counted_anew"] = json!(true);
        }
        page["as_of"] = json!(format!("{:.3}", self.clock.now()));
        Ok(page)
    }

    async fn desk(&self, tx: &Tx, call: &Call, names: &[&str]) -> Result<Desk, Refusal> {
        let principal = call.principal()?;
        let wanted = Wanted { at_least: call.catalog_min, epoch: principal.epoch };
        let catalog = self.catalogs.take(principal.tenant, wanted).await.map_err(|error| {
            tracing::warn!(error = kit_store::cause(&error), "no catalog");
            Refusal::unavailable()
        })?;
        let sight = Sight::of(tx, principal, (self.clock.now(), self.clock.today()))
            .await
            .map_err(refused)?;
        let level = principal.reporting_location_level;
        Desk::of(tx, sight, catalog, level, names).await.map_err(refused)
    }

    async fn activity(&self, message: &GetActivityRequest) -> Result<Activity, Refusal> {
        let tenant = message.tenant.parse().map_err(|_| Refusal::missing_parameter("tenant"))?;
        let tx = self.read(tenant).await?;
        let users = activity::get_activity(&tx, tenant, &message.user_names).await;
        Ok(Activity { users: users.map_err(refused)? })
    }

    async fn read(&self, tenant: Uuid) -> Result<Tx, Refusal> {
        self.store.read(tenant).await.map_err(refused)
    }
}

/// The record that is asked about. Whether the caller may see who saw it was asked of the service
/// that has it; that the role knows access logs at all is looked at here as well.
fn record_of(call: &Call, request: &GetRequest) -> Result<RecordName, Refusal> {
    let record =
        RecordName::parse(&request.id).ok_or_else(|| Refusal::not_found("No such record"))?;
    must(call.principal()?, record.resource, &["access_log"])?;
    Ok(record)
}

fn must(principal: &Principal, resource: &str, actions: &[&str]) -> Result<(), Refusal> {
    if actions.iter().any(|action| principal.may(resource, action)) {
        Ok(())
    } else {
        Err(Refusal::forbidden())
    }
}

fn listed(rows: Vec<Value>, total: i64, page: Page) -> Reply {
    let metadata = json!({ "total": total, "per": page.per, "page": page.page });
    Reply {
        data: Value::Array(rows).to_string().into_bytes().into(),
        metadata: metadata.to_string().into_bytes().into(),
        ..Reply::default()
    }
}

fn refused(error: StoreError) -> Refusal {
    match error {
        StoreError::Conflict | StoreError::CommandReused | StoreError::Taken { .. } => {
            Refusal::new(Code::Aborted, ErrorItem::new(error.to_string()))
        }
        StoreError::Erased => Refusal::not_found("The record was erased"),
        StoreError::Unavailable(error) => {
            tracing::warn!(error = kit_store::cause(&error), "a part of the system is unavailable");
            Refusal::unavailable()
        }
        StoreError::Internal(error) => Refusal::internal(kit_store::cause(&error)),
    }
}

/// An answer without metadata.
fn told(data: &Value) -> Reply {
    Reply { data: data.to_string().into_bytes().into(), ..Reply::default() }
}
