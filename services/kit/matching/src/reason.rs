//! Why: one line per field that both records tell, as data. The sentences are in `texts`.

use serde::{Deserialize, Serialize};

use crate::clues::{FIELDS, Field};
use crate::compare::{By, Coded, Comparison, Given, Names, Nearness, Places};
use crate::dates::{Births, Days};
use crate::model::MODEL;

/// One line of an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub field: Field,
    #[serde(flatten)]
    pub reason: Reason,
    /// What it says for (or, below zero, against) the same child, in logarithms of odds.
    pub weight: f32,
}

/// What was found, with what a sentence needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// `one_in`: how many names lie between two of this kind.
    SameName {
        closeness: Closeness,
        by: By,
        two_scripts: bool,
        one_in: u32,
    },
    OtherName,
    SharedNames {
        agreeing: u8,
        conflict: bool,
        two_scripts: bool,
        one_in: u32,
    },
    NoSharedName,
    SameValue {
        one_in: u32,
    },
    OtherValue,
    BornSameDay,
    BornSlip,
    BornClose,
    BornFar,
    AgeFits,
    AgeOff {
        years: u8,
    },
    SamePlace {
        one_in: u32,
    },
    PlaceWithin {
        one_in: u32,
    },
    SameProvince {
        one_in: u32,
    },
    SameCountry,
    OtherPlace,
    SameDay,
    DaysApart {
        at_most: u16,
    },
    DayFar,
}

/// How close two names are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closeness {
    Spelling,
    Sound,
    Near,
    Like,
}

/// The lines of a comparison, what matters most first; the model's version goes with them.
pub fn explain(comparison: &Comparison) -> Vec<Line> {
    let weights = MODEL.by_field(comparison);
    let mut lines: Vec<Line> = FIELDS
        .iter()
        .zip(weights)
        .filter_map(|(field, weight)| {
            Some(Line { field: *field, reason: reason(*field, comparison)?, weight })
        })
        .collect();
    lines.sort_by(|one, other| other.weight.abs().total_cmp(&one.weight.abs()));
    lines
}

/// Which fields would settle it: what neither the question nor the record tells.
pub fn unknown(comparison: &Comparison) -> Vec<Field> {
    let told = |field: &Field| reason(*field, comparison).is_some();
    let asks =
        |field: &Field| !matches!(field, Field::OnTheWay | Field::Siblings | Field::Relatives);
    FIELDS.iter().copied().filter(|field| asks(field) && !told(field)).collect()
}

fn reason(field: Field, of: &Comparison) -> Option<Reason> {
    let value =
        |same: bool| if same { Reason::SameValue { one_in: 0 } } else { Reason::OtherValue };
    match field {
        Field::GivenName => of.given.map(name),
        Field::Siblings => of.siblings.map(name),
        Field::Sex => of.sex.map(value),
        Field::Phone => of.phone.map(value),
        Field::Birth => of.birth.map(birth),
        Field::FathersLine => of.line.map(names),
        Field::Mother => of.mother.map(names),
        Field::Relatives => of.relatives.map(names),
        Field::LastPlace => of.last_place.map(place),
        Field::SeparationPlace => of.separation_place.map(place),
        Field::OnTheWay => of.on_the_way.map(place),
        Field::SeparationDay => of.days.map(day),
        Field::Nationality => of.traits[0].map(coded),
        Field::Ethnicity => of.traits[1].map(coded),
        Field::Religion => of.traits[2].map(coded),
        Field::Language => of.traits[3].map(coded),
        Field::SeparationCause => of.traits[4].map(coded),
    }
}

fn name(given: Given) -> Reason {
    let closeness = match given.likeness {
        ..152 => return Reason::OtherName,
        152..166 => Closeness::Like,
        166..194 => Closeness::Near,
        194..200 => Closeness::Sound,
        _ => Closeness::Spelling,
    };
    let one_in = one_in(given.rarity);
    Reason::SameName { closeness, by: given.by, two_scripts: given.two_scripts, one_in }
}

