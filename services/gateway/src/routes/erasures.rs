//! Erasing records for good: one person asks, another agrees.

use http::Method;

use crate::route::{Route, Special, rpc};

const TYPE: &str = "erasure";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::list("/api/amparo/v1/erasures", TYPE, rpc!(Cases, "cases.v1.Cases/ListErasures")),
        Route::create(
            "/api/amparo/v1/erasures",
            TYPE,
            rpc!(Cases, "cases.v1.Cases/RequestErasure"),
        )
        .named("request_erasure"),
        Route::get("/api/amparo/v1/erasures/:id", TYPE, rpc!(Cases, "cases.v1.Cases/GetErasure")),
        Route::delete(
            "/api/amparo/v1/erasures/:id",
            TYPE,
            rpc!(Cases, "cases.v1.Cases/RefuseErasure"),
        )
        .named("refuse_erasure"),
        Route::special(
            Method::POST,
            "/api/amparo/v1/erasures/:id/approval",
            TYPE,
            "approve_erasure",
            Special::ApproveErasure,
        ),
    ]
}
