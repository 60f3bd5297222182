//! What a case and a trace say of a child, as matching sees it.

use kit_dossier::fields::{entries, text};
use kit_matching::{Birth, Day, Profile, Relative, Sex, day};
use kit_records::Record;
use kit_records::values::parse_date;
use serde_json::Value;

use crate::kind::{Sought, sought};

/// The relatives of a child's case.
const FAMILY: &str = "family_details_section";
/// Fields of a case that say where the family lived, what says most first.
const LIVED: [&str; 4] =
    ["location_before_separation", "location_last", "location_birth", "location_current"];
/// The same of a tracing request.
const SOUGHT_AT: [&str; 2] = ["location_last", "relation_location_current"];
/// Whether the child, or who speaks for it, agreed to the search.
const CONSENT: &str = "consent_for_tracing";

/// Fields of a case that matching looks at, or that a proposal shows.
const TOLD: [&str; 37] = [
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

/// Where places lie: from the country down to the place, as far as known.
pub trait Places {
    fn path(&self, code: &str) -> Vec<String>;
}

impl<F: Fn(&str) -> Vec<String>> Places for F {
    fn path(&self, code: &str) -> Vec<String> {
        self(code)
    }
}

/// A registered child.
pub fn of_case(case: &Record, places: &impl Places) -> Profile {
    let mut profile = Profile {
        name: name(case),
        last_place: place(case, &LIVED, places),
        phones: texts(case, &["telephone_last", "telephone_current", "telephone_caregivers"]),
        ..child(case, case, date(case, "registration_date"))
    };
    separation(case, places, &mut profile);
    traits(case, ["nationality", "ethnicity", "religion", "language"], &mut profile);
    for member in entries(case, FAMILY) {
        let Some(named) = text(member, "relation_name") else { continue };
        relate(&mut profile, text(member, "relation").unwrap_or_default(), named);
        profile.phones.extend(texts(member, &["relation_telephone"]));
    }
    profile
}

/// A child that somebody looks for.
pub fn of_trace(request: &Record, trace: Sought<'_>, places: &impl Places) -> Profile {
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

/// What is said of the child alone; `on` is the day on which its age was told.
pub fn child(said: &Record, record: &Record, on: Option<Day>) -> Profile {
    let nicknames = texts(said, &["name_nickname", "name_other"]);
    let on = on.or_else(|| date(record, "created_at"));
    Profile {
        nicknames,
        sex: match text(said, "sex") {
            Some("male") => Some(Sex::Male),
            Some("female") => Some(Sex::Female),
            Some(_) => Some(Sex::Other),
            None => None,
        },
        birth: birth(said, on),
        ..Profile::default()
    }
}

fn birth(said: &Record, on: Option<Day>) -> Option<Birth> {
    if let Some(born) = date(said, "date_of_birth") {
        return Some(Birth::on(born));
    }
    let years = said.get("age").and_then(Value::as_u64)?;
    Some(Birth::aged(u16::try_from(years).ok()?, on?))
}

fn name(case: &Record) -> String {
    if let Some(whole) = text(case, "name") {
        return whole.to_owned();
    }
    texts(case, &["name_first", "name_middle", "name_last"]).join(" ")
}

fn separation(said: &Record, places: &impl Places, profile: &mut Profile) {
    profile.separation_place = place(said, &["location_separation"], places);
    profile.separation_day = date(said, "date_of_separation");
    profile.separation_cause = code(said, "separation_cause").unwrap_or_default();
}

/// Nationality, ethnicity, religion and language, where nothing is known of them yet.
fn traits(said: &Record, names: [&str; 4], profile: &mut Profile) {
    let slots = [
        &mut profile.nationality,
        &mut profile.ethnicity,
        &mut profile.religion,
        &mut profile.language,
    ];
    for (slot, name) in slots.into_iter().zip(names) {
        if slot.is_empty() {
            *slot = code(said, name).unwrap_or_default();
        }
    }
}

fn relate(profile: &mut Profile, relation: &str, named: &str) {
    match relation {
        "father" if profile.father.is_empty() => named.clone_into(&mut profile.father),
        "mother" if profile.mother.is_empty() => named.clone_into(&mut profile.mother),
        "brother" | "sister" => profile.siblings.push(named.to_owned()),
        _ => profile.relatives.push(Relative { name: named.to_owned() }),
    }
}

fn place(said: &Record, names: &[&str], places: &impl Places) -> Vec<String> {
    names.iter().find_map(|name| text(said, name)).map(|code| places.path(code)).unwrap_or_default()
}

/// The code of a choice, or the first of several.
fn code(said: &Record, name: &str) -> Option<String> {
    let value = said.get(name)?;
    let first = value.as_array().and_then(|all| all.first()).unwrap_or(value);
    first.as_str().filter(|code| !code.is_empty()).map(str::to_owned)
}

fn texts(said: &Record, names: &[&str]) -> Vec<String> {
    names.iter().filter_map(|name| text(said, name)).map(str::to_owned).collect()
}

fn date(said: &Record, name: &str) -> Option<Day> {
    let value = text(said, name)?;
    let date = parse_date(value.get(..10)?)?;
    let (year, month) = (u16::try_from(date.year()).ok()?, u8::try_from(date.month()).ok()?);
    day(year, month, u8::try_from(date.day()).ok()?)
}

#[cfg(test)]
mod tests {
    use kit_dossier::given::record;
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
    fn a_case_says_who_the_family_is() {
        let profile = of_case(&case(), &path);
        assert_eq!(
            (profile.father.as_str(), profile.mother.as_str()),
            ("Karim Haddad", "Rana Aswad")
        );
        assert_eq!((profile.siblings.len(), profile.relatives.len()), (1, 1));
        assert_eq!(profile.last_place, ["SY", "SY02", "SY0201"]);
        assert_eq!(profile.phones, ["0991"]);
        assert_eq!(profile.sex, Some(Sex::Female));
        assert!(profile.birth.is_some() && profile.separation_day.is_some());
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
