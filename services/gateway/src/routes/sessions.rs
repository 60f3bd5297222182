//! Signing in and out, and what is known before.

use http::Method;

use crate::route::{Route, Special};

const TOKENS: &str = "/api/v2/tokens";

pub(super) fn routes() -> Vec<Route> {
    let special = Route::special;
    vec![
        special(Method::POST, TOKENS, "user", "login", Special::SignIn).public(),
        special(Method::DELETE, TOKENS, "user", "logout", Special::SignOut).public(),
        special(Method::GET, TOKENS, "user", "show", Special::NoSuchPage).public().unaudited(),
        special(Method::GET, "/api/v2/primero", "", "show", Special::PublicData)
            .public()
            .unaudited(),
        special(Method::GET, "/api/v2/identity_providers", "", "list", Special::IdentityProviders)
            .public()
            .unaudited(),
        special(
            Method::POST,
            "/api/v2/users/password-reset-request",
            "user",
            "password_reset_request",
            Special::PasswordResetRequest,
        )
        .public(),
        special(
            Method::POST,
            "/api/v2/users/self-register",
            "user",
            "self_register",
            Special::SelfRegistration,
        )
        .public(),
    ]
}
