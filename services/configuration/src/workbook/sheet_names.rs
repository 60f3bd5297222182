//! Names of sheets, as spreadsheets allow them: short, of plain signs, each once.

use std::collections::BTreeSet;

const LONGEST: usize = 31;

/// The names given so far.
#[derive(Default)]
pub struct SheetNames(BTreeSet<String>);

impl SheetNames {
    /// A name like the wanted one that no other sheet has.
    pub fn take(&mut self, wanted: &str) -> String {
        let plain =
            |sign: char| if "[]:*?/\\'".contains(sign) || sign.is_control() { ' ' } else { sign };
        let wanted: String = wanted.chars().map(plain).collect();
        let wanted = match wanted.trim() {
            "" => "-",
            // Spreadsheets keep this name for themselves.
            name if name.eq_ignore_ascii_case("history") => "history -",
            name => name,
        };
        let mut number = 1;
        loop {
            let ending = if number == 1 { String::new() } else { format!(" {number}") };
            let name = cut(wanted, LONGEST - ending.len()) + &ending;
            if self.0.insert(name.to_lowercase()) {
                return name;
            }
            number += 1;
        }
    }
}

/// As much of a text as fits, counted as spreadsheets count.
fn cut(text: &str, units: usize) -> String {
    let mut left = units;
    let fits = |sign: &char| {
        let fits = sign.len_utf16() <= left;
        left = left.saturating_sub(sign.len_utf16());
        fits
    };
    text.chars().take_while(fits).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_plain_and_different() {
        let mut names = SheetNames::default();
        assert_eq!(names.take("Care / Shelter [x]"), "Care   Shelter  x");
        assert_eq!(names.take("care / shelter [x]"), "care   shelter  x 2");
        assert_eq!(names.take(&"y".repeat(40)), "y".repeat(31));
        assert_eq!(names.take(&"Y".repeat(40)), format!("{} 2", "Y".repeat(29)));
        assert_eq!(names.take("'"), "-");
        assert_eq!(names.take("😀".repeat(20).as_str()).encode_utf16().count(), 30);
    }
}
