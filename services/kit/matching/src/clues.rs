//! What a comparison says, as numbers for the model: clues, each with an amount. A clue is there
//! or not, or it is the rarity of what agrees.

use crate::compare::{By, Comparison, Given, Names, Nearness, Places};
use crate::dates::{Births, Days, FAR};
use crate::sound::Likeness;

/// Fields that speak for or against a match; one line of an explanation each.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    GivenName,
    Sex,
    Birth,
    FathersLine,
    Mother,
    Relatives,
    Siblings,
    LastPlace,
    SeparationPlace,
    OnTheWay,
    SeparationDay,
    Phone,
    Nationality,
    Ethnicity,
    Religion,
    Language,
    SeparationCause,
}

/// All fields, in the order in which they are told.
pub const FIELDS: [Field; 17] = [
    Field::GivenName,
    Field::Sex,
    Field::Birth,
    Field::FathersLine,
    Field::Mother,
    Field::Relatives,
    Field::Siblings,
    Field::LastPlace,
    Field::SeparationPlace,
    Field::OnTheWay,
    Field::SeparationDay,
    Field::Phone,
    Field::Nationality,
    Field::Ethnicity,
    Field::Religion,
    Field::Language,
    Field::SeparationCause,
];

impl Field {
    /// Whether it tells a child from its brothers and sisters; the others tell families apart.
    pub const fn is_own(self) -> bool {
        matches!(self, Self::GivenName | Self::Sex | Self::Birth)
    }

    const fn place(self) -> usize {
        self as usize
    }

    /// Its first clue.
    const fn from(self) -> usize {
        let mut at = 0;
        let mut from = 0;
        while at < self.place() {
            from += CLUES[at].len();
            at += 1;
        }
        from
    }
}

const NAMES: &[&str] =
    &["none", "one", "two", "three", "loose_rarity", "near_rarity", "same_rarity", "conflict"];
const PLACE: &[&str] = &[
    "same",
    "same_rarity",
    "within",
    "within_rarity",
    "province",
    "province_rarity",
    "within_country",
    "country",
    "elsewhere",
];
const CODED: &[&str] = &["same", "same_rarity", "other"];

/// The clues of each field, by name as in the model's file.
pub const CLUES: [&[&str]; FIELDS.len()] = [
    &[
        "other",
        "far",
        "unlike",
        "loose",
        "like",
        "near",
        "nearer",
        "same",
        "loose_rarity",
        "like_rarity",
        "near_rarity",
        "nearer_rarity",
        "same_rarity",
        "by_nickname",
        "elsewhere",
    ],
    &["same", "other"],
    &[
        "same_day",
        "slip",
        "month",
        "year",
        "two_years",
        "far_days",
        "fits",
        "off_1",
        "off_2",
        "off_3",
        "off_4",
        "off_5",
        "off_6",
    ],
    NAMES,
    NAMES,
    NAMES,
    &["other", "same", "same_rarity"],
    PLACE,
    PLACE,
    &["same", "same_rarity"],
    &["same", "week", "weeks", "months", "seasons", "year", "far"],
    &["same", "other"],
    CODED,
    CODED,
    CODED,
    CODED,
    CODED,
];

/// How many clues there are.
pub const COUNT: usize = Field::SeparationCause.from() + CODED.len();

/// The likeness from which each grade of a given name begins.
const GRADES: [Likeness; 7] = [100, 120, 138, 152, 166, 180, 194];
/// The first grade whose rarity counts.
const RARE_FROM: usize = 3;
/// What a sibling's name must reach.
const SIBLING: Likeness = 168;

/// Tells every clue of a comparison: its field, its number, its amount.
pub fn tell(comparison: &Comparison, mut tell: impl FnMut(Field, usize, f32)) {
    let mut say = |field: Field, clue: usize, amount: f32| tell(field, field.from() + clue, amount);
    if let Some(given) = comparison.given {
        self::given(given, &mut say);
    }
    if let Some(same) = comparison.sex {
        say(Field::Sex, usize::from(!same), 1.0);
    }
    if let Some(births) = comparison.birth {
        say(Field::Birth, birth(births), 1.0);
    }
    for (field, found) in [
        (Field::FathersLine, comparison.line),
        (Field::Mother, comparison.mother),
        (Field::Relatives, comparison.relatives),
    ] {
        if let Some(found) = found {
            names(field, found, &mut say);
        }
    }
    if let Some(sibling) = comparison.siblings {
        let same = sibling.likeness >= SIBLING;
        say(Field::Siblings, usize::from(same), 1.0);
        if same {
            say(Field::Siblings, 2, sibling.rarity);
        }
    }
    for (field, found) in [
        (Field::LastPlace, comparison.last_place),
        (Field::SeparationPlace, comparison.separation_place),
    ] {
        if let Some(found) = found {
            place(field, found, &mut say);
        }
    }
    if let Some(place) = comparison.on_the_way {
        say(Field::OnTheWay, 0, 1.0);
        say(Field::OnTheWay, 1, place.rarity);
    }
    if let Some(days) = comparison.days {
        say(Field::SeparationDay, day(days), 1.0);
    }
    if let Some(same) = comparison.phone {
        say(Field::Phone, usize::from(!same), 1.0);
    }
    coded(comparison, &mut say);
}

