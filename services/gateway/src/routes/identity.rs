//! People: users, roles, groups, agencies, codes of conduct, saved searches.

use crate::route::{Route, rpc};

pub(super) fn routes() -> Vec<Route> {
    [
        users(),
        many_users(),
        roles(),
        permissions(),
        user_groups(),
        agencies(),
        codes_of_conduct(),
        saved_searches(),
    ]
    .concat()
}

fn users() -> Vec<Route> {
    const TYPE: &str = "user";
    vec![
        Route::list("/api/v2/users", TYPE, rpc!(Identity, "identity.v1.Identity/ListUsers")),
        Route::create("/api/v2/users", TYPE, rpc!(Identity, "identity.v1.Identity/CreateUser")),
        Route::get("/api/v2/users/:id", TYPE, rpc!(Identity, "identity.v1.Identity/GetUser")),
        Route::update("/api/v2/users/:id", TYPE, rpc!(Identity, "identity.v1.Identity/UpdateUser")),
        Route::delete("/api/v2/users/:id", TYPE, rpc!(Identity, "identity.v1.Identity/DeleteUser")),
    ]
}

fn many_users() -> Vec<Route> {
    const TYPE: &str = "user";
    vec![
        Route::create(
            "/api/v2/users/update_bulk",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/UpdateUsers"),
        )
        .named("update_bulk"),
        Route::create(
            "/api/v2/users/send_emails",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/MessageUsers"),
        )
        .named("send_emails")
        .unaudited(),
        Route::list(
            "/api/v2/users/identified",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/ListIdentifiedUsers"),
        )
        .named("identified"),
        Route::create(
            "/api/v2/users/:id/password-reset-request",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/RequestPasswordReset"),
        )
        .named("password_reset_request")
        .of_user_member(),
    ]
}

fn roles() -> Vec<Route> {
    const TYPE: &str = "role";
    vec![
        Route::list("/api/v2/roles", TYPE, rpc!(Identity, "identity.v1.Identity/ListRoles")),
        Route::create("/api/v2/roles", TYPE, rpc!(Identity, "identity.v1.Identity/CreateRole")),
        Route::get("/api/v2/roles/:id", TYPE, rpc!(Identity, "identity.v1.Identity/GetRole")),
        Route::update("/api/v2/roles/:id", TYPE, rpc!(Identity, "identity.v1.Identity/UpdateRole")),
        Route::delete("/api/v2/roles/:id", TYPE, rpc!(Identity, "identity.v1.Identity/DeleteRole")),
    ]
}

fn permissions() -> Vec<Route> {
    const TYPE: &str = "permission";
    vec![Route::list(
        "/api/v2/permissions",
        TYPE,
        rpc!(Identity, "identity.v1.Identity/ListPermissions"),
    )]
}

fn user_groups() -> Vec<Route> {
    const TYPE: &str = "user_group";
    vec![
        Route::list(
            "/api/v2/user_groups",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/ListUserGroups"),
        ),
        Route::create(
            "/api/v2/user_groups",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/CreateUserGroup"),
        ),
        Route::get(
            "/api/v2/user_groups/:id",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/GetUserGroup"),
        ),
        Route::update(
            "/api/v2/user_groups/:id",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/UpdateUserGroup"),
        ),
        Route::delete(
            "/api/v2/user_groups/:id",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/DeleteUserGroup"),
        ),
    ]
}

fn agencies() -> Vec<Route> {
    const TYPE: &str = "agency";
    vec![
        Route::list("/api/v2/agencies", TYPE, rpc!(Identity, "identity.v1.Identity/ListAgencies")),
        Route::create(
            "/api/v2/agencies",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/CreateAgency"),
        )
        .upload(),
        Route::get("/api/v2/agencies/:id", TYPE, rpc!(Identity, "identity.v1.Identity/GetAgency")),
        Route::update(
            "/api/v2/agencies/:id",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/UpdateAgency"),
        )
        .upload(),
        Route::delete(
            "/api/v2/agencies/:id",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/DeleteAgency"),
        ),
    ]
}

fn codes_of_conduct() -> Vec<Route> {
    const TYPE: &str = "code_of_conduct";
    vec![
        Route::get(
            "/api/v2/codes_of_conduct",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/GetCodeOfConduct"),
        )
        .indexed(),
        Route::create(
            "/api/v2/codes_of_conduct",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/CreateCodeOfConduct"),
        ),
    ]
}

fn saved_searches() -> Vec<Route> {
    const TYPE: &str = "saved_search";
    vec![
        Route::list(
            "/api/v2/saved_searches",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/ListSavedSearches"),
        ),
        Route::create(
            "/api/v2/saved_searches",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/CreateSavedSearch"),
        ),
        Route::delete(
            "/api/v2/saved_searches/:id",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/DeleteSavedSearch"),
        ),
    ]
}
