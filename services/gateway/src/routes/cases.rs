//! What only cases and families have; duplicates; tasks.

use crate::route::{Route, rpc};

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
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
    ];
    routes.extend(duplicates());
    routes
}

fn duplicates() -> Vec<Route> {
    vec![
        Route::create(
            "/api/amparo/v1/cases/similar",
            "child",
            rpc!(Cases, "cases.v1.Cases/FindSimilarCases"),
        )
        .named("find_similar"),
        Route::list(
            "/api/amparo/v1/duplicates",
            "child",
            rpc!(Cases, "cases.v1.Cases/ListDuplicates"),
        )
        .named("show_duplicates"),
        Route::get(
            "/api/amparo/v1/cases/:id/duplicates",
            "child",
            rpc!(Cases, "cases.v1.Cases/ListDuplicatesOfCase"),
        )
        .named("show_duplicates"),
        Route::update(
            "/api/amparo/v1/cases/:id/duplicates",
            "child",
            rpc!(Cases, "cases.v1.Cases/JudgeDuplicate"),
        )
        .named("judge_duplicate"),
        Route::create(
            "/api/amparo/v1/cases/:id/merge",
            "child",
            rpc!(Cases, "cases.v1.Cases/MergeCases"),
        )
        .named("merge"),
        Route::create(
            "/api/amparo/v1/cases/:id/unmerge",
            "child",
            rpc!(Cases, "cases.v1.Cases/UnmergeCases"),
        )
        .named("unmerge"),
    ]
}
