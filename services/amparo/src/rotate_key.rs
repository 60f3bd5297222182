//! `amparo rotate-key`: a new key-encryption key for a tenant.

use crate::reach::Reach;
use crate::tenant::explain;
use crate::verify::tenants;
use anyhow::Result;
use clap::Args;
use kit_proto::keyring::v1::{RotateTenantKeyReply, RotateTenantKeyRequest};
use kit_serve::Service;
use std::time::Duration;

/// Gives a tenant a new key-encryption key and wraps its data keys anew. No event changes.
#[derive(Debug, Args)]
pub struct RotateKey {
    /// Name of the tenant.
    tenant: String,
    #[command(flatten)]
    reach: Reach,
}

impl RotateKey {
    /// Safe to repeat, also after it was interrupted: the next run wraps what is left.
    pub async fn run(self) -> Result<()> {
        let shared = self.reach.process()?.share(Service::Gateway);
        for tenant in tenants(&shared, Some(&self.tenant)).await? {
            let message = RotateTenantKeyRequest { tenant: tenant.id.clone() };
            // Wrapping a million keys takes its time.
            let call = shared.internal_call(None).with_timeout(Duration::from_mins(10));
            let request = call.request(message);
            let reply = shared.peers.keyring().rotate_tenant_key(request).await.map_err(explain)?;
            let RotateTenantKeyReply { generation, rewrapped } = reply.into_inner();
            println!("{}\tkey {generation}\t{rewrapped} data keys wrapped anew", tenant.name);
        }
        Ok(())
    }
}
