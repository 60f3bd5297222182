//! Every kind of event ever stored still decodes, and is written as it was.
//! A changed event needs an upcast and a new line; a line never changes.

use configuration_domain::{
    ContactEvent, FormEvent, LookupEvent, ModuleEvent, PlaceEvent, ReportEvent, SettingsEvent,
    SnapshotEvent,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn unchanged<E: Serialize + DeserializeOwned>(golden: &str, kinds: usize) {
    let lines: Vec<&str> = golden.lines().collect();
    let mut seen = std::collections::BTreeSet::new();
    for line in lines {
        let stored: Value = serde_json::from_str(line).unwrap();
        let event: E = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(serde_json::to_value(&event).unwrap(), stored);
        seen.insert(stored["type"].as_str().unwrap().to_owned());
    }
    assert_eq!(seen.len(), kinds, "{seen:?}");
}

#[test]
fn events_are_read_and_written_as_ever() {
    unchanged::<FormEvent>(include_str!("golden/form.v1.jsonl"), 6);
    unchanged::<LookupEvent>(include_str!("golden/lookup.v1.jsonl"), 3);
    unchanged::<PlaceEvent>(include_str!("golden/location.v1.jsonl"), 6);
    unchanged::<ModuleEvent>(include_str!("golden/module.v1.jsonl"), 2);
    unchanged::<ReportEvent>(include_str!("golden/report.v1.jsonl"), 2);
    unchanged::<SettingsEvent>(include_str!("golden/settings.v1.jsonl"), 2);
    unchanged::<ContactEvent>(include_str!("golden/contact.v1.jsonl"), 1);
    unchanged::<SnapshotEvent>(include_str!("golden/configuration.v1.jsonl"), 4);
}
