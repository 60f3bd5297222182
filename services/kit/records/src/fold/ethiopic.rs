//! Ethiopic script: a syllabary of rows (consonants) by eight columns (vowels).

use super::Sound::{A, B, C, D, F, G, H, I, J, K, L, M, N, P, R, S, T, U, Z};
use super::{Heard, Sound};

const FIRST: u32 = 0x1200;
const COLUMNS: u32 = 8;

/// The consonant of each row, from U+1200; rows of a bare vowel have none.
const ROWS: [Option<Sound>; 43] = [
    Some(H),
    Some(L),
    Some(H),
    Some(M),
    Some(S),
    Some(R),
    Some(S),
    Some(C),
    Some(K),
    Some(K),
    Some(K),
    Some(K),
    Some(B),
    Some(B),
    Some(T),
    Some(C),
    Some(H),
    Some(H),
    Some(N),
    Some(N),
    None,
    Some(K),
    Some(K),
    Some(K),
    Some(K),
    Some(U),
    None,
    Some(Z),
    Some(J),
    Some(I),
    Some(D),
    Some(D),
    Some(J),
    Some(G),
    Some(G),
    Some(G),
    Some(T),
    Some(C),
    Some(P),
    Some(S),
    Some(S),
    Some(F),
    Some(P),
];

/// The vowels of the eight columns; the sixth is none, or the faintest.
const VOWELS: [&[Sound]; 8] = [&[A], &[U], &[I], &[A], &[I], &[], &[U], &[U, A]];

pub fn hear(word: &str) -> Heard {
    let mut heard = Heard::default();
    for letter in word.chars() {
        let Some(offset) = u32::from(letter).checked_sub(FIRST) else { continue };
        let (row, column) = (offset / COLUMNS, offset % COLUMNS);
        let Some(consonant) = usize::try_from(row).ok().and_then(|row| ROWS.get(row)) else {
            continue;
        };
        let vowel = VOWELS[column as usize];
        match consonant {
            Some(sound) => {
                heard.say(&[*sound]);
                heard.say(vowel);
            }
            None if vowel.is_empty() => heard.say(&[I]),
            None => heard.say(vowel),
        }
    }
    heard
}
