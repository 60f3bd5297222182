//! Invented people: given and family names by culture, in the script they are written in at home
//! and in the Latin spellings that registers know them by.
//!
//! One line is one name: the home spelling first, then spellings in Latin letters.

use crate::seed::dice::Dice;

/// Where a family comes from, as far as names and languages go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Culture {
    pub boys: &'static [&'static str],
    pub girls: &'static [&'static str],
    pub families: &'static [&'static str],
    /// Of a hundred, how many registers write the name in Latin letters.
    latin: u8,
    /// Language of the notes that workers write.
    pub notes: Language,
    /// Option of the language list.
    pub language: &'static str,
    /// Option of the nationality and country lists.
    pub country: &'static str,
    pub religion: &'static str,
    /// Beginning of phone numbers.
    pub dial: &'static str,
}

/// Languages in which the seed writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    English,
    French,
    Spanish,
    Arabic,
}

/// Cultures by how many of a hundred cases they make up.
pub const CULTURES: &[(u32, Culture)] =
    &[(30, LEVANT), (14, SAHEL), (14, GREAT_LAKES), (16, ANDES), (12, STEPPE), (14, HORN)];

/// A name as one register wrote it: one of its spellings.
pub fn spelled(dice: &mut Dice, line: &'static str, latin: bool) -> &'static str {
    let mut spellings = line.split('|');
    let home = spellings.next().unwrap_or(line);
    let others: Vec<&str> = spellings.collect();
    if latin && !others.is_empty() { dice.pick(&others) } else { home }
}

impl Culture {
    /// Whether a register writes in Latin letters.
    pub fn writes_latin(&self, dice: &mut Dice) -> bool {
        dice.chance(self.latin)
    }

    /// A given name of a boy or a girl.
    pub fn given(&self, dice: &mut Dice, female: bool, latin: bool) -> &'static str {
        let line = dice.pick(if female { self.girls } else { self.boys });
        spelled(dice, line, latin)
    }

    /// A family's name.
    pub fn family(&self, dice: &mut Dice, latin: bool) -> &'static str {
        let line = dice.pick(self.families);
        spelled(dice, line, latin)
    }
}

const LEVANT: Culture = Culture {
    boys: &[
        "محمد|Mohammed|Muhammad|Mohamed|Mohamad",
        "أحمد|Ahmad|Ahmed",
        "يوسف|Yousef|Yusuf|Youssef",
        "عمر|Omar|Umar",
        "علي|Ali",
        "حسن|Hassan|Hasan",
        "حسين|Hussein|Husayn|Hossein",
        "إبراهيم|Ibrahim|Ebrahim",
        "خالد|Khaled|Khalid",
        "مصطفى|Mustafa|Moustafa",
        "سامي|Sami|Samy",
        "كريم|Karim|Kareem",
        "زياد|Ziad|Ziyad",
        "بلال|Bilal|Bilel",
        "طارق|Tareq|Tariq|Tarek",
        "نور الدين|Nour al-Din|Nureddin",
        "عبد الرحمن|Abdulrahman|Abd al-Rahman",
        "رامي|Rami|Ramy",
        "أنس|Anas",
        "حمزة|Hamza|Hamzah",
        "جاد|Jad",
        "وسيم|Wassim|Wasim",
        "فادي|Fadi|Fady",
    ],
    girls: &[
        "فاطمة|Fatima|Fatma|Fatimah",
        "عائشة|Aisha|Aicha|Ayesha",
        "مريم|Mariam|Maryam|Meriem",
        "نور|Nour|Noor",
        "ليلى|Layla|Leila|Laila",
        "أمل|Amal|Amel",
        "رنا|Rana",
        "هبة|Hiba|Heba",
        "زينب|Zainab|Zeinab|Zaynab",
        "خديجة|Khadija|Khadijah",
        "سلمى|Salma|Selma",
        "رهف|Rahaf",
        "جنى|Jana|Janna",
        "ياسمين|Yasmine|Yasmin|Jasmine",
        "دعاء|Doaa|Duaa",
        "إسراء|Israa|Esraa",
        "سارة|Sara|Sarah",
        "هالة|Hala|Halah",
        "شيماء|Shaimaa|Chaima",
        "ريم|Reem|Rim",
        "لينا|Lina|Leena",
    ],
    families: &[
        "الحداد|Haddad|al-Haddad",
        "خليل|Khalil|Khaleel",
        "النجار|Najjar|al-Najjar",
        "منصور|Mansour|Mansur",
        "الخطيب|Khatib|al-Khateeb",
        "درويش|Darwish|Darweesh",
        "العلي|al-Ali|Alali",
        "صالح|Saleh|Salih",
        "حمدان|Hamdan",
        "القاسم|Qasim|al-Kassem",
        "شاهين|Shahin|Chahine",
        "عيسى|Issa|Eissa",
        "الأحمد|al-Ahmad|Alahmad",
        "بركات|Barakat",
        "ناصر|Nasser|Nasir",
        "سليمان|Suleiman|Sulayman",
        "الرفاعي|Rifai|al-Refai",
        "جابر|Jaber|Jabir",
        "عثمان|Othman|Osman|Uthman",
        "مراد|Murad|Mourad",
        "البيطار|Bitar|al-Baytar",
        "زيدان|Zidan|Zaydan",
        "فرحات|Farhat",
        "الشيخ|al-Sheikh|Cheikh",
    ],
    latin: 45,
    notes: Language::Arabic,
    language: "ar",
    country: "sy",
    religion: "muslim",
    dial: "+963",
};

