//! What records look like: forms, lookups, places, modules, settings, whole configurations.

use http::Method;

use crate::route::{Route, Special, rpc};

pub(super) fn routes() -> Vec<Route> {
    [
        forms(),
        lookups(),
        locations(),
        modules(),
        system_settings(),
        contact_information(),
        configurations(),
    ]
    .concat()
}

fn forms() -> Vec<Route> {
    const TYPE: &str = "form_section";
    vec![
        Route::list(
            "/api/v2/forms",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/ListForms"),
        ),
        Route::create(
            "/api/v2/forms",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/CreateForm"),
        ),
        Route::get(
            "/api/v2/forms/:id",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/GetForm"),
        ),
        Route::update(
            "/api/v2/forms/:id",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/UpdateForm"),
        ),
        Route::delete(
            "/api/v2/forms/:id",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/DeleteForm"),
        ),
        Route::list(
            "/api/v2/forms/export",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/ExportForms"),
        )
        .named("export"),
        Route::special(
            Method::GET,
            "/rails/active_storage/blobs/forms/:file_name",
            TYPE,
            "export",
            Special::FormsWorkbook,
        ),
    ]
}

fn lookups() -> Vec<Route> {
    const TYPE: &str = "lookup";
    vec![
        Route::list(
            "/api/v2/lookups",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/ListLookups"),
        ),
        Route::create(
            "/api/v2/lookups",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/CreateLookup"),
        ),
        Route::get(
            "/api/v2/lookups/:id",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/GetLookup"),
        ),
        Route::update(
            "/api/v2/lookups/:id",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/UpdateLookup"),
        ),
        Route::delete(
            "/api/v2/lookups/:id",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/DeleteLookup"),
        ),
    ]
}

fn locations() -> Vec<Route> {
    const TYPE: &str = "location";
    vec![
        Route::list(
            "/api/v2/locations",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/ListLocations"),
        ),
        Route::create(
            "/api/v2/locations",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/CreateLocation"),
        ),
        Route::get(
            "/api/v2/locations/:id",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/GetLocation"),
        ),
        Route::update(
            "/api/v2/locations/:id",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/UpdateLocation"),
        ),
        Route::delete(
            "/api/v2/locations/:id",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/DeleteLocation"),
        ),
        Route::create(
            "/api/v2/locations/update_bulk",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/UpdateLocations"),
        )
        .named("update_bulk")
        .upload(),
        Route::create(
            "/api/v2/locations/import",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/ImportLocations"),
        )
        .named("import")
        .upload(),
    ]
}

fn modules() -> Vec<Route> {
    const TYPE: &str = "primero_module";
    vec![
        Route::list(
            "/api/v2/primero_modules",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/ListModules"),
        ),
        Route::get(
            "/api/v2/primero_modules/:id",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/GetModule"),
        ),
        Route::update(
            "/api/v2/primero_modules/:id",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/UpdateModule"),
        ),
    ]
}

fn system_settings() -> Vec<Route> {
    const TYPE: &str = "system_settings";
    vec![
        Route::get(
            "/api/v2/system_settings",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/GetSystemSettings"),
        )
        .indexed(),
    ]
}

fn contact_information() -> Vec<Route> {
    const TYPE: &str = "contact_information";
    vec![
        Route::get(
            "/api/v2/contact_information",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/GetContactInformation"),
        )
        .unaudited(),
        Route::update(
            "/api/v2/contact_information",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/UpdateContactInformation"),
        ),
    ]
}

fn configurations() -> Vec<Route> {
    const TYPE: &str = "primero_configuration";
    vec![
        Route::list(
            "/api/v2/configurations",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/ListConfigurations"),
        ),
        Route::create(
            "/api/v2/configurations",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/CreateConfiguration"),
        )
        .upload(),
        Route::get(
            "/api/v2/configurations/:id",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/GetConfiguration"),
        ),
        Route::delete(
            "/api/v2/configurations/:id",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/DeleteConfiguration"),
        ),
        Route::update(
            "/api/v2/configurations/:id",
            TYPE,
            rpc!(Configuration, "configuration.v1.Configuration/ApplyConfiguration"),
        ),
    ]
}
