//! What a record of a registered child says, as matching sees it; what a case and a tracing request
//! have in common is read by the same functions.

use kit_records::Record;
use kit_records::values::parse_date;
use serde_json::Value;

use crate::profile::{Birth, Day, Profile, Relative, Sex, day};

/// The relatives of a child's case.
pub const FAMILY: &str = "family_details_section";
/// Fields of a case that say where the family lived, what says most first.
pub const LIVED: [&str; 4] =
    ["location_before_separation", "location_last", "location_birth", "location_current"];
/// Fields of a case with phone numbers.
pub const PHONES: [&str; 3] = ["telephone_last", "telephone_current", "telephone_caregivers"];

/// A registered child; `places` tells the path of a place, from the country down to it.
pub fn of_case(case: &Record, places: &impl Fn(&str) -> Vec<String>) -> Profile {
    let mut profile = Profile {
        name: name(case),
        last_place: place(case, &LIVED, places),
        phones: texts(case, &PHONES),
        ..child(case, case, date(case, "registration_date"))
    };
    separation(case, places, &mut profile);
    traits(case, ["nationality", "ethnicity", "religion", "language"], &mut profile);
    let members = case.get(FAMILY).and_then(Value::as_array).into_iter().flatten();
    for member in members.filter_map(Value::as_object) {
        let Some(named) = text(member, "relation_name") else { continue };
        relate(&mut profile, text(member, "relation").unwrap_or_default(), named);
        profile.phones.extend(texts(member, &["relation_telephone"]));
    }
    profile
}

/// What is said of the child alone; `on` is the day on which its age was told.
pub fn child(said: &Record, record: &Record, on: Option<Day>) -> Profile {
    let on = on.or_else(|| date(record, "created_at"));
    Profile {
        nicknames: texts(said, &["name_nickname", "name_other"]),
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

/// The whole name.
pub fn name(case: &Record) -> String {
    match text(case, "name") {
        Some(whole) => whole.to_owned(),
        None => texts(case, &["name_first", "name_middle", "name_last"]).join(" "),
    }
}

/// Where, when and why the child was separated.
pub fn separation(said: &Record, places: &impl Fn(&str) -> Vec<String>, profile: &mut Profile) {
    profile.separation_place = place(said, &["location_separation"], places);
    profile.separation_day = date(said, "date_of_separation");
    profile.separation_cause = code(said, "separation_cause").unwrap_or_default();
}

/// Nationality, ethnicity, religion and language, where nothing is known of them yet.
pub fn traits(said: &Record, names: [&str; 4], profile: &mut Profile) {
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

/// Somebody of the family.
pub fn relate(profile: &mut Profile, relation: &str, named: &str) {
    match relation {
        "father" if profile.father.is_empty() => named.clone_into(&mut profile.father),
        "mother" if profile.mother.is_empty() => named.clone_into(&mut profile.mother),
        "brother" | "sister" => profile.siblings.push(named.to_owned()),
        _ => profile.relatives.push(Relative { name: named.to_owned() }),
    }
}

/// The place in the first of these fields that names one.
pub fn place(said: &Record, names: &[&str], places: &impl Fn(&str) -> Vec<String>) -> Vec<String> {
    names.iter().find_map(|name| text(said, name)).map(places).unwrap_or_default()
}

/// The code of a choice, or the first of several.
pub fn code(said: &Record, name: &str) -> Option<String> {
    let value = said.get(name)?;
    let first = value.as_array().and_then(|all| all.first()).unwrap_or(value);
    first.as_str().filter(|code| !code.is_empty()).map(str::to_owned)
}

/// Texts that say something.
pub fn texts(said: &Record, names: &[&str]) -> Vec<String> {
    names.iter().filter_map(|name| text(said, name)).map(str::to_owned).collect()
}

/// A day.
pub fn date(said: &Record, name: &str) -> Option<Day> {
    let value = text(said, name)?;
    let date = parse_date(value.get(..10)?)?;
    let (year, month) = (u16::try_from(date.year()).ok()?, u8::try_from(date.month()).ok()?);
    day(year, month, u8::try_from(date.day()).ok()?)
}

fn text<'a>(values: &'a Record, name: &str) -> Option<&'a str> {
    values.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_case_says_who_the_family_is() {
        let case = json!({
            "name_first": "Salma", "name_last": "Haddad", "sex": "female", "age": 6,
            "registration_date": "2026-01-10", "location_last": "SY0201",
            "date_of_separation": "2025-11-02", FAMILY: [
                {"relation": "father", "relation_name": "Karim Haddad"},
                {"relation": "mother", "relation_name": "Rana Aswad", "relation_telephone": "0991"},
                {"relation": "sister", "relation_name": "Lina Haddad"},
                {"relation": "aunt", "relation_name": "Huda Haddad"}, {"relation": "uncle"},
            ],
        });
        let profile = of_case(case.as_object().unwrap(), &|code: &str| vec![code.to_owned()]);
        assert_eq!(
            (profile.name.as_str(), profile.father.as_str()),
            ("Salma Haddad", "Karim Haddad")
        );
        assert_eq!((profile.siblings.len(), profile.relatives.len()), (1, 1));
        assert_eq!(
            (profile.phones, profile.last_place),
            (vec!["0991".into()], vec!["SY0201".into()])
        );
        assert!(profile.birth.is_some() && profile.separation_day.is_some());
        assert_eq!(of_case(&Record::new(), &|_: &str| vec![]), Profile::default());
    }
}