const SAHEL: Culture = Culture {
    boys: &[
        "Youssouf|Yousouf|Issoufou",
        "Mamadou|Mahamadou",
        "Ibrahima|Ibrahim",
        "Ousmane|Usman",
        "Moussa|Musa",
        "Abdoulaye|Abdullahi",
        "Amadou|Ahmadou|Amadu",
        "Boubacar|Abubakar|Aboubacar",
        "Seydou|Saidou",
        "Modibo",
        "Souleymane|Sulaiman",
        "Adama",
        "Cheick|Cheikh",
        "Drissa|Idrissa",
        "Harouna|Haruna",
        "Issa|Isa",
        "Salif|Saliou",
        "Bakary|Bakari",
        "Lassina",
        "Oumar|Umar|Omar",
        "Tidiane|Tidjani",
    ],
    girls: &[
        "Aminata|Amina",
        "Fatoumata|Fatouma|Fatimata",
        "Mariam|Mariama",
        "Aïssatou|Aissata|Aïcha",
        "Kadiatou|Hadiza|Khadidja",
        "Oumou",
        "Rokia|Rokiatou",
        "Salimata|Salamatou",
        "Awa|Hawa",
        "Djénéba|Zeinabou",
        "Assitan",
        "Bintou|Binta",
        "Hadja|Hajara",
        "Ramata|Rahmatou",
        "Safiatou|Safia",
        "Coumba|Kumba",
        "Maïmouna|Maimuna",
        "Nafissatou|Nafissa",
        "Sira",
        "Ténin|Tenin",
    ],
    families: &[
        "Diallo|Jallow|Diallow",
        "Traoré|Traore",
        "Coulibaly|Kulibaly",
        "Keïta|Keita",
        "Touré|Toure|Ture",
        "Sissoko|Cissokho",
        "Diarra|Jarra",
        "Konaté|Konate",
        "Sangaré|Sangare",
        "Cissé|Cisse|Ceesay",
        "Ouédraogo|Ouedraogo",
        "Maïga|Maiga",
        "Barry|Bari",
        "Bah|Ba",
        "Dembélé|Dembele",
        "Kanté|Kante",
        "Sow|So",
        "Sidibé|Sidibe",
        "Zongo",
        "Issoufou|Youssoufou",
        "Abdou",
        "Garba",
    ],
    latin: 35,
    notes: Language::French,
    language: "fr",
    country: "ml",
    religion: "muslim",
    dial: "+223",
};

