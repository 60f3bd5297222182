//! Snapshots of the whole configuration: list, show, save, upload, export, apply, remove.

use configuration_domain::{
    Contact, Kind, Property, RemoveSnapshot, SaveSnapshot, Snapshot, check_types, export_snapshot,
};
use kit_proto::common::v1::{DeleteRequest, GetRequest, Reply, WriteRequest};
use kit_serve::{Call, Refusal};
use kit_store::StoreError;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::app::{App, Write, answer, created, listed, may, named, wrong_type};
use crate::apply::findings_document;
use crate::contact::CONTACT;
use crate::documents::CONTRACT_VERSION;
use crate::params::Params;
use crate::queries::snapshots;
use crate::refusals::{execute_refusal, refusal, store_refusal};

const KIND: &str = "PrimeroConfiguration";
/// In the place of a snapshot's id: the configuration that is in force, to be compared with one.
const PRESENT: &str = "present";
const BODY: &[Property] = &[
    Property::new("id", Kind::Str),
    Property::new("name", Kind::Str).nullable(),
    Property::new("description", Kind::Str).nullable(),
    Property::new("version", Kind::Str).nullable(),
    Property::new("primero_version", Kind::Str).nullable(),
    Property::new("data", Kind::Object).nullable(),
    Property::new("apply_now", Kind::Bool).nullable(),
    Property::new("promote", Kind::Bool).nullable(),
];

impl App {
    /// A page of snapshots, the newest first.
    pub async fn list_configurations(
        &self,
        call: &Call,
        params: &Params,
    ) -> Result<Reply, Refusal> {
        may_manage(call)?;
        let page = params.page(20, 1000)?;
        let tenant = call.tenant()?;
        let order_by = params.get("order_by");
        let ascending = params.get("order").map_or(order_by.is_some(), |order| order != "desc");
        let tx = self.store.read(tenant).await.map_err(store_refusal)?;
        let found = snapshots::list(&tx, tenant, order_by, ascending, page).await;
        let (rows, total) = found.map_err(store_refusal)?;
        Ok(listed(&Value::from(rows), &page.metadata(total)))
    }

    /// One snapshot, without its data.
    pub async fn get_configuration(
        &self,
        call: &Call,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        may_manage(call)?;
        let id = path_uuid(&request.id)?;
        Ok(answer(&self.snapshot_document(call.tenant()?, id).await?))
    }

    /// Keeps the present configuration, or the one sent along.
    pub async fn create_configuration(
        &self,
        call: &Call,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        may_manage(call)?;
        let Write { meta, data } = self.write(call, request)?;
        check_types(BODY, &data).map_err(|no| refusal(no, KIND))?;
        let id = match data.get("id").and_then(Value::as_str) {
            Some(id) => Uuid::parse_str(id).map_err(|_not_a_uuid| wrong_type("/id", "uuid"))?,
            // A repeat of the same command means the same snapshot.
            None => Uuid::new_v5(&meta.command_id, b"configuration"),
        };
        let content = match data.get("data").and_then(Value::as_object) {
            Some(uploaded) => uploaded.clone(),
            None => self.present_data(meta.tenant).await?,
        };
        let command = self.save_command(meta.tenant, &data, content).await?;
        let done = self.store.execute(&meta, id, command).await;
        done.map_err(|error| match error {
            kit_store::ExecuteError::Store(StoreError::Taken { constraint })
                if constraint == "snapshot_version" =>
            {
                let message = "errors.models.configuration.version_uniqueness";
                let no =
                    configuration_domain::Refusal::one("version", message, "/version", "taken");
                refusal(no, KIND)
            }
            other => execute_refusal(other, KIND),
        })?;
        Ok(created(&data, &self.snapshot_document(meta.tenant, id).await?))
    }

