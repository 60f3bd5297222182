//! Does a search find the name however it is spelled, and leave other names alone?

use kit_records::search::{Key, Plan, Query, index_keys, plan, rank};
use kit_records::split::{Purpose, TokenSource};
use std::collections::BTreeSet;

/// Each line is one name as registries spell it.
const NAMES: &[&[&str]] = &[
    &[
        "Mohammed",
        "Muhammad",
        "Mohamed",
        "Mohamad",
        "Mohammad",
        "Mouhamed",
        "Muhamed",
        "Mohammod",
        "Mohd Mohammed",
        "محمد",
        "Мухаммед",
        "Магомед Мухаммад",
        "መሐመድ",
    ],
    &["Ahmed", "Ahmad", "Ahmet", "Achmed", "Ahmat", "أحمد", "احمد", "Ахмед", "አሕመድ"],
    &[
        "Yousef", "Youssef", "Yusuf", "Yousuf", "Yusef", "Youssouf", "Yousif", "Yosef", "Jusuf",
        "يوسف", "Юсуф",
    ],
    &[
        "Fatima",
        "Fatimah",
        "Fatema",
        "Fatma",
        "Faatimah",
        "Fadima",
        "فاطمة",
        "فاطمه",
        "Фатима",
        "ፋጢማ",
    ],
    &[
        "Hussein",
        "Hussain",
        "Husain",
        "Hossein",
        "Houssein",
        "Husseyn",
        "Hüseyin",
        "حسين",
        "Хусейн",
        "ሁሴን",
    ],
    &[
        "Aisha",
        "Aïcha",
        "Aicha",
        "Ayesha",
        "Aysha",
        "Aishah",
        "Ayşe",
        "عائشة",
        "عايشة",
        "Аиша",
        "አይሻ",
    ],
    &["Khadija", "Khadijah", "Khadidja", "Kadija", "Hadija", "Khadeeja", "خديجة", "Хадиджа"],
    &[
        "Abdulrahman",
        "Abdul Rahman",
        "Abd al-Rahman",
        "Abderrahmane",
        "Abdurrahman",
        "Abdelrahman",
        "Abdirahman",
        "عبد الرحمن",
        "عبدالرحمن",
        "Абдурахман",
    ],
    &[
        "Abdullah",
        "Abdallah",
        "Abdulla",
        "Abdoulaye Abdullah",
        "Abd Allah",
        "عبد الله",
        "عبدالله",
        "Абдулла",
    ],
    &[
        "Ibrahim",
        "Ebrahim",
        "Ibrahima",
        "Brahim",
        "Ibraheem",
        "إبراهيم",
        "ابراهيم",
        "Ибрагим Ибрахим",
        "ኢብራሂም",
    ],
    &["Osman", "Uthman", "Othman", "Ousmane", "Usman", "عثمان", "Осман", "ኡስማን"],
    &["Omar", "Umar", "Oumar", "Omer", "Ömer", "عمر", "Омар", "ዑመር"],
    &["Zainab", "Zaynab", "Zeinab", "Zeynep", "Zenab", "زينب", "Зайнаб", "ዘይነብ"],
    &["Mariam", "Maryam", "Meriem", "Maryama", "Miriam", "مريم", "Мариам", "ማርያም"],
    &["Khaled", "Khalid", "Halid", "Chaled", "خالد", "Халид"],
    &["Rahima", "Raheema", "Rahimah", "رحيمة", "Рахима"],
    &["Gamal", "Jamal", "Djamal", "Jamaal", "جمال", "Джамал"],
    &["Reza", "Rida", "Ridha", "Redha", "رضا", "Реза"],
    &["Qasim", "Kassim", "Gasim", "Qassem", "Kasım", "قاسم", "Касим"],
    &["Alexey", "Aleksei", "Alexei", "Aleksey", "Алексей"],
    &["Oleksandr", "Aleksandr", "Alexander", "Олександр", "Александр"],
    &["Tsegaye", "Segaye", "ፀጋዬ"],
    &["Gebremedhin", "Gebremedin", "Gebre-Medhin", "ገብረመድህን"],
    &["Yohannes", "Johannes", "ዮሐንስ"],
    &["Giorgos", "Yorgos Giorgos", "Γιώργος"],
    &["Sofia", "Sophia", "Sofía", "София", "Σοφία"],
    &["Şükrü", "Shukri", "Choukri", "شكري"],
    &["Nguyễn", "Nguyen"],
];

fn keys(name: &str) -> BTreeSet<Key> {
    let source = TokenSource { purpose: Purpose::Name, field: "name".into(), text: name.into() };
    index_keys(&source)
}

/// Whether a search for `query` brings up `stored`: as a candidate, and after it was opened.
fn finds(query: &str, stored: &str) -> bool {
    let Plan::AnyGroup(groups) = plan(Purpose::Name, query) else { return false };
    let stored_keys = keys(stored);
    let candidate = groups.iter().any(|group| !group.is_disjoint(&stored_keys));
    let prepared = Query::new(Purpose::Name, query);
    candidate && !rank(&prepared, [("name", stored)].into_iter()).is_empty()
}

#[test]
fn a_name_is_found_in_all_its_spellings() {
    let (mut missed, mut pairs) = (Vec::new(), 0);
    for name in NAMES {
        for query in *name {
            for stored in *name {
                pairs += 1;
                if !finds(query, stored) {
                    missed.push(format!("{query} ~ {stored}"));
                }
            }
        }
    }
    assert!(missed.len() * 100 <= pairs, "{} of {pairs}: {missed:?}", missed.len());
}

#[test]
fn other_names_are_left_alone() {
    let (mut wrong, mut pairs) = (Vec::new(), 0);
    for (at, name) in NAMES.iter().enumerate() {
        for (other_at, other) in NAMES.iter().enumerate().filter(|(other, _)| *other != at) {
            assert_ne!(at, other_at);
            pairs += 1;
            if finds(name[0], other[0]) {
                wrong.push(format!("{} ~ {}", name[0], other[0]));
            }
        }
    }
    assert!(wrong.len() * 50 <= pairs, "{} of {pairs}: {wrong:?}", wrong.len());
}
