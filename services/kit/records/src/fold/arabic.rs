//! Arabic script: Arabic, Persian, Urdu, Kurdish, Pashto, Uyghur letters.

use super::Heard;
use super::Sound::{A, B, C, D, F, G, H, I, J, K, L, M, N, P, R, S, T, U, Z};

pub fn hear(word: &str) -> Heard {
    let letters: Vec<char> = word.chars().collect();
    // A fused article, where enough of a name is left.
    let from = if letters.len() >= 5 && letters[..2] == ['ا', 'ل'] { 2 } else { 0 };
    let mut heard = Heard::default();
    for (at, letter) in letters.iter().enumerate().skip(from) {
        letter_sound(*letter, at + 1 == letters.len(), &mut heard);
    }
    heard
}

fn letter_sound(letter: char, is_last: bool, heard: &mut Heard) {
    match letter {
        'ا' | 'أ' | 'إ' | 'آ' | 'ع' | 'ە' | 'ة' => heard.say(&[A]),
        'و' | 'ؤ' | 'ۆ' | 'ۇ' | 'ۈ' => heard.say(&[U]),
        'ي' | 'ئ' | 'ی' | 'ێ' | 'ې' | 'ۍ' | 'ے' | 'ى' => heard.say(&[I]),
        // A final h is the feminine ending, typed without its dots.
        'ه' if is_last => heard.say(&[A]),
        'ه' | 'ح' | 'ہ' | 'ھ' => heard.say(&[H]),
        'ب' | 'ڤ' | 'ۋ' => heard.say(&[B]),
        'پ' => heard.say(&[P]),
        'ت' | 'ط' | 'ٹ' | 'ټ' => heard.say(&[T]),
        'ث' => heard.say_or(T, S),
        'ج' => heard.say_or(J, G),
        'ژ' | 'ږ' => heard.say(&[J]),
        'چ' | 'ش' | 'ښ' => heard.say(&[C]),
        'ق' => heard.say_or(K, G),
        'خ' | 'ك' | 'ک' => heard.say(&[K]),
        'د' | 'ڈ' | 'ډ' => heard.say(&[D]),
        'ض' | 'ظ' | 'ذ' => heard.say_or(D, Z),
        'ر' | 'ڑ' | 'ړ' | 'ڕ' => heard.say(&[R]),
        'ز' | 'ځ' => heard.say(&[Z]),
        'س' | 'ص' | 'څ' => heard.say(&[S]),
        'غ' | 'گ' | 'ګ' => heard.say(&[G]),
        'ف' => heard.say(&[F]),
        'ل' | 'ڵ' => heard.say(&[L]),
        'م' => heard.say(&[M]),
        'ن' | 'ں' | 'ڼ' | 'ڭ' => heard.say(&[N]),
        _ => {}
    }
}
