//! Texts in many languages, and ids made from names.

use std::collections::BTreeMap;

/// A text by language tag.
pub type Text = BTreeMap<String, String>;

/// Languages that the patch names replace theirs, the others stay.
pub fn merge_text(stored: &Text, patch: Text) -> Text {
    let mut merged = stored.clone();
    merged.extend(patch);
    merged
}

/// `("role", "Conf Gen 1", "a1b2")` makes `role-conf-gen-1-a1b2`; `chance` keeps equal names apart.
pub fn unique_id_from(kind: &str, name: &str, chance: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let mut parts = vec![kind.to_owned()];
    parts.extend(words);
    parts.push(chance.to_owned());
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_a_readable_id_of_any_name() {
        assert_eq!(unique_id_from("role", "Conf Gen 1", "a1"), "role-conf-gen-1-a1");
        assert_eq!(unique_id_from("role", "مدير", "a1"), "role-a1");
    }

    #[test]
    fn a_patch_with_one_language_keeps_the_others() {
        let stored = Text::from([("en".into(), "Health".into())]);
        let merged = merge_text(&stored, Text::from([("fr".into(), "Santé".into())]));
        assert_eq!(merged.len(), 2);
    }
}
