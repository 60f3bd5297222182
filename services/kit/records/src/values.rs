//! Values in their canonical form: what is stored is compared, merged and hashed as it is.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde_json::{Number, Value};

use crate::limits;

/// A record's values by field name.
pub type Record = serde_json::Map<String, Value>;

/// The years that a date may lie in; outside it is a slip of the finger.
const YEARS: std::ops::RangeInclusive<i16> = 1800..=9999;

/// Reads `YYYY-MM-DD`, a day that exists.
pub fn parse_date(text: &str) -> Option<Date> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let date: Date = shape.then(|| text.parse().ok()).flatten()?;
    YEARS.contains(&date.year()).then_some(date)
}

/// Reads an ISO 8601 date with time; without an offset it is taken as UTC.
pub fn parse_time(text: &str) -> Option<Timestamp> {
    let separated = matches!(text.as_bytes().get(10), Some(b'T' | b't' | b' '));
    if text.len() > 40 || !separated || parse_date(text.get(..10)?).is_none() {
        return None;
    }
    if text.contains('[') {
        return None;
    }
    let time = &text[11..];
    if time.contains(['Z', 'z', '+', '-']) {
        return text.parse().ok();
    }
    let local: DateTime = text.parse().ok()?;
    Some(local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

/// Writes a moment as records hold it: UTC with milliseconds.
pub fn format_time(moment: Timestamp) -> String {
    format!("{moment:.3}")
}

/// An integer within 32 bits, also when written as `5.0`.
pub fn as_integer(number: &Number) -> Option<i64> {
    if let Some(whole) = number.as_i64() {
        return Some(whole);
    }
    let real = number.as_f64()?;
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
    (real.fract() == 0.0 && real.abs() < 9e15).then_some(real as i64)
}

/// Whether a text can be a code of the server: short, of ASCII letters, digits and `_ - . :`, with
/// at least one letter. Words with blanks, addresses and phone numbers are none.
pub fn is_code(text: &str) -> bool {
    let allowed = |one: u8| one.is_ascii_alphanumeric() || b"_-.:".contains(&one);
    text.len() <= limits::CODE
        && text.bytes().all(allowed)
        && text.bytes().any(|one| one.is_ascii_alphabetic())
}

/// Whether a text can be the code of a place, such as `IQ-01` or `AMR0101`: capitals and digits
/// that begin with two letters. More than three letters in a row are a word.
pub fn is_place_code(text: &str) -> bool {
    let allowed =
        |one: u8| one.is_ascii_uppercase() || one.is_ascii_digit() || b"_-".contains(&one);
    let bytes = text.as_bytes();
    bytes.len() <= limits::CODE
        && bytes.iter().all(|one| allowed(*one))
        && bytes.len() >= 2
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes.split(|one| !one.is_ascii_uppercase()).all(|letters| letters.len() <= 3)
}

/// Whether nothing is filled in: null, blank text, an empty list or object.
pub fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.chars().all(|one| one.is_whitespace() || is_invisible(one)),
        Value::Array(items) => items.is_empty(),
        Value::Object(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Characters without a shape of their own: zero-width, joiners, direction marks, soft hyphen.
pub const fn is_invisible(one: char) -> bool {
    matches!(
        one,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn dates_are_exact() {
        assert!(parse_date("2026-01-31").is_some());
        for wrong in [
            "2026-02-30",
            "2026-1-31",
            "20260131",
            "31-01-2026",
            "2026-01-31T00:00:00Z",
            "",
            "0202-01-01",
            "2026-01-3१",
        ] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_become_utc_with_milliseconds() {
        let stored = |text| parse_time(text).map(format_time);
        let noon = Some("2026-01-31T10:00:00.000Z".to_owned());
        assert_eq!(stored("2026-01-31T10:00:00Z"), noon);
        assert_eq!(stored("2026-01-31T13:00:00+03:00"), noon);
        assert_eq!(stored("2026-01-31T10:00:00"), noon);
        assert_eq!(stored("2026-01-31 10:00:00.0004Z"), noon);
        assert_eq!(stored("2026-01-31T05:00-05:00"), noon);
        for wrong in [
            "2026-01-31",
            "2026-01-31T25:00:00Z",
            "now",
            "2026-01-31T10:00:00Z[UTC]",
            "2026-02-30T10:00:00Z",
            "2026-01-31Tx",
            "ééééééééééé",
        ] {
            assert_eq!(stored(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn whole_reals_are_integers() {
        let integer = |value: Value| value.as_number().and_then(as_integer);
        assert_eq!(integer(json!(5.0)), Some(5));
        assert_eq!(integer(json!(-7)), Some(-7));
        assert_eq!(integer(json!(5.5)), None);
        assert_eq!(integer(json!(1e300)), None);
    }

    #[test]
    fn invisible_text_is_blank() {
        for blank in [json!(null), json!(""), json!(" \u{200b}\u{202e} "), json!([]), json!({})] {
            assert!(is_blank(&blank), "{blank}");
        }
        for filled in [json!(false), json!(0), json!("0"), json!([null])] {
            assert!(!is_blank(&filled), "{filled}");
        }
    }
}
