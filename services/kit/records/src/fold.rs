//! Folds names of any script into sounds, so that Mohammed, Muhammad, Мухаммад and محمد meet.
//!
//! One alphabet of 19 sound classes for Latin, Arabic, Cyrillic, Greek and Ethiopic script; other
//! scripts pass through normalised. A word keeps up to four readings where a letter is read
//! differently by country (ج as j or g, ض as d or z, v as w), without its article, with or without
//! its "Abd". Pure and versioned: see [`crate::search::VERSION`].

mod arabic;
mod cyrillic;
mod ethiopic;
mod greek;
mod latin;
mod words;

pub use words::{is_invisible_or_mark, plain, words};

/// A class of sounds that people write alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sound {
    A,
    I,
    U,
    H,
    B,
    P,
    T,
    D,
    S,
    Z,
    /// sh, ch, tch, ش
    C,
    J,
    K,
    G,
    F,
    L,
    R,
    M,
    N,
}

impl Sound {
    /// Whether it is one of the three vowels.
    pub const fn is_vowel(self) -> bool {
        matches!(self, Self::A | Self::I | Self::U)
    }

    const fn letter(self) -> char {
        match self {
            Self::A => 'A',
            Self::I => 'I',
            Self::U => 'U',
            Self::H => 'H',
            Self::B => 'B',
            Self::P => 'P',
            Self::T => 'T',
            Self::D => 'D',
            Self::S => 'S',
            Self::Z => 'Z',
            Self::C => 'C',
            Self::J => 'J',
            Self::K => 'K',
            Self::G => 'G',
            Self::F => 'F',
            Self::L => 'L',
            Self::R => 'R',
            Self::M => 'M',
            Self::N => 'N',
        }
    }

    /// Voiced and unvoiced, or soft and hard, of one place: what ears confuse.
    const fn coarse(self) -> Self {
        match self {
            Self::Z => Self::S,
            Self::P => Self::B,
            Self::D => Self::T,
            Self::G => Self::K,
            Self::J => Self::C,
            other => other,
        }
    }
}

/// The script of a word, as far as folding tells scripts apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Script {
    Latin,
    Arabic,
    Cyrillic,
    Greek,
    Ethiopic,
    Other,
}

impl Script {
    /// The script of a letter.
    pub const fn of(letter: char) -> Self {
        match letter {
            'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{2af}' | '\u{1e00}'..='\u{1eff}' => Self::Latin,
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Self::Greek,
            '\u{400}'..='\u{52f}' => Self::Cyrillic,
            '\u{600}'..='\u{6ff}'
            | '\u{750}'..='\u{77f}'
            | '\u{fb50}'..='\u{fdff}'
            | '\u{fe70}'..='\u{feff}' => Self::Arabic,
            '\u{1200}'..='\u{139f}' => Self::Ethiopic,
            _ => Self::Other,
        }
    }
}

/// What a script's table says of a word: sounds, and other readings at some places.
#[derive(Debug, Default)]
struct Heard {
    sounds: Vec<Sound>,
    /// Place in `sounds` and the other sound it may stand for.
    also: Vec<(usize, Sound)>,
}

impl Heard {
    fn say(&mut self, sounds: &[Sound]) {
        self.sounds.extend_from_slice(sounds);
    }

    fn say_or(&mut self, sound: Sound, other: Sound) {
        self.also.push((self.sounds.len(), other));
        self.sounds.push(sound);
    }

    /// Up to four readings: the usual one first.
    fn readings(&self) -> Vec<Vec<Sound>> {
        let mut all = vec![self.sounds.clone()];
        for (at, other) in self.also.iter().take(2) {
            for mut reading in all.clone() {
                reading[*at] = *other;
                all.push(reading);
            }
        }
        all.iter_mut().for_each(Vec::dedup);
        all
    }

    /// One line of sounds with their alternatives, doubled ones once.
    fn spoken(&self) -> Vec<Spoken> {
        let other = |at: usize| self.also.iter().find(|(place, _)| *place == at);
        let each = self.sounds.iter().enumerate();
        let mut spoken: Vec<Spoken> =
            each.map(|(at, sound)| (*sound, other(at).map(|(_, other)| *other))).collect();
        spoken.dedup_by_key(|(sound, _)| *sound);
        spoken
    }
}

/// One word of a name, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded {
    /// The normalised word; equal spellings are equal here.
    pub plain: String,
    pub script: Script,
    /// Readings, the usual one first; empty for scripts without a table.
    pub readings: Vec<Vec<Sound>>,
    /// The word without a fused article or without "Abd", a weaker reading.
    pub core: Option<Vec<Sound>>,
    /// The usual reading once more, each sound with the other one that its letter may stand for:
    /// all readings in one line, for comparing many words fast.
    pub spoken: Vec<Spoken>,
}

