//! Cyrillic script: Slavic, Central Asian and Caucasian letters.

use super::Heard;
use super::Sound::{A, B, C, D, F, G, H, I, J, K, L, M, N, P, R, S, T, U, Z};

pub fn hear(word: &str) -> Heard {
    let letters: Vec<char> = word.chars().collect();
    let mut heard = Heard::default();
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        at += 1;
        match (letter, letters.get(at)) {
            ('д', Some('ж')) => {
                heard.say(&[J]);
                at += 1;
            }
            _ => letter_sound(*letter, &mut heard),
        }
    }
    heard
}

fn letter_sound(letter: char, heard: &mut Heard) {
    match letter {
        'а' | 'ә' => heard.say(&[A]),
        'е' | 'э' | 'и' | 'й' | 'ы' | 'і' | 'ї' | 'є' | 'ӣ' => heard.say(&[I]),
        'о' | 'у' | 'ў' | 'ӯ' | 'ө' | 'ү' | 'ұ' => heard.say(&[U]),
        'ю' => heard.say(&[I, U]),
        'я' => heard.say(&[I, A]),
        'б' | 'п' => heard.say(&[if letter == 'б' { B } else { P }]),
        'в' => heard.say_or(B, U),
        'г' | 'ґ' | 'ғ' => heard.say(&[G]),
        'д' => heard.say(&[D]),
        'ж' | 'ҷ' | 'җ' => heard.say(&[J]),
        'з' => heard.say(&[Z]),
        'к' | 'қ' => heard.say(&[K]),
        'л' => heard.say(&[L]),
        'м' => heard.say(&[M]),
        'н' | 'ң' => heard.say(&[N]),
        'р' => heard.say(&[R]),
        'с' | 'ц' => heard.say(&[S]),
        'т' => heard.say(&[T]),
        'ф' => heard.say(&[F]),
        'х' => heard.say_or(H, K),
        'һ' | 'ҳ' => heard.say(&[H]),
        'ч' | 'ш' | 'щ' => heard.say(&[C]),
        _ => {}
    }
}
