//! What only cases and families have; tasks.

use crate::route::{Route, rpc};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v2/cases/identified",
            "child",
            rpc!(Cases, "cases.v1.Cases/GetIdentifiedCase"),
        ),
        Route::create(
            "/api/v2/cases/:id/family",
            "child",
            rpc!(Cases, "cases.v1.Cases/CreateFamilyCase"),
        ),
        Route::create(
            "/api/v2/families/:id/case",
            "family",
            rpc!(Cases, "cases.v1.Cases/CreateCaseFromFamily"),
        ),
        Route::list("/api/v2/tasks", "task", rpc!(Cases, "cases.v1.Cases/ListTasks")),
    ]
}
