//! The folding of names, and the keys that are made of it.

/// Two names, one per line.
pub mod names {
    use kit_records::fold::{Folded, coarse, plain, skeleton, words};
    use kit_records::search::{Plan, index_keys, plan, verify};
    use kit_records::split::{Purpose, TokenSource};

    /// Names of people are shorter; a line of a record may be this long.
    const LONGEST: usize = 10_000;

    pub fn seeds() -> Vec<Vec<u8>> {
        [
            "Mohammed\nمحمد",
            "Yousef al-Haddad\nيوسف الحدّاد",
            "Abderrahmane\nعبد الرحمن",
            "Юсуф Абдул-Рахман\nYusuf",
            "Γιώργος\nGiorgos",
            "ተስፋዬ ገብረ\nTesfaye",
            "O'Brien-Núñez da Costa\nobrien nunez",
            "ﷺ ﻣﺤﻤﺪ İstanbul ß Ǆ ﬁ\nĳ",
            "小明 田中\nकमला",
            "0770 123-4567\n+964 770 1234567",
        ]
        .map(|text| text.as_bytes().to_vec())
        .to_vec()
    }

    pub fn feed(bytes: &[u8]) {
        let text: String = String::from_utf8_lossy(bytes).chars().take(LONGEST).collect();
        let (left, right) = text.split_once('\n').unwrap_or((&text, &text));
        for name in [left, right] {
            folds(name);
            is_found_by_itself(name);
        }
        for purpose in [Purpose::Name, Purpose::Identifier, Purpose::Phone] {
            let _seen = verify(purpose, left, [("f", right)].into_iter());
        }
    }

    fn folds(name: &str) {
        for word in words(name) {
            assert!(!word.is_empty(), "an empty word of {name:?}");
            assert_eq!(plain(&word), word, "folding is idempotent: {name:?}");
            let folded = Folded::new(&word);
            assert!(folded.readings.len() <= 4 && folded.all().all(|one| !one.is_empty()));
            for reading in folded.all() {
                let _shapes = (skeleton(reading), coarse(reading));
            }
        }
        let once = words(name).join(" ");
        let twice = words(&once);
        assert!(once.is_empty() || !twice.is_empty(), "{name:?} folds away");
    }

    fn is_found_by_itself(name: &str) {
        for purpose in [Purpose::Name, Purpose::Identifier, Purpose::Phone] {
            let source = TokenSource { purpose, field: "f".into(), text: name.to_owned() };
            let keys = index_keys(&source);
            let found = match plan(purpose, name) {
                Plan::All(all) => all.is_subset(&keys),
                Plan::AnyGroup(groups) => groups.iter().all(|group| group.is_subset(&keys)),
                // What is looked for in another way, or not at all.
                _ => true,
            };
            assert!(found, "{purpose:?} {name:?}");
        }
    }
}
