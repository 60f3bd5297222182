//! The chart's definition of Tenant is that of the types.

use operator::definition::{custom_resource_definition, definition, definition_yaml};
use serde_json::Value;

const CHART: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../helm/amparo/definitions/tenants.amparo.dev.yaml");

/// `AMPARO_BLESS=1` writes it anew.
#[test]
fn the_chart_has_the_definition_of_the_types() {
    let made = definition_yaml().unwrap();
    if std::env::var_os("AMPARO_BLESS").is_some() {
        std::fs::write(CHART, &made).unwrap();
    }
    assert_eq!(std::fs::read_to_string(CHART).unwrap(), made, "AMPARO_BLESS=1 writes it anew");
}

#[test]
fn what_is_written_is_read_as_it_was() {
    let read: Value = serde_saphyr::from_str(&definition_yaml().unwrap()).unwrap();
    assert_eq!(read, definition());
    custom_resource_definition().unwrap();
}
