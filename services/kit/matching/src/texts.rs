//! The sentences of explanations, in English, French, Spanish and Arabic: the one room for them.

use crate::clues::Field;
use crate::compare::By;
use crate::reason::{Closeness, Line, Reason};

/// Languages that explanations speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    English,
    French,
    Spanish,
    Arabic,
}

/// One text in all four.
type Text = [&'static str; 4];

impl Language {
    /// The language of a locale such as `fr` or `ar-SY`; English for others.
    pub fn of(locale: &str) -> Self {
        match locale.get(..2) {
            Some("fr") => Self::French,
            Some("es") => Self::Spanish,
            Some("ar") => Self::Arabic,
            _ => Self::English,
        }
    }

    const fn pick(self, text: Text) -> &'static str {
        text[self as usize]
    }
}

/// A line as one plain sentence.
pub fn sentence(line: &Line, language: Language) -> String {
    let found = fill(found(line.reason), line.reason, language);
    let field = language.pick(field(line.field));
    format!("{field}: {found} ({}).", language.pick(strength(line.weight)))
}

/// What a field is called.
pub const fn label(of: Field, language: Language) -> &'static str {
    language.pick(field(of))
}

fn fill(text: Text, reason: Reason, language: Language) -> String {
    let mut said = language.pick(text).to_owned();
    let number = |reason: Reason| match reason {
        Reason::AgeOff { years } => u32::from(years),
        Reason::DaysApart { at_most } => u32::from(at_most),
        Reason::SharedNames { agreeing, .. } => u32::from(agreeing),
        _ => 0,
    };
    said = said.replace("{n}", &number(reason).to_string());
    let details = [
        two_scripts(reason).then_some(TWO_SCRIPTS),
        by_nickname(reason),
        conflict(reason).then_some(CONFLICT),
    ];
    for detail in details.into_iter().flatten() {
        said.push_str(language.pick(SEPARATOR));
        said.push_str(language.pick(detail));
    }
    let one_in = one_in(reason);
    if one_in >= RARE {
        said.push_str(language.pick(SEPARATOR));
        said.push_str(&language.pick(ONE_IN).replace("{n}", &grouped(one_in, language)));
    }
    said
}

/// What is commoner is not worth telling.
const RARE: u32 = 20;

const fn one_in(reason: Reason) -> u32 {
    match reason {
        Reason::SameName { one_in, .. }
        | Reason::SharedNames { one_in, .. }
        | Reason::SameValue { one_in }
        | Reason::SamePlace { one_in }
        | Reason::PlaceWithin { one_in }
        | Reason::SameProvince { one_in } => one_in,
        _ => 0,
    }
}

const fn two_scripts(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::SameName { two_scripts: true, .. } | Reason::SharedNames { two_scripts: true, .. }
    )
}

const fn conflict(reason: Reason) -> bool {
    matches!(reason, Reason::SharedNames { conflict: true, .. })
}

const fn by_nickname(reason: Reason) -> Option<Text> {
    match reason {
        Reason::SameName { by: By::Nickname, .. } => Some(NICKNAME),
        Reason::SameName { by: By::Elsewhere, .. } => Some(OTHER_ORDER),
        _ => None,
    }
}

fn grouped(number: u32, language: Language) -> String {
    let digits = number.to_string();
    let separator = language.pick([",", "\u{202f}", ".", ","]);
    let mut said = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            said.push_str(separator);
        }
        said.push(digit);
    }
    said
}

const SEPARATOR: Text = [", ", ", ", ", ", "، "];
const TWO_SCRIPTS: Text = [
    "written in two scripts",
    "écrit dans deux écritures",
    "escrito en dos alfabetos",
    "مكتوب بأبجديتين",
];
const CONFLICT: Text = [
    "but others differ",
    "mais d'autres diffèrent",
    "pero otros difieren",
    "لكن أسماء أخرى مختلفة",
];
const NICKNAME: Text = ["as a nickname", "comme surnom", "como apodo", "كاسم شهرة"];
const OTHER_ORDER: Text = [
    "in another place of the name",
    "à une autre place du nom",
    "en otra parte del nombre",
    "في موضع آخر من الاسم",
];
const ONE_IN: Text =
    ["about 1 in {n}", "environ 1 sur {n}", "cerca de 1 de cada {n}", "نحو 1 من كل {n}"];