const GREAT_LAKES: Culture = Culture {
    boys: &[
        "Baraka",
        "Amani",
        "Juma|Jumaa",
        "Hamisi|Khamis",
        "Yusufu|Yusuf|Yosefu",
        "Petro|Peter",
        "Yohana|John",
        "Rashidi|Rashid",
        "Salumu|Salum|Salim",
        "Jean-Pierre|Jean Pierre",
        "Emmanuel|Emanuel",
        "Innocent",
        "Patrice|Patrick",
        "Espoir",
        "Dieudonné|Dieudonne",
        "Musa|Moussa",
        "Bahati",
        "Simba",
        "Tumaini",
        "Abedi|Abdi",
        "Daudi|David",
        "Elia|Elias|Eliya",
    ],
    girls: &[
        "Furaha",
        "Neema",
        "Zawadi",
        "Rehema",
        "Amina|Aminah",
        "Mwajuma",
        "Asha|Aisha",
        "Zuhura",
        "Halima|Halimah",
        "Grâce|Grace",
        "Espérance|Esperance",
        "Claudine|Klodina",
        "Vumilia",
        "Riziki",
        "Saada",
        "Jeanne|Jane",
        "Chantal|Shantal",
        "Mapenzi",
        "Faida",
        "Sifa",
        "Pendo",
        "Maua",
    ],
    families: &[
        "Mwamba",
        "Kabila|Kabera",
        "Mukendi|Mukendy",
        "Ilunga",
        "Kasongo",
        "Habimana",
        "Nzeyimana",
        "Niyonzima|Niyonzina",
        "Bizimana",
        "Ndayishimiye",
        "Mushi",
        "Kimaro",
        "Mwangi",
        "Otieno|Otyeno",
        "Wanjiru",
        "Okello|Okelo",
        "Tshibanda|Chibanda",
        "Lukusa",
        "Mbuyi",
        "Kalonji",
        "Byamungu",
        "Safari",
    ],
    latin: 30,
    notes: Language::French,
    language: "sw",
    country: "cd",
    religion: "christian",
    dial: "+243",
};

const ANDES: Culture = Culture {
    boys: &[
        "José|Jose",
        "Juan Carlos|Juan",
        "Luis",
        "Miguel Ángel|Miguel Angel|Miguel",
        "Santiago",
        "Mateo|Matheo",
        "Sebastián|Sebastian",
        "Andrés|Andres",
        "Diego",
        "Ángel|Angel",
        "Jesús|Jesus",
        "Tomás|Tomas",
        "Brayan|Brian|Bryan",
        "Yeison|Jason|Jeison",
        "Kevin|Kelvin",
        "Samuel",
        "Emiliano",
        "Joaquín|Joaquin",
        "Wilmer|Wilmar",
        "Cristian|Christian",
    ],
    girls: &[
        "María José|Maria Jose|María",
        "Ana Sofía|Ana Sofia",
        "Valentina",
        "Camila",
        "Daniela",
        "Lucía|Lucia",
        "Gabriela",
        "Yuliana|Juliana",
        "Mariana",
        "Ximena|Jimena",
        "Fernanda",
        "Rosa",
        "Luz Marina|Luz",
        "Paola",
        "Esperanza",
        "Yorleny|Yorleni",
        "Nayeli|Nayely",
        "Isabel|Ysabel",
        "Carolina|Karolina",
        "Dayana|Diana",
    ],
    families: &[
        "González Pérez|Gonzalez Perez|González",
        "Rodríguez|Rodriguez",
        "Ramírez Soto|Ramirez Soto|Ramirez",
        "Quispe Mamani|Quispe",
        "Hernández|Hernandez",
        "García López|Garcia Lopez|Garcia",
        "Martínez|Martinez",
        "Torres Vega|Torres",
        "Flores Huamán|Flores Huaman|Flores",
        "Castillo",
        "Rojas Díaz|Rojas Diaz|Rojas",
        "Mendoza",
        "Chávez|Chavez|Chaves",
        "Vargas Ríos|Vargas",
        "Morales",
        "Gutiérrez|Gutierrez",
        "Contreras",
        "Medina Cruz|Medina",
        "Suárez|Suarez",
        "Peña|Pena",
        "Zambrano",
        "Villalobos",
    ],
    latin: 40,
    notes: Language::Spanish,
    language: "es",
    country: "ve",
    religion: "christian",
    dial: "+58",
};

