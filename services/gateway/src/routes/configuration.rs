//! What records look like: forms, lookups, places, modules, settings, whole configurations.

use crate::route::{Route, rpc};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::list(
            "/api/v2/forms",
            "form_section",
            rpc!(Configuration, "configuration.v1.Configuration/ListForms"),
        ),
        Route::create(
            "/api/v2/forms",
            "form_section",
            rpc!(Configuration, "configuration.v1.Configuration/CreateForm"),
        ),
        Route::get(
            "/api/v2/forms/:id",
            "form_section",
            rpc!(Configuration, "configuration.v1.Configuration/GetForm"),
        ),
        Route::update(
            "/api/v2/forms/:id",
            "form_section",
            rpc!(Configuration, "configuration.v1.Configuration/UpdateForm"),
        ),
        Route::delete(
            "/api/v2/forms/:id",
            "form_section",
            rpc!(Configuration, "configuration.v1.Configuration/DeleteForm"),
        ),
        Route::list(
            "/api/v2/lookups",
            "lookup",
            rpc!(Configuration, "configuration.v1.Configuration/ListLookups"),
        ),
        Route::create(
            "/api/v2/lookups",
            "lookup",
            rpc!(Configuration, "configuration.v1.Configuration/CreateLookup"),
        ),
        Route::get(
            "/api/v2/lookups/:id",
            "lookup",
            rpc!(Configuration, "configuration.v1.Configuration/GetLookup"),
        ),
        Route::update(
            "/api/v2/lookups/:id",
            "lookup",
            rpc!(Configuration, "configuration.v1.Configuration/UpdateLookup"),
        ),
        Route::delete(
            "/api/v2/lookups/:id",
            "lookup",
            rpc!(Configuration, "configuration.v1.Configuration/DeleteLookup"),
        ),
        Route::list(
            "/api/v2/locations",
            "location",
            rpc!(Configuration, "configuration.v1.Configuration/ListLocations"),
        ),
        Route::create(
            "/api/v2/locations",
            "location",
            rpc!(Configuration, "configuration.v1.Configuration/CreateLocation"),
        ),
        Route::get(
            "/api/v2/locations/:id",
            "location",
            rpc!(Configuration, "configuration.v1.Configuration/GetLocation"),
        ),
        Route::update(
            "/api/v2/locations/:id",
            "location",
            rpc!(Configuration, "configuration.v1.Configuration/UpdateLocation"),
        ),
        Route::delete(
            "/api/v2/locations/:id",
            "location",
            rpc!(Configuration, "configuration.v1.Configuration/DeleteLocation"),
        ),
        Route::create(
            "/api/v2/locations/update_bulk",
            "location",
            rpc!(Configuration, "configuration.v1.Configuration/UpdateLocations"),
        )
        .named("update_bulk")
        .upload(),
        Route::create(
            "/api/v2/locations/import",
            "location",
            rpc!(Configuration, "configuration.v1.Configuration/ImportLocations"),
        )
        .named("import")
        .upload(),
        Route::list(
            "/api/v2/primero_modules",
            "primero_module",
            rpc!(Configuration, "configuration.v1.Configuration/ListModules"),
        ),
        Route::get(
            "/api/v2/primero_modules/:id",
            "primero_module",
            rpc!(Configuration, "configuration.v1.Configuration/GetModule"),
        ),
        Route::update(
            "/api/v2/primero_modules/:id",
            "primero_module",
            rpc!(Configuration, "configuration.v1.Configuration/UpdateModule"),
        ),
        Route::get(
            "/api/v2/system_settings",
            "system_settings",
            rpc!(Configuration, "configuration.v1.Configuration/GetSystemSettings"),
        ),
        Route::get(
            "/api/v2/contact_information",
            "contact_information",
            rpc!(Configuration, "configuration.v1.Configuration/GetContactInformation"),
        )
        .unaudited(),
        Route::update(
            "/api/v2/contact_information",
            "contact_information",
            rpc!(Configuration, "configuration.v1.Configuration/UpdateContactInformation"),
        ),
        Route::list(
            "/api/v2/configurations",
            "primero_configuration",
            rpc!(Configuration, "configuration.v1.Configuration/ListConfigurations"),
        ),
        Route::create(
            "/api/v2/configurations",
            "primero_configuration",
            rpc!(Configuration, "configuration.v1.Configuration/CreateConfiguration"),
        )
        .upload(),
        Route::get(
            "/api/v2/configurations/:id",
            "primero_configuration",
            rpc!(Configuration, "configuration.v1.Configuration/GetConfiguration"),
        ),
        Route::delete(
            "/api/v2/configurations/:id",
            "primero_configuration",
            rpc!(Configuration, "configuration.v1.Configuration/DeleteConfiguration"),
        ),
        Route::update(
            "/api/v2/configurations/:id",
            "primero_configuration",
            rpc!(Configuration, "configuration.v1.Configuration/ApplyConfiguration"),
        ),
    ]
}
