//! A snapshot becomes the configuration: everything is checked, then all of it changes in one
//! transaction, then identity follows. Until identity has, callers whose role belongs to the
//! epoch before see the configuration of that epoch.

mod plan;

use std::sync::Arc;

use configuration_domain::{
    BeginEpoch, Configuration, Finding, Form, InstallModule, InstallSettings, Lookup, NoteDelivery,
    PutContact, RemoveForm, RemoveLookup, RemoveReport, SaveSnapshot, Snapshot, SnapshotData,
    StampApplied, can_apply, check_snapshot, contact_replacement,
};
use kit_serve::{Code, ErrorItem, FieldProblem, Refusal};
use kit_store::{ExecuteError, Meta, StoreError, Unit};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::app::{App, named};
use crate::contact::CONTACT;
use crate::documents::CONTRACT_VERSION;
use crate::organisation::{OrganisationPart, OrganisationProblem};
use crate::queries::snapshots;
use crate::refusals::{execute_refusal, store_refusal};
use crate::workspace::Workspace;

use plan::Plan;

/// Who lets identity follow, when it is not whoever applied the snapshot.
pub const FOLLOWER: &str = "configuration";

/// The one settings stream of a tenant.
pub const SETTINGS: &str = "system";

/// A snapshot from outside the program, saved and noted along with its application.
pub struct Installation {
    /// A new tenant's.
    pub founding: Option<Founding>,
    pub snapshot: SaveSnapshot,
    pub note: NoteDelivery,
    /// What was found to be as it was installed before; whoever changed it since comes first.
    pub judged: Option<Arc<Workspace>>,
}

/// What a new tenant gets along with its first snapshot.
#[derive(Clone)]
pub struct Founding {
    pub settings: InstallSettings,
    pub modules: Vec<InstallModule>,
}

impl App {
    /// Applies a snapshot; answers what is odd about it but no reason to refuse it.
    pub async fn apply(&self, meta: &Meta, id: Uuid) -> Result<Vec<Finding>, Refusal> {
        let loaded = self.store.load::<Snapshot>(meta.tenant, id).await.map_err(store_refusal)?;
        if !loaded.state.exists {
            return Err(Refusal::not_found(named("PrimeroConfiguration", id)));
        }
        may_apply(&loaded.state.primero_version)?;
        self.apply_data(meta, id, &loaded.state.data, None).await
    }

    /// Checks the data, changes everything to it and lets identity follow.
    pub async fn apply_data(
        &self,
        meta: &Meta,
        id: Uuid,
        data: &Map<String, Value>,
        installation: Option<Installation>,
    ) -> Result<Vec<Finding>, Refusal> {
        self.finish_pending(meta.tenant).await?;
        let workspace = self.current(meta.tenant).await?;
        let findings = self.check(meta, id, data, &workspace, installation.as_ref()).await?;
        let epoch = workspace.configuration.epoch + 1;
        let read = SnapshotData::read(data);
        let plan = self.plan(meta.tenant, &workspace, &read).await?;
        self.workspaces.keep(meta.tenant).await.map_err(store_refusal)?;
        let change = Arc::new(Whole {
            id,
            epoch,
            plan,
            contact: contact_replacement(&read.contact),
            installation,
        });
        let done = self.store.transact(meta, "ApplyConfiguration", |unit| {
            let change = Arc::clone(&change);
            Box::pin(async move { change.run(unit).await })
        });
        done.await.map_err(|error| execute_refusal(error, "PrimeroConfiguration"))?;
        self.follow(meta.tenant, id, epoch, &meta.actor).await;
        Ok(findings)
    }

    /// Only one configuration before the present one is kept: identity has to have followed the
    /// last snapshot before there is another.
    pub async fn finish_pending(&self, tenant: Uuid) -> Result<(), Refusal> {
        let tx = self.store.read(tenant).await.map_err(store_refusal)?;
        let pending = snapshots::pending_of(&tx, tenant).await.map_err(store_refusal)?;
        drop(tx);
        for (id, epoch) in pending {
            self.try_follow(tenant, id, epoch, FOLLOWER).await?;
        }
        Ok(())
    }

