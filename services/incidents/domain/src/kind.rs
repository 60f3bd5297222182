//! What an incident adds to the life of a record.

use kit_dossier::{Context, Dossier, Kind, Names, short_id};
use kit_records::{Record, RecordType};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::dates::incident_day;
use crate::{gbv, violations};

/// Incidents: what happened to somebody, or to many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IncidentKind;

/// Everything that no body sets.
const COMPUTED: [&str; 30] = {
    let mut names = [""; 30];
    let mut at = 0;
    while at < 29 {
        names[at] = if at < 26 { violations::COMPUTED[at] } else { gbv::COMPUTED[at - 26] };
        at += 1;
    }
    names[29] = "incident_date_derived";
    names
};

impl Kind for IncidentKind {
    const RECORD_TYPE: RecordType = RecordType::Incident;
    const SETTLED: &'static [&'static str] = &violations::LISTS;
    const COMPUTED: &'static [&'static str] = &COMPUTED;

    fn names(_: &Context, _: &Record, id: Uuid) -> Names {
        let short = short_id(id);
        Names { code: Some(short.clone()), display_id: short }
    }

    fn defaults(context: &Context, _: Option<&str>) -> Record {
        Record::from_iter([("date_of_first_report".to_owned(), json!(context.today))])
    }

    /// An incident that leaves its case forgets what that was called.
    fn prepare(_: &Context, _: &Dossier<Self>, fields: &mut Record) {
        if fields.get("incident_case_id") == Some(&Value::Null) {
            fields.insert("case_id_display".into(), Value::Null);
        }
    }

    fn settle(values: &mut Record) {
        violations::settle(values);
    }

    fn derived(values: &Record) -> Record {
        let mut fields = violations::derived(values);
        fields.extend(gbv::derived(values));
        if let Some(day) = incident_day(values) {
            fields.insert("incident_date_derived".into(), json!(day));
        }
        fields
    }

    fn shown(incident: &Dossier<Self>, _: &Record) -> Record {
        Record::from_iter([("unique_id".to_owned(), json!(incident.id))])
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kit_dossier::given::{self, Given, ID, catalog, field, record};
    use kit_records::{CatalogIndex, FieldType};

    use super::*;

    fn registered(values: Value) -> Given<IncidentKind> {
        let fields = vec![
            field("incident_date", FieldType::DateField),
            field("date_of_first_report", FieldType::DateField),
            field("description", FieldType::Textarea),
        ];
        let violation: &[(&str, FieldType)] = &[
            ("ctfmr_verified", FieldType::TextField),
            ("ctfmr_verified_date", FieldType::DateField),
        ];
        let subforms = [("killing", violation), ("sources", violation)];
        let catalog = catalog(RecordType::Incident, "primeromodule-mrm", fields, &subforms);
        let context = given::context::<IncidentKind>(CatalogIndex::new(Arc::new(catalog)));
        Given::registered(context, values)
    }

    #[test]
    fn a_new_incident_has_its_system_fields() {
        let given =
            registered(json!({"incident_date": "2026-01-27", "incident_date_derived": "x"}));
        let document = given.record.document(&Record::new());
        for (name, value) in record(json!({
            "id": ID, "incident_id": ID, "unique_id": ID, "incident_code": "4c1d2ab",
            "short_id": "4c1d2ab", "status": "open", "date_of_first_report": "2026-01-31",
            "incident_date_derived": "2026-01-27", "elapsed_reporting_time": "4_5_days",
            "owned_by": "ann",
        })) {
            assert_eq!(document.get(&name), Some(&value), "{name}");
        }
    }

    #[test]
    fn what_follows_moves_with_what_is_changed() {
        let mut given = registered(json!({"incident_date": "2026-01-27"}));
        given.update(json!({"incident_date": "2025-12-01", "elapsed_reporting_time": "0_3_days"}));
        assert_eq!(given.record.derived["elapsed_reporting_time"], "over_1_month");
        assert_eq!(given.record.derived["incident_date_derived"], "2025-12-01");
        let changed: Vec<_> = given.record.last_changes.iter().map(String::as_str).collect();
        assert_eq!(changed, ["elapsed_reporting_time", "incident_date", "incident_date_derived"]);
    }

    #[test]
    fn a_violation_becomes_late_when_the_incident_moves_and_takes_its_sources_with_it() {
        let id = "0d8a7a9e-6f5f-4a4e-9b1e-2f6f4f7f9a01";
        let mut given = registered(json!({
            "incident_date": "2026-01-27",
            "killing": [{"unique_id": id, "ctfmr_verified": "verified", "ctfmr_verified_date": "2026-01-30"}],
            "sources": [{"ctfmr_verified": "x", "violations_ids": [id]}],
        }));
        assert_eq!(given.record.derived["has_late_verified_violations"], false);
        given.update(json!({"incident_date": "2025-10-01"}));
        assert_eq!(given.record.values["killing"][0]["is_late_verification"], true);
        assert_eq!(given.record.derived["late_verified_violations"], json!(["killing"]));
        assert_eq!(given.record.values["sources"].as_array().map(Vec::len), Some(1));
        given.update(json!({"killing": [{"unique_id": id, "_destroy": true}]}));
        assert_eq!(given.record.values["sources"], json!([]));
        assert!(!given.record.derived.contains_key("has_late_verified_violations"));
        assert_eq!(kit_decider::fold::<crate::Incident>(&given.events), given.record);
    }
}
