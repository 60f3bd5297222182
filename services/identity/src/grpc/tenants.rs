//! Tenants: for operators and the gateway.

use std::collections::BTreeMap;

use identity_domain::password::{self, NewPassword};
use identity_domain::permissions::{ERASURE, RESOURCES};
use identity_domain::{
    AgencyAttributes, Authority, ChangeTenant, CloseTenant, CreateAgency, CreateRole, CreateUser,
    Membership, OpenTenant, Profile, Rank, Refusal as Domain, ResumeTenant, RoleAttributes,
    RoleSurroundings, SuspendTenant, TenantStatus, UserSurroundings,
};
use kit_access::Scope;
use kit_decider::Command;
use kit_proto::identity::v1::{
    ChangeTenantRequest, ListTenantsReply, ListTenantsRequest, OpenTenantRequest,
    ResolveTenantRequest, Tenant, TenantLimits, TenantRequest,
};
use kit_serve::{Call, Refusal};
use kit_store::{ExecuteError, Meta, Tx, Unit};
use uuid::Uuid;

use crate::directory::tidy_name;
use crate::refused::{domain, refused, stored};
use crate::shell::{Shell, kept};

/// Names of tenants are turned into their ids under this.
const NAMES: Uuid = Uuid::from_u128(0x7d0e_41c6_52b0_5f1d_9a3b_2f5c_7a6e_b001);
const COLUMNS: &str = "select t.tenant, t.name, t.display_name, t.locales, t.status, \
    array(select h.host from tenant_host h where h.tenant = t.tenant order by h.host), \
    t.max_users, t.requests_per_second from tenant t";
/// The role that a tenant begins with.
const SUPERUSER: &str = "role-superuser";
const FIRST_AGENCY: &str = "agency-administration";

/// What the first people of a tenant are made of.
#[derive(Clone)]
struct Founding {
    open: OpenTenant,
    administrator: String,
    password: String,
    numbers: [i64; 3],
}

impl Shell {
    pub(super) async fn resolve_tenant(
        &self,
        _call: &Call,
        message: ResolveTenantRequest,
    ) -> Result<Tenant, Refusal> {
        let tx = self.across_tenants().await?;
        let sql = format!("{COLUMNS} join tenant_host here using (tenant) where here.host = $1");
        let host = message.host.to_lowercase();
        let row = kept(tx.query_opt(&sql, &[&host]).await)?;
        read(&row.ok_or_else(|| Refusal::not_found("There is no such organisation"))?)
    }

    pub(super) async fn list_tenants(
        &self,
        _call: &Call,
        _message: ListTenantsRequest,
    ) -> Result<ListTenantsReply, Refusal> {
        let tx = self.across_tenants().await?;
        let rows = kept(tx.query(&format!("{COLUMNS} order by t.name"), &[]).await)?;
        let tenants = rows.iter().map(read).collect::<Result<_, _>>()?;
        Ok(ListTenantsReply { tenants })
    }

    pub(super) async fn open_tenant(
        &self,
        call: &Call,
        message: OpenTenantRequest,
    ) -> Result<Tenant, Refusal> {
        let tenant = named(&message.name);
        let command_id = self.command_id(&message.command_id)?;
        let known = self.tenant_named(&message.name).await;
        if let Ok(tenant) = known {
            return Ok(tenant);
        }
        let founding = self.founding(tenant, &message).await?;
        let meta = self.installation_meta(call, tenant, command_id);
        let opened = self.store.transact(&meta, "OpenTenant", |unit| {
            let founding = founding.clone();
            Box::pin(async move { found(unit, tenant, founding).await })
        });
        opened.await.map_err(|error: ExecuteError<Domain>| refused(error, "Tenant"))?;
        self.tenant_named(&message.name).await
    }

