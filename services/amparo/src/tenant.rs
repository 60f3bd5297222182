//! `amparo tenant`: an operator's commands about tenants, carried to identity.

mod leaving;

use crate::reach::Reach;
use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use kit_proto::identity::v1::{
    ChangeTenantRequest, ListTenantsRequest, OpenTenantRequest, Tenant, TenantLimits, TenantRequest,
};
use kit_serve::{Secret, Service, Shared};
use std::path::PathBuf;

/// Opens, changes, suspends, closes, exports, destroys or lists tenants.
#[derive(Debug, Args)]
pub struct TenantCommand {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Debug, Subcommand)]
enum Verb {
    #[command(flatten)]
    Tend(Tend),
    /// Writes all of a tenant into a sealed file, and reads the file again.
    Export(leaving::Export),
    /// Opens such a file, compares it with its digest, and writes its lines out.
    ReadExport(leaving::ReadExport),
    /// Destroys all keys of a closed tenant: nobody reads anything of it again, in no backup.
    Destroy(leaving::Destroy),
}

#[derive(Debug, Subcommand)]
enum Tend {
    /// Opens a tenant with its first administrator.
    Open(Open),
    /// Changes what a tenant is called, where it is reached, which languages it has or what it may
    /// use.
    Change(Change),
    /// Refuses sign-ins and requests until the tenant is resumed; keeps all data.
    Suspend { name: String },
    /// Ends a suspension.
    Resume { name: String },
    /// Ends a tenant for good; its data is kept but nobody can reach it.
    Close { name: String },
    /// Lists all tenants.
    List,
}

/// What a new tenant is called and who may enter first.
#[derive(Debug, Args)]
pub struct Open {
    /// Short name: small letters, digits and dashes.
    pub name: String,
    /// What people call the organisation.
    #[arg(long)]
    pub display_name: Option<String>,
    /// Host names of its users' requests; NAME.localhost when none is given.
    #[arg(long = "host")]
    pub hosts: Vec<String>,
    /// Languages, the first one by default.
    #[arg(long = "locale", default_values_t = ["en".to_owned(), "fr".into(), "es".into(), "ar".into()])]
    pub locales: Vec<String>,
    /// User name of the first administrator.
    #[arg(long, default_value = "admin")]
    pub administrator: String,
    /// Their password.
    #[arg(long, env = "AMPARO_ADMINISTRATOR_PASSWORD", hide_env_values = true)]
    pub password: Option<Secret>,
    #[arg(long)]
    pub password_file: Option<PathBuf>,
}

/// What is not given stays as it is.
#[derive(Debug, Args)]
pub struct Change {
    /// Name of the tenant, which does not change.
    pub name: String,
    /// What people call the organisation.
    #[arg(long)]
    pub display_name: Option<String>,
    /// Host names of its users' requests, all of them.
    #[arg(long = "host")]
    pub hosts: Vec<String>,
    /// Languages, all of them, the first one by default.
    #[arg(long = "locale")]
    pub locales: Vec<String>,
    /// Users that may be enabled at once; 0 for no limit. Those beyond it stay.
    #[arg(long)]
    pub max_users: Option<u32>,
    /// Requests that its users may keep up, instead of what every organisation may; 0 for that.
    #[arg(long)]
    pub requests_per_second: Option<u32>,
}

impl From<Change> for ChangeTenantRequest {
    fn from(change: Change) -> Self {
        let Change { name, display_name, hosts, locales, max_users, requests_per_second } = change;
        let limits = Some(TenantLimits { users: max_users, requests_per_second });
        Self { name, display_name, hosts, locales, limits }
    }
}

impl Open {
    fn request(self) -> Result<OpenTenantRequest> {
        let password = Secret::from_either(self.password.as_ref(), self.password_file.as_deref())?
            .context("--password-file is needed (or AMPARO_ADMINISTRATOR_PASSWORD)")?;
        let hosts = if self.hosts.is_empty() {
            vec![format!("{}.localhost", self.name)]
        } else {
            self.hosts
        };
        Ok(OpenTenantRequest {
            display_name: self.display_name.unwrap_or_else(|| self.name.clone()),
            name: self.name,
            hosts,
            locales: self.locales,
            administrator_user_name: self.administrator,
            administrator_password: password.reveal().to_owned(),
            command_id: String::new(),
        })
    }
}

impl TenantCommand {
    pub async fn run(self) -> Result<()> {
        let reach = self.reach;
        match self.verb {
            Verb::Tend(tend) => tend.run(&reach.shared(Service::Gateway)?).await,
            Verb::Export(export) => export.run(&reach.shared(Service::Gateway)?).await,
            Verb::ReadExport(read) => read.run(),
            Verb::Destroy(destroy) => destroy.run(&reach.shared(Service::Gateway)?).await,
        }
    }
}

impl Tend {
    async fn run(self, shared: &Shared) -> Result<()> {
        let mut identity = shared.peers.identity();
        let call = shared.internal_call(None);
        let named = |name| call.request(TenantRequest { name });
        let tenant = match self {
            Self::Open(open) => identity.open_tenant(call.request(open.request()?)).await,
            Self::Change(change) => identity.change_tenant(call.request(change.into())).await,
            Self::Suspend { name } => identity.suspend_tenant(named(name)).await,
            Self::Resume { name } => identity.resume_tenant(named(name)).await,
            Self::Close { name } => identity.close_tenant(named(name)).await,
            Self::List => {
                let reply = identity.list_tenants(call.request(ListTenantsRequest {})).await;
                reply.map_err(explain)?.into_inner().tenants.iter().for_each(show);
                return Ok(());
            }
        };
        show(&tenant.map_err(explain)?.into_inner());
        Ok(())
    }
}

fn show(tenant: &Tenant) {
    let Tenant { id, name, status, hosts, display_name, limits, .. } = tenant;
    let limits = limits.unwrap_or_default();
    let users = limits.users.map(|most| format!("\tat most {most} users"));
    let requests = limits.requests_per_second.map(|most| format!("\tat most {most} requests/s"));
    let limits: String = users.into_iter().chain(requests).collect();
    println!("{name}\t{status}\t{}\t{id}\t{display_name}{limits}", hosts.join(","));
}

/// A refusal as an operator reads it.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
pub fn explain(status: tonic::Status) -> anyhow::Error {
    let details = String::from_utf8_lossy(status.details());
    anyhow::anyhow!("{:?}: {} {details}", status.code(), status.message())
}
