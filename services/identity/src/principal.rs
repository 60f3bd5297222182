//! Makes a principal out of a user, as the directory has them now.

use std::collections::BTreeMap;

use identity_domain::User;
use jiff::Timestamp;
use kit_access::{Objects, Principal, Scope};

use crate::directory::Directory;
use crate::sessions::Session;

/// What a user is and may do. `None` when they may not sign in.
pub(crate) fn principal(
    directory: &Directory,
    user: &User,
    session: Option<&Session>,
    now: Timestamp,
    seconds: u32,
) -> Option<Principal> {
    if user.disabled || user.deleted {
        return None;
    }
    let role = directory.role_of(user)?;
    let agency = directory.agency(&user.membership.agency);
    let profile = &user.profile;
    let issued_at = now.as_second();
    let expires_at = issued_at + i64::from(seconds);
    let principal = Principal {
        tenant: directory.tenant,
        user_id: user.number,
        user_name: user.user_name.clone(),
        full_name: profile.full_name.clone(),
        code: profile.code.clone(),
        role: role.unique_id.clone(),
        role_id: role.number,
        scope: role.attributes.group_permission,
        permissions: role.attributes.permissions.clone(),
        objects: role.attributes.objects.clone(),
        forms: role.attributes.forms.clone(),
        modules: role.attributes.modules.clone(),
        agency: user.membership.agency.clone(),
        agency_id: agency.map_or(0, |agency| agency.number),
        agency_office: profile.agency_office.clone(),
        groups: groups(directory, user),
        location: profile.location.clone(),
        locale: profile.locale.clone(),
        is_manager: role.attributes.is_manager,
        user_category: role.attributes.user_category.clone(),
        reporting_location_level: role.attributes.reporting_location_level,
        epoch: directory.epoch,
        session: session.map(|session| session.id),
        // Without a session the password came with the call.
        proven_at: Some(session.map_or(issued_at, |session| session.proven_at.as_second())),
        issued_at,
        expires_at: session.map_or(expires_at, |one| expires_at.min(one.ends_at.as_second())),
        must_enrol: role.attributes.second_factor_required && user.second_factor.is_none(),
    };
    Some(if principal.must_enrol { confined(principal) } else { principal })
}

/// Somebody who may only set up the second factor that their role demands: every power is gone,
/// for whoever forgets to ask.
fn confined(principal: Principal) -> Principal {
    Principal {
        scope: Scope::Own,
        permissions: BTreeMap::new(),
        objects: Objects::default(),
        forms: BTreeMap::new(),
        modules: Vec::new(),
        groups: Vec::new(),
        is_manager: false,
        ..principal
    }
}

/// The user's groups that there still are.
pub(crate) fn groups(directory: &Directory, user: &User) -> Vec<String> {
    let groups = user.membership.groups.iter();
    groups.filter(|group| directory.group(group).is_some()).cloned().collect()
}
