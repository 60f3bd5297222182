//! Why a search found a record, in a sentence for each field: in English, French, Spanish, Arabic.

use kit_records::search::{Match, Reason};
use serde_json::{Value, json};

use crate::office::Asking;

/// One text in the four languages.
type Text = [&'static str; 4];

/// One entry for each field that matched and that the caller is shown.
pub(super) fn told(asking: &Asking, found: &[Match], shows: impl Fn(&str) -> bool) -> Value {
    let mut entries: Vec<Value> = Vec::new();
    for one in found.iter().filter(|one| shows(&one.field)) {
        if entries.iter().any(|entry| entry["field"] == one.field.as_str()) {
            continue;
        }
        let locale = asking.locale.as_deref().unwrap_or("en");
        let text = text(one.reason)[language(locale)];
        let text = format!("{}: {text}.", label(asking, &one.field, locale));
        entries.push(json!({"field": one.field, "reason": one.reason, "text": text}));
    }
    Value::Array(entries)
}

/// What the forms call a field in the caller's language.
fn label(asking: &Asking, field: &str, locale: &str) -> String {
    let named = asking.index.field(asking.record_type, field).map(|field| &field.display_name);
    let of = |language: &str| {
        let name = named.and_then(|names| names.get(language))?;
        Some(name.trim()).filter(|name| !name.is_empty()).map(str::to_owned)
    };
    let short = locale.split(['-', '_']).next().unwrap_or(locale);
    of(locale).or_else(|| of(short)).or_else(|| of("en")).unwrap_or_else(|| field.replace('_', " "))
}

fn language(locale: &str) -> usize {
    match locale.get(..2) {
        Some("fr") => 1,
        Some("es") => 2,
        Some("ar") => 3,
        _ => 0,
    }
}

const fn text(reason: Reason) -> Text {
    match reason {
        Reason::SameSpelling => {
            ["spelled alike", "même orthographe", "se escribe igual", "الكتابة نفسها"]
        }
        Reason::SameSoundOtherScript => [
            "the same name in another script",
            "le même nom dans une autre écriture",
            "el mismo nombre en otro alfabeto",
            "الاسم نفسه بأبجدية أخرى",
        ],
        Reason::SameSound => ["sounds alike", "se prononce pareil", "suena igual", "يُلفظ مثله"],
        Reason::NearSpelling => {
            ["spelled nearly alike", "orthographe proche", "se escribe casi igual", "كتابة متقاربة"]
        }
        Reason::KnownVariant => [
            "another form of the same name",
            "une autre forme du même nom",
            "otra forma del mismo nombre",
            "صيغة أخرى من الاسم نفسه",
        ],
        Reason::NicknamePart => [
            "in a nickname or another name",
            "dans un surnom ou un autre nom",
            "en un apodo u otro nombre",
            "ضمن لقب أو اسم آخر",
        ],
        Reason::SameIdentifier => {
            ["the same number", "le même numéro", "el mismo número", "الرقم نفسه"]
        }
        Reason::IdentifierPart => {
            ["a part of it", "une partie de celui-ci", "una parte de él", "جزء منه"]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_text_of_its_own_in_each_language() {
        let all = [
            Reason::SameSpelling,
            Reason::SameSoundOtherScript,
            Reason::SameSound,
            Reason::NearSpelling,
            Reason::KnownVariant,
            Reason::NicknamePart,
            Reason::SameIdentifier,
            Reason::IdentifierPart,
        ];
        for at in ["en", "fr-CD", "es", "ar_SY"].map(language) {
            let texts: std::collections::BTreeSet<&str> =
                all.iter().map(|reason| text(*reason)[at]).collect();
            assert_eq!(texts.len(), all.len());
            assert!(texts.iter().all(|text| !text.is_empty()));
        }
        assert_eq!(language("de"), language("en"));
    }
}
