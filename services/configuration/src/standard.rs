//! The configuration that Amparo ships, out of the folder `standard`.

use configuration_domain::Attributes;
use serde_json::{Map, Value};

const FORMS: &str = include_str!("../standard/forms.json");
const LOOKUPS: &str = include_str!("../standard/lookups.json");
const AGENCIES: &str = include_str!("../standard/agencies.json");
const ROLES: &str = include_str!("../standard/roles.json");
const USER_GROUPS: &str = include_str!("../standard/user_groups.json");
const CONTACT: &str = include_str!("../standard/contact_information.json");
const REPORTS: &str = include_str!("../standard/reports.json");
const MODULES: &str = include_str!("../standard/modules.json");
const SETTINGS: &str = include_str!("../standard/settings.json");

/// The standard snapshot's data: lists of objects by kind.
pub fn snapshot_data() -> Result<Map<String, Value>, serde_json::Error> {
    let kinds = [
        ("FormSection", FORMS),
        ("Lookup", LOOKUPS),
        ("Agency", AGENCIES),
        ("Role", ROLES),
        ("UserGroup", USER_GROUPS),
        ("Report", REPORTS),
        ("ContactInformation", CONTACT),
    ];
    kinds
        .into_iter()
        .map(|(kind, list)| Ok((kind.to_owned(), serde_json::from_str(list)?)))
        .collect()
}

/// The modules of a new tenant.
pub fn modules() -> Result<Vec<Attributes>, serde_json::Error> {
    serde_json::from_str(MODULES)
}

/// The settings of a new tenant, in the languages it offers.
pub fn settings(locales: &[String]) -> Result<Attributes, serde_json::Error> {
    let mut settings: Attributes = serde_json::from_str(SETTINGS)?;
    if let Some(first) = locales.first() {
        settings.set("default_locale", first.as_str().into());
        settings.set("locales", locales.to_vec().into());
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use configuration_domain::{Settings, check_snapshot};

    use super::*;

    #[test]
    fn the_shipped_configuration_is_sound() {
        let data = snapshot_data().unwrap();
        let modules = modules().unwrap();
        let modules: Vec<String> =
            modules.iter().map(|one| one.str("unique_id").to_owned()).collect();
        let settings = Settings { attributes: settings(&[]).unwrap(), ..Settings::default() };
        assert_eq!(settings.languages(), ["en", "fr", "es", "ar"]);
        assert_eq!(check_snapshot(&data, &modules, &settings), []);
    }

    #[test]
    fn every_text_is_there_in_four_languages() {
        let mut missing = Vec::new();
        look(&Value::Object(snapshot_data().unwrap()), "", &mut missing);
        look(&serde_json::to_value(modules().unwrap()).unwrap(), "", &mut missing);
        look(&serde_json::to_value(settings(&[]).unwrap()).unwrap(), "", &mut missing);
        assert_eq!(missing, Vec::<String>::new());
    }

    fn look(value: &Value, at: &str, missing: &mut Vec<String>) {
        match value {
            Value::Array(items) => {
                for (position, item) in items.iter().enumerate() {
                    look(item, &format!("{at}/{position}"), missing);
                }
            }
            Value::Object(members) => {
                let texts = members.contains_key("en") && members.values().all(Value::is_string);
                let complete =
                    ["en", "fr", "es", "ar"].iter().all(|one| members.contains_key(*one));
                if texts && !complete {
                    missing.push(at.to_owned());
                }
                for (name, member) in members {
                    look(member, &format!("{at}/{name}"), missing);
                }
            }
            _ => {}
        }
    }
}
