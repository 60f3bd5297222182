//! Golden tables of the folding: a change here is a change of every stored key, so
//! `search::VERSION` must grow with it.

use std::fmt::Write as _;

use kit_records::fold::{Folded, coarse, skeleton, words};
use kit_records::search::VERSION;

const LATIN: &str = "Mohammed Muhammad Mouhamadou Fatoumata Fatima Aïcha Khadija Yousef Youssouf Jusuf Hussein Ali \
    Abdulrahman Abderrahmane Abdullah Alhassan Ousmane Oumar Ibrahima Zeynep Çiğdem Şükrü Łukasz Siobhán João José \
    Guillermo Christian Philippe Schwarz Nguyễn Đặng Xhemal Tsegaye Gebremedhin Ngozi Chukwuemeka Mwangi";
const ARABIC: &str = "محمد مُحَمَّد أحمد فاطمة فاطمه عائشة خديجة يوسف حسين علي على عبدالرحمن الحسن عثمان جمال رضا نوید گلناز \
    پروین ژاله چنگیز قاسم ضياء ظاهر ذكرى مصطفى هدى ئاراس شێرکۆ";
const CYRILLIC: &str =
    "Мухаммад Алексей Хадиджа Юсуф Джамшед Ғафур Айгүль Ольга Щербаков Яна Фёдор Андрій";
const GREEK: &str = "Γιώργος Μοχάμεντ Ελένη Κωνσταντίνος Ντίνα Τζαμάλ Ξένια Ψαρράς";
const ETHIOPIC: &str = "መሐመድ ፋጢማ ዩሱፍ አይሻ ገብረመድህን ፀሐይ ዳዊት ኃይለ";
const OTHERS: &str = "মোহাম্মদ मोहम्मद မိုဟာမက် 穆罕默德 მუჰამედ מוחמד";

/// Each word with its readings' skeletons and the blunt one.
fn table(names: &str) -> String {
    let mut table = String::new();
    for word in words(names) {
        let folded = Folded::new(&word);
        let skeletons: Vec<String> = folded.all().map(|one| skeleton(one)).collect();
        let blunt = folded.readings.first().map(|one| coarse(one)).unwrap_or_default();
        writeln!(table, "{word} {} / {blunt}", skeletons.join(" ")).unwrap();
    }
    table
}

#[test]
fn each_script_has_its_table() {
    assert_eq!(VERSION, 2);
    insta::assert_snapshot!("latin", table(LATIN));
    insta::assert_snapshot!("arabic", table(ARABIC));
    insta::assert_snapshot!("cyrillic", table(CYRILLIC));
    insta::assert_snapshot!("greek", table(GREEK));
    insta::assert_snapshot!("ethiopic", table(ETHIOPIC));
    insta::assert_snapshot!("others", table(OTHERS));
}

#[test]
fn folding_bears_anything() {
    for odd in [
        "",
        " ",
        "'",
        "-",
        "\u{202e}",
        "\u{0}",
        "ا",
        "ال",
        "al",
        "عبد",
        "abd al",
        "abu",
        "🙂",
        "a\u{300}",
        &"x".repeat(5_000),
    ] {
        for word in words(odd) {
            let _ = Folded::new(&word);
        }
    }
}

proptest::proptest! {
    #[test]
    fn folding_is_total_and_ignores_case_and_invisible_marks(name in "\\PC{0,24}") {
        let folded: Vec<Folded> = words(&name).iter().map(|one| Folded::new(one)).collect();
        let marked: String = name.chars().flat_map(|one| [one, '\u{200b}']).collect();
        let again: Vec<Folded> = words(&marked).iter().map(|one| Folded::new(one)).collect();
        proptest::prop_assert_eq!(folded, again);
    }
}
