//! A tenant's whole configuration in memory, loaded when its version changed.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use configuration_domain::{Configuration, compile};
use kit_serve::Lately;
use kit_store::{Store, StoreError, Tx};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

/// When an object was made and last changed, as the contract writes times.
pub type Times = (String, String);

/// One version of a tenant's configuration, with what was made of it so far.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Workspace {
    pub configuration: Configuration,
    /// By kind and number, as `form 31`.
    pub times: HashMap<String, Times>,
    #[serde(skip)]
    catalog: OnceLock<Bytes>,
    #[serde(skip)]
    pub forms: OnceLock<Bytes>,
}

impl Workspace {
    /// The languages that answers carry.
    pub fn languages(&self) -> Vec<String> {
        self.configuration.settings.languages()
    }

    /// When an object was made and last changed.
    pub fn times(&self, kind: &str, id: i64) -> Option<&Times> {
        self.times.get(&format!("{kind} {id}"))
    }

    /// The catalog of this version as JSON.
    pub fn catalog(&self) -> Bytes {
        let compiled = || {
            let json = serde_json::to_vec(&compile(&self.configuration));
            Bytes::from(json.unwrap_or_default())
        };
        self.catalog.get_or_init(compiled).clone()
    }

    fn take(&mut self, row: &Row) -> Result<(), StoreError> {
        let (kind, id, document): (&str, i64, &str) = (row.get(0), row.get(1), row.get(2));
        let configuration = &mut self.configuration;
        match kind {
            "version" => {
                configuration.version = u64::try_from(id).unwrap_or_default();
                configuration.epoch = document.parse().unwrap_or_default();
                return Ok(());
            }
            "form" => configuration.forms.push(serde_json::from_str(document)?),
            "lookup" => configuration.lookups.push(serde_json::from_str(document)?),
            "module" => configuration.modules.push(serde_json::from_str(document)?),
            "report" => configuration.reports.push(serde_json::from_str(document)?),
            _ => configuration.settings = serde_json::from_str(document)?,
        }
        let times = (row.get::<_, String>(3), row.get::<_, String>(4));
        self.times.insert(format!("{kind} {id}"), times);
        Ok(())
    }
}

/// The workspaces of the tenants used lately.
pub struct Workspaces {
    store: Store,
    known: Lately<Uuid, Arc<Workspace>>,
    kept: Lately<(Uuid, u64), Arc<Workspace>>,
}

/// A workspace takes some megabytes; one that is not at hand costs one query. Other services keep
/// what they need of it, and people load it when they begin their day.
const TENANTS: NonZeroUsize = NonZeroUsize::new(64).expect("not zero");
const REST: Duration = Duration::from_mins(1);

impl Workspaces {
    pub fn new(store: Store) -> Self {
        Self { store, known: Lately::new(TENANTS, REST), kept: Lately::new(TENANTS, REST) }
    }

    /// The configuration as it is now, everything committed included.
    pub async fn current(&self, tenant: Uuid) -> Result<Arc<Workspace>, StoreError> {
        let tx = self.store.read(tenant).await?;
        let version = version(&tx, tenant).await?;
        if let Some(known) =
            self.known.get(&tenant).filter(|one| one.configuration.version == version)
        {
            return Ok(known);
        }
        let loaded = Arc::new(load(&tx, tenant).await?);
        // Another request may have loaded a newer one meanwhile.
        self.known.put_unless(tenant, Arc::clone(&loaded), |one| {
            one.configuration.version >= loaded.configuration.version
        });
        Ok(loaded)
    }

    /// The configuration that a principal of `epoch` sees: the present one, or, until their
    /// role has followed an applied snapshot, the one before.
    pub async fn of_epoch(&self, tenant: Uuid, epoch: u64) -> Result<Arc<Workspace>, StoreError> {
        let current = self.current(tenant).await?;
        // 0: whoever asks does not know of epochs, or nothing was ever applied.
        if epoch == 0 || epoch >= current.configuration.epoch {
            return Ok(current);
        }
        if let Some(known) = self.kept.get(&(tenant, epoch)) {
            return Ok(known);
        }
        let tx = self.store.read(tenant).await?;
        let sql = "select configuration from configuration_kept where tenant = $1 and epoch = $2";
        let epoch_column = i64::try_from(epoch).unwrap_or_default();
        let Some(row) = tx.query_opt(sql, &[&tenant, &epoch_column]).await? else {
            return Ok(current);
        };
        let kept: Arc<Workspace> = Arc::new(serde_json::from_str(row.get(0))?);
        self.kept.put((tenant, epoch), Arc::clone(&kept));
        Ok(kept)
    }

    /// Keeps the present configuration for principals of its epoch; older ones are dropped.
    pub async fn keep(&self, tenant: Uuid) -> Result<(), StoreError> {
        let current = self.current(tenant).await?;
        let configuration = &current.configuration;
        if configuration.epoch == 0 {
            return Ok(());
        }
        let epoch = i64::try_from(configuration.epoch).unwrap_or_default();
        let version = i64::try_from(configuration.version).unwrap_or_default();
        let json = serde_json::to_string(&*current)?;
        let tx = self.store.begin(tenant).await?;
        let sql = "insert into configuration_kept (tenant, epoch, version, configuration) \
             values ($1, $2, $3, $4) on conflict (tenant, epoch) do update \
             set version = excluded.version, configuration = excluded.configuration";
        tx.execute(sql, &[&tenant, &epoch, &version, &json]).await?;
        let sql = "delete from configuration_kept where tenant = $1 and epoch < $2";
        tx.execute(sql, &[&tenant, &epoch]).await?;
        tx.commit().await?;
        self.kept.forget(&(tenant, configuration.epoch));
        Ok(())
    }

    /// The version that a write just led to, or a later one.
    pub async fn version(&self, tenant: Uuid) -> Result<u64, StoreError> {
        version(&self.store.read(tenant).await?, tenant).await
    }
}

async fn version(tx: &Tx, tenant: Uuid) -> Result<u64, StoreError> {
    let sql = "select version from configuration_version where tenant = $1";
    let row = tx.query_opt(sql, &[&tenant]).await?;
    Ok(row.and_then(|row| u64::try_from(row.get::<_, i64>(0)).ok()).unwrap_or_default())
}

/// One statement, hence one moment.
async fn load(tx: &Tx, tenant: Uuid) -> Result<Workspace, StoreError> {
    let time = |column: &str| format!("to_char({column}, 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')");
    let (created, updated) = (time("created_at"), time("updated_at"));
    let sql = format!(
        "select 'version' as kind, version as id, epoch::text as document, '' as created, \
         '' as updated from configuration_version where tenant = $1 union all \
         select kind, id, document, {created}, {updated} from object where tenant = $1 \
         order by kind, id"
    );
    let mut workspace = Workspace::default();
    for row in tx.query(&sql, &[&tenant]).await? {
        workspace.take(&row)?;
    }
    Ok(workspace)
}

/// A workspace in tests of documents.
#[cfg(test)]
pub fn workspace_of(configuration: Configuration) -> Workspace {
    Workspace { configuration, ..Workspace::default() }
}

/// JSON as bytes.
pub fn json_bytes(value: &Value) -> Bytes {
    Bytes::from(serde_json::to_vec(value).unwrap_or_default())
}
