//! A small registry: families whose names are written in Arabic or Latin script, by two writers
//! who do not agree on spelling, age, place or day.

#![expect(clippy::unwrap_used, reason = "what is wrong here ends the test")]

use kit_matching::{Birth, Day, Profile, Sex, day};
use uuid::Uuid;

/// Two Latin spellings and the Arabic one.
type Name = [&'static str; 3];

const BOYS: [Name; 24] = [
    ["Mohammed", "Mouhamad", "محمد"],
    ["Ahmad", "Ahmed", "أحمد"],
    ["Hassan", "Hasan", "حسن"],
    ["Hussein", "Houssein", "حسين"],
    ["Omar", "Umar", "عمر"],
    ["Khaled", "Khalid", "خالد"],
    ["Yousef", "Youssouf", "يوسف"],
    ["Ibrahim", "Ibraheem", "إبراهيم"],
    ["Abdulrahman", "Abderrahmane", "عبد الرحمن"],
    ["Mustafa", "Moustapha", "مصطفى"],
    ["Tariq", "Tarek", "طارق"],
    ["Ziad", "Ziyad", "زياد"],
    ["Karim", "Kareem", "كريم"],
    ["Nabil", "Nabeel", "نبيل"],
    ["Samir", "Sameer", "سمير"],
    ["Walid", "Oualid", "وليد"],
    ["Jamal", "Djamal", "جمال"],
    ["Bilal", "Belal", "بلال"],
    ["Rashid", "Rachid", "رشيد"],
    ["Salim", "Saleem", "سليم"],
    ["Faisal", "Faysal", "فيصل"],
    ["Idris", "Idriss", "إدريس"],
    ["Mahmoud", "Mahmud", "محمود"],
    ["Suleiman", "Souleymane", "سليمان"],
];

const GIRLS: [Name; 16] = [
    ["Fatima", "Fatma", "فاطمة"],
    ["Aisha", "Aicha", "عائشة"],
    ["Khadija", "Khadidja", "خديجة"],
    ["Mariam", "Maryam", "مريم"],
    ["Zeinab", "Zaynab", "زينب"],
    ["Amina", "Ameena", "أمينة"],
    ["Salma", "Selma", "سلمى"],
    ["Layla", "Leila", "ليلى"],
    ["Nour", "Noor", "نور"],
    ["Huda", "Houda", "هدى"],
    ["Rania", "Raniya", "رانيا"],
    ["Samira", "Sameera", "سميرة"],
    ["Yasmin", "Yasmeen", "ياسمين"],
    ["Sara", "Sarah", "سارة"],
    ["Dalal", "Delal", "دلال"],
    ["Rim", "Reem", "ريم"],
];

const LINES: [Name; 20] = [
    ["Al-Masri", "El Masry", "المصري"],
    ["Al-Halabi", "Halaby", "الحلبي"],
    ["Haddad", "Hadad", "حداد"],
    ["Najjar", "Nadjar", "نجار"],
    ["Khoury", "Khouri", "خوري"],
    ["Al-Khatib", "El Khateeb", "الخطيب"],
    ["Darwish", "Darwich", "درويش"],
    ["Mansour", "Mansur", "منصور"],
    ["Saleh", "Salih", "صالح"],
    ["Al-Jabiri", "Jabery", "الجابري"],
    ["Qasim", "Kassem", "قاسم"],
    ["Shahin", "Chahine", "شاهين"],
    ["Barakat", "Barakate", "بركات"],
    ["Al-Tamimi", "Tameemi", "التميمي"],
    ["Awad", "Aouad", "عوض"],
    ["Zaher", "Zahir", "زاهر"],
    ["Al-Rifai", "Rifaie", "الرفاعي"],
    ["Sabbagh", "Sabagh", "صباغ"],
    ["Hamdan", "Hemdan", "حمدان"],
    ["Nasser", "Nasir", "ناصر"],
];

/// A generator that is the same everywhere.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())]
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.roll(times) == 0
    }
}

/// A child as it is.
#[derive(Clone)]
pub struct Child {
    given: Name,
    sex: Sex,
    born: Day,
    family: Family,
}

#[derive(Clone)]
struct Family {
    father: Name,
    grandfather: Name,
    line: Name,
    mother: [Name; 2],
    province: usize,
    town: usize,
    left: Day,
}

/// So many families' children: one in four has a brother or sister registered too.
pub fn children(dice: &mut Dice, families: usize) -> Vec<Vec<Child>> {
    (0..families)
        .map(|_| {
            let family = Family {
                father: dice.of(&BOYS),
                grandfather: dice.of(&BOYS),
                line: dice.of(&LINES),
                mother: [dice.of(&GIRLS), dice.of(&LINES)],
                province: dice.roll(8),
                town: dice.roll(12),
                left: day(2024, 1, 1).unwrap() + Day::try_from(dice.roll(700)).unwrap(),
            };
            let siblings = if dice.once_in(4) { 2 } else { 1 };
            (0..siblings).map(|_| child(dice, &family)).collect()
        })
        .collect()
}

/// Another child of the same family.
pub fn sibling(dice: &mut Dice, of: &Child) -> Child {
    loop {
        let other = child(dice, &of.family);
        if other.given != of.given {
            return other;
        }
    }
}

fn child(dice: &mut Dice, family: &Family) -> Child {
    let (sex, given) =
        if dice.once_in(2) { (Sex::Male, dice.of(&BOYS)) } else { (Sex::Female, dice.of(&GIRLS)) };
    let born = day(2010, 1, 1).unwrap() + Day::try_from(dice.roll(4_500)).unwrap();
    Child { given, sex, born, family: family.clone() }
}

/// What one writer writes of a child.
pub fn written(dice: &mut Dice, child: &Child) -> Profile {
    let script = dice.once_in(2);
    let family = &child.family;
    let mut text = |names: &[Name]| -> String {
        let spelled = names.iter().map(|name| if script { name[2] } else { name[dice.roll(2)] });
        spelled.collect::<Vec<_>>().join(" ")
    };
    let name = text(&[child.given, family.father, family.line]);
    let father = text(&[family.father, family.grandfather, family.line]);
    let mother = text(&family.mother);
    let today = day(2026, 6, 30).unwrap();
    let years = (today - child.born) / 365;
    let guess = (years + Day::try_from(dice.roll(3)).unwrap()).saturating_sub(1);
    let mut place = vec!["SY".to_owned(), format!("p{}", family.province)];
    if !dice.once_in(4) {
        place.push(format!("p{}t{}", family.province, family.town));
    }
    Profile {
        name,
        father: if dice.once_in(5) { String::new() } else { father },
        mother: if dice.once_in(5) { String::new() } else { mother },
        sex: Some(child.sex),
        birth: Some(Birth::aged(guess, today)),
        last_place: place,
        separation_day: Some(family.left + Day::try_from(dice.roll(15)).unwrap()),
        nationality: "sy".into(),
        ..Profile::default()
    }
}

/// The id of the nth record.
pub fn id(number: usize) -> Uuid {
    Uuid::from_u128(number as u128 + 1)
}
