//! Days of birth and of separation: intervals and what people get wrong in them.

use crate::profile::{Birth, Day, civil};

/// How two births compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Births {
    /// The same known day.
    SameDay,
    /// Day and month changed places, or one digit differs.
    Slip,
    /// Two known days, up to a month, a year, two years or more apart.
    Month,
    Year,
    TwoYears,
    FarDays,
    /// At least one is an age or a year, and the other may be it.
    Fits,
    /// So many years beyond what was said.
    Off(u8),
}

/// How two days of separation compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    Same,
    Week,
    Weeks,
    Months,
    Seasons,
    Year,
    Far,
}

/// The most years that [`Births::Off`] tells apart.
pub const FAR: u8 = 6;

/// Compares two births.
pub fn births(one: Option<Birth>, other: Option<Birth>) -> Option<Births> {
    let (one, other) = (one?, other?);
    if one.is_exact() && other.is_exact() {
        return Some(exact(one.from, other.from));
    }
    let gap = one.from.max(other.from).saturating_sub(one.to.min(other.to));
    let years = u8::try_from(gap.div_ceil(366)).unwrap_or(FAR).min(FAR);
    Some(if years == 0 { Births::Fits } else { Births::Off(years) })
}

fn exact(one: Day, other: Day) -> Births {
    match one.abs_diff(other) {
        0 => Births::SameDay,
        _ if is_slip(one, other) => Births::Slip,
        1..=31 => Births::Month,
        32..=366 => Births::Year,
        367..=732 => Births::TwoYears,
        _ => Births::FarDays,
    }
}

fn is_slip(one: Day, other: Day) -> bool {
    let (left, right) = (civil(one), civil(other));
    if left.0 == right.0 && (left.1, left.2) == (right.2, right.1) {
        return true;
    }
    let (left, right) = (digits(left), digits(right));
    let mut apart = (0..8).filter(|at| left[*at] != right[*at]);
    let first = apart.next().unwrap_or_default();
    match (apart.next(), apart.next()) {
        (None, _) => true,
        (Some(second), None) => {
            second == first + 1 && left[first] == right[second] && left[second] == right[first]
        }
        _ => false,
    }
}

/// A day as people write it: four digits of the year, two of the month, two of the day.
fn digits((year, month, date): (u16, u8, u8)) -> [u8; 8] {
    let mut rest = u32::from(year) * 10_000 + u32::from(month) * 100 + u32::from(date);
    let mut digits = [0; 8];
    for digit in digits.iter_mut().rev() {
        *digit = (rest % 10).to_le_bytes()[0];
        rest /= 10;
    }
    digits
}

/// Compares two days of separation.
pub fn days(one: Option<Day>, other: Option<Day>) -> Option<Days> {
    Some(match one?.abs_diff(other?) {
        0 => Days::Same,
        1..=7 => Days::Week,
        8..=21 => Days::Weeks,
        22..=60 => Days::Months,
        61..=245 => Days::Seasons,
        246..=500 => Days::Year,
        _ => Days::Far,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::day;

    #[expect(clippy::unnecessary_wraps, reason = "as births are compared")]
    fn on(year: u16, month: u8, date: u8) -> Option<Birth> {
        Some(Birth::on(day(year, month, date).unwrap()))
    }

    #[test]
    fn slips_of_the_pen_are_not_other_children() {
        assert_eq!(births(on(2016, 4, 7), on(2016, 7, 4)), Some(Births::Slip));
        assert_eq!(births(on(2016, 4, 7), on(2018, 4, 7)), Some(Births::Slip));
        assert_eq!(births(on(2016, 4, 12), on(2016, 4, 21)), Some(Births::Slip));
        assert_eq!(births(on(2016, 4, 7), on(2016, 4, 7)), Some(Births::SameDay));
        assert_eq!(births(on(2016, 4, 7), on(2011, 12, 25)), Some(Births::FarDays));
    }

    #[test]
    fn ages_fit_within_their_years() {
        let today = day(2026, 6, 30).unwrap();
        let seven = Some(Birth::aged(7, today));
        assert_eq!(births(seven, on(2019, 3, 3)), Some(Births::Fits));
        assert_eq!(births(seven, on(2017, 9, 3)), Some(Births::Off(1)));
        assert_eq!(births(seven, Some(Birth::aged(17, today))), Some(Births::Off(FAR)));
        assert_eq!(births(seven, None), None);
    }

    #[test]
    fn days_of_separation_are_remembered_roughly() {
        assert_eq!(days(Some(45_000), Some(45_005)), Some(Days::Week));
        assert_eq!(days(Some(45_000), Some(43_000)), Some(Days::Far));
        assert_eq!(days(None, Some(1)), None);
    }
}
