//! Texts that lie nowhere else: what people might enter, each recognisable by itself.

/// What a marker is entered as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A name in Latin letters, some with accents, some in Arabic.
    Name,
    /// An identifier: letters and digits.
    Identifier,
    /// A phone number.
    Phone,
    /// A word within an address or a note.
    Word,
}

/// One text, as it is looked for.
#[derive(Debug, Clone)]
pub struct Marker {
    pub kind: Kind,
    pub text: String,
    /// The same without accents, where it has some.
    pub plain: Option<String>,
}

const CONSONANTS: [char; 18] =
    ['b', 'c', 'd', 'f', 'g', 'j', 'k', 'l', 'm', 'n', 'p', 'q', 'r', 't', 'v', 'w', 'x', 'z'];
const VOWELS: [(char, char); 5] = [('a', 'á'), ('e', 'ë'), ('i', 'î'), ('o', 'ö'), ('u', 'ü')];
const ARABIC: [char; 20] = [
    'ب', 'ت', 'ج', 'ح', 'خ', 'د', 'ذ', 'ر', 'ز', 'س', 'ش', 'ص', 'ض', 'ط', 'ع', 'غ', 'ف', 'ق', 'ك',
    'ل',
];

/// So many markers, the same each time.
pub fn markers(count: usize) -> Vec<Marker> {
    (0..count).map(|number| marker(u64::try_from(number).unwrap_or_default())).collect()
}

fn marker(number: u64) -> Marker {
    let (kind, text, plain) = match number % 10 {
        0..3 => (Kind::Name, capital(&word(number, false)), None),
        3 => (Kind::Name, word(number, true), Some(word(number, false))),
        4 => (Kind::Name, arabic(number), None),
        5 => (Kind::Identifier, format!("Q{}", digits(number, 36, 11)), None),
        6 => (Kind::Phone, format!("0{}", digits(number, 10, 14)), None),
        7 => (Kind::Word, arabic(number), None),
        8 => (Kind::Word, word(number, true), Some(word(number, false))),
        _ => (Kind::Word, word(number, false), None),
    };
    Marker { kind, text, plain }
}

/// Numbers that look drawn but follow from where they stand.
fn chance(number: u64, place: u64) -> usize {
    let mut bits = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ (place + 1).wrapping_mul(0xd6e8_feb8_6659_fd93);
    bits = (bits ^ (bits >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    bits = (bits ^ (bits >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    usize::try_from((bits ^ (bits >> 32)) >> 8).unwrap_or_default()
}

/// Ten letters that can be said.
fn word(number: u64, accents: bool) -> String {
    let mut word = String::new();
    for place in 0..5 {
        word.push(CONSONANTS[chance(number, place) % CONSONANTS.len()]);
        let (plain, accented) = VOWELS[chance(number, place + 10) % VOWELS.len()];
        word.push(if accents { accented } else { plain });
    }
    word
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

fn arabic(number: u64) -> String {
    (0..10).map(|place| ARABIC[chance(number, place) % ARABIC.len()]).collect()
}

fn digits(number: u64, base: u32, count: u64) -> String {
    let digit = |place| {
        let value = u32::try_from(chance(number, place) % 36).unwrap_or_default() % base;
        char::from_digit(value, base).unwrap_or('0').to_ascii_uppercase()
    };
    (0..count).map(digit).collect()
}