fn names(names: Names) -> Reason {
    if names.agreeing == 0 {
        return Reason::NoSharedName;
    }
    Reason::SharedNames {
        agreeing: names.agreeing,
        conflict: names.conflict,
        two_scripts: names.two_scripts,
        one_in: one_in(names.rarity.iter().sum()),
    }
}

fn coded(coded: Coded) -> Reason {
    if coded.same { Reason::SameValue { one_in: one_in(coded.rarity) } } else { Reason::OtherValue }
}

const fn birth(births: Births) -> Reason {
    match births {
        Births::SameDay => Reason::BornSameDay,
        Births::Slip => Reason::BornSlip,
        Births::Month | Births::Year => Reason::BornClose,
        Births::TwoYears | Births::FarDays => Reason::BornFar,
        Births::Fits => Reason::AgeFits,
        Births::Off(years) => Reason::AgeOff { years },
    }
}

fn place(place: Places) -> Reason {
    let one_in = one_in(place.rarity);
    match place.how {
        Nearness::Same => Reason::SamePlace { one_in },
        Nearness::Within => Reason::PlaceWithin { one_in },
        Nearness::SameProvince => Reason::SameProvince { one_in },
        Nearness::WithinCountry | Nearness::SameCountry => Reason::SameCountry,
        Nearness::Elsewhere => Reason::OtherPlace,
    }
}

const fn day(days: Days) -> Reason {
    match days {
        Days::Same => Reason::SameDay,
        Days::Week => Reason::DaysApart { at_most: 7 },
        Days::Weeks => Reason::DaysApart { at_most: 21 },
        Days::Months => Reason::DaysApart { at_most: 60 },
        Days::Seasons => Reason::DaysApart { at_most: 245 },
        Days::Year => Reason::DaysApart { at_most: 500 },
        Days::Far => Reason::DayFar,
    }
}

/// A rarity as "one in so many", to two digits.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded and positive")]
fn one_in(rarity: f32) -> u32 {
    let exact = f64::from(rarity.clamp(0.0, 20.0)).exp();
    let scale = 10_f64.powf((exact.log10() - 1.0).floor().max(0.0));
    ((exact / scale).round() * scale) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison() -> Comparison {
        Comparison {
            given: Some(Given { likeness: 196, rarity: 5.0, by: By::Name, two_scripts: true }),
            sex: Some(true),
            birth: Some(Births::Off(2)),
            mother: Some(Names { rarity: [0.0, 0.0, 8.3], agreeing: 2, ..Names::default() }),
            last_place: Some(Places { how: Nearness::SameProvince, rarity: 2.0 }),
            ..Comparison::default()
        }
    }

    #[test]
    fn each_field_that_both_tell_is_one_line() {
        let lines = explain(&comparison());
        assert_eq!(lines.len(), 5);
        assert!(lines.windows(2).all(|it| it[0].weight.abs() >= it[1].weight.abs()));
        let mother = lines.iter().find(|it| it.field == Field::Mother).unwrap();
        assert_eq!(
            mother.reason,
            Reason::SharedNames { agreeing: 2, conflict: false, two_scripts: false, one_in: 4_000 }
        );
    }

    #[test]
    fn what_nobody_told_is_asked_for() {
        let unknown = unknown(&comparison());
        assert!(unknown.contains(&Field::Phone) && unknown.contains(&Field::FathersLine));
        assert!(!unknown.contains(&Field::Mother));
    }

    #[test]
    fn lines_are_data() {
        let line =
            explain(&comparison()).into_iter().find(|it| it.field == Field::GivenName).unwrap();
        let json = serde_json::to_value(line).unwrap();
        assert_eq!(json["reason"], "same_name");
        assert_eq!(json["closeness"], "sound");
        assert_eq!(json["by"], "name");
        let back: Line = serde_json::from_value(json).unwrap();
        assert_eq!(back.reason, line.reason);
    }

    #[test]
    fn rarity_is_told_in_round_numbers() {
        assert_eq!(one_in(0.0), 1);
        assert_eq!(one_in(8.3), 4_000);
        assert_eq!(one_in(99.0), 490_000_000);
    }
}
