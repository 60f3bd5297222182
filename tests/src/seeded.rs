//! Names that the seed gives to children and families, to be found nowhere but in records.

use crate::binary::repository;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::collections::BTreeSet;

/// Every name of the seed.
pub struct SeededNames(BTreeSet<String>);

impl SeededNames {
    /// Reads them where the seed has them.
    pub fn read() -> Result<Self> {
        let mut names = BTreeSet::new();
        for entry in std::fs::read_dir(repository().join("services/amparo/src/seed/names"))? {
            let text = std::fs::read_to_string(entry?.path())?;
            let literals = text.split('"').skip(1).step_by(2).flat_map(str::split_whitespace);
            let spellings = literals.flat_map(|word| word.split('|'));
            names.extend(spellings.filter(|word| word.chars().count() > 3).map(str::to_lowercase));
        }
        // Who signs in at a demonstration is no secret: `amparo up` prints it.
        let organisation = repository().join("services/amparo/src/demo/organisation.json");
        let organisation: Value = serde_json::from_slice(&std::fs::read(organisation)?)?;
        for person in organisation["users"].as_array().into_iter().flatten() {
            names.remove(person["user_name"].as_str().context("who signs in?")?);
        }
        ensure!(names.len() > 200, "{} names are looked for", names.len());
        Ok(Self(names))
    }

    /// Lines that hold one, as a whole word, with what they hold. Parts of ids are no words.
    pub fn found_in<'a>(&self, text: &'a str) -> Vec<(String, &'a str)> {
        let words = |line: &'a str| line.split(|c: char| !c.is_alphanumeric());
        text.lines()
            .flat_map(|line| words(line).map(move |word| (word.to_lowercase(), line)))
            .filter(|(word, _)| self.0.contains(word))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_of_the_demonstration_signs_in_by_the_name_of_a_seeded_person() -> Result<()> {
        let names = SeededNames::read()?;
        let caseload = repository().join("services/amparo/src/demo/caseload.json");
        let caseload: Value = serde_json::from_slice(&std::fs::read(caseload)?)?;
        let people = caseload["people"].as_array().context("who is added?")?;
        ensure!(!people.is_empty());
        for person in people {
            let printed = person["user_name"].as_str().context("who signs in?")?;
            assert_eq!(names.found_in(printed), [], "`amparo up` prints it, and logs hold it");
        }
        Ok(())
    }
}