    /// Applies a snapshot when asked to; nothing else of it ever changes.
    pub async fn apply_configuration(
        &self,
        call: &Call,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        may_manage(call)?;
        let id = path_uuid(&request.id)?;
        let Write { meta, data } = self.write(call, request)?;
        check_types(BODY, &data).map_err(|no| refusal(no, KIND))?;
        let wanted = data.get("apply_now") == Some(&Value::Bool(true));
        let findings = if wanted { self.apply(&meta, id).await? } else { vec![] };
        let document = self.snapshot_document(meta.tenant, id).await?;
        if findings.is_empty() {
            return Ok(answer(&document));
        }
        Ok(listed(&document, &json!({ "warnings": findings_document(&findings) })))
    }

    /// Forgets a snapshot.
    pub async fn delete_configuration(
        &self,
        call: &Call,
        request: &DeleteRequest,
    ) -> Result<Reply, Refusal> {
        may_manage(call)?;
        let id = path_uuid(&request.id)?;
        let meta = self.meta(call, &request.command_id)?;
        let document = self.snapshot_document(meta.tenant, id).await?;
        let done = self.store.execute(&meta, id, RemoveSnapshot).await;
        done.map_err(|error| execute_refusal(error, &named(KIND, id)))?;
        Ok(answer(&document))
    }

    /// The snapshot as a file, ready to be uploaded elsewhere; [`PRESENT`] is what is in force.
    pub async fn export_configuration(
        &self,
        call: &Call,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        may_manage(call)?;
        if request.id == PRESENT {
            let data = self.present_data(call.tenant()?).await?;
            return Ok(answer(&json!({ "primero_version": CONTRACT_VERSION, "data": data })));
        }
        let id = path_uuid(&request.id)?;
        let loaded =
            self.store.load::<Snapshot>(call.tenant()?, id).await.map_err(store_refusal)?;
        if !loaded.state.exists {
            return Err(Refusal::not_found(named(KIND, id)));
        }
        let snapshot = &loaded.state;
        Ok(answer(&json!({
            "name": snapshot.name,
            "description": snapshot.description,
            "version": snapshot.version,
            "primero_version": snapshot.primero_version,
            "data": snapshot.data,
        })))
    }

    /// The present configuration in the snapshot format.
    pub async fn present_data(&self, tenant: Uuid) -> Result<Map<String, Value>, Refusal> {
        let workspace = self.current(tenant).await?;
        let contact = self.store.load::<Contact>(tenant, CONTACT).await.map_err(store_refusal)?;
        let organisation = self.organisation.export(tenant).await?;
        Ok(export_snapshot(&workspace.configuration, &contact.state, organisation))
    }

    async fn save_command(
        &self,
        tenant: Uuid,
        body: &Map<String, Value>,
        data: Map<String, Value>,
    ) -> Result<SaveSnapshot, Refusal> {
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let version = text("version").filter(|one| !one.trim().is_empty());
        let version = version.unwrap_or_else(|| self.made_up_version());
        let tx = self.store.read(tenant).await.map_err(store_refusal)?;
        let taken = snapshots::version_taken(&tx, tenant, &version).await.map_err(store_refusal)?;
        Ok(SaveSnapshot {
            name: text("name"),
            description: text("description"),
            version,
            version_taken: taken,
            primero_version: text("primero_version").unwrap_or_else(|| CONTRACT_VERSION.to_owned()),
            data,
        })
    }

    /// `20260131.090507.4c1d2ab`
    pub fn made_up_version(&self) -> String {
        format!("{}.{}", self.clock.now().strftime("%Y%m%d.%H%M%S"), self.suffix())
    }

    async fn snapshot_document(&self, tenant: Uuid, id: Uuid) -> Result<Value, Refusal> {
        let tx = self.store.read(tenant).await.map_err(store_refusal)?;
        let found = snapshots::get(&tx, tenant, id).await.map_err(store_refusal)?;
        found.ok_or_else(|| Refusal::not_found(named(KIND, id)))
    }
}

fn may_manage(call: &Call) -> Result<(), Refusal> {
    may(call, "primero_configuration", "manage")
}

fn path_uuid(id: &str) -> Result<Uuid, Refusal> {
    Uuid::parse_str(id).map_err(|_not_a_uuid| Refusal::not_found(named(KIND, id)))
}