const fn found(reason: Reason) -> Text {
    match reason {
        Reason::SameName { closeness, .. } => same_name(closeness),
        Reason::OtherName => ["another name", "un autre nom", "otro nombre", "اسم آخر"],
        Reason::SharedNames { .. } => [
            "{n} names in common",
            "{n} nom(s) en commun",
            "{n} nombre(s) en común",
            "أسماء مشتركة: {n}",
        ],
        Reason::NoSharedName => {
            ["no name in common", "aucun nom en commun", "ningún nombre en común", "لا اسم مشترك"]
        }
        Reason::SameValue { .. } => ["the same", "identique", "igual", "نفسه"],
        Reason::OtherValue => ["different", "différent", "diferente", "مختلف"],
        reason => dated(reason),
    }
}

const fn same_name(closeness: Closeness) -> Text {
    match closeness {
        Closeness::Spelling => ["the same name", "le même nom", "el mismo nombre", "الاسم نفسه"],
        Closeness::Sound => [
            "the same name in another spelling",
            "le même nom, autre orthographe",
            "el mismo nombre con otra grafía",
            "الاسم نفسه بكتابة أخرى",
        ],
        Closeness::Near => [
            "nearly the same name",
            "presque le même nom",
            "casi el mismo nombre",
            "اسم مطابق تقريبًا",
        ],
        Closeness::Like => {
            ["a similar name", "un nom semblable", "un nombre parecido", "اسم مشابه"]
        }
    }
}

const fn dated(reason: Reason) -> Text {
    match reason {
        Reason::BornSameDay => [
            "born on the same day",
            "né(e) le même jour",
            "nacimiento el mismo día",
            "تاريخ الميلاد نفسه",
        ],
        Reason::BornSlip => [
            "the same date but for a slip of the pen",
            "la même date à une faute de plume près",
            "la misma fecha salvo un error de escritura",
            "التاريخ نفسه مع خطأ في الكتابة",
        ],
        Reason::BornClose => [
            "dates of birth within a year",
            "dates de naissance à moins d'un an",
            "fechas de nacimiento a menos de un año",
            "تاريخا ميلاد بفارق أقل من سنة",
        ],
        Reason::BornFar => [
            "dates of birth more than a year apart",
            "plus d'un an entre les dates de naissance",
            "más de un año entre las fechas de nacimiento",
            "تاريخا ميلاد بفارق أكثر من سنة",
        ],
        Reason::AgeFits => [
            "within the uncertainty of the age",
            "dans l'incertitude de l'âge",
            "dentro de la incertidumbre de la edad",
            "ضمن هامش تقدير العمر",
        ],
        Reason::AgeOff { .. } => [
            "up to {n} years beyond the age given",
            "jusqu'à {n} an(s) d'écart avec l'âge donné",
            "hasta {n} año(s) de diferencia con la edad dada",
            "فرق عن العمر المذكور بالسنوات، حتى {n}",
        ],
        Reason::DaysApart { .. } => [
            "at most {n} days apart",
            "au plus {n} jours d'écart",
            "a lo sumo {n} días de diferencia",
            "بفارق لا يزيد بالأيام على {n}",
        ],
        reason => placed(reason),
    }
}

const fn placed(reason: Reason) -> Text {
    match reason {
        Reason::DayFar => [
            "more than a year apart",
            "plus d'un an d'écart",
            "más de un año de diferencia",
            "بفارق أكثر من سنة",
        ],
        Reason::SameDay => ["the same day", "le même jour", "el mismo día", "اليوم نفسه"],
        Reason::SamePlace { .. } => {
            ["the same place", "le même lieu", "el mismo lugar", "المكان نفسه"]
        }
        Reason::PlaceWithin { .. } => [
            "one place lies within the other",
            "un lieu se trouve dans l'autre",
            "un lugar está dentro del otro",
            "أحد المكانين داخل الآخر",
        ],
        Reason::SameProvince { .. } => [
            "the same province, another town",
            "la même province, une autre localité",
            "la misma provincia, otra localidad",
            "المحافظة نفسها وبلدة أخرى",
        ],
        Reason::SameCountry => [
            "the same country, no more is known to agree",
            "le même pays, sans plus de concordance",
            "el mismo país, sin más coincidencia",
            "البلد نفسه دون تطابق أدق",
        ],
        _ => ["another country", "un autre pays", "otro país", "بلد آخر"],
    }
}

