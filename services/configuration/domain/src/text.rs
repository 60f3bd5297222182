//! Translated texts: merging by language, filling languages in, and ids made from names.

use kit_records::Text;
use serde_json::{Map, Value};

/// Merges sent translations into stored ones; a null takes a language away.
pub fn merge_texts(stored: Option<&Value>, sent: &Value) -> Value {
    let mut merged = stored.and_then(Value::as_object).cloned().unwrap_or_default();
    for (language, text) in sent.as_object().into_iter().flatten() {
        if text.is_null() {
            merged.shift_remove(language);
        } else {
            merged.insert(language.clone(), text.clone());
        }
    }
    Value::Object(merged)
}

/// The text with every language of `languages`, empty where there is no translation.
pub fn with_languages(text: Option<&Value>, languages: &[String]) -> Value {
    let stored = text.and_then(Value::as_object);
    let filled = languages.iter().map(|language| {
        let known = stored.and_then(|texts| texts.get(language));
        (language.clone(), known.cloned().unwrap_or_else(|| Value::from("")))
    });
    Value::Object(filled.collect::<Map<_, _>>())
}

/// The English text with more than blanks in it.
pub fn english(text: &Text) -> Option<&str> {
    text.get("en").map(String::as_str).filter(|text| !text.trim().is_empty())
}

/// Lower-case ASCII letters and digits of a text, other characters as one `separator`.
pub fn parameterize(text: &str, separator: char) -> String {
    let mut made = String::new();
    for letter in text.trim().to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() {
            made.push(letter);
        } else if !made.ends_with(separator) && !made.is_empty() {
            made.push(separator);
        }
    }
    made.trim_end_matches(separator).to_owned()
}

/// Characters that names and labels must not have.
pub fn has_forbidden_character(text: &str) -> bool {
    text.contains(['*', '!', '@', '#', '%', '$', '^'])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_translation_leaves_the_others_alone() {
        let stored = json!({"en": "Health", "es": "Salud"});
        let merged = merge_texts(Some(&stored), &json!({"fr": "Santé", "es": null}));
        assert_eq!(merged, json!({"en": "Health", "fr": "Santé"}));
    }

    #[test]
    fn every_offered_language_is_answered() {
        let filled =
            with_languages(Some(&json!({"en": "a", "pt": "b"})), &["en".into(), "ar".into()]);
        assert_eq!(filled, json!({"en": "a", "ar": ""}));
    }

    #[test]
    fn ids_are_made_of_plain_letters() {
        assert_eq!(parameterize("  Yes / No (unknown) ", '-'), "yes-no-unknown");
        assert_eq!(parameterize("الاسم", '_'), "");
    }
}
