//! The caller's second factor, others' for their administrators, and showing again who one is.

use http::Method;

use crate::body::Member;
use crate::route::{Action, Route, Rpc, rpc};

const TYPE: &str = "user";
const OWN: &str = "/api/amparo/v1/second_factor";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(OWN, TYPE, rpc!(Identity, "identity.v1.Identity/GetSecondFactor"))
            .named("show_second_factor"),
        asked(OWN, rpc!(Identity, "identity.v1.Identity/BeginSecondFactor"))
            .named("begin_second_factor"),
        Route::create(
            "/api/amparo/v1/second_factor/confirmation",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/ConfirmSecondFactor"),
        )
        .named("confirm_second_factor"),
        asked(
            "/api/amparo/v1/second_factor/recovery_codes",
            rpc!(Identity, "identity.v1.Identity/RenewRecoveryCodes"),
        )
        .named("renew_recovery_codes"),
        Route::delete(OWN, TYPE, rpc!(Identity, "identity.v1.Identity/RemoveSecondFactor"))
            .named("remove_second_factor"),
        Route::delete(
            "/api/amparo/v1/users/:id/second_factor",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/ResetSecondFactor"),
        )
        .named("reset_second_factor"),
        Route::create(
            "/api/amparo/v1/reauthentication",
            TYPE,
            rpc!(Identity, "identity.v1.Identity/Reauthenticate"),
        )
        .named("reauthenticate"),
    ]
}

/// POST whose body says nothing.
fn asked(path: &'static str, rpc: Rpc) -> Route {
    let route = Route::create(path, TYPE, rpc);
    Route { method: Method::POST, action: Action::Write(rpc, Member::OptionalData), ..route }
}