fn given(given: Given, say: &mut impl FnMut(Field, usize, f32)) {
    let grade = GRADES.iter().filter(|least| given.likeness >= **least).count();
    say(Field::GivenName, grade, 1.0);
    if grade >= RARE_FROM {
        let place = GRADES.len() + 1 + grade - RARE_FROM;
        say(Field::GivenName, place, given.rarity);
        match given.by {
            By::Name => {}
            By::Nickname => say(Field::GivenName, 13, 1.0),
            By::Elsewhere => say(Field::GivenName, 14, 1.0),
        }
    }
}

const fn birth(births: Births) -> usize {
    match births {
        Births::SameDay => 0,
        Births::Slip => 1,
        Births::Month => 2,
        Births::Year => 3,
        Births::TwoYears => 4,
        Births::FarDays => 5,
        Births::Fits => 6,
        Births::Off(years) => {
            let years = if years > FAR { FAR } else { years };
            6 + years as usize
        }
    }
}

fn names(field: Field, names: Names, say: &mut impl FnMut(Field, usize, f32)) {
    say(field, usize::from(names.agreeing.min(3)), 1.0);
    for (at, rarity) in names.rarity.iter().enumerate().filter(|(_, rarity)| **rarity > 0.0) {
        say(field, 4 + at, *rarity);
    }
    if names.conflict && names.agreeing > 0 {
        say(field, 7, 1.0);
    }
}

fn place(field: Field, place: Places, say: &mut impl FnMut(Field, usize, f32)) {
    let (clue, rare) = match place.how {
        Nearness::Same => (0, true),
        Nearness::Within => (2, true),
        Nearness::SameProvince => (4, true),
        Nearness::WithinCountry => (6, false),
        Nearness::SameCountry => (7, false),
        Nearness::Elsewhere => (8, false),
    };
    say(field, clue, 1.0);
    if rare {
        say(field, clue + 1, place.rarity);
    }
}

const fn day(days: Days) -> usize {
    days as usize
}

fn coded(comparison: &Comparison, say: &mut impl FnMut(Field, usize, f32)) {
    let fields = [
        Field::Nationality,
        Field::Ethnicity,
        Field::Religion,
        Field::Language,
        Field::SeparationCause,
    ];
    for (field, coded) in fields.into_iter().zip(comparison.traits) {
        match coded {
            None => {}
            Some(coded) if coded.same => {
                say(field, 0, 1.0);
                say(field, 1, coded.rarity);
            }
            Some(_) => say(field, 2, 1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_stands_in_its_place() {
        for (at, field) in FIELDS.iter().enumerate() {
            assert_eq!(field.place(), at);
        }
        assert_eq!(CLUES.iter().map(|it| it.len()).sum::<usize>(), COUNT);
    }

    #[test]
    fn clues_stay_within_their_field() {
        let full = Comparison {
            given: Some(Given {
                likeness: 200,
                rarity: 5.0,
                by: By::Elsewhere,
                two_scripts: false,
            }),
            birth: Some(Births::Off(200)),
            line: Some(Names { rarity: [1.0; 3], agreeing: 9, conflict: true, two_scripts: true }),
            traits: [Some(crate::compare::Coded { same: false, rarity: 0.0 }); 5],
            days: Some(Days::Far),
            ..Comparison::default()
        };
        let mut told = 0;
        tell(&full, |field, clue, _| {
            told += 1;
            let clues = CLUES[field as usize].len();
            assert!((field.from()..field.from() + clues).contains(&clue), "{field:?} {clue}");
        });
        assert_eq!(told, 3 + 1 + 5 + 5 + 1);
    }
}
