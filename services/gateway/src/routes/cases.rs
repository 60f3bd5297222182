//! Cases and what hangs off them; tasks.

use http::Method;

use crate::route::{Route, Special, rpc};

const TYPE: &str = "child";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::list("/api/v2/cases", TYPE, rpc!(Cases, "cases.v1.Cases/ListCases")),
        Route::create("/api/v2/cases", TYPE, rpc!(Cases, "cases.v1.Cases/CreateCase")),
        Route::get(
            "/api/v2/cases/identified",
            TYPE,
            rpc!(Cases, "cases.v1.Cases/GetIdentifiedCase"),
        ),
        Route::get("/api/v2/cases/:id", TYPE, rpc!(Cases, "cases.v1.Cases/GetCase")),
        Route::update("/api/v2/cases/:id", TYPE, rpc!(Cases, "cases.v1.Cases/UpdateCase")),
        Route::delete("/api/v2/cases/:id", TYPE, rpc!(Cases, "cases.v1.Cases/DisableCase")),
        Route::get(
            "/api/v2/cases/:id/record_history",
            TYPE,
            rpc!(Cases, "cases.v1.Cases/ListRecordHistory"),
        )
        .named("record_history"),
        Route::special(
            Method::GET,
            "/api/v2/cases/:id/access_log",
            TYPE,
            "access_log",
            Special::AccessLog,
        ),
        Route::list("/api/v2/tasks", "task", rpc!(Cases, "cases.v1.Cases/ListTasks")),
    ]
}
