//! A new tenant gets its settings, its modules and its first snapshot. Later, what comes from
//! outside the program takes the place of what came before, as long as people lose nothing by it.

use std::sync::Arc;

use configuration_domain::{
    Delivery, Finding, InstallModule, InstallSettings, NoteDelivery, Settings, Snapshot, can_apply,
};
use kit_proto::configuration::v1::{
    InstallConfigurationReply, InstallConfigurationRequest, InstallOutcome,
};
use kit_serve::Refusal;
use uuid::Uuid;

use crate::app::App;
use crate::apply::{Founding, Installation, SETTINGS, findings_document};
use crate::given::Given;
use crate::queries::snapshots;
use crate::refusals::{execute_refusal, store_refusal};
use crate::standard;
use crate::workspace::{Workspace, json_bytes};

/// Who installs, when nobody is named.
const INSTALLER: &str = "amparo";

/// What came of it.
struct Installed {
    outcome: InstallOutcome,
    findings: Vec<Finding>,
    changed: Vec<String>,
}

impl Installed {
    fn new(outcome: InstallOutcome, findings: Vec<Finding>) -> Self {
        Self { outcome, findings, changed: vec![] }
    }

    fn nothing() -> Self {
        Self::new(InstallOutcome::Unchanged, vec![])
    }
}

impl App {
    /// Installs once, and later what is new. Safe to repeat: identity follows if it has yet to.
    pub async fn install(
        &self,
        tenant: Uuid,
        request: &InstallConfigurationRequest,
    ) -> Result<InstallConfigurationReply, Refusal> {
        let settings = self.settings_of(tenant).await?;
        let done = if !settings.exists {
            self.install_anew(tenant, request).await?
        } else if request.follow {
            self.install_next(tenant, request, &settings).await?
        } else {
            self.finish_installation(tenant).await?;
            Installed::nothing()
        };
        let delivered = self.settings_of(tenant).await?.delivered.clone().unwrap_or_default();
        let catalog_version = self.workspaces.version(tenant).await.map_err(store_refusal)?;
        Ok(InstallConfigurationReply {
            catalog_version,
            warnings: json_bytes(&findings_document(&done.findings)),
            outcome: done.outcome.into(),
            digest: delivered.digest,
            changed: done.changed,
        })
    }

    async fn settings_of(&self, tenant: Uuid) -> Result<Arc<Settings>, Refusal> {
        let loaded = self.store.load::<Settings>(tenant, SETTINGS).await.map_err(store_refusal)?;
        Ok(loaded.state)
    }

    async fn finish_installation(&self, tenant: Uuid) -> Result<(), Refusal> {
        let id = first_snapshot(tenant);
        let loaded = self.store.load::<Snapshot>(tenant, id).await.map_err(store_refusal)?;
        if let Some(epoch) = loaded.state.applied.filter(|_| loaded.state.in_force.is_none()) {
            self.follow(tenant, id, epoch, INSTALLER).await;
        }
        Ok(())
    }

    async fn install_anew(
        &self,
        tenant: Uuid,
        request: &InstallConfigurationRequest,
    ) -> Result<Installed, Refusal> {
        let given = Given::of(&request.snapshot)?;
        let id = first_snapshot(tenant);
        let settings = standard::settings(&request.locales).map_err(Refusal::internal)?;
        let modules = standard::modules().map_err(Refusal::internal)?;
        let numbers = self.numbers(tenant, "module", modules.len()).await?;
        let modules = numbers.into_iter().zip(modules);
        let founding = Founding {
            settings: InstallSettings { attributes: settings },
            modules: modules.map(|(id, attributes)| InstallModule { id, attributes }).collect(),
        };
        let installation = Installation {
            founding: Some(founding),
            snapshot: given.save("Installed when the tenant was opened"),
            note: note(&given, id, request),
            judged: None,
        };
        let meta = self.own_meta(tenant, actor(request));
        let findings = self.apply_data(&meta, id, &given.data, Some(installation)).await?;
        Ok(Installed::new(InstallOutcome::Installed, findings))
    }

