//! Devices on which people keep records: one's own, others' for their administrators, and what a
//! device asks before anyone signed in.

use http::Method;

use crate::body::Member;
use crate::route::{Action, Route, Rpc, Special, rpc};

const DEVICE: &str = "device";
const OWN: &str = "/api/amparo/v1/devices";

pub(super) fn routes() -> Vec<Route> {
    let special = Route::special;
    vec![
        special(Method::POST, OWN, DEVICE, "register_device", Special::RegisterDevice),
        Route::list(OWN, DEVICE, rpc!(Identity, "identity.v1.Identity/ListDevices")),
        order(
            "/api/amparo/v1/devices/:id/wipe",
            DEVICE,
            rpc!(Identity, "identity.v1.Identity/OrderWipe"),
        ),
        Route::get(
            "/api/amparo/v1/users/:id/devices",
            "user",
            rpc!(Identity, "identity.v1.Identity/ListUserDevices"),
        )
        .named("show_devices"),
        order(
            "/api/amparo/v1/users/:id/devices/:device_id/wipe",
            "user",
            rpc!(Identity, "identity.v1.Identity/OrderUserWipe"),
        ),
        Route::get(
            "/api/amparo/v1/recovery_key",
            DEVICE,
            rpc!(Identity, "identity.v1.Identity/GetRecoveryKey"),
        )
        .unaudited(),
        Route::create(
            "/api/amparo/v1/recovery",
            DEVICE,
            rpc!(Identity, "identity.v1.Identity/RecoverKey"),
        )
        .named("recover_key"),
        special(Method::GET, "/api/amparo/v1/devices/order", DEVICE, "show", Special::DeviceOrder)
            .public()
            .unaudited(),
        special(
            Method::POST,
            "/api/amparo/v1/devices/wiped",
            DEVICE,
            "confirm_wipe",
            Special::ConfirmWipe,
        )
        .public(),
    ]
}

/// POST whose body says nothing.
fn order(path: &'static str, record_type: &'static str, rpc: Rpc) -> Route {
    let route = Route::create(path, record_type, rpc).named("order_wipe");
    Route { action: Action::Write(rpc, Member::OptionalData), ..route }
}
