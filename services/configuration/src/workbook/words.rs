//! A word in four languages, and a column that is called by one.

/// A language that headings are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    En,
    Fr,
    Es,
    Ar,
}

impl Language {
    /// The language of a locale such as `fr`, `ar-SY`; English for others.
    pub fn of(locale: &str) -> Self {
        match locale.split(['-', '_']).next().unwrap_or_default() {
            "fr" => Self::Fr,
            "es" => Self::Es,
            "ar" => Self::Ar,
            _ => Self::En,
        }
    }

    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::Ar => "ar",
        }
    }

    pub fn reads_right_to_left(self) -> bool {
        self == Self::Ar
    }
}

/// The same in English, French, Spanish and Arabic.
#[derive(Debug, Clone, Copy)]
pub struct Word(pub [&'static str; 4]);

impl Word {
    pub const fn of(self, language: Language) -> &'static str {
        let Self([en, fr, es, ar]) = self;
        match language {
            Language::En => en,
            Language::Fr => fr,
            Language::Es => es,
            Language::Ar => ar,
        }
    }
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Heading {
    pub name: Word,
    pub meaning: Word,
    /// One column for every language of the organisation.
    pub in_each_language: bool,
}

pub const fn column(name: [&'static str; 4], meaning: [&'static str; 4]) -> Heading {
    Heading { name: Word(name), meaning: Word(meaning), in_each_language: false }
}

pub const fn texts(name: [&'static str; 4], meaning: [&'static str; 4]) -> Heading {
    Heading { in_each_language: true, ..column(name, meaning) }
}
