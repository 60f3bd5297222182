//! Devices on which people keep records: one's own, others' for their administrators, and what a
//! device asks before anyone signed in.

use http::Method;

use crate::body::Member;
use crate::route::{Action, Route, Rpc, Special, rpc};

const DEVICE: &str = "device";
const OWN: &str = "/api/amparo/v1/devices";

pub(super) fn routes() -> Vec<Route> {
    [of_people(), of_the_device().to_vec()].concat()
}

/// What people ask about devices.
fn of_people() -> Vec<Route> {
    vec![
        Route::special(Method::POST, OWN, DEVICE, "register_device", Special::RegisterDevice),
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
    ]
}

/// What a device asks and says by itself.
fn of_the_device() -> [Route; 2] {
    let special = Route::special;
    let order = "/api/amparo/v1/devices/order";
    let wiped = "/api/amparo/v1/devices/wiped";
    [
        special(Method::GET, order, DEVICE, "show", Special::DeviceOrder).public().unaudited(),
        special(Method::POST, wiped, DEVICE, "confirm_wipe", Special::ConfirmWipe).public(),
    ]
}

/// POST whose body says nothing.
fn order(path: &'static str, record_type: &'static str, rpc: Rpc) -> Route {
    let route = Route::create(path, record_type, rpc).named("order_wipe");
    Route { action: Action::Write(rpc, Member::OptionalData), ..route }
}
