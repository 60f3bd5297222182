//! The installation that most tests share: all services in one process, two
//! demonstration organisations.

use anyhow::Result;
use serde_json::{Value, json};
use std::sync::OnceLock;
use tests::{Client, Installation};

/// The password of everyone in a demonstration organisation.
pub const PASSWORD: &str = "Amparo-demo-1";
pub const MODULE: &str = "primeromodule-cp";

/// Started by the first test that asks; ends with the test process.
pub fn installation() -> &'static Installation {
    static SHARED: OnceLock<Installation> = OnceLock::new();
    SHARED.get_or_init(|| Installation::together(2).unwrap())
}

/// A script that acts for someone of the first organisation.
pub fn script(user_name: &str) -> Client {
    Client::with_basic(installation().port, "localhost", user_name, PASSWORD)
}

/// A script that acts for someone of the second organisation.
pub fn neighbour(user_name: &str) -> Client {
    Client::with_basic(installation().port, "org2.localhost", user_name, PASSWORD)
}

/// Registers a case and gives the answer's `data`.
pub async fn register(client: &Client, fields: Value) -> Result<Value> {
    let mut data = json!({ "module_id": MODULE, "sex": "male", "age": 9 });
    for (name, value) in fields.as_object().into_iter().flatten() {
        data[name] = value.clone();
    }
    client.post("/api/v2/cases", &json!({ "data": data })).await?.data()
}