const STEPPE: Culture = Culture {
    boys: &[
        "Олександр|Oleksandr|Aleksandr|Alexander",
        "Андрій|Andrii|Andriy|Andrey",
        "Дмитро|Dmytro|Dmitro|Dmitry",
        "Максим|Maksym|Maxim",
        "Іван|Ivan",
        "Михайло|Mykhailo|Mikhail",
        "Богдан|Bohdan|Bogdan",
        "Юрій|Yurii|Yuri",
        "Сергій|Serhii|Sergiy|Sergey",
        "Артем|Artem|Artyom",
        "Тарас|Taras",
        "Назар|Nazar",
        "Володимир|Volodymyr|Vladimir",
        "Ярослав|Yaroslav",
        "Данило|Danylo|Danilo|Daniil",
        "Йосип|Yosyp|Josyp|Iosif",
        "Матвій|Matvii|Matvey",
    ],
    girls: &[
        "Олена|Olena|Elena",
        "Марія|Mariia|Maria|Mariya",
        "Анна|Anna|Hanna",
        "Софія|Sofiia|Sofia",
        "Катерина|Kateryna|Ekaterina",
        "Наталія|Nataliia|Natalia",
        "Оксана|Oksana|Oxana",
        "Юлія|Yuliia|Julia",
        "Ірина|Iryna|Irina",
        "Дарина|Daryna|Darina",
        "Вікторія|Viktoriia|Victoria",
        "Соломія|Solomiia",
        "Злата|Zlata",
        "Поліна|Polina",
        "Тетяна|Tetiana|Tatyana",
        "Мілана|Milana",
    ],
    families: &[
        "Шевченко|Shevchenko|Chevchenko",
        "Коваленко|Kovalenko",
        "Бондаренко|Bondarenko",
        "Ткаченко|Tkachenko",
        "Кравченко|Kravchenko",
        "Мельник|Melnyk|Melnik",
        "Поліщук|Polishchuk|Polischuk",
        "Савченко|Savchenko",
        "Руденко|Rudenko",
        "Марченко|Marchenko",
        "Лисенко|Lysenko|Lisenko",
        "Гончар|Honchar|Gonchar",
        "Петренко|Petrenko",
        "Клименко|Klymenko|Klimenko",
        "Сидоренко|Sydorenko",
        "Павлюк|Pavliuk|Pavlyuk",
        "Захарчук|Zakharchuk",
        "Ярмоленко|Yarmolenko",
        "Дяченко|Diachenko|Dyachenko",
    ],
    latin: 35,
    notes: Language::English,
    language: "uk",
    country: "ua",
    religion: "christian",
    dial: "+380",
};

