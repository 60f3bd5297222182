//! Sentences for people, in four languages; `texts/<language>.json` maps a code to a sentence.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

/// The languages that Amparo speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    En,
    Fr,
    Es,
    Ar,
}

type Sentences = HashMap<String, String>;

static TEXTS: LazyLock<[Sentences; 4]> = LazyLock::new(|| {
    [
        include_str!("../texts/en.json"),
        include_str!("../texts/fr.json"),
        include_str!("../texts/es.json"),
        include_str!("../texts/ar.json"),
    ]
    .map(|file| serde_json::from_str(file).unwrap_or_default())
});

impl Language {
    /// The language of a locale such as `fr`, `fr-CA` or `ar_SY`.
    pub fn of_locale(locale: &str) -> Option<Self> {
        match locale.split(['-', '_']).next()?.trim().to_ascii_lowercase().as_str() {
            "en" => Some(Self::En),
            "fr" => Some(Self::Fr),
            "es" => Some(Self::Es),
            "ar" => Some(Self::Ar),
            _ => None,
        }
    }

    /// The best of an `Accept-Language` header.
    pub fn accepted(header: &str) -> Option<Self> {
        let mut wishes: Vec<(f32, Self)> = header
            .split(',')
            .filter_map(|wish| {
                let (locale, quality) = wish.split_once(";q=").unwrap_or((wish, "1"));
                Some((quality.trim().parse().ok()?, Self::of_locale(locale.trim())?))
            })
            .collect();
        // Stable: of equals the first stays first.
        wishes.sort_by(|a, b| b.0.total_cmp(&a.0));
        wishes.first().map(|(_, language)| *language)
    }

    /// As in locales.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::Ar => "ar",
        }
    }

    /// The sentence of a code with its parameters filled in; of an unknown code the general one.
    pub fn sentence(self, code: &str, params: &Map<String, Value>) -> String {
        let texts = &TEXTS[self as usize];
        let sentence = texts
            .get(code)
            .filter(|sentence| complete(sentence, params))
            .or_else(|| texts.get(&variant(code, params)))
            .or_else(|| texts.get(&format!("{code}:")))
            .or_else(|| texts.get(code))
            .or_else(|| texts.get("invalid"));
        fill(sentence.map_or(code, String::as_str), params)
    }

    /// The sentence of a code without parameters.
    pub fn text(self, code: &str) -> String {
        self.sentence(code, &Map::new())
    }
}

/// Whether each `{name}` of a sentence has a parameter.
fn complete(sentence: &str, params: &Map<String, Value>) -> bool {
    let mut names = sentence.split('{').skip(1).filter_map(|part| part.split_once('}'));
    names.all(|(name, _)| params.contains_key(name))
}

/// The sentence for fewer parameters: `out_of_range:min`, `wrong_type:`.
fn variant(code: &str, params: &Map<String, Value>) -> String {
    let mut names: Vec<&str> = params.keys().map(String::as_str).collect();
    names.sort_unstable();
    format!("{code}:{}", names.join(","))
}

/// Puts parameters in place of `{name}`; one pass, so that a value is never filled itself.
fn fill(sentence: &str, params: &Map<String, Value>) -> String {
    let mut filled = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            rest = after;
            break;
        };
        filled.push_str(&params.get(name).map_or_else(|| "…".to_owned(), shown));
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_language_has_every_sentence_with_the_same_parameters() {
        let parameters = |text: &str| {
            let mut names: Vec<String> = text
                .split('{')
                .skip(1)
                .filter_map(|part| part.split_once('}').map(|(name, _)| name.to_owned()))
                .collect();
            names.sort();
            names
        };
        let english = &TEXTS[0];
        assert!(english.len() > 30);
        for (language, texts) in TEXTS.iter().enumerate() {
            for (code, sentence) in english {
                let other = texts.get(code).unwrap_or_else(|| panic!("{language} lacks {code}"));
                assert_eq!(parameters(other), parameters(sentence), "{language} {code}");
                assert!(!other.trim().is_empty());
            }
            assert_eq!(texts.len(), english.len(), "{language} has codes that English lacks");
        }
    }

    #[test]
    fn sentences_name_limits() {
        let params = json!({"min": 0, "max": 130});
        let sentence = Language::En.sentence("out_of_range", params.as_object().unwrap());
        assert!(sentence.contains('0') && sentence.contains("130"), "{sentence}");
        let least = json!({"min": 1});
        let sentence = Language::Es.sentence("out_of_range", least.as_object().unwrap());
        assert_eq!(sentence, "Este número debe ser al menos 1.");
        assert_eq!(Language::En.text("wrong_type"), "This value has the wrong type.");
        assert_eq!(Language::Fr.text("no such code"), Language::Fr.text("invalid"));
        assert_eq!(fill("{a} {b", json!({"a": "{b}"}).as_object().unwrap()), "{b} b");
    }

    #[test]
    fn the_best_accepted_language_is_taken() {
        assert_eq!(Language::accepted("de, fr;q=0.5, es;q=0.9"), Some(Language::Es));
        assert_eq!(Language::accepted("ar-SY"), Some(Language::Ar));
        assert_eq!(Language::accepted("de;q=x, *"), None);
    }
}
