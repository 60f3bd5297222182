//! Latin script, as names are transliterated in English, French, Spanish, Portuguese, German,
//! Turkish and Slavic habits.

use super::Sound::{A, B, C, D, F, G, H, I, J, K, L, M, N, P, R, S, T, U, Z};
use super::{Heard, Sound};

/// Letters that sound together, the longest first.
const GROUPS: &[(&str, &[Sound])] = &[
    ("tsch", &[C]),
    ("sch", &[C]),
    ("tch", &[C]),
    ("tsh", &[C]),
    ("chr", &[K, R]),
    ("chl", &[K, L]),
    ("gue", &[G, I]),
    ("gui", &[G, I]),
    ("sh", &[C]),
    ("cz", &[C]),
    ("sz", &[C]),
    ("zh", &[J]),
    ("dj", &[J]),
    ("kh", &[K]),
    ("gh", &[G]),
    ("dh", &[D]),
    ("ph", &[F]),
    ("ck", &[K]),
    ("qu", &[K]),
    ("ts", &[S]),
    ("tz", &[S]),
    ("ce", &[S, I]),
    ("ci", &[S, I]),
    ("cy", &[S, I]),
    ("ou", &[U]),
    ("oo", &[U]),
    ("au", &[U]),
    ("aw", &[U]),
    ("ow", &[U]),
    ("uw", &[U]),
    ("ai", &[I]),
    ("ay", &[I]),
    ("ei", &[I]),
    ("ey", &[I]),
    ("ee", &[I]),
    ("ie", &[I]),
    ("iy", &[I]),
];

pub fn hear(word: &str) -> Heard {
    let mut heard = Heard::default();
    let mut rest = word;
    while let Some(letter) = rest.chars().next() {
        if let Some((group, sounds)) = GROUPS.iter().find(|(group, _)| rest.starts_with(group)) {
            heard.say(sounds);
            rest = &rest[group.len()..];
            continue;
        }
        let is_first = rest.len() == word.len();
        match (letter, rest.as_bytes().get(1)) {
            // sh in French, h in German and Dutch.
            ('c', Some(b'h')) => {
                heard.say_or(C, H);
                rest = &rest[1..];
            }
            // t in most places, s where ث was learnt from Turks or Persians.
            ('t', Some(b'h')) => {
                heard.say_or(T, S);
                rest = &rest[1..];
            }
            // Soft in Romance tongues, hard elsewhere: Giorgio, Gebre.
            ('g', Some(b'e' | b'i' | b'y')) => heard.say_or(J, G),
            ('j', _) if is_first => heard.say_or(J, I),
            _ => single(letter, &mut heard),
        }
        rest = &rest[letter.len_utf8()..];
    }
    // A final h is a breath: Fatimah, Abdullah.
    if heard.sounds.len() > 2 && heard.sounds.last() == Some(&H) {
        heard.sounds.pop();
    }
    heard
}

fn single(letter: char, heard: &mut Heard) {
    match letter {
        'a' => heard.say(&[A]),
        'e' | 'i' | 'y' => heard.say(&[I]),
        'o' | 'u' | 'w' => heard.say(&[U]),
        'h' => heard.say(&[H]),
        'b' => heard.say(&[B]),
        'v' => heard.say_or(B, U),
        'p' => heard.say(&[P]),
        't' => heard.say(&[T]),
        'd' => heard.say(&[D]),
        's' => heard.say(&[S]),
        'z' => heard.say(&[Z]),
        'j' => heard.say(&[J]),
        'k' | 'q' | 'c' => heard.say(&[K]),
        'x' => heard.say(&[K, S]),
        'g' => heard.say(&[G]),
        'f' => heard.say(&[F]),
        'l' => heard.say(&[L]),
        'r' => heard.say(&[R]),
        'm' => heard.say(&[M]),
        'n' => heard.say(&[N]),
        _ => {}
    }
}
