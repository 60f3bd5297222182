//! Read models over the facts of all services.

use http::Method;

use crate::route::{Route, Special, rpc};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::list(
            "/api/v2/audit_logs",
            "audit_log",
            rpc!(Reporting, "reporting.v1.Reporting/ListAuditLogs"),
        ),
        Route::list(
            "/api/v2/activity_log",
            "activity_log",
            rpc!(Reporting, "reporting.v1.Reporting/ListActivityLog"),
        ),
        Route::list(
            "/api/amparo/v1/reading_alarms",
            "reading_alarm",
            rpc!(Reporting, "reporting.v1.Reporting/ListReadingAlarms"),
        ),
        Route::list(
            "/api/v2/dashboards",
            "dashboard",
            rpc!(Reporting, "reporting.v1.Reporting/ListDashboards"),
        ),
        Route::list(
            "/api/amparo/v1/home",
            "dashboard",
            rpc!(Reporting, "reporting.v1.Reporting/GetHome"),
        ),
        Route::special(Method::GET, "/api/v2/users/access", "user", "access", Special::AccessUsers),
    ]
}
