//! Greek script.

use super::Sound::{A, B, D, F, G, H, I, J, K, L, M, N, P, R, S, T, U, Z};
use super::{Heard, Sound};

/// Letters that sound together.
const GROUPS: &[(&str, &[Sound])] = &[
    ("ου", &[U]),
    ("αι", &[I]),
    ("ει", &[I]),
    ("οι", &[I]),
    ("μπ", &[B]),
    ("ντ", &[D]),
    ("γκ", &[G]),
    ("τζ", &[J]),
    ("τσ", &[S]),
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
        letter_sound(letter, rest.len() == word.len(), &mut heard);
        rest = &rest[letter.len_utf8()..];
    }
    heard
}

fn letter_sound(letter: char, is_first: bool, heard: &mut Heard) {
    match letter {
        'α' => heard.say(&[A]),
        'ε' | 'η' | 'ι' | 'υ' => heard.say(&[I]),
        'ο' | 'ω' => heard.say(&[U]),
        'β' => heard.say_or(B, U),
        // Soft before i and e, and written g or y abroad.
        'γ' if is_first => heard.say_or(G, J),
        'γ' => heard.say(&[G]),
        'δ' => heard.say(&[D]),
        'ζ' => heard.say(&[Z]),
        'θ' | 'τ' => heard.say(&[T]),
        'κ' => heard.say(&[K]),
        'λ' => heard.say(&[L]),
        'μ' => heard.say(&[M]),
        'ν' => heard.say(&[N]),
        'ξ' => heard.say(&[K, S]),
        'π' => heard.say(&[P]),
        'ρ' => heard.say(&[R]),
        'σ' | 'ς' => heard.say(&[S]),
        'φ' => heard.say(&[F]),
        'χ' => heard.say_or(H, K),
        'ψ' => heard.say(&[P, S]),
        _ => {}
    }
}
