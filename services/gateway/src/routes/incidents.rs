//! What only incidents have: those of a case, found only under their case.

use crate::route::{Route, rpc};

pub(super) fn routes() -> Vec<Route> {
    let all = "/api/v2/cases/:id/incidents";
    vec![
        Route::get(all, "incident", rpc!(Incidents, "incidents.v1.Incidents/ListCaseIncidents"))
            .named("index"),
        Route::create(all, "incident", rpc!(Incidents, "incidents.v1.Incidents/LinkIncidents")),
        Route::get(
            "/api/v2/cases/:id/incidents/new",
            "incident",
            rpc!(Incidents, "incidents.v1.Incidents/GetNewIncident"),
        ),
    ]
}
