//! Alerts beyond the list of those of one record, which is in `records.rs`: taken away by hand, and
//! counted.

use http::Method;

use crate::route::{Route, Special, records};

pub(super) fn routes() -> Vec<Route> {
    let remove = |path, model, rpc| Route::delete(path, model, rpc).named("remove_alert");
    vec![
        Route::special(Method::GET, "/api/v2/alerts", "alert", "list", Special::CountAlerts)
            .indexed(),
        remove(
            "/api/v2/cases/:id/alerts/:alert_id",
            "child",
            records!(Cases, Case, "DismissAlert"),
        ),
        remove(
            "/api/v2/incidents/:id/alerts/:alert_id",
            "incident",
            records!(Incidents, Incident, "DismissAlert"),
        ),
    ]
}
