//! What others may know of our events. Exhaustive: a new event says here what it means to them.

use identity_domain::{
    Agency, AgencyEvent, Device, DeviceEvent, Role, RoleEvent, Tenant, TenantEvent, User,
    UserEvent, UserGroup, UserGroupEvent,
};
use kit_bus::{Facts, Kind, RelayBuilder};
use kit_proto::facts::v1::{PeopleChanged, TenantChanged, UserChanged};
use kit_store::{DataKey, Recorded, StoreError};
use serde_json::json;

use crate::projections::status;

/// The mapping of every aggregate that others hear of.
#[derive(Clone, Copy)]
struct Public;

/// Tells the relay what to publish.
pub(crate) fn register(relay: RelayBuilder) -> RelayBuilder {
    relay
        .facts::<Tenant>(Public)
        .facts::<User>(Public)
        .facts::<Role>(Public)
        .facts::<UserGroup>(Public)
        .facts::<Agency>(Public)
        .facts::<Device>(Public)
}

type Told = Result<Option<(String, Kind)>, StoreError>;

impl Facts<Tenant> for Public {
    fn fact(
        &self,
        recorded: &Recorded<TenantEvent>,
        after: &Tenant,
        _key: Option<&DataKey>,
    ) -> Told {
        match &recorded.event {
            TenantEvent::Opened { .. }
            | TenantEvent::Changed { .. }
            | TenantEvent::Resumed
            | TenantEvent::Suspended
            | TenantEvent::Closed
            | TenantEvent::Limited { .. }
            | TenantEvent::Destroyed { .. } => {}
            TenantEvent::OrganisationApplied { snapshot, .. } => {
                return people("organisation", snapshot);
            }
        }
        let status = status(after.status).to_owned();
        let fact = TenantChanged { name: after.name.clone(), status };
        Ok(Some((after.name.clone(), Kind::TenantChanged(fact))))
    }
}

impl Facts<User> for Public {
    fn fact(&self, recorded: &Recorded<UserEvent>, after: &User, key: Option<&DataKey>) -> Told {
        match &recorded.event {
            UserEvent::Created { .. }
            | UserEvent::ProfileChanged { .. }
            | UserEvent::MembershipChanged { .. }
            | UserEvent::Disabled
            | UserEvent::Enabled
            | UserEvent::Deleted => {}
            UserEvent::PasswordSet { .. }
            | UserEvent::SecondFactorSet { .. }
            | UserEvent::SecondFactorRemoved => return people("user", &after.number.to_string()),
            UserEvent::PasswordResetRequested
            | UserEvent::CodeOfConductAccepted { .. }
            | UserEvent::TermsOfUseAccepted { .. }
            | UserEvent::SecondFactorOffered { .. }
            | UserEvent::RecoveryCodesRenewed { .. }
            | UserEvent::RecoveryCodeUsed { .. } => return Ok(None),
        }
        let fact = UserChanged {
            user_name: after.user_name.clone(),
            id: after.number,
            agency: after.membership.agency.clone(),
            agency_office: after.profile.agency_office.clone().unwrap_or_default(),
            groups: after.membership.groups.clone(),
            location: after.profile.location.clone().unwrap_or_default(),
            disabled: after.disabled,
            // A role's, which others ask for with GetDirectory.
            user_category: String::new(),
            deleted: after.deleted,
            sealed: sealed(recorded, after, key)?.into(),
            key_id: key.map(|key| key.id.to_string()).unwrap_or_default(),
        };
        Ok(Some((after.number.to_string(), Kind::UserChanged(fact))))
    }
}

/// `{"full_name", "code"}` under the user's key, bound to tenant and number.
fn sealed(
    recorded: &Recorded<UserEvent>,
    after: &User,
    key: Option<&DataKey>,
) -> Result<Vec<u8>, StoreError> {
    let Some(key) = key else { return Ok(Vec::new()) };
    let personal = json!({"full_name": after.profile.full_name, "code": after.profile.code});
    let number = after.number.to_be_bytes();
    let context: [&[u8]; 3] = [b"user_changed", recorded.tenant.as_bytes(), &number];
    Ok(key.seal(&context, &serde_json::to_vec(&personal)?))
}

impl Facts<Role> for Public {
    fn fact(&self, recorded: &Recorded<RoleEvent>, after: &Role, _: Option<&DataKey>) -> Told {
        match &recorded.event {
            RoleEvent::Created { .. }
            | RoleEvent::Changed { .. }
            | RoleEvent::FormGranted { .. }
            | RoleEvent::Deleted => people("role", &after.unique_id),
        }
    }
}

impl Facts<UserGroup> for Public {
    fn fact(
        &self,
        recorded: &Recorded<UserGroupEvent>,
        after: &UserGroup,
        _: Option<&DataKey>,
    ) -> Told {
        match &recorded.event {
            UserGroupEvent::Created { .. }
            | UserGroupEvent::Changed { .. }
            | UserGroupEvent::Deleted => people("user_group", &after.unique_id),
        }
    }
}

impl Facts<Agency> for Public {
    fn fact(&self, recorded: &Recorded<AgencyEvent>, after: &Agency, _: Option<&DataKey>) -> Told {
        match &recorded.event {
            AgencyEvent::Created { .. } | AgencyEvent::Changed { .. } | AgencyEvent::Disabled => {
                people("agency", &after.unique_id)
            }
        }
    }
}

impl Facts<Device> for Public {
    /// Only that whoever is remembered on it has to be asked for again.
    fn fact(&self, recorded: &Recorded<DeviceEvent>, after: &Device, _: Option<&DataKey>) -> Told {
        match &recorded.event {
            DeviceEvent::WipeOrdered => people("user", &after.user.to_string()),
            DeviceEvent::Registered { .. } | DeviceEvent::Wiped => Ok(None),
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "ends arms that tell something")]
fn people(kind: &str, unique_id: &str) -> Told {
    let fact = PeopleChanged { kind: kind.to_owned(), unique_id: unique_id.to_owned() };
    Ok(Some((unique_id.to_owned(), Kind::PeopleChanged(fact))))
}