    /// Refuses with everything that is wrong, by object and field.
    async fn check(
        &self,
        meta: &Meta,
        id: Uuid,
        data: &Map<String, Value>,
        workspace: &Workspace,
        installation: Option<&Installation>,
    ) -> Result<Vec<Finding>, Refusal> {
        let configuration = &workspace.configuration;
        let known = configuration.modules.iter().map(|one| one.unique_id().to_owned());
        let founding = installation.and_then(|one| one.founding.as_ref());
        let new = founding.into_iter().flat_map(|one| &one.modules);
        let new = new.map(|one| one.attributes.str("unique_id").to_owned());
        let modules: Vec<String> = known.chain(new).collect();
        let mut settings = configuration.settings.clone();
        if let Some(founding) = founding {
            settings.attributes = founding.settings.attributes.clone();
        }
        let findings = check_snapshot(data, &modules, &settings);
        let part = organisation_part(data, id, configuration.epoch + 1, &meta.actor);
        let problems = self.organisation.check(meta.tenant, part).await?;
        let errors: Vec<ErrorItem> = findings
            .iter()
            .filter(|one| one.fatal)
            .map(finding_error)
            .chain(problems.iter().map(problem_error))
            .collect();
        if !errors.is_empty() {
            return Err(Refusal { code: Code::InvalidArgument, errors });
        }
        Ok(findings)
    }

    /// Gives identity its part and notes that the snapshot is in force. A failure is harmless:
    /// everyone sees the epoch before until `follow_pending` succeeds.
    pub async fn follow(&self, tenant: Uuid, id: Uuid, epoch: u64, actor: &str) {
        if let Err(refusal) = self.try_follow(tenant, id, epoch, actor).await {
            tracing::warn!(%tenant, epoch, code = ?refusal.code, "identity has yet to follow a snapshot");
        }
    }

    async fn try_follow(
        &self,
        tenant: Uuid,
        id: Uuid,
        epoch: u64,
        actor: &str,
    ) -> Result<(), Refusal> {
        let loaded = self.store.load::<Snapshot>(tenant, id).await.map_err(store_refusal)?;
        if !loaded.state.exists {
            return Err(Refusal::not_found(named("PrimeroConfiguration", id)));
        }
        let part = organisation_part(&loaded.state.data, id, epoch, actor);
        let problems = self.organisation.apply(tenant, part).await?;
        if !problems.is_empty() {
            let errors = problems.iter().map(problem_error).collect();
            return Err(Refusal { code: Code::FailedPrecondition, errors });
        }
        let meta = self.own_meta(tenant, actor);
        let stamped = self.store.execute(&meta, id, StampApplied { epoch, in_force: true }).await;
        stamped.map_err(|error| execute_refusal(error, "PrimeroConfiguration"))?;
        Ok(())
    }
}

/// All changes of one application.
struct Whole {
    id: Uuid,
    epoch: u64,
    plan: Plan,
    contact: Map<String, Value>,
    installation: Option<Installation>,
}

type Refused = ExecuteError<configuration_domain::Refusal>;

impl Whole {
    async fn run(&self, unit: &mut Unit) -> Result<(), Refused> {
        if let Some(installation) = &self.installation {
            if let Some(founding) = installation.founding.clone() {
                unit.execute(SETTINGS, founding.settings).await?;
                for module in founding.modules {
                    unit.execute(module.id, module).await?;
                }
            }
            unit.execute(self.id, installation.snapshot.clone()).await?;
        }
        unit.execute(SETTINGS, BeginEpoch { epoch: self.epoch }).await?;
        if let Some(installation) = &self.installation {
            unit.execute(SETTINGS, installation.note.clone()).await?;
            self.is_as_judged(unit).await?;
        }
        self.forms(unit).await?;
        self.lookups(unit).await?;
        self.reports(unit).await?;
        unit.execute(CONTACT, PutContact { data: self.contact.clone() }).await?;
        unit.execute(self.id, StampApplied { epoch: self.epoch, in_force: false }).await?;
        Ok(())
    }