/// A sound, and the other one that its letter may stand for.
pub type Spoken = (Sound, Option<Sound>);

impl Folded {
    /// Folds one word as [`words`] gives it.
    pub fn new(word: &str) -> Self {
        let plain = plain(word);
        let script = word.chars().find(|one| one.is_alphabetic()).map_or(Script::Other, Script::of);
        let heard = match script {
            Script::Latin => latin::hear(word),
            Script::Arabic => arabic::hear(word),
            Script::Cyrillic => cyrillic::hear(word),
            Script::Greek => greek::hear(word),
            Script::Ethiopic => ethiopic::hear(word),
            Script::Other => Heard::default(),
        };
        let mut readings = heard.readings();
        readings.retain(|reading| !reading.is_empty());
        let core = readings.first().and_then(|first| core(first));
        for reading in &mut readings {
            melt_article(reading, |sound| *sound);
        }
        readings.dedup();
        let mut spoken = heard.spoken();
        melt_article(&mut spoken, |(sound, _)| *sound);
        Self { plain, script, readings, core, spoken }
    }

    /// All readings, the weaker one last.
    pub fn all(&self) -> impl Iterator<Item = &Vec<Sound>> {
        self.readings.iter().chain(&self.core)
    }
}

/// Servant-of names: the article after "Abd" melts into what follows (Abdulrahman, Abderrahmane).
fn melt_article<T>(word: &mut Vec<T>, sound: impl Fn(&T) -> Sound) {
    let is_servant = word.iter().map(&sound).take(3).eq([Sound::A, Sound::B, Sound::D]);
    if word.len() <= 6 || !is_servant {
        return;
    }
    let at = if sound(&word[3]).is_vowel() { 4 } else { 3 };
    if sound(&word[at]) == Sound::L {
        word.remove(at);
    }
    if at == 4 {
        word.remove(3);
    }
    word.dedup_by_key(|one| sound(one));
}

/// What remains without a fused article (Alhassan) or without "Abd" (Abdulrahman).
fn core(sounds: &[Sound]) -> Option<Vec<Sound>> {
    use Sound::{A, B, D, I, L};
    if let [A, B, D, rest @ ..] = sounds {
        let article = rest.iter().take_while(|one| one.is_vowel()).count();
        let from = if rest.get(article) == Some(&L) { article + 1 } else { article };
        let rest = rest.get(from..)?;
        return (rest.len() >= 3).then(|| rest.to_vec());
    }
    match sounds {
        [A | I, L, rest @ ..] if rest.len() >= 4 => Some(rest.to_vec()),
        _ => None,
    }
}

/// The consonants that carry a word; for words with one of them, its shape with all vowels alike,
/// so that Aisha and عائشة meet; for words of vowels, these.
pub fn skeleton(sounds: &[Sound]) -> String {
    shape(sounds, |sound| match sound {
        Sound::Z => Some(Sound::S),
        Sound::P => Some(Sound::B),
        other => Some(other),
    })
}

/// The skeleton of classes that ears confuse, without h.
pub fn coarse(sounds: &[Sound]) -> String {
    shape(sounds, |sound| (sound != Sound::H).then_some(sound.coarse()))
}

