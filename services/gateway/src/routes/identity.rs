//! People: users, roles, groups, agencies, codes of conduct, saved searches.

use crate::route::{Route, rpc};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::list("/api/v2/users", "user", rpc!(Identity, "identity.v1.Identity/ListUsers")),
        Route::create("/api/v2/users", "user", rpc!(Identity, "identity.v1.Identity/CreateUser")),
        Route::get("/api/v2/users/:id", "user", rpc!(Identity, "identity.v1.Identity/GetUser")),
        Route::update(
            "/api/v2/users/:id",
            "user",
            rpc!(Identity, "identity.v1.Identity/UpdateUser"),
        ),
        Route::delete(
            "/api/v2/users/:id",
            "user",
            rpc!(Identity, "identity.v1.Identity/DeleteUser"),
        ),
        Route::create(
            "/api/v2/users/update_bulk",
            "user",
            rpc!(Identity, "identity.v1.Identity/UpdateUsers"),
        )
        .named("update_bulk"),
        Route::create(
            "/api/v2/users/send_emails",
            "user",
            rpc!(Identity, "identity.v1.Identity/MessageUsers"),
        )
        .named("send_emails")
        .unaudited(),
        Route::list(
            "/api/v2/users/identified",
            "user",
            rpc!(Identity, "identity.v1.Identity/ListIdentifiedUsers"),
        )
        .named("identified"),
        Route::create(
            "/api/v2/users/:id/password-reset-request",
            "user",
            rpc!(Identity, "identity.v1.Identity/RequestPasswordReset"),
        )
        .named("password_reset_request")
        .of_user_member(),
        Route::list("/api/v2/roles", "role", rpc!(Identity, "identity.v1.Identity/ListRoles")),
        Route::create("/api/v2/roles", "role", rpc!(Identity, "identity.v1.Identity/CreateRole")),
        Route::get("/api/v2/roles/:id", "role", rpc!(Identity, "identity.v1.Identity/GetRole")),
        Route::update(
            "/api/v2/roles/:id",
            "role",
            rpc!(Identity, "identity.v1.Identity/UpdateRole"),
        ),
        Route::delete(
            "/api/v2/roles/:id",
            "role",
            rpc!(Identity, "identity.v1.Identity/DeleteRole"),
        ),
        Route::list(
            "/api/v2/permissions",
            "permission",
            rpc!(Identity, "identity.v1.Identity/ListPermissions"),
        ),
        Route::list(
            "/api/v2/user_groups",
            "user_group",
            rpc!(Identity, "identity.v1.Identity/ListUserGroups"),
        ),
        Route::create(
            "/api/v2/user_groups",
            "user_group",
            rpc!(Identity, "identity.v1.Identity/CreateUserGroup"),
        ),
        Route::get(
            "/api/v2/user_groups/:id",
            "user_group",
            rpc!(Identity, "identity.v1.Identity/GetUserGroup"),
        ),
        Route::update(
            "/api/v2/user_groups/:id",
            "user_group",
            rpc!(Identity, "identity.v1.Identity/UpdateUserGroup"),
        ),
        Route::delete(
            "/api/v2/user_groups/:id",
            "user_group",
            rpc!(Identity, "identity.v1.Identity/DeleteUserGroup"),
        ),
        Route::list(
            "/api/v2/agencies",
            "agency",
            rpc!(Identity, "identity.v1.Identity/ListAgencies"),
        ),
        Route::create(
            "/api/v2/agencies",
            "agency",
            rpc!(Identity, "identity.v1.Identity/CreateAgency"),
        )
        .upload(),
        Route::get(
            "/api/v2/agencies/:id",
            "agency",
            rpc!(Identity, "identity.v1.Identity/GetAgency"),
        ),
        Route::update(
            "/api/v2/agencies/:id",
            "agency",
            rpc!(Identity, "identity.v1.Identity/UpdateAgency"),
        )
        .upload(),
        Route::delete(
            "/api/v2/agencies/:id",
            "agency",
            rpc!(Identity, "identity.v1.Identity/DeleteAgency"),
        ),
        Route::get(
            "/api/v2/codes_of_conduct",
            "code_of_conduct",
            rpc!(Identity, "identity.v1.Identity/GetCodeOfConduct"),
        ),
        Route::create(
            "/api/v2/codes_of_conduct",
            "code_of_conduct",
            rpc!(Identity, "identity.v1.Identity/CreateCodeOfConduct"),
        ),
        Route::list(
            "/api/v2/saved_searches",
            "saved_search",
            rpc!(Identity, "identity.v1.Identity/ListSavedSearches"),
        ),
        Route::create(
            "/api/v2/saved_searches",
            "saved_search",
            rpc!(Identity, "identity.v1.Identity/CreateSavedSearch"),
        ),
        Route::delete(
            "/api/v2/saved_searches/:id",
            "saved_search",
            rpc!(Identity, "identity.v1.Identity/DeleteSavedSearch"),
        ),
    ]
}
