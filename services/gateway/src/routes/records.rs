//! Records of every type: one line says which service keeps a type, and under which path.

use http::Method;
use kit_records::RecordType;
use kit_serve::Service;

use crate::route::{Route, Rpc, Special, records};

/// A record type, and the service that keeps it.
pub(crate) struct Kept {
    pub record_type: RecordType,
    pub service: Service,
    routes: fn() -> Vec<Route>,
}

macro_rules! kept {
    ($($record_type:ident in $service:ident at $path:literal;)*) => {
        [$(Kept {
            record_type: RecordType::$record_type,
            service: Service::$service,
            routes: || {
                let model = RecordType::$record_type.model();
                let one = concat!("/api/v2/", $path, "/:id");
                let ours = concat!("/api/amparo/v1/", $path, "/:id/conflicts");
                let all = concat!("/api/v2/", $path);
                let log = concat!("/api/v2/", $path, "/:id/access_log");
                let flags = concat!("/api/v2/", $path, "/:id/flags");
                let flag = concat!("/api/v2/", $path, "/:id/flags/:flag_id");
                let alerts = concat!("/api/v2/", $path, "/:id/alerts");
                let history = concat!("/api/v2/", $path, "/:id/record_history");
                let readers = concat!("/api/amparo/v1/", $path, "/:id/visibility");
                let counts = concat!("/api/amparo/v1/", $path, "/counts");
                vec![
                    Route::list(all, model, records!($service, $record_type, "ListRecords")),
                    Route::create(all, model, records!($service, $record_type, "CreateRecord")),
                    Route::get(one, model, records!($service, $record_type, "GetRecord")),
                    Route::update(one, model, records!($service, $record_type, "UpdateRecord")),
                    Route::delete(one, model, records!($service, $record_type, "DisableRecord")),
                    Route::get(
                        history,
                        model,
                        records!($service, $record_type, "ListRecordHistory"),
                    )
                    .named("record_history"),
                    Route::special(Method::GET, log, model, "access_log", Special::AccessLog),
                    Route::special(
                        Method::GET,
                        readers,
                        model,
                        "show_visibility",
                        Special::Visibility,
                    ),
                    // No record is shown, and filters change many times a minute.
                    Route::list(counts, model, records!($service, $record_type, "CountRecords"))
                        .unaudited(),
                    Route::get(ours, model, records!($service, $record_type, "ListConflicts"))
                        .named("show_conflicts"),
                    Route::update(ours, model, records!($service, $record_type, "SettleConflict"))
                        .named("settle_conflict"),
                    Route::get(flags, model, records!($service, $record_type, "ListRecordFlags"))
                        .named("show_flags"),
                    Route::create(flags, model, records!($service, $record_type, "CreateFlag"))
                        .named("flag"),
                    Route::update(flag, model, records!($service, $record_type, "UpdateFlag"))
                        .named("update_flag"),
                    Route::get(alerts, model, records!($service, $record_type, "ListRecordAlerts"))
                        .named("show_alerts"),
                ]
            },
        },)*]
    };
}

/// Every type that is kept anywhere.
pub(crate) const KEPT: [Kept; 5] = kept! {
    Case in Cases at "cases";
    Incident in Incidents at "incidents";
    TracingRequest in Tracing at "tracing_requests";
    Family in Cases at "families";
    RegistryRecord in Cases at "registry_records";
};

pub(super) fn routes() -> Vec<Route> {
    KEPT.iter().flat_map(|kept| (kept.routes)()).collect()
}

/// The call that asks who keeps a record whether its access log may be seen; none of a type that
/// nobody keeps. Types go by their names in the audit log.
pub(crate) fn check_access_log(model: &str) -> Option<Rpc> {
    let kept = KEPT.iter().find(|kept| kept.record_type.model() == model)?;
    let record_type = kept.record_type.as_str();
    let path = "/amparo.records.v1.Records/CheckAccessLog";
    Some(Rpc { service: kept.service, path, record_type })
}