fn shape(sounds: &[Sound], class: impl Fn(Sound) -> Option<Sound>) -> String {
    let mut classes: Vec<Sound> = sounds.iter().filter_map(|sound| class(*sound)).collect();
    classes.dedup();
    let mut consonants: Vec<Sound> =
        classes.iter().copied().filter(|one| !one.is_vowel()).collect();
    consonants.dedup();
    if consonants.is_empty() {
        return classes.iter().map(|one| one.letter()).collect();
    }
    if consonants.len() >= 2 {
        return consonants.iter().map(|one| one.letter()).collect();
    }
    let mut letters: Vec<char> =
        classes.iter().map(|one| if one.is_vowel() { '-' } else { one.letter() }).collect();
    letters.dedup();
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skeletons(word: &str) -> Vec<String> {
        words(word).iter().flat_map(|one| Folded::new(one).readings).map(|r| skeleton(&r)).collect()
    }

    /// Every spelling shares a skeleton with the first.
    fn meet(spellings: &[&str]) {
        let first = skeletons(spellings[0]);
        for other in &spellings[1..] {
            let shared = skeletons(other).iter().any(|one| first.contains(one));
            assert!(shared, "{} {first:?} and {other} {:?}", spellings[0], skeletons(other));
        }
    }

    #[test]
    fn common_names_meet_across_scripts_and_spellings() {
        meet(&[
            "Mohammed",
            "Muhammad",
            "Mohamed",
            "Mouhamed",
            "Mohamad",
            "محمد",
            "مُحَمَّد",
            "Мухаммад",
            "መሐመድ",
            "Μοχάμεντ",
        ]);
        meet(&["Yousef", "Youssouf", "Yusuf", "Yousuf", "Jusuf", "Joseph", "يوسف", "Юсуф", "ዩሱፍ"]);
        meet(&[
            "Fatima",
            "Fatma",
            "Fatimah",
            "Faatima",
            "فاطمة",
            "فاطمه",
            "Фатима",
            "ፋጢማ",
            "Φατιμά",
        ]);
        meet(&["Hussein", "Husain", "Hossein", "Houssein", "Huseyin", "حسين", "ሁሴን"]);
        meet(&["Ali", "Aly", "علي", "على", "Али", "አሊ", "Αλί"]);
        meet(&["Aisha", "Aïcha", "Aicha", "Ayesha", "Aysha", "عائشة", "Аиша", "አይሻ"]);
        meet(&["Khadija", "Khadidja", "Kadija", "خديجة", "Хадиджа", "ኸዲጃ"]);
        meet(&["Alexey", "Aleksei", "Alexei", "Алексей"]);
        meet(&["Giorgos", "Γιώργος"]);
    }

    #[test]
    fn servant_names_meet_however_they_are_split() {
        meet(&[
            "Abdulrahman",
            "Abd al-Rahman",
            "Abderrahmane",
            "Abdel Rahman",
            "Abdul Rahman",
            "عبدالرحمن",
            "عبد الرحمن",
        ]);
        meet(&["Abdullah", "Abd Allah", "Abdallah", "عبدالله", "عبد الله"]);
    }

    #[test]
    fn letters_read_by_country_have_readings() {
        meet(&["رضا", "Reza", "Rida"]);
        meet(&["جمال", "Gamal", "Jamal", "Djamal"]);
        meet(&["ገብሬ", "Gebre", "Gebreh"]);
        meet(&["Giorgio", "Γιώργιο"]);
        meet(&["عثمان", "Osman", "Uthman"]);
        meet(&["نوید", "Navid"]);
        meet(&["Хасан", "Hassan", "حسن"]);
        meet(&["Халид", "Khaled", "خالد"]);
    }

    #[test]
    fn spoken_holds_all_readings_in_one_line() {
        use Sound::{A, D, I, R, Z};
        let word = Folded::new("رضا");
        assert_eq!(word.spoken, [(R, None), (D, Some(Z)), (A, None)]);
        let reza: Vec<Sound> = Folded::new("reza").spoken.iter().map(|(one, _)| *one).collect();
        assert_eq!(reza, [R, I, Z, A]);
        let once = Folded::new("mohammed").spoken;
        assert_eq!(once.len(), Folded::new("mohamed").spoken.len(), "doubled letters once");
    }

    #[test]
    fn articles_and_linkers_are_left_out() {
        assert_eq!(words("Omar bin Khattab"), ["omar", "khattab"]);
        assert_eq!(words("Ahmed Ould El Moctar"), ["ahmed", "moctar"]);
        assert_eq!(words("محمد بن سلمان"), ["محمد", "سلمان"]);
        assert_eq!(words("Al-Hassan"), ["hassan"]);
        assert_eq!(words("Maria de la Cruz"), ["maria", "cruz"]);
        assert_eq!(words("El"), ["el"], "a name of nothing else stays");
        assert_eq!(Folded::new("الحسن").readings[0], Folded::new("حسن").readings[0]);
        assert_eq!(skeleton(Folded::new("alhassan").core.as_ref().unwrap()), "HSN");
    }

    #[test]
    fn names_that_differ_do_not_meet() {
        for (one, other) in [
            ("Ali", "Omar"),
            ("Fatima", "Khadija"),
            ("محمد", "حسن"),
            ("Maria", "Martin"),
            ("Yousef", "Yaqub"),
        ] {
            let (left, right) = (skeletons(one), skeletons(other));
            assert!(!left.iter().any(|s| right.contains(s)), "{one} {left:?} {other} {right:?}");
        }
    }

    #[test]
    fn invisible_characters_and_direction_marks_change_nothing() {
        assert_eq!(words("Mo\u{200b}ham\u{202e}med"), words("Mohammed"));
        assert_eq!(words("مح\u{0640}مد\u{200f}"), words("محمد"));
    }

    #[test]
    fn other_scripts_pass_through() {
        let word = Folded::new(&words("মোহাম্মদ")[0]);
        assert_eq!((word.script, word.readings.len()), (Script::Other, 0));
        assert_eq!(word.plain, "মোহাম্মদ");
    }

    #[test]
    fn turkish_and_slavic_letters_keep_their_sound() {
        meet(&["Ayşe", "Ayshe"]);
        meet(&["Čedomir", "Chedomir"]);
        meet(&["Şükrü", "Shukru", "شكري"]);
        meet(&["Łukasz", "Lukash"]);
    }
}