    /// What is written now was read now: a change since the judgement is told by its version.
    async fn is_as_judged(&self, unit: &mut Unit) -> Result<(), Refused> {
        let judged = self.installation.as_ref().and_then(|one| one.judged.as_ref());
        let Some(Configuration { forms, lookups, .. }) = judged.map(|one| &one.configuration)
        else {
            return Ok(());
        };
        unit.preload::<Form>(forms.iter().map(|one| one.id)).await?;
        for form in forms {
            unchanged(*unit.load::<Form>(form.id).await?.state == *form)?;
        }
        unit.preload::<Lookup>(lookups.iter().map(|one| one.id)).await?;
        for lookup in lookups {
            unchanged(*unit.load::<Lookup>(lookup.id).await?.state == *lookup)?;
        }
        Ok(())
    }

    async fn forms(&self, unit: &mut Unit) -> Result<(), Refused> {
        let Plan { forms, gone_forms, .. } = &self.plan;
        let ids = forms.iter().map(|(id, _)| id).chain(gone_forms);
        unit.preload::<Form>(ids.collect::<Vec<_>>()).await?;
        for id in gone_forms {
            unit.execute(id, RemoveForm { by_snapshot: true }).await?;
        }
        for (id, command) in forms {
            unit.execute(id, command.clone()).await?;
        }
        Ok(())
    }

    async fn lookups(&self, unit: &mut Unit) -> Result<(), Refused> {
        let Plan { lookups, gone_lookups, .. } = &self.plan;
        let ids = lookups.iter().map(|(id, _)| id).chain(gone_lookups);
        unit.preload::<Lookup>(ids.collect::<Vec<_>>()).await?;
        for id in gone_lookups {
            // The forms that used it went with it, or the check told of them.
            unit.execute(id, RemoveLookup { used_by: vec![] }).await?;
        }
        for (id, command) in lookups {
            unit.execute(id, command.clone()).await?;
        }
        Ok(())
    }

    async fn reports(&self, unit: &mut Unit) -> Result<(), Refused> {
        let Plan { reports, gone_reports, .. } = &self.plan;
        for id in gone_reports {
            unit.execute(id, RemoveReport).await?;
        }
        for (id, command) in reports {
            unit.execute(id, command.clone()).await?;
        }
        Ok(())
    }
}

/// A later try judges anew.
fn unchanged(same: bool) -> Result<(), Refused> {
    if same { Ok(()) } else { Err(ExecuteError::Store(StoreError::Conflict)) }
}

/// Refuses what a newer system made.
pub fn may_apply(primero_version: &str) -> Result<(), Refusal> {
    if can_apply(primero_version, CONTRACT_VERSION) {
        return Ok(());
    }
    let error = ErrorItem::new("errors.models.configuration.newer_version");
    Err(Refusal::new(Code::FailedPrecondition, error.with_detail("primero_version")))
}

/// Identity's part of a snapshot; grants of forms that it does not have are left out.
pub fn organisation_part(
    data: &Map<String, Value>,
    id: Uuid,
    epoch: u64,
    actor: &str,
) -> OrganisationPart {
    let read = SnapshotData::read(data);
    let forms: Vec<&str> = read.forms.iter().map(|one| one.attributes.str("unique_id")).collect();
    let mut roles = read.roles;
    for role in &mut roles {
        if let Some(granted) =
            role.get_mut("form_section_read_write").and_then(Value::as_object_mut)
        {
            granted.retain(|form, _| forms.contains(&form.as_str()));
        }
    }
    let (agencies, user_groups) = (read.agencies, read.user_groups);
    OrganisationPart { snapshot: id, epoch, actor: actor.to_owned(), agencies, user_groups, roles }
}

fn finding_error(finding: &Finding) -> ErrorItem {
    let detail = format!("{} {}", finding.object, finding.field);
    let field = FieldProblem::new(finding.pointer.clone(), finding.code);
    ErrorItem::new(vec![finding.message.clone()])
        .with_detail(detail.trim_end())
        .with_fields(vec![field])
}

fn problem_error(problem: &OrganisationProblem) -> ErrorItem {
    let detail = format!("{} {}", problem.object, problem.field);
    ErrorItem::new(vec![problem.message.clone()]).with_detail(detail.trim_end())
}

/// Findings as JSON for answers.
pub fn findings_document(findings: &[Finding]) -> Value {
    let one = |finding: &Finding| {
        json!({
            "object": finding.object,
            "field": finding.field,
            "message": finding.message,
            "code": finding.code,
            "pointer": finding.pointer,
        })
    };
    findings.iter().map(one).collect()
}
