//! What a record says of a child and its family, as matching sees it: the input of everything.
//!
//! A case, a tracing request and a registry record become the same shape, so that each can be
//! matched with each.

use serde::{Deserialize, Serialize};

/// Days since 1 January 1900.
pub type Day = u16;

/// What one record says. Every part may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// The child's whole name, in any script.
    pub name: String,
    /// Nicknames and other names.
    pub nicknames: Vec<String>,
    pub sex: Option<Sex>,
    pub birth: Option<Birth>,
    pub father: String,
    pub mother: String,
    /// Names of brothers and sisters.
    pub siblings: Vec<String>,
    /// Names of other relatives, the inquirer's among them, and what they are to the child.
    pub relatives: Vec<Relative>,
    /// Where the family lived last: from the country to the place, as far as known.
    pub last_place: Vec<String>,
    /// Where the child was separated: likewise.
    pub separation_place: Vec<String>,
    pub separation_day: Option<Day>,
    pub phones: Vec<String>,
    pub nationality: String,
    pub ethnicity: String,
    pub religion: String,
    pub language: String,
    pub separation_cause: String,
}

/// A child's sex as recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Male,
    Female,
    Other,
}

/// Somebody of the family who is neither father, mother, brother nor sister.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relative {
    pub name: String,
}

/// When a child was born, as an interval of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Birth {
    pub from: Day,
    pub to: Day,
}

impl Birth {
    /// A date of birth; the first of January is what people write who know the year.
    pub fn on(day: Day) -> Self {
        let (year, month, date) = civil(day);
        if (month, date) == (1, 1) {
            Self { from: day, to: day.saturating_add(if is_leap(year) { 365 } else { 364 }) }
        } else {
            Self { from: day, to: day }
        }
    }

    /// An age in years on a day.
    pub fn aged(years: u16, on: Day) -> Self {
        let back = |years: u16| u32::from(years) * 1461 / 4;
        let on = u32::from(on);
        let from = on.saturating_sub(back(years + 1)) + 1;
        Self { from: day_of(from), to: day_of(on.saturating_sub(back(years))) }
    }

    /// Whether the very day is known.
    pub const fn is_exact(self) -> bool {
        self.from == self.to
    }
}

fn day_of(days: u32) -> Day {
    Day::try_from(days).unwrap_or(Day::MAX)
}

const fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// Days of 1900-01-01 from the epoch of the algorithm below (0000-03-01).
const SHIFT: u32 = 693_901;

/// The day's number of a date of the proleptic Gregorian calendar; `None` before 1900, after 2079
/// and where there is no such date.
pub fn day(year: u16, month: u8, date: u8) -> Option<Day> {
    if year < 1900 || !(1..=12).contains(&month) || date == 0 {
        return None;
    }
    let number = day_number(year, month, date);
    let day = Day::try_from(number).ok()?;
    (civil(day) == (year, month, date)).then_some(day)
}

fn day_number(year: u16, month: u8, date: u8) -> u32 {
    let year = u32::from(year) - u32::from(month <= 2);
    let era = year / 400;
    let of_era = year % 400;
    let of_year = (153 * ((u32::from(month) + 9) % 12) + 2) / 5 + u32::from(date) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - SHIFT
}

/// Year, month and date of a day's number.
#[expect(clippy::cast_possible_truncation, reason = "the parts of a date are small")]
pub fn civil(day: Day) -> (u16, u8, u8) {
    let number = u32::from(day) + SHIFT;
    let (era, of_era) = (number / 146_097, number % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let turned = (5 * of_year + 2) / 153;
    let date = of_year - (153 * turned + 2) / 5 + 1;
    let month = if turned < 10 { turned + 3 } else { turned - 9 };
    ((era * 400 + year + u32::from(month <= 2)) as u16, month as u8, date as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_1900_and_come_back() {
        assert_eq!(day(1900, 1, 1), Some(0));
        assert_eq!(day(1900, 3, 1), Some(59));
        assert_eq!(day(2026, 6, 30), Some(46_201));
        assert_eq!(day(2023, 2, 29), None);
        assert_eq!(day(1899, 12, 31), None);
        for number in 0..Day::MAX {
            let (year, month, date) = civil(number);
            assert_eq!(day(year, month, date), Some(number));
        }
    }

    #[test]
    fn the_first_of_january_is_a_year() {
        let new_year = Birth::on(day(2016, 1, 1).unwrap());
        assert_eq!(new_year.to, day(2016, 12, 31).unwrap());
        assert!(Birth::on(day(2016, 1, 2).unwrap()).is_exact());
    }

    #[test]
    fn an_age_is_a_year_of_days() {
        let on = day(2026, 6, 30).unwrap();
        let seven = Birth::aged(7, on);
        assert_eq!(civil(seven.to), (2019, 7, 1));
        assert_eq!(civil(seven.from), (2018, 7, 1));
        assert_eq!(Birth::aged(300, on).from, 1, "nonsense stays in the calendar");
    }
}
