//! What goes beyond the reference's API; `openapi/amparo-v1.json` describes each of these.

use http::Method;

use crate::route::{Route, Special, rpc};

pub(super) fn routes() -> Vec<Route> {
    let special = Route::special;
    vec![
        special(Method::GET, "/api/amparo/v1/session", "user", "show_session", Special::Session)
            .unaudited(),
        special(
            Method::DELETE,
            "/api/amparo/v1/sessions",
            "user",
            "logout_everywhere",
            Special::SignOutEverywhere,
        ),
        special(Method::POST, "/api/amparo/v1/sync", "child", "sync", Special::Sync),
        special(
            Method::GET,
            "/api/amparo/v1/conflicts",
            "child",
            "show_conflicts",
            Special::OpenConflicts,
        ),
        special(Method::GET, "/api/amparo/v1/events", "user", "show_session", Special::Events)
            .unaudited(),
        Route::get(
            "/api/amparo/v1/configurations/:id/export",
            "primero_configuration",
            rpc!(Configuration, "configuration.v1.Configuration/ExportConfiguration"),
        )
        .named("export"),
        special(
            Method::POST,
            "/api/amparo/v1/configurations/:id/apply",
            "primero_configuration",
            "apply",
            Special::ApplyConfiguration,
        ),
        special(
            Method::GET,
            "/api/amparo/v1/location_file",
            "location",
            "location_file",
            Special::LocationFile,
        )
        .unaudited(),
        special(Method::GET, "/api/amparo/v1/openapi", "", "show", Special::OpenApi)
            .public()
            .unaudited(),
        special(
            Method::GET,
            "/rails/active_storage/blobs/*",
            "agency",
            "file",
            Special::AgencyFile,
        )
        .unaudited(),
    ]
}
