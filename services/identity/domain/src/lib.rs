//! Who may sign in, and what a principal is: the rules of tenants, agencies, user groups, roles,
//! users, codes of conduct and saved searches. No I/O, no clock, no chance in here.
//!
//! ```text
//! tenant   opened -> (suspended <-> resumed) -> closed -> destroyed
//! user     created -> disabled <-> enabled -> deleted
//! device   registered -> wipe ordered -> wiped -> registered
//! agency   created -> disabled            role, user group, saved search   created -> deleted
//! ```

mod agency;
mod authority;
mod code_of_conduct;
mod commands;
mod device;
pub mod password;
mod patch;
pub mod permissions;
mod refusal;
mod role;
mod saved_search;
mod second_factor;
mod tenant;
mod texts;
mod user;
mod user_group;

pub use agency::{Agency, AgencyAttributes, AgencyEvent, AgencyFile, FileKind};
pub use authority::{Authority, Rank, UserStanding, rank};
pub use code_of_conduct::{CodeOfConduct, CodeOfConductEvent};
pub use commands::{
    AcceptCodeOfConduct, AddMember, ApplyAgency, ApplyOrganisation, ApplyRole, ApplyUserGroup,
    ChangeTenant, CloseTenant, ConfirmWipe, CreateAgency, CreateRole, CreateUser, CreateUserGroup,
    DeleteRole, DeleteSavedSearch, DeleteUser, DeleteUserGroup, DestroyTenant, DisableAgency,
    DisableUser, GrantForm, OfferSecondFactor, OpenTenant, OrderWipe, PublishCodeOfConduct,
    RegisterDevice, RemoveMember, RemoveSecondFactor, RenewRecoveryCodes, RequestPasswordReset,
    ResetSecondFactor, ResumeTenant, SaveSearch, SetSecondFactor, SuspendTenant, UpdateAgency,
    UpdateRole, UpdateUser, UpdateUserGroup, UseRecoveryCode, UserSurroundings,
};
pub use device::{Device, DeviceEvent, DeviceState};
pub use patch::{Patch, patched};
pub use refusal::{Problem, Problems, Refusal};
pub use role::{Role, RoleAttributes, RoleEvent, RoleSurroundings};
pub use saved_search::{SavedSearch, SavedSearchEvent, SearchFilter};
pub use second_factor::{SecondFactor, TotpSecret};
pub use tenant::{Tenant, TenantEvent, TenantLimits, TenantStatus};
pub use texts::{Text, merge_text, unique_id_from};
pub use user::{Membership, Profile, User, UserEvent};
pub use user_group::{UserGroup, UserGroupAttributes, UserGroupEvent};
