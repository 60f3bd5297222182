//! A name's words: cleaned of what is not spoken, without articles and linkers.

use unicode_normalization::UnicodeNormalization;

use super::Script;
use crate::values::is_invisible;

/// Articles, linkers and particles of names, each a word of its own.
const PARTICLES: &[&str] = &[
    "al", "el", "ul", "as", "ash", "ar", "an", "bin", "ben", "ibn", "bint", "binti", "ould",
    "wuld", "wld", "de", "del", "della", "la", "las", "los", "le", "y", "da", "das", "do", "dos",
    "du", "van", "von", "der", "den", "ال", "بن", "ابن", "بنت", "ولد", "бин", "ибн", "бинт",
];

/// "Servant of": one name with what follows.
const SERVANT: &[&str] = &[
    "abd",
    "abdul",
    "abdel",
    "abdal",
    "abdoul",
    "abdu",
    "abdou",
    "abdur",
    "abder",
    "عبد",
    "абд",
    "абдул",
];

/// "Father of", "mother of": one name with what follows.
const PARENT: &[&str] = &["abu", "abou", "abo", "bou", "um", "umm", "ابو", "ابي", "ام", "абу"];

/// The words of a name that carry it, in lower case, cleaned, in order.
pub fn words(name: &str) -> Vec<String> {
    let clean: String = name.chars().map(|one| if is_break(one) { ' ' } else { one }).collect();
    let raw: Vec<String> =
        clean.split_whitespace().map(plain).filter(|one| !one.is_empty()).collect();
    let joined = join(&raw);
    if joined.is_empty() { raw } else { joined }
}

fn join(raw: &[String]) -> Vec<String> {
    let mut words = Vec::with_capacity(raw.len());
    let mut rest = raw.iter().map(String::as_str).peekable();
    while let Some(word) = rest.next() {
        let (servant, parent) = (SERVANT.contains(&word), PARENT.contains(&word));
        if (servant || parent) && rest.peek().is_some() {
            let mut next = rest.next().unwrap_or_default();
            if PARTICLES.contains(&next)
                && let Some(after) = rest.next()
            {
                next = after;
            }
            let head = if servant { servant_of(word) } else { word };
            words.push(format!("{head}{}", without_article(next)));
        } else if !PARTICLES.contains(&word) {
            words.push(word.to_owned());
        }
    }
    words
}

fn servant_of(word: &str) -> &'static str {
    match word.chars().next().map(Script::of) {
        Some(Script::Arabic) => "عبد",
        Some(Script::Cyrillic) => "абд",
        _ => "abd",
    }
}

fn without_article(word: &str) -> &str {
    word.strip_prefix("ال").filter(|rest| rest.chars().count() >= 2).unwrap_or(word)
}

/// A word in the form in which equal spellings are equal: lower case, no marks, no invisible
/// characters, one form per Arabic letter.
pub fn plain(word: &str) -> String {
    let keep_marks =
        word.chars().find(|one| one.is_alphabetic()).map(Script::of) == Some(Script::Other);
    let decomposed = word.chars().flat_map(hold_sound).collect::<String>();
    let folded = decomposed
        .nfkd()
        .filter(|one| if keep_marks { !is_invisible(*one) } else { !is_invisible_or_mark(*one) })
        .flat_map(char::to_lowercase)
        .map(one_form)
        .filter(|one| one.is_alphanumeric() || keep_marks);
    if keep_marks { folded.nfc().collect() } else { folded.collect() }
}

/// Whether a character has no sound of its own: invisible, accent, vowel sign, elongation.
pub const fn is_invisible_or_mark(one: char) -> bool {
    is_invisible(one)
        || matches!(
            one,
            '\u{300}'..='\u{36f}' | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}'
                | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e8}' | '\u{483}'..='\u{489}'
                | '\u{1dc0}'..='\u{1dff}'
        )
}

/// Letters whose mark is their sound are rewritten before marks are dropped.
fn hold_sound(letter: char) -> std::vec::IntoIter<char> {
    let as_written = match letter {
        'ş' | 'ș' | 'š' | 'ś' | 'Ş' | 'Ș' | 'Š' | 'Ś' => vec!['s', 'h'],
        'č' | 'ć' | 'Č' | 'Ć' => vec!['c', 'h'],
        'ž' | 'ż' | 'Ž' | 'Ż' => vec!['z', 'h'],
        'ç' | 'Ç' => vec!['s'],
        'ß' => vec!['s', 's'],
        'æ' | 'Æ' => vec!['a', 'e'],
        'œ' | 'Œ' => vec!['o', 'e'],
        'ø' | 'Ø' | 'ɔ' | 'Ɔ' => vec!['o'],
        'ł' | 'Ł' => vec!['l'],
        'đ' | 'Đ' | 'ð' | 'Ð' | 'ɗ' | 'Ɗ' => vec!['d'],
        'þ' | 'Þ' => vec!['t', 'h'],
        'ħ' | 'Ħ' => vec!['h'],
        'ı' => vec!['i'],
        'ə' | 'Ə' => vec!['a'],
        'ɛ' | 'Ɛ' => vec!['e'],
        'ŋ' | 'Ŋ' => vec!['n'],
        'ɓ' | 'Ɓ' => vec!['b'],
        'ƙ' | 'Ƙ' => vec!['k'],
        'ƴ' | 'Ƴ' => vec!['y'],
        other => vec![other],
    };
    as_written.into_iter()
}

/// Letters that keyboards and countries write differently, in one form.
const fn one_form(letter: char) -> char {
    match letter {
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ى' | 'ی' | 'ې' | 'ے' => 'ي',
        'ک' => 'ك',
        'ة' | 'ہ' | 'ۀ' | 'ۃ' => 'ه',
        'ς' => 'σ',
        'ё' => 'е',
        other => other,
    }
}

fn is_break(one: char) -> bool {
    let joins = matches!(one, '\'' | '’' | '‘' | '`' | 'ʼ' | 'ʿ' | 'ʾ' | '´' | '״' | '׳');
    !(one.is_alphanumeric() || joins || is_invisible_or_mark(one) || is_sign(one))
}

/// Vowel signs and the like of scripts that write them as characters of their own.
fn is_sign(one: char) -> bool {
    matches!(one, '\u{900}'..='\u{dff}' | '\u{e00}'..='\u{eff}' | '\u{f00}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}