    /// What is given takes the place of what was installed last, if that is another, and if people
    /// changed nothing of it, or somebody agreed to replace that.
    async fn install_next(
        &self,
        tenant: Uuid,
        request: &InstallConfigurationRequest,
        settings: &Settings,
    ) -> Result<Installed, Refusal> {
        let given = Given::of(&request.snapshot)?;
        let (known, installed) = self.known(tenant, settings).await?;
        let agreed = !request.agreement.is_empty() && request.agreement != known.agreement;
        if given.digest == known.digest && !agreed || is_older(&given, &known) {
            return Ok(Installed::nothing());
        }
        // Until identity has followed, its part would look changed.
        self.finish_pending(tenant).await?;
        let present = self.current(tenant).await?;
        let changed = self.lost_by(tenant, &present, &installed, &given.data).await?;
        if !changed.is_empty() && !agreed {
            let outcome = InstallOutcome::ChangedByPeople;
            return Ok(Installed { changed, ..Installed::new(outcome, vec![]) });
        }
        if changed.is_empty() && given.digest == known.digest {
            return self.note_agreement(tenant, known, request).await;
        }
        let judged = (!agreed).then_some(Arc::clone(&present));
        self.replace(tenant, request, &given, (present.configuration.epoch, judged)).await
    }

    async fn replace(
        &self,
        tenant: Uuid,
        request: &InstallConfigurationRequest,
        given: &Given,
        (epoch, judged): (u64, Option<Arc<Workspace>>),
    ) -> Result<Installed, Refusal> {
        crate::apply::may_apply(&given.primero_version)?;
        let id = Uuid::new_v5(&tenant, format!("installation {}", epoch + 1).as_bytes());
        let mut snapshot = given.save("Installed in place of the one before");
        snapshot.version = self.free_version(tenant, &given.version).await?;
        let note = note(given, id, request);
        let installation = Installation { founding: None, snapshot, note, judged };
        let meta = self.own_meta(tenant, actor(request));
        let findings = self.apply_data(&meta, id, &given.data, Some(installation)).await?;
        Ok(Installed::new(InstallOutcome::Replaced, findings))
    }

    /// Nothing is to be replaced; the word is used up all the same.
    async fn note_agreement(
        &self,
        tenant: Uuid,
        known: Delivery,
        request: &InstallConfigurationRequest,
    ) -> Result<Installed, Refusal> {
        let delivery = Delivery { agreement: request.agreement.clone(), ..known };
        let meta = self.own_meta(tenant, actor(request));
        let noted = self.store.execute(&meta, SETTINGS, NoteDelivery { delivery }).await;
        noted.map_err(|error| execute_refusal(error, "Settings"))?;
        Ok(Installed::nothing())
    }

    /// What was installed last, and the snapshot of it. Tenants that were opened before that was
    /// noted have their first one.
    async fn known(
        &self,
        tenant: Uuid,
        settings: &Settings,
    ) -> Result<(Delivery, Arc<Snapshot>), Refusal> {
        let noted = settings.delivered.clone();
        let id = noted.as_ref().and_then(|one| one.snapshot.parse().ok());
        let id = id.unwrap_or_else(|| first_snapshot(tenant));
        let loaded = self.store.load::<Snapshot>(tenant, id).await.map_err(store_refusal)?;
        let snapshot = loaded.state;
        let known = noted.unwrap_or_else(|| Delivery {
            snapshot: id.to_string(),
            digest: crate::given::digest(&snapshot.data),
            ..Delivery::default()
        });
        Ok((known, snapshot))
    }

    /// The version under which it is listed: versions are unique.
    async fn free_version(&self, tenant: Uuid, wanted: &str) -> Result<String, Refusal> {
        let tx = self.store.read(tenant).await.map_err(store_refusal)?;
        let taken = snapshots::version_taken(&tx, tenant, wanted).await.map_err(store_refusal)?;
        Ok(if taken { format!("{wanted}.{}", self.suffix()) } else { wanted.to_owned() })
    }
}

/// The snapshot that a tenant begins with.
fn first_snapshot(tenant: Uuid) -> Uuid {
    Uuid::new_v5(&tenant, b"installation")
}

fn actor(request: &InstallConfigurationRequest) -> &str {
    if request.actor.is_empty() { INSTALLER } else { &request.actor }
}

fn note(given: &Given, snapshot: Uuid, request: &InstallConfigurationRequest) -> NoteDelivery {
    let delivery = Delivery {
        snapshot: snapshot.to_string(),
        digest: given.digest.clone(),
        agreement: request.agreement.clone(),
        shipped_with: given.shipped_with.clone(),
    };
    NoteDelivery { delivery }
}

/// While versions of the program work side by side, the older one's own configuration must not
/// come back.
fn is_older(given: &Given, known: &Delivery) -> bool {
    match (&given.shipped_with, &known.shipped_with) {
        (Some(given), Some(known)) => !can_apply(known, given),
        _ => false,
    }
}
