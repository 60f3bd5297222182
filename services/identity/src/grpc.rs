//! The rpcs of the contract: each is a method of [`Shell`] in the files below.

mod agencies;
mod codes_of_conduct;
mod devices;
mod many_users;
mod organisation;
mod people;
mod readers;
mod recovery;
mod reporting_place;
mod roles;
mod saved_searches;
mod second_factor;
mod sign_in;
mod tenant_end;
mod tenants;
mod user_changes;
mod user_groups;
mod users;

use std::sync::Arc;

use kit_proto::common::v1::{DeleteRequest, GetRequest, ListRequest, Reply, WriteRequest};
use kit_proto::identity::v1 as proto;
use kit_proto::identity::v1::identity_server::Identity;
use kit_serve::{Access, Call};
use tonic::{Request, Response, Status};

use crate::shell::Shell;

/// Who may call what.
pub(crate) const ACCESS: Access = Access::new("amparo.identity.v1.Identity")
    .internal(&[
        "ResolveTenant",
        "OpenTenant",
        "SuspendTenant",
        "ResumeTenant",
        "CloseTenant",
        "ChangeTenant",
        "DestroyTenant",
        "ListTenants",
        "SignIn",
        "SignOut",
        "Authenticate",
        "GetSigningKeys",
        "ListIdentityProviders",
        "GetDirectory",
        "ListReaders",
        "GrantForm",
        "CheckOrganisation",
        "ApplyOrganisation",
        "ExportOrganisation",
        "DescribeOrganisation",
        "GetFile",
        "GetDeviceOrder",
        "ConfirmWipe",
    ])
    .enrolling(&[
        "SignOutEverywhere",
        "Reauthenticate",
        "GetSecondFactor",
        "BeginSecondFactor",
        "ConfirmSecondFactor",
    ])
    .principal(&[
        "RenewRecoveryCodes",
        "RemoveSecondFactor",
        "ResetSecondFactor",
        "GetRecoveryKey",
        "RecoverKey",
        "RegisterDevice",
        "ListDevices",
        "ListUserDevices",
        "OrderWipe",
        "OrderUserWipe",
        "ListUsers",
        "GetUser",
        "CreateUser",
        "UpdateUser",
        "DeleteUser",
        "UpdateUsers",
        "ListIdentifiedUsers",
        "RequestPasswordReset",
        "MessageUsers",
        "ListRoles",
        "GetRole",
        "CreateRole",
        "UpdateRole",
        "DeleteRole",
        "ListPermissions",
        "ListUserGroups",
        "GetUserGroup",
        "CreateUserGroup",
        "UpdateUserGroup",
        "DeleteUserGroup",
        "ListAgencies",
        "GetAgency",
        "CreateAgency",
        "UpdateAgency",
        "DeleteAgency",
        "GetCodeOfConduct",
        "CreateCodeOfConduct",
        "ListSavedSearches",
        "CreateSavedSearch",
        "DeleteSavedSearch",
    ]);

/// The service as tonic calls it.
#[derive(Clone)]
pub(crate) struct Grpc(pub Arc<Shell>);

/// One line per rpc: take the call and the message, let the shell answer.
macro_rules! rpcs {
    ($($name:ident($message:ty) -> $reply:ty;)*) => {
        #[tonic::async_trait]
        impl Identity for Grpc {$(
            async fn $name(
                &self,
                request: Request<$message>,
            ) -> Result<Response<$reply>, Status> {
                let call = Call::of(&request)?;
                Ok(Response::new(self.0.$name(&call, request.into_inner()).await?))
            }
        )*}
    };
}

