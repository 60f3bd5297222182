//! What only cases have; tasks.

use crate::route::{Route, rpc};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v2/cases/identified",
            "child",
            rpc!(Cases, "cases.v1.Cases/GetIdentifiedCase"),
        ),
        Route::list("/api/v2/tasks", "task", rpc!(Cases, "cases.v1.Cases/ListTasks")),
    ]
}
