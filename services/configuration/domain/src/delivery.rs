//! A configuration that comes from outside the program, from whoever keeps the installation: what
//! was installed last, and whether people changed any of it since.

use kit_decider::Command;
use serde::{Deserialize, Serialize};

use crate::{
    Configuration, Contact, PutContact, PutReport, ReplaceForm, ReplaceLookup, SnapshotData,
    contact_replacement,
};

/// What was installed last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Delivery {
    /// The snapshot that holds it.
    pub snapshot: String,
    /// SHA-256 of its data, as hex.
    pub digest: String,
    /// The last word that agreed to replace what people changed.
    pub agreement: String,
    /// The version of the program that ships it, when it is the program's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipped_with: Option<String>,
}

/// What applying this data would make, change or remove, as `Form basic_identity`; the
/// organisation's part is identity's to compare.
///
/// Applied right after it was applied, it changes nothing: whatever is named here, people changed.
pub fn differences(
    configuration: &Configuration,
    contact: &Contact,
    data: &SnapshotData,
) -> Vec<String> {
    let mut found = forms(configuration, data);
    found.extend(lookups(configuration, data));
    found.extend(reports(configuration, data));
    let put = PutContact { data: contact_replacement(&data.contact) };
    if !does_nothing(put, contact) {
        found.push("ContactInformation".to_owned());
    }
    found
}

fn forms(configuration: &Configuration, data: &SnapshotData) -> Vec<String> {
    let names: Vec<&str> = data.forms.iter().map(|one| one.attributes.str("unique_id")).collect();
    let changed = data.forms.iter().filter(|entry| {
        let form = configuration.form(entry.attributes.str("unique_id"));
        form.is_none_or(|form| {
            let (attributes, fields) = (entry.attributes.clone(), entry.fields.clone());
            let replace = ReplaceForm { id: form.id, attributes, fields, new_ids: vec![] };
            !does_nothing(replace, form)
        })
    });
    let changed = changed.map(|entry| entry.attributes.str("unique_id"));
    let made = configuration.forms.iter().map(crate::Form::unique_id);
    named("Form", changed.chain(made.filter(|name| !names.contains(name))))
}

fn lookups(configuration: &Configuration, data: &SnapshotData) -> Vec<String> {
    let names: Vec<&str> = data.lookups.iter().map(|one| one.attributes.str("unique_id")).collect();
    let changed = data.lookups.iter().filter(|entry| {
        let lookup = configuration.lookup(entry.attributes.str("unique_id"));
        lookup.is_none_or(|lookup| {
            let attributes = entry.attributes.clone();
            !does_nothing(ReplaceLookup { id: lookup.id, attributes }, lookup)
        })
    });
    let changed = changed.map(|entry| entry.attributes.str("unique_id"));
    let made = configuration.lookups.iter().map(crate::Lookup::unique_id);
    named("Lookup", changed.chain(made.filter(|name| !names.contains(name))))
}

fn reports(configuration: &Configuration, data: &SnapshotData) -> Vec<String> {
    let names: Vec<&str> = data.reports.iter().map(|one| one.str("unique_id")).collect();
    let changed = data.reports.iter().filter(|attributes| {
        let mut known = configuration.reports.iter();
        let report = known.find(|one| one.unique_id() == attributes.str("unique_id"));
        report.is_none_or(|report| {
            let attributes = (*attributes).clone();
            !does_nothing(PutReport { id: report.id, attributes }, report)
        })
    });
    let changed = changed.map(|attributes| attributes.str("unique_id"));
    let made = configuration.reports.iter().map(crate::Report::unique_id);
    named("Report", changed.chain(made.filter(|name| !names.contains(name))))
}

fn named<'a>(kind: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    names.map(|name| format!("{kind} {name}")).collect()
}

/// Whether the command leaves everything as it is.
fn does_nothing<C: Command>(command: C, state: &C::Of) -> bool {
    command.decide(state).is_ok_and(|events| events.is_empty())
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;
    use serde_json::{Value, json};

    use super::*;
    use crate::{Attributes, Lookup, LookupEvent, Report, ReportEvent};

    fn attributes(json: Value) -> Attributes {
        serde_json::from_value(json).unwrap()
    }

    fn data() -> SnapshotData {
        let data = json!({
            "Lookup": [{"unique_id": "lookup-a", "name_i18n": {"en": "A"}}],
            "Report": [{"unique_id": "report-a", "name_i18n": {"en": "A"}}],
            "ContactInformation": [{"name": "Desk"}],
        });
        SnapshotData::read(data.as_object().unwrap())
    }

    /// As it is once the data was applied.
    fn applied() -> (Configuration, Contact) {
        let SnapshotData { lookups, reports, contact, .. } = data();
        let created = LookupEvent::Created { id: 1, attributes: lookups[0].attributes.clone() };
        let lookup: Lookup = fold(&[created]);
        let report: Report = fold(&[ReportEvent::Put { id: 1, attributes: reports[0].clone() }]);
        let (lookups, reports) = (vec![lookup], vec![report]);
        let configuration = Configuration { lookups, reports, ..Configuration::default() };
        (configuration, Contact { attributes: contact })
    }

    #[test]
    fn what_was_applied_differs_in_nothing() {
        let (configuration, contact) = applied();
        assert_eq!(differences(&configuration, &contact, &data()), Vec::<String>::new());
    }

    #[test]
    fn what_people_changed_made_and_removed_is_named() {
        let (mut configuration, mut contact) = applied();
        configuration.lookups[0].attributes.set("name", json!({"en": "B"}));
        let made =
            LookupEvent::Created { id: 2, attributes: attributes(json!({"unique_id": "b"})) };
        configuration.lookups.push(fold(&[made]));
        configuration.reports.clear();
        contact.attributes.set("name", json!("Other"));
        let found = differences(&configuration, &contact, &data());
        let named = ["Lookup lookup-a", "Lookup b", "Report report-a", "ContactInformation"];
        assert_eq!(found, named);
        // What was changed back is not changed.
        configuration.lookups.pop();
        configuration.lookups[0].attributes.set("name", json!({"en": "A"}));
        let found = differences(&configuration, &contact, &data());
        assert_eq!(found, ["Report report-a", "ContactInformation"]);
    }
}
