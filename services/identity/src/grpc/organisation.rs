//! The agencies, groups and roles of configuration snapshots, and what others show of them.

use std::sync::Arc;

use identity_domain::{Agency, ApplyOrganisation, Refusal as Domain, Tenant};
use kit_decider::Command;
use kit_proto::common::v1::Reply;
use kit_proto::identity::v1::{
    ExportOrganisationRequest, File, GetFileRequest, Organisation, OrganisationReply,
    OrganisationRequest,
};
use kit_serve::{Call, Refusal};
use kit_store::{ExecuteError, Unit};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::directory::{Directory, Versioned};
use crate::documents::{
    agency_document, agency_logo, agency_snapshot, code_of_conduct_document, role_snapshot,
    user_group_snapshot,
};
use crate::files;
use crate::refused::refused;
use crate::shell::{Shell, answer, kept};
use crate::snapshot::{Found, Plan};
use crate::tenant_of;

/// Command ids of applied snapshots are made under this, so that a repeat is one.
const APPLIED: Uuid = Uuid::from_u128(0x3c1f_9d52_71ab_5e40_8d6e_90b1_44f2_c002);

impl Shell {
    pub(super) async fn check_organisation(
        &self,
        _call: &Call,
        message: OrganisationRequest,
    ) -> Result<OrganisationReply, Refusal> {
        let directory = kept(self.directories.now(tenant_of(&message.tenant)?).await)?;
        let plan = plan(&directory, &message);
        let (found, changes) = plan.check(&directory);
        Ok(OrganisationReply { changes, ..problems(found)? })
    }

    /// All of it in one transaction, or a list of what is wrong.
    pub(super) async fn apply_organisation(
        &self,
        call: &Call,
        message: OrganisationRequest,
    ) -> Result<OrganisationReply, Refusal> {
        let tenant = tenant_of(&message.tenant)?;
        let directory = kept(self.directories.now(tenant).await)?;
        let mut plan = plan(&directory, &message);
        let (found, _) = plan.check(&directory);
        if !found.is_empty() {
            return problems(found);
        }
        for (kind, count) in plan.missing_numbers() {
            let first = kept(self.store.next_numbers(tenant, kind, count).await)?;
            plan.number(kind, first);
        }
        let mut meta = self.meta_in(call, tenant, "")?;
        let (snapshot, epoch) = (message.snapshot_id, message.epoch);
        meta.actor = message.actor;
        meta.command_id = Uuid::new_v5(&APPLIED, format!("{tenant} {snapshot} {epoch}").as_bytes());
        let done = self.store.transact(&meta, "ApplyOrganisation", |unit| {
            let (plan, applied) =
                (plan.clone(), ApplyOrganisation { snapshot: snapshot.clone(), epoch });
            Box::pin(async move { carry_out(unit, tenant, plan, applied).await })
        });
        done.await.map_err(|error: ExecuteError<Domain>| refused(error, "Configuration"))?;
        problems(Vec::new())
    }

    pub(super) async fn export_organisation(
        &self,
        _call: &Call,
        message: ExportOrganisationRequest,
    ) -> Result<Organisation, Refusal> {
        let directory = kept(self.directories.now(tenant_of(&message.tenant)?).await)?;
        let agencies: Vec<Value> =
            directory.agencies.values().map(|one| agency_snapshot(one)).collect();
        let groups: Vec<Value> =
            directory.groups.values().map(|one| user_group_snapshot(one)).collect();
        let roles: Vec<Value> = directory.roles.values().map(|one| role_snapshot(one)).collect();
        Ok(Organisation {
            agencies: bytes(&agencies)?,
            user_groups: bytes(&groups)?,
            roles: bytes(&roles)?,
        })
    }

    pub(super) async fn describe_organisation(
        &self,
        _call: &Call,
        message: ExportOrganisationRequest,
    ) -> Result<Reply, Refusal> {
        let directory = kept(self.directories.now(tenant_of(&message.tenant)?).await)?;
        let agencies: Vec<Value> = directory
            .agencies
            .values()
            .map(|agency| agency_document(agency, &directory.locales))
            .collect();
        let with_logo = |agency: &&Arc<Versioned<Agency>>| {
            agency.attributes.logo_enabled && !agency.attributes.disabled
        };
        let for_pdf = |agency: &&Arc<Versioned<Agency>>| {
            let one = &agency.attributes;
            one.pdf_logo_option && !one.disabled && one.logo_full.is_some()
        };
        let agencies_of = |wanted: &dyn Fn(&&Arc<Versioned<Agency>>) -> bool| -> Vec<Value> {
            let mut chosen: Vec<_> = directory.agencies.values().filter(wanted).collect();
            chosen.sort_by_key(|agency| (agency.attributes.order, agency.number));
            chosen.into_iter().map(|agency| agency_logo(agency, &directory.locales)).collect()
        };
        let code = directory.code_of_conduct.as_ref().map(|code| code_of_conduct_document(code));
        let from_referral = directory.roles.values().any(|role| {
            let case = role.attributes.permissions.get("case");
            case.is_some_and(|actions| actions.iter().any(|one| one == "create_case_from_referral"))
        });
        answer(&json!({
            "agencies": agencies,
            "agencies_with_logo": agencies_of(&with_logo),
            "agencies_with_pdf_logo": agencies_of(&for_pdf),
            "code_of_conduct": code,
            "allow_case_creation_from_referral": from_referral,
        }))
    }

    pub(super) async fn get_file(
        &self,
        _call: &Call,
        message: GetFileRequest,
    ) -> Result<File, Refusal> {
        files::find(&self.store, tenant_of(&message.tenant)?, &message.path).await
    }
}

fn plan(directory: &Directory, message: &OrganisationRequest) -> Plan {
    let organisation = message.organisation.clone().unwrap_or_default();
    Plan::read(directory, &organisation)
}

async fn carry_out(
    unit: &mut Unit,
    tenant: Uuid,
    plan: Plan,
    applied: ApplyOrganisation,
) -> Result<(), ExecuteError<Domain>> {
    let present = unit.load::<Tenant>(tenant).await?;
    if present.state.epoch > applied.epoch {
        // A late retry: what came after it stands.
        return Ok(());
    }
    all(unit, plan.agencies.into_iter().map(|(number, one)| (number, one.command))).await?;
    all(unit, plan.groups.into_iter().map(|(number, one)| (number, one.command))).await?;
    all(unit, plan.roles.into_iter().map(|(number, one)| (number, one.command))).await?;
    unit.execute(tenant, applied).await?;
    Ok(())
}

async fn all<C>(
    unit: &mut Unit,
    commands: impl Iterator<Item = (i64, C)>,
) -> Result<(), ExecuteError<Domain>>
where
    C: Command<Refusal = Domain, Of: kit_decider::Stored> + Send,
{
    let commands: Vec<(i64, C)> = commands.collect();
    unit.preload::<C::Of>(commands.iter().map(|(number, _)| number)).await?;
    for (number, command) in commands {
        unit.execute(number, command).await?;
    }
    Ok(())
}

fn problems(found: Vec<Found>) -> Result<OrganisationReply, Refusal> {
    let list: Vec<Value> = found
        .into_iter()
        .map(|one| json!({"object": one.object, "field": one.field, "message": one.message}))
        .collect();
    Ok(OrganisationReply { problems: bytes(&list)?, changes: Vec::new() })
}

fn bytes(list: &[Value]) -> Result<bytes::Bytes, Refusal> {
    Ok(serde_json::to_vec(list).map_err(Refusal::internal)?.into())
}
