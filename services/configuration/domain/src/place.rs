//! A place in the tree of six levels: one stream `location-<number>`.

use std::collections::BTreeMap;

use kit_decider::Aggregate;
use kit_records::Text;
use serde::{Deserialize, Serialize};

use crate::schema::{Kind, Property};

/// Levels 0 (country) to 5.
pub const LEVELS: usize = 6;

/// The properties of a place's body.
pub const PLACE: &[Property] = &[
    Property::new("id", Kind::Int),
    Property::new("code", Kind::Str).nullable(),
    Property::new("type", Kind::Str).nullable(),
    Property::new("placename", Kind::Text),
    Property::new("parent_code", Kind::Str).nullable(),
    Property::new("admin_level", Kind::Int).nullable(),
    Property::new("disabled", Kind::Bool),
    Property::new("hierarchy", Kind::Any),
];

/// What can have happened to a place. These are storage: version with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PlaceEvent {
    /// `hierarchy` holds the codes from the top down to the place itself.
    Added {
        id: i64,
        hierarchy: Vec<String>,
        place_type: String,
        placename: Text,
        #[serde(default)]
        disabled: bool,
    },
    Renamed {
        placename: Text,
    },
    Retyped {
        place_type: String,
    },
    Disabled {},
    Enabled {},
    Removed {},
}

/// A place as its history adds up to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub id: i64,
    pub hierarchy: Vec<String>,
    pub place_type: String,
    pub placename: Text,
    pub disabled: bool,
    pub exists: bool,
}

impl Aggregate for Place {
    const CATEGORY: &'static str = "location";
    type Event = PlaceEvent;

    fn evolve(&mut self, event: &PlaceEvent) {
        match event {
            PlaceEvent::Added { id, hierarchy, place_type, placename, disabled } => {
                *self = Self {
                    id: *id,
                    hierarchy: hierarchy.clone(),
                    place_type: place_type.clone(),
                    placename: placename.clone(),
                    disabled: *disabled,
                    exists: true,
                };
            }
            PlaceEvent::Renamed { placename } => self.placename.clone_from(placename),
            PlaceEvent::Retyped { place_type } => self.place_type.clone_from(place_type),
            PlaceEvent::Disabled {} => self.disabled = true,
            PlaceEvent::Enabled {} => self.disabled = false,
            PlaceEvent::Removed {} => self.exists = false,
        }
    }
}

impl Place {
    /// The place's own code.
    pub fn code(&self) -> &str {
        self.hierarchy.last().map(String::as_str).unwrap_or_default()
    }

    /// 0 for a country.
    pub fn admin_level(&self) -> usize {
        self.hierarchy.len().saturating_sub(1)
    }

    /// The events that lead to new texts, type and state.
    pub fn events_to(&self, placename: &Text, place_type: &str, disabled: bool) -> Vec<PlaceEvent> {
        let renamed = (self.placename != *placename)
            .then(|| PlaceEvent::Renamed { placename: placename.clone() });
        let retyped = (self.place_type != place_type)
            .then(|| PlaceEvent::Retyped { place_type: place_type.to_owned() });
        let switched = (self.disabled != disabled).then_some(if disabled {
            PlaceEvent::Disabled {}
        } else {
            PlaceEvent::Enabled {}
        });
        renamed.into_iter().chain(retyped).chain(switched).collect()
    }
}

/// Whether a code can name a place: letters, digits, `_` and `-`.
pub fn is_code(code: &str) -> bool {
    let allowed = |one: char| one.is_alphanumeric() || one == '_' || one == '-';
    !code.is_empty() && code.chars().count() <= 64 && code.chars().all(allowed)
}

/// The full name by language: the names from the top down, joined by `::`.
///
/// A language that any of them has gets a name; parts without a translation stay English.
pub fn full_names(path: &[&Text]) -> Text {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for language in path.iter().flat_map(|text| text.iter()).filter(|(_, text)| !text.is_empty()) {
        let language = language.0;
        if names.contains_key(language) {
            continue;
        }
        let part = |text: &&Text| {
            let translated = text.get(language).filter(|one| !one.is_empty());
            translated.or_else(|| text.get("en")).cloned().unwrap_or_default()
        };
        let parts: Vec<String> = path.iter().map(part).collect();
        names.insert(language.clone(), parts.join("::"));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(pairs: &[(&str, &str)]) -> Text {
        pairs.iter().map(|(language, text)| ((*language).into(), (*text).into())).collect()
    }

    #[test]
    fn a_full_name_is_the_path_in_each_language() {
        let country = text(&[("en", "Iraq"), ("ar", "العراق"), ("fr", "")]);
        let province = text(&[("en", "North"), ("es", "Norte")]);
        assert_eq!(
            full_names(&[&country, &province]),
            text(&[("en", "Iraq::North"), ("ar", "العراق::North"), ("es", "Iraq::Norte")])
        );
    }

    #[test]
    fn codes_are_no_paths() {
        assert!(is_code("GB-NIR_01"));
        for code in ["", "../etc", "a.b", "x y", "'; DROP", "\u{200f}a"] {
            assert!(!is_code(code), "{code}");
        }
    }
}
