//! What only family tracing has: traces under their request and their case, who may be whom, and
//! the notices of that.

use crate::route::{Route, rpc};

pub(super) fn routes() -> Vec<Route> {
    let mut routes = of_the_reference();
    routes.extend(ours());
    routes
}

fn of_the_reference() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v2/tracing_requests/:id/traces",
            "trace",
            rpc!(Tracing, "tracing.v1.Tracing/ListTraces"),
        )
        .named("index"),
        Route::get("/api/v2/traces/:id", "trace", rpc!(Tracing, "tracing.v1.Tracing/GetTrace")),
        Route::update(
            "/api/v2/traces/:id",
            "trace",
            rpc!(Tracing, "tracing.v1.Tracing/UpdateTrace"),
        ),
        Route::get(
            "/api/v2/cases/:id/traces",
            "trace",
            rpc!(Tracing, "tracing.v1.Tracing/ListCaseTraces"),
        )
        .named("index"),
        Route::get(
            "/api/v2/traces/:id/potential_matches",
            "potential_match",
            rpc!(Tracing, "tracing.v1.Tracing/ListTracePotentialMatches"),
        )
        .named("index"),
        Route::get(
            "/api/v2/cases/:id/potential_matches",
            "potential_match",
            rpc!(Tracing, "tracing.v1.Tracing/ListCasePotentialMatches"),
        )
        .named("index"),
    ]
}

fn ours() -> Vec<Route> {
    vec![
        Route::get(
            "/api/amparo/v1/traces/:id/matches",
            "potential_match",
            rpc!(Tracing, "tracing.v1.Tracing/ListTraceMatches"),
        )
        .named("index"),
        Route::get(
            "/api/amparo/v1/cases/:id/matches",
            "potential_match",
            rpc!(Tracing, "tracing.v1.Tracing/ListCaseMatches"),
        )
        .named("index"),
        Route::create(
            "/api/amparo/v1/traces/:id/rejections",
            "potential_match",
            rpc!(Tracing, "tracing.v1.Tracing/RejectMatch"),
        ),
        Route::list(
            "/api/amparo/v1/notices",
            "notice",
            rpc!(Tracing, "tracing.v1.Tracing/ListNotices"),
        ),
        Route::update(
            "/api/amparo/v1/notices/:id",
            "notice",
            rpc!(Tracing, "tracing.v1.Tracing/UpdateNotice"),
        ),
    ]
}