const HORN: Culture = Culture {
    boys: &[
        "ዮሴፍ|Yosef|Yousef|Josef",
        "አብርሃም|Abraham|Abreham",
        "ዳዊት|Dawit|David",
        "ተስፋዬ|Tesfaye|Tesfay",
        "ሙሉጌታ|Mulugeta",
        "ኃይሌ|Haile|Hayle",
        "ገብረ|Gebre|Gebru",
        "ሳሙኤል|Samuel|Samuil",
        "መሐመድ|Mohammed|Mehamed|Mahamed",
        "በረከት|Bereket|Bereke",
        "አማኑኤል|Amanuel|Emanuel",
        "ታደሰ|Tadesse|Tadese",
        "ብርሃኑ|Birhanu|Berhanu",
        "ዮናስ|Yonas|Jonas",
        "ሄኖክ|Henok|Enoch",
        "ናትናኤል|Natnael|Nathanael",
        "ክብሮም|Kibrom",
        "ፍሬው|Frew",
        "አበበ|Abebe|Ababe",
        "ሀብታሙ|Habtamu",
    ],
    girls: &[
        "ሰላም|Selam|Salam",
        "ትዕግስት|Tigist|Tegest",
        "ማርያም|Mariam|Maryam",
        "ሄለን|Helen|Hellen",
        "ራሄል|Rahel|Rachel",
        "አስቴር|Aster|Esther",
        "ብርቱካን|Birtukan|Bertukan",
        "ፀሐይ|Tsehay|Tsehai",
        "መሠረት|Meseret",
        "ሳራ|Sara|Sarah",
        "ፋጡማ|Fatuma|Fatima",
        "ሐና|Hana|Hannah",
        "ለምለም|Lemlem",
        "አልማዝ|Almaz",
        "ገነት|Genet",
        "ሰናይት|Senait|Senayt",
        "ዙፋን|Zufan",
        "ኤደን|Eden",
        "ሊያ|Liya|Lea",
    ],
    families: &[
        "ተክሌ|Tekle|Tekele",
        "ገብረመድህን|Gebremedhin|Gebremedhn",
        "ወልደሚካኤል|Woldemichael|Weldemikael",
        "በቀለ|Bekele|Beqele",
        "ኪዳኔ|Kidane|Kidanie",
        "ሃብተማርያም|Habtemariam|Habtemaryam",
        "ደስታ|Desta",
        "አለሙ|Alemu",
        "ከበደ|Kebede|Kebbede",
        "መንግስቱ|Mengistu|Mengestu",
        "አስፋው|Asfaw|Asfau",
        "ግርማ|Girma|Germa",
        "ወርቁ|Worku|Werku",
        "ኢብራሂም|Ibrahim|Ebrahim",
        "ሀሰን|Hassan|Hasen",
        "ዘውዴ|Zewde|Zewdie",
        "ተስፋይ|Tesfay|Tesfai",
        "አየለ|Ayele",
        "ሞላ|Molla|Mola",
        "ረዳ|Reda|Redda",
    ],
    latin: 50,
    notes: Language::English,
    language: "am",
    country: "et",
    religion: "christian",
    dial: "+251",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_home_spelling_and_no_blanks() {
        for (_, culture) in CULTURES {
            for line in culture.boys.iter().chain(culture.girls).chain(culture.families) {
                assert!(line.split('|').all(|one| !one.is_empty() && one.trim() == one), "{line}");
            }
        }
    }

    #[test]
    fn names_come_in_four_scripts() {
        let scripts = [('ء', 'ي'), ('А', 'ї'), ('ሀ', 'ፚ'), ('A', 'z')];
        for (first, last) in scripts {
            let found = CULTURES.iter().any(|(_, culture)| {
                culture
                    .boys
                    .iter()
                    .any(|line| line.starts_with(|one| (first..=last).contains(&one)))
            });
            assert!(found, "{first}");
        }
    }

    #[test]
    fn latin_registers_use_latin_letters() {
        let mut dice = Dice::new(1, 1);
        for (_, culture) in CULTURES {
            for line in culture.boys.iter().chain(culture.girls).chain(culture.families) {
                let name = spelled(&mut dice, line, true);
                assert!(name.chars().all(|one| u32::from(one) < 0x250), "{name}");
            }
        }
    }
}