    /// Checks and hashes what is needed before the transaction.
    async fn founding(
        &self,
        tenant: Uuid,
        message: &OpenTenantRequest,
    ) -> Result<Founding, Refusal> {
        let problems = password::problems(&message.administrator_password, None);
        if !problems.is_empty() {
            return Err(domain(Domain::Invalid(problems), "Tenant"));
        }
        let hosts = tidy_hosts(&message.hosts);
        let hosts_taken = self.hosts_taken(tenant, &hosts).await?;
        let open = OpenTenant {
            name: message.name.clone(),
            display_name: message.display_name.trim().to_owned(),
            hosts,
            locales: message.locales.clone(),
            hosts_taken,
        };
        // Refused before numbers are drawn for a tenant that will not be.
        let fresh = identity_domain::Tenant::default();
        open.clone().decide(&fresh).map_err(|refusal| domain(refusal, "Tenant"))?;
        let mut numbers = [0; 3];
        for (number, kind) in numbers.iter_mut().zip(["role", "agency", "user"]) {
            *number = kept(self.store.next_number(tenant, kind).await)?;
        }
        let password = self.passwords.hash(&message.administrator_password).await?;
        let administrator = tidy_name(&message.administrator_user_name);
        Ok(Founding { open, administrator, password, numbers })
    }

    async fn hosts_taken(&self, tenant: Uuid, hosts: &[String]) -> Result<bool, Refusal> {
        let tx = self.across_tenants().await?;
        let sql = "select 1 from tenant_host where host = any($1) and tenant <> $2 limit 1";
        Ok(kept(tx.query_opt(sql, &[&hosts, &tenant]).await)?.is_some())
    }

    pub(super) async fn suspend_tenant(
        &self,
        call: &Call,
        message: TenantRequest,
    ) -> Result<Tenant, Refusal> {
        self.alter_tenant(call, &message.name, SuspendTenant).await
    }

    pub(super) async fn resume_tenant(
        &self,
        call: &Call,
        message: TenantRequest,
    ) -> Result<Tenant, Refusal> {
        self.alter_tenant(call, &message.name, ResumeTenant).await
    }

    pub(super) async fn close_tenant(
        &self,
        call: &Call,
        message: TenantRequest,
    ) -> Result<Tenant, Refusal> {
        self.alter_tenant(call, &message.name, CloseTenant).await
    }

    /// The hosts count from now on, those that are not named no longer do. What there is beyond a
    /// limit stays.
    pub(super) async fn change_tenant(
        &self,
        call: &Call,
        message: ChangeTenantRequest,
    ) -> Result<Tenant, Refusal> {
        let tenant = named(&message.name);
        let hosts = tidy_hosts(&message.hosts);
        let limits = message.limits.unwrap_or_default();
        let change = ChangeTenant {
            hosts_taken: self.hosts_taken(tenant, &hosts).await?,
            display_name: message.display_name.map(|name| name.trim().to_owned()),
            hosts: Some(hosts).filter(|hosts| !hosts.is_empty()),
            locales: Some(message.locales).filter(|locales| !locales.is_empty()),
            limits: identity_domain::TenantLimits {
                users: limits.users,
                requests_per_second: limits.requests_per_second,
            },
        };
        self.alter_tenant(call, &message.name, change).await
    }

    async fn alter_tenant<C>(&self, call: &Call, name: &str, command: C) -> Result<Tenant, Refusal>
    where
        C: Command<Of = identity_domain::Tenant, Refusal = Domain> + Clone + Send + Sync,
    {
        let tenant = named(name);
        let meta = self.installation_meta(call, tenant, self.shared.ids.v7());
        let done = self.store.execute(&meta, tenant, command).await;
        done.map_err(|error| refused(error, "Tenant"))?;
        self.tenant_named(name).await
    }

    pub(super) async fn tenant_named(&self, name: &str) -> Result<Tenant, Refusal> {
        let tx = self.across_tenants().await?;
        let row = kept(tx.query_opt(&format!("{COLUMNS} where t.name = $1"), &[&name]).await)?;
        read(&row.ok_or_else(|| Refusal::not_found("Couldn't find Tenant"))?)
    }

    /// A transaction that sees the list of tenants, and nothing of theirs.
    async fn across_tenants(&self) -> Result<Tx, Refusal> {
        let tx = kept(self.store.begin_without_tenant().await)?;
        kept(tx.query("select set_config('amparo.installation', 'on', true)", &[]).await)?;
        Ok(tx)
    }

    /// Ids of the tenants there are, for what is done in all of them.
    pub(crate) async fn tenant_ids(&self) -> Result<Vec<Uuid>, Refusal> {
        let tx = self.across_tenants().await?;
        let rows = kept(tx.query("select tenant from tenant", &[]).await)?;
        rows.iter().map(|row| row.try_get(0).map_err(Refusal::internal)).collect()
    }

