//! What tracing takes from a case, and what a trace says of a child, as matching sees it. What
//! both have in common is read by [`kit_matching::of_record`].

use kit_dossier::fields::text;
use kit_matching::of_record::{FAMILY, child, date, place, relate, separation, texts, traits};
use kit_matching::{Profile, Relative};
use kit_records::Record;
use serde_json::Value;

use crate::kind::{Sought, sought};

/// Fields of a tracing request that say where the family lived, what says most first.
const SOUGHT_AT: [&str; 2] = ["location_last", "relation_location_current"];
/// Whether the child, or who speaks for it, agreed to the search.
const CONSENT: &str = "consent_for_tracing";

/// Fields of a case that matching looks at, or that a proposal shows.
const TOLD: [&str; 38] = [
    "assigned_user_names",
    "name",
    "name_first",
    "name_middle",
    "name_last",
    "name_nickname",
    "name_other",
    "hidden_name",
    "sex",
    "age",
    "date_of_birth",
    "estimated",
    "registration_date",
    "nationality",
    "ethnicity",
    "religion",
    "language",
    "location_before_separation",
    "location_last",
    "location_birth",
    "location_current",
    "location_separation",
    "date_of_separation",
    "separation_cause",
    "separation_cause_other",
    "telephone_last",
    "telephone_current",
    "telephone_caregivers",
    FAMILY,
    CONSENT,
    "record_state",
    "status",
    "owned_by",
    "owned_by_agency_id",
    "module_id",
    "case_id_display",
    "address_current",
    "sub_ethnicity_1",
];

/// Whether a changed field of a case means anything to tracing.
pub fn tells_of(field: &str) -> bool {
    TOLD.contains(&field)
}

/// Whether a case may be found: there is consent, and the record is enabled.
pub fn is_wanted(case: &Record) -> bool {
    let consent = match case.get(CONSENT) {
        Some(Value::Bool(given)) => *given,
        Some(Value::String(given)) => given == "true" || given == "yes",
        _ => false,
    };
    consent && case.get("record_state") != Some(&Value::Bool(false))
}

/// A child that somebody looks for; `places` tells the path of a place, from the country down to it.
pub fn of_trace(
    request: &Record,
    trace: Sought<'_>,
    places: &impl Fn(&str) -> Vec<String>,
) -> Profile {
    let entry = trace.entry;
    let mut profile = Profile {
        name: text(entry, "name").unwrap_or_default().to_owned(),
        last_place: place(request, &SOUGHT_AT, places),
        phones: texts(request, &["relation_telephone", "telephone_last"]),
        ..child(entry, request, date(request, "inquiry_date"))
    };
    separation(request, places, &mut profile);
    traits(request, ["nationality", "ethnicity", "religion", "language"], &mut profile);
    let inquirer =
        ["relation_nationality", "relation_ethnicity", "relation_religion", "relation_language"];
    traits(request, inquirer, &mut profile);
    let relation = text(entry, "relation").or_else(|| text(request, "relation"));
    if let Some(named) = text(request, "relation_name") {
        relate(&mut profile, relation.unwrap_or_default(), named);
    }
    if let Some(others) = text(request, "relation_other_family") {
        let others = others.split([',', ';', '،', '\n']).map(str::trim);
        let filled = others.filter(|other| !other.is_empty());
        profile.relatives.extend(filled.map(|name| Relative { name: name.to_owned() }));
    }
    if matches!(relation, Some("father" | "mother" | "brother" | "sister")) {
        let others = sought(request).filter(|other| other.id != trace.id);
        let named = others.filter_map(|other| text(other.entry, "name"));
        profile.siblings.extend(named.map(str::to_owned));
    }
    profile
}

#[cfg(test)]
mod tests {
    use kit_dossier::given::record;
    use kit_matching::of_record::of_case;
    use kit_matching::{Ask, Desk, Index, Tier};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn path(code: &str) -> Vec<String> {
        (1..=code.len() / 2).map(|depth| code[..depth * 2].to_owned()).collect()
    }

    fn case() -> Record {
        record(json!({
            "name": "Salma Karim Haddad", "sex": "female", "age": 6,
            "registration_date": "2026-01-10", "consent_for_tracing": "true",
            "record_state": true, "location_last": "SY0201", "nationality": ["syria"],
            "date_of_separation": "2025-11-02", "family_details_section": [
                {"relation": "father", "relation_name": "Karim Haddad"},
                {"relation": "mother", "relation_name": "Rana Aswad", "relation_telephone": "0991"},
                {"relation": "sister", "relation_name": "Lina Haddad"},
                {"relation": "aunt", "relation_name": "Huda Haddad"},
            ],
        }))
    }

    fn request() -> Record {
        record(json!({
            "relation_name": "كريم حداد", "inquiry_date": "2026-02-01", "location_last": "SY0201",
            "relation_nationality": ["syria"], "relation_other_family": "Huda, Rana",
            "tracing_request_subform_section": [
                {"unique_id": Uuid::from_u128(1), "name": "سلمى", "sex": "female", "age": 6,
                 "relation": "father"},
                {"unique_id": Uuid::from_u128(2), "name": "Lina", "relation": "father"},
            ],
        }))
    }

    #[test]
    fn a_trace_takes_from_its_request_what_it_does_not_say_itself() {
        let request = request();
        let traces: Vec<_> = sought(&request).collect();
        let profile = of_trace(&request, traces[0], &path);
        assert_eq!((profile.name.as_str(), profile.father.as_str()), ("سلمى", "كريم حداد"));
        assert_eq!((profile.siblings, profile.relatives.len()), (vec!["Lina".to_owned()], 2));
        assert_eq!(profile.nationality, "syria");
    }

    #[test]
    fn only_an_enabled_child_with_consent_is_sought() {
        assert!(is_wanted(&case()));
        for (field, value) in [
            ("consent_for_tracing", json!("false")),
            ("consent_for_tracing", json!(null)),
            ("record_state", json!(false)),
        ] {
            let mut case = case();
            case.insert(field.into(), value);
            assert!(!is_wanted(&case), "{field}");
        }
    }

    #[test]
    fn a_father_finds_his_daughter_across_scripts() {
        let mut index = Index::default();
        let id = Uuid::from_u128(9);
        index.put(id, &of_case(&case(), &path));
        let request = request();
        let trace = sought(&request).next().unwrap();
        let profile = of_trace(&request, trace, &path);
        let found = index.matches(&profile, Ask::first(20), &mut Desk::default());
        assert_eq!(found[0].id, id);
        assert!(found[0].tier <= Tier::Probable, "{found:?}");
    }
}
