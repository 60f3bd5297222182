//! Invented people: given and family names by culture, in the script they are written in at home
//! and in the Latin spellings that registers know them by.
//!
//! One line is one name: the home spelling first, then spellings in Latin letters.

mod andes;
mod great_lakes;
mod horn;
mod levant;
mod sahel;
mod steppe;

use crate::seed::dice::Dice;
use andes::ANDES;
use great_lakes::GREAT_LAKES;
use horn::HORN;
use levant::LEVANT;
use sahel::SAHEL;
use steppe::STEPPE;

/// Where a family comes from, as far as names and languages go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Culture {
    pub boys: &'static [&'static str],
    pub girls: &'static [&'static str],
    pub families: &'static [&'static str],
    /// Of a hundred, how many registers write the name in Latin letters.
    pub latin: u8,
    /// Language of the notes that workers write.
    pub notes: Language,
    /// Option of the language list.
    pub language: &'static str,
    /// Option of the nationality and country lists.
    pub country: &'static str,
    pub religion: &'static str,
    /// Beginning of phone numbers.
    pub dial: &'static str,
}

/// Languages in which the seed writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    English,
    French,
    Spanish,
    Arabic,
}

/// Cultures by how many of a hundred cases they make up.
pub const CULTURES: &[(u32, Culture)] =
    &[(30, LEVANT), (14, SAHEL), (14, GREAT_LAKES), (16, ANDES), (12, STEPPE), (14, HORN)];

/// A name as one register wrote it: one of its spellings.
pub fn spelled(dice: &mut Dice, line: &'static str, latin: bool) -> &'static str {
    let mut spellings = line.split('|');
    let home = spellings.next().unwrap_or(line);
    let others: Vec<&str> = spellings.collect();
    if latin && !others.is_empty() { dice.pick(&others) } else { home }
}

impl Culture {
    /// Whether a register writes in Latin letters.
    pub fn writes_latin(&self, dice: &mut Dice) -> bool {
        dice.chance(self.latin)
    }

    /// A given name of a boy or a girl.
    pub fn given(&self, dice: &mut Dice, female: bool, latin: bool) -> &'static str {
        let line = dice.pick(if female { self.girls } else { self.boys });
        spelled(dice, line, latin)
    }

    /// A family's name.
    pub fn family(&self, dice: &mut Dice, latin: bool) -> &'static str {
        let line = dice.pick(self.families);
        spelled(dice, line, latin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_home_spelling_and_no_blanks() {
        for (_, culture) in CULTURES {
            for line in culture.boys.iter().chain(culture.girls).chain(culture.families) {
                assert!(line.split('|').all(|one| !one.is_empty() && one.trim() == one), "{line}");
            }
        }
    }

    #[test]
    fn names_come_in_four_scripts() {
        let scripts = [('ء', 'ي'), ('А', 'ї'), ('ሀ', 'ፚ'), ('A', 'z')];
        for (first, last) in scripts {
            let found = CULTURES.iter().any(|(_, culture)| {
                culture
                    .boys
                    .iter()
                    .any(|line| line.starts_with(|one| (first..=last).contains(&one)))
            });
            assert!(found, "{first}");
        }
    }

    #[test]
    fn latin_registers_use_latin_letters() {
        let mut dice = Dice::new(1, 1);
        for (_, culture) in CULTURES {
            for line in culture.boys.iter().chain(culture.girls).chain(culture.families) {
                let name = spelled(&mut dice, line, true);
                assert!(name.chars().all(|one| u32::from(one) < 0x250), "{name}");
            }
        }
    }
}
