//! First step, client required: what a Tenant refers to.

use kit_serve::Secret;

use crate::definition::Tenant;
use crate::office::Office;

/// What was found under the names that a Tenant has.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The administrator's first password.
    pub password: Option<Secret>,
    /// The configuration snapshot.
    pub snapshot: Option<Vec<u8>>,
}

/// Reads them; what is missing is none.
pub async fn dereference(office: &Office, tenant: &Tenant) -> Result<Found, kube::Error> {
    let wanted = &tenant.spec.administrator.password_secret_ref;
    let secret = office.secrets().get_opt(&wanted.name).await?;
    let password = secret
        .and_then(|secret| secret.data)
        .and_then(|mut data| data.remove(&wanted.key))
        .and_then(|bytes| String::from_utf8(bytes.0).ok())
        .map(|text| Secret::new(text.trim_end_matches(['\r', '\n'])));
    let snapshot = match &tenant.spec.configuration.snapshot {
        None => None,
        Some(reference) => {
            let wanted = &reference.config_map_ref;
            let map = office.config_maps().get_opt(&wanted.name).await?.unwrap_or_default();
            let text = map.data.and_then(|mut data| data.remove(&wanted.key));
            let bytes = map.binary_data.and_then(|mut data| data.remove(&wanted.key));
            text.map(String::into_bytes).or(bytes.map(|bytes| bytes.0))
        }
    };
    Ok(Found { password, snapshot })
}
