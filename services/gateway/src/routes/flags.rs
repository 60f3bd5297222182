//! Flags beyond those of one record: of all records, and on many at once. Those of one record are
//! in `records.rs`.

use http::Method;

use crate::route::{Route, Special, records};

pub(super) fn routes() -> Vec<Route> {
    let many = |path, model, rpc| Route::create(path, model, rpc).named("flag_multiple");
    vec![
        Route::special(Method::GET, "/api/v2/flags", "flag", "list", Special::ListFlags).indexed(),
        many("/api/v2/cases/flags", "child", records!(Cases, Case, "FlagRecords")),
        many("/api/v2/incidents/flags", "incident", records!(Incidents, Incident, "FlagRecords")),
        many(
            "/api/v2/tracing_requests/flags",
            "tracing_request",
            records!(Tracing, TracingRequest, "FlagRecords"),
        ),
    ]
}