rpcs! {
    resolve_tenant(proto::ResolveTenantRequest) -> proto::Tenant;
    open_tenant(proto::OpenTenantRequest) -> proto::Tenant;
    suspend_tenant(proto::TenantRequest) -> proto::Tenant;
    resume_tenant(proto::TenantRequest) -> proto::Tenant;
    close_tenant(proto::TenantRequest) -> proto::Tenant;
    change_tenant(proto::ChangeTenantRequest) -> proto::Tenant;
    destroy_tenant(proto::DestroyTenantRequest) -> proto::DestroyTenantReply;
    list_tenants(proto::ListTenantsRequest) -> proto::ListTenantsReply;
    sign_in(proto::SignInRequest) -> proto::SignInReply;
    sign_out(proto::SignOutRequest) -> proto::SignOutReply;
    sign_out_everywhere(ListRequest) -> Reply;
    authenticate(proto::AuthenticateRequest) -> proto::AuthenticateReply;
    reauthenticate(WriteRequest) -> Reply;
    get_second_factor(GetRequest) -> Reply;
    begin_second_factor(WriteRequest) -> Reply;
    confirm_second_factor(WriteRequest) -> Reply;
    renew_recovery_codes(WriteRequest) -> Reply;
    remove_second_factor(DeleteRequest) -> Reply;
    reset_second_factor(DeleteRequest) -> Reply;
    get_signing_keys(proto::GetSigningKeysRequest) -> proto::SigningKeys;
    list_identity_providers(ListRequest) -> Reply;
    get_recovery_key(GetRequest) -> Reply;
    recover_key(WriteRequest) -> Reply;
    register_device(WriteRequest) -> Reply;
    list_devices(ListRequest) -> Reply;
    list_user_devices(GetRequest) -> Reply;
    order_wipe(WriteRequest) -> Reply;
    order_user_wipe(WriteRequest) -> Reply;
    get_device_order(proto::DeviceRequest) -> Reply;
    confirm_wipe(proto::DeviceRequest) -> Reply;
    get_directory(proto::GetDirectoryRequest) -> proto::Directory;
    list_readers(proto::ListReadersRequest) -> proto::Readers;
    grant_form(proto::GrantFormRequest) -> proto::GrantFormReply;
    check_organisation(proto::OrganisationRequest) -> proto::OrganisationReply;
    apply_organisation(proto::OrganisationRequest) -> proto::OrganisationReply;
    export_organisation(proto::ExportOrganisationRequest) -> proto::Organisation;
    describe_organisation(proto::ExportOrganisationRequest) -> Reply;
    get_file(proto::GetFileRequest) -> proto::File;
    list_users(ListRequest) -> Reply;
    get_user(GetRequest) -> Reply;
    create_user(WriteRequest) -> Reply;
    update_user(WriteRequest) -> Reply;
    delete_user(DeleteRequest) -> Reply;
    update_users(WriteRequest) -> Reply;
    list_identified_users(ListRequest) -> Reply;
    request_password_reset(WriteRequest) -> Reply;
    message_users(WriteRequest) -> Reply;
    list_roles(ListRequest) -> Reply;
    get_role(GetRequest) -> Reply;
    create_role(WriteRequest) -> Reply;
    update_role(WriteRequest) -> Reply;
    delete_role(DeleteRequest) -> Reply;
    list_permissions(ListRequest) -> Reply;
    list_user_groups(ListRequest) -> Reply;
    get_user_group(GetRequest) -> Reply;
    create_user_group(WriteRequest) -> Reply;
    update_user_group(WriteRequest) -> Reply;
    delete_user_group(DeleteRequest) -> Reply;
    list_agencies(ListRequest) -> Reply;
    get_agency(GetRequest) -> Reply;
    create_agency(WriteRequest) -> Reply;
    update_agency(WriteRequest) -> Reply;
    delete_agency(DeleteRequest) -> Reply;
    get_code_of_conduct(GetRequest) -> Reply;
    create_code_of_conduct(WriteRequest) -> Reply;
    list_saved_searches(ListRequest) -> Reply;
    create_saved_search(WriteRequest) -> Reply;
    delete_saved_search(DeleteRequest) -> Reply;
}
