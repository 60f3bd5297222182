//! The sentences of notices, in English, French, Spanish and Arabic.

use kit_matching::{Language, Tier};

/// What a notice says, to somebody whose case (or else whose trace) it is.
pub const fn notice(tier: Tier, of_case: bool, language: Language) -> &'static str {
    let texts = match (tier, of_case) {
        (Tier::SameFamily, true) => SAME_FAMILY_OF_CASE,
        (Tier::SameFamily, false) => SAME_FAMILY_OF_TRACE,
        (_, true) => OF_CASE,
        (_, false) => OF_TRACE,
    };
    texts[language as usize]
}

const OF_CASE: [&str; 4] = [
    "A trace was filed that may concern your case.",
    "Une demande de recherche pourrait concerner votre dossier.",
    "Se presentó una búsqueda que puede referirse a su caso.",
    "قُدِّم طلب بحث قد يخص حالتك.",
];
const OF_TRACE: [&str; 4] = [
    "A registered child may be the one that your trace looks for.",
    "Un enfant enregistré pourrait être celui que vous recherchez.",
    "Un niño registrado puede ser el que usted busca.",
    "قد يكون طفل مسجَّل هو من تبحث عنه.",
];
const SAME_FAMILY_OF_CASE: [&str; 4] = [
    "A family that may be this child's looks for another child.",
    "Une famille qui pourrait être celle de l'enfant recherche un autre enfant.",
    "Una familia que puede ser la de este niño busca a otro niño.",
    "عائلة قد تكون عائلة هذا الطفل تبحث عن طفل آخر.",
];
const SAME_FAMILY_OF_TRACE: [&str; 4] = [
    "Another child of the family that you help may be registered.",
    "Un autre enfant de la famille que vous aidez pourrait être enregistré.",
    "Otro niño de la familia a la que usted ayuda puede estar registrado.",
    "قد يكون طفل آخر من العائلة التي تساعدها مسجَّلًا.",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_own_sentence() {
        let languages = [Language::English, Language::French, Language::Spanish, Language::Arabic];
        for tier in [Tier::Strong, Tier::SameFamily] {
            let said: std::collections::BTreeSet<&str> = languages
                .into_iter()
                .flat_map(|language| [true, false].map(|of_case| notice(tier, of_case, language)))
                .collect();
            assert_eq!(said.len(), 8);
        }
    }
}
