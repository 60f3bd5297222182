//! Read models, written in the transaction that appends.

mod device;
mod directory_entry;
mod saved_search;
mod tenant;

use std::sync::Arc;

use identity_domain::{Agency, CodeOfConduct, Device, Role, SavedSearch, Tenant, User, UserGroup};
use kit_store::{KeyCache, StoreBuilder};

pub(crate) use device::context as device_context;
pub(crate) use directory_entry::{DirectoryEntries, Listed, context as entry_context, email_token};
pub(crate) use saved_search::context as saved_search_context;
pub(crate) use tenant::status;

/// Registers all of them.
pub(crate) fn register(builder: StoreBuilder, keys: &Arc<KeyCache>) -> StoreBuilder {
    let entries = || DirectoryEntries::new(Arc::clone(keys));
    builder
        .outlasting(&["tenant", "tenant_host", "directory_state"])
        .projection::<Tenant, _>(tenant::Tenants)
        .projection::<User, _>(entries())
        .projection::<Role, _>(entries())
        .projection::<UserGroup, _>(entries())
        .projection::<Agency, _>(entries())
        .projection::<CodeOfConduct, _>(entries())
        .projection::<SavedSearch, _>(saved_search::SavedSearches)
        .projection::<Device, _>(device::Devices)
}
