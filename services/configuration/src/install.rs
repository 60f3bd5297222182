//! A new tenant gets its settings, its modules and its first snapshot.

use configuration_domain::{
    Finding, InstallModule, InstallSettings, SaveSnapshot, Settings, Snapshot,
};
use kit_proto::configuration::v1::{InstallConfigurationReply, InstallConfigurationRequest};
use kit_serve::Refusal;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::app::{App, wrong_type};
use crate::apply::{Installation, findings_document};
use crate::documents::CONTRACT_VERSION;
use crate::refusals::store_refusal;
use crate::standard;
use crate::workspace::json_bytes;

/// Who installs, when nobody is named.
const INSTALLER: &str = "amparo";

impl App {
    /// Installs once; asked again, it only makes sure that identity has followed.
    pub async fn install(
        &self,
        tenant: Uuid,
        request: &InstallConfigurationRequest,
    ) -> Result<InstallConfigurationReply, Refusal> {
        let id = Uuid::new_v5(&tenant, b"installation");
        let settings =
            self.store.load::<Settings>(tenant, "system").await.map_err(store_refusal)?;
        let findings = if settings.state.exists {
            self.finish_installation(tenant, id).await?;
            vec![]
        } else {
            self.install_anew(tenant, id, request).await?
        };
        let catalog_version = self.workspaces.version(tenant).await.map_err(store_refusal)?;
        let warnings = json_bytes(&findings_document(&findings));
        Ok(InstallConfigurationReply { catalog_version, warnings })
    }

    async fn finish_installation(&self, tenant: Uuid, id: Uuid) -> Result<(), Refusal> {
        let loaded = self.store.load::<Snapshot>(tenant, id).await.map_err(store_refusal)?;
        if let Some(epoch) = loaded.state.applied.filter(|_| loaded.state.in_force.is_none()) {
            self.follow(tenant, id, epoch, INSTALLER).await;
        }
        Ok(())
    }

    async fn install_anew(
        &self,
        tenant: Uuid,
        id: Uuid,
        request: &InstallConfigurationRequest,
    ) -> Result<Vec<Finding>, Refusal> {
        let actor = if request.actor.is_empty() { INSTALLER } else { &request.actor };
        let given = given(&request.snapshot)?;
        let text = |name: &str, default: &str| {
            let given = given.as_ref().and_then(|one| one.get(name)).and_then(Value::as_str);
            given.unwrap_or(default).to_owned()
        };
        let data = match &given {
            Some(given) => data_of(given).ok_or_else(|| wrong_type("/data", "object"))?,
            None => standard::snapshot_data().map_err(Refusal::internal)?,
        };
        let snapshot = SaveSnapshot {
            name: Some(text("name", "Amparo standard configuration")),
            description: Some(text("description", "Installed when the tenant was opened")),
            version: text("version", &format!("amparo-{}", env!("CARGO_PKG_VERSION"))),
            version_taken: false,
            primero_version: text("primero_version", CONTRACT_VERSION),
            data: data.clone(),
        };
        let settings = standard::settings(&request.locales).map_err(Refusal::internal)?;
        let modules = standard::modules().map_err(Refusal::internal)?;
        let numbers = self.numbers(tenant, "module", modules.len()).await?;
        let modules = numbers.into_iter().zip(modules);
        let installation = Installation {
            settings: InstallSettings { attributes: settings },
            modules: modules.map(|(id, attributes)| InstallModule { id, attributes }).collect(),
            snapshot,
        };
        let meta = self.own_meta(tenant, actor);
        self.apply_data(&meta, id, &data, Some(installation)).await
    }
}

/// The snapshot sent along, if there is one.
fn given(snapshot: &[u8]) -> Result<Option<Map<String, Value>>, Refusal> {
    if snapshot.is_empty() {
        return Ok(None);
    }
    let given = serde_json::from_slice(snapshot);
    given.map(Some).map_err(|_not_an_object| wrong_type("", "object"))
}

/// A file has its data beside name and version; bare data will do.
fn data_of(given: &Map<String, Value>) -> Option<Map<String, Value>> {
    match given.get("data") {
        Some(data) => data.as_object().cloned(),
        None => given.contains_key("FormSection").then(|| given.clone()),
    }
}
