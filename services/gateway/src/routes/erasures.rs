//! Erasing records for good: one person asks, another agrees.

use http::Method;

use crate::route::{Route, Special};

const TYPE: &str = "erasure";

pub(super) fn routes() -> Vec<Route> {
    let special = Route::special;
    let (all, one) = ("/api/amparo/v1/erasures", "/api/amparo/v1/erasures/:id");
    vec![
        special(Method::GET, all, TYPE, "list", Special::ListErasures).indexed(),
        special(Method::POST, all, TYPE, "request_erasure", Special::RequestErasure),
        special(Method::GET, one, TYPE, "show", Special::GetErasure),
        special(Method::DELETE, one, TYPE, "refuse_erasure", Special::RefuseErasure),
        special(
            Method::POST,
            "/api/amparo/v1/erasures/:id/approval",
            TYPE,
            "approve_erasure",
            Special::ApproveErasure,
        ),
    ]
}