    pub(super) fn installation_meta(&self, call: &Call, tenant: Uuid, command_id: Uuid) -> Meta {
        Meta {
            tenant,
            actor: "installation".to_owned(),
            command_id,
            now: self.shared.clock.now(),
            correlation: call.request_id,
            causation: None,
            trace: call.traceparent.clone(),
        }
    }
}

/// The id of the tenant that operators call so.
pub(super) fn named(name: &str) -> Uuid {
    Uuid::new_v5(&NAMES, name.as_bytes())
}

fn tidy_hosts(hosts: &[String]) -> Vec<String> {
    hosts.iter().map(|host| host.trim().to_lowercase()).collect()
}

/// The tenant, its first role, agency and administrator, in one transaction.
async fn found(
    unit: &mut Unit,
    tenant: Uuid,
    founding: Founding,
) -> Result<(), ExecuteError<Domain>> {
    let Founding { open, administrator, password, numbers: [role, agency, user] } = founding;
    let present = unit.load::<identity_domain::Tenant>(tenant).await?;
    if present.state.status != TenantStatus::Unknown {
        // Someone else opened it a moment ago.
        return Ok(());
    }
    let locales = open.locales.clone();
    unit.execute(tenant, open).await?;
    unit.execute(role, first_role(role)).await?;
    unit.execute(agency, first_agency(agency)).await?;
    let profile = Profile { full_name: "Administrator".into(), ..Profile::default() };
    let membership =
        Membership { role: SUPERUSER.into(), agency: FIRST_AGENCY.into(), groups: vec![] };
    let around = UserSurroundings {
        new_rank: Some(Rank::SuperUser),
        agency_known: true,
        locales,
        ..UserSurroundings::default()
    };
    let create = CreateUser {
        by: Authority::Installation,
        number: user,
        user_name: administrator,
        profile,
        membership,
        password: NewPassword::Hashed(password),
        disabled: false,
        around,
    };
    unit.execute(user, create).await?;
    Ok(())
}

/// Manages everything there is; where nothing can be managed, it may do all of it.
fn first_role(number: i64) -> CreateRole {
    let granted = RESOURCES.iter().map(|resource| {
        let manage = resource.actions.contains(&"manage");
        let actions = if manage { &["manage"][..] } else { resource.actions };
        (resource.name.to_owned(), actions.iter().map(|one| (*one).to_owned()).collect())
    });
    let mut permissions: BTreeMap<String, Vec<String>> = granted.collect();
    // Another role agrees: erasing takes two.
    permissions.insert(ERASURE.into(), vec!["request".into()]);
    let attributes = RoleAttributes {
        name: "Superuser".into(),
        group_permission: Scope::All,
        is_manager: true,
        permissions,
        ..RoleAttributes::default()
    };
    CreateRole {
        by: Authority::Installation,
        number,
        unique_id: SUPERUSER.into(),
        attributes,
        around: RoleSurroundings::default(),
    }
}

fn first_agency(number: i64) -> CreateAgency {
    let attributes = AgencyAttributes {
        agency_code: "ADMINISTRATION".into(),
        name: [("en".to_owned(), "Administration".to_owned())].into(),
        ..AgencyAttributes::default()
    };
    CreateAgency {
        by: Authority::Installation,
        number,
        unique_id: FIRST_AGENCY.into(),
        attributes,
        unique_id_taken: false,
        code_taken: false,
    }
}

fn limit(column: Option<i64>) -> Option<u32> {
    column.and_then(|most| most.try_into().ok())
}

fn read(row: &tokio_postgres::Row) -> Result<Tenant, Refusal> {
    let read = || -> Result<Tenant, tokio_postgres::Error> {
        Ok(Tenant {
            id: row.try_get::<_, Uuid>(0)?.to_string(),
            name: row.try_get(1)?,
            display_name: row.try_get(2)?,
            locales: row.try_get(3)?,
            status: row.try_get(4)?,
            hosts: row.try_get(5)?,
            limits: Some(TenantLimits {
                users: limit(row.try_get(6)?),
                requests_per_second: limit(row.try_get(7)?),
            }),
        })
    };
    read().map_err(|error| stored(error.into()))
}