const fn field(field: Field) -> Text {
    match field {
        Field::GivenName => ["Given name", "Prénom", "Nombre de pila", "الاسم الأول"],
        Field::Sex => ["Sex", "Sexe", "Sexo", "الجنس"],
        Field::Birth => ["Age", "Âge", "Edad", "العمر"],
        Field::FathersLine => {
            ["Father's family", "Famille du père", "Familia del padre", "عائلة الأب"]
        }
        Field::Mother => ["Mother", "Mère", "Madre", "الأم"],
        Field::Relatives => ["Relatives", "Proches", "Parientes", "الأقارب"],
        Field::Siblings => {
            ["Brothers and sisters", "Frères et sœurs", "Hermanos y hermanas", "الإخوة والأخوات"]
        }
        Field::LastPlace => [
            "Last place of the family",
            "Dernier lieu de la famille",
            "Último lugar de la familia",
            "آخر مكان للعائلة",
        ],
        Field::SeparationPlace => {
            ["Place of separation", "Lieu de séparation", "Lugar de separación", "مكان الانفصال"]
        }
        Field::OnTheWay => [
            "Last place and place of separation",
            "Dernier lieu et lieu de séparation",
            "Último lugar y lugar de separación",
            "آخر مكان ومكان الانفصال",
        ],
        Field::SeparationDay => {
            ["Date of separation", "Date de séparation", "Fecha de separación", "تاريخ الانفصال"]
        }
        field => of_traits(field),
    }
}

const fn of_traits(field: Field) -> Text {
    match field {
        Field::Phone => ["Telephone", "Téléphone", "Teléfono", "الهاتف"],
        Field::Nationality => ["Nationality", "Nationalité", "Nacionalidad", "الجنسية"],
        Field::Ethnicity => ["Ethnicity", "Ethnie", "Etnia", "العرق"],
        Field::Religion => ["Religion", "Religion", "Religión", "الدين"],
        Field::Language => ["Language", "Langue", "Idioma", "اللغة"],
        _ => [
            "Cause of separation",
            "Cause de la séparation",
            "Causa de la separación",
            "سبب الانفصال",
        ],
    }
}

/// A weight in plain words.
fn strength(weight: f32) -> Text {
    match weight {
        4.0.. => [
            "speaks strongly for it",
            "plaide fortement pour",
            "habla muy a favor",
            "يؤيد ذلك بقوة",
        ],
        1.0.. => ["speaks for it", "plaide pour", "habla a favor", "يؤيد ذلك"],
        -1.0.. => ["says little", "dit peu", "dice poco", "لا يدل على الكثير"],
        -4.0.. => ["speaks against it", "plaide contre", "habla en contra", "يعارض ذلك"],
        _ => [
            "speaks strongly against it",
            "plaide fortement contre",
            "habla muy en contra",
            "يعارض ذلك بقوة",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clues::FIELDS;

    const MOTHER: Line = Line {
        field: Field::Mother,
        reason: Reason::SharedNames {
            agreeing: 2,
            conflict: false,
            two_scripts: true,
            one_in: 4_000,
        },
        weight: 9.1,
    };

    #[test]
    fn a_line_is_one_plain_sentence_in_each_language() {
        assert_eq!(
            sentence(&MOTHER, Language::English),
            "Mother: 2 names in common, written in two scripts, about 1 in 4,000 (speaks strongly for it)."
        );
        assert_eq!(
            sentence(&MOTHER, Language::of("es-CO")),
            "Madre: 2 nombre(s) en común, escrito en dos alfabetos, cerca de 1 de cada 4.000 (habla muy a favor)."
        );
        assert!(sentence(&MOTHER, Language::of("fr")).starts_with("Mère: 2 nom(s) en commun"));
        assert!(sentence(&MOTHER, Language::of("ar")).starts_with("الأم: أسماء مشتركة: 2، "));
    }

    #[test]
    fn no_sentence_keeps_a_gap() {
        let reasons = [
            Reason::OtherName,
            Reason::NoSharedName,
            Reason::BornSlip,
            Reason::BornClose,
            Reason::BornFar,
            Reason::AgeFits,
            Reason::AgeOff { years: 2 },
            Reason::SamePlace { one_in: 90 },
            Reason::SameCountry,
            Reason::OtherPlace,
            Reason::DaysApart { at_most: 21 },
            Reason::DayFar,
            Reason::SameValue { one_in: 1 },
        ];
        for field in FIELDS {
            for reason in reasons {
                for language in
                    [Language::English, Language::French, Language::Spanish, Language::Arabic]
                {
                    let said = sentence(&Line { field, reason, weight: -2.0 }, language);
                    assert!(!said.contains(['{', '}']) && said.ends_with('.'), "{said}");
                }
            }
        }
    }
}
