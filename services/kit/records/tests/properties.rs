//! What holds for any input, however odd.

use kit_records::expression::{Expression, shows};
use kit_records::search::{index_keys, plan, verify};
use kit_records::split::{Purpose, TokenSource, split};
use kit_records::{RecordType, Unknown, patch, query};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::fixture::{World, record};

const NAMES: [&str; 14] = [
    "name",
    "age",
    "sex",
    "date_of_birth",
    "seen_at",
    "concerns",
    "consent",
    "literate",
    "children",
    "contacts",
    "score",
    "location_current",
    "unheard_of",
    "unique_id",
];

fn text() -> impl Strategy<Value = Value> {
    prop_oneof![
        "\\PC{0,12}",
        Just("female".to_owned()),
        Just("2026-01-31".to_owned()),
        Just("2026-01-31T10:00:00+02:00".to_owned()),
        Just("true".to_owned()),
        Just("3f0e7a52-6f3c-4d57-9d52-0e6c7d1d9d10".to_owned()),
    ]
    .prop_map(Value::String)
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<f64>().prop_map(|real| json!(real)),
        text(),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let key = prop_oneof![
            prop::sample::select(&NAMES[..]).prop_map(str::to_owned),
            prop::sample::select(vec![
                "and", "or", "not", "eq", "gt", "in", "sum", "avg", "data", "extra", "_destroy",
                "boys"
            ])
            .prop_map(str::to_owned),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn body() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(prop::sample::select(&NAMES[..]), json(), 0..6).prop_map(|fields| {
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn canonical_values_stay_as_they_are(body in body()) {
        let world = World::new();
        if let Ok(kept) = world.check(&Value::Object(body), Unknown::Ignore) {
            prop_assert_eq!(world.check(&kept, Unknown::Report), Ok(kept));
        }
    }

    #[test]
    fn violations_point_into_the_body(body in body()) {
        let body = Value::Object(body);
        if let Err(wrong) = World::new().check(&body, Unknown::Report) {
            for one in wrong {
                prop_assert!(body.pointer(&one.pointer).is_some(), "{} in {body}", one.pointer);
            }
        }
    }

    #[test]
    fn what_was_accepted_can_be_saved(stored in body(), sent in body()) {
        let world = World::new();
        let check = |body| world.check(&Value::Object(body), Unknown::Ignore).ok().map(|one| record(&one));
        let (Some(stored), Some(mut sent)) = (check(stored), check(sent)) else { return Ok(()) };
        let mut next = 0;
        patch::name_entries(&mut sent, &mut || {
            next += 1;
            uuid::Uuid::from_u128(next)
        });
        let mut after = stored.clone();
        patch::apply(&mut after, &sent);
        let rules = world.rules();
        let calculated = rules.calculated(&after);
        patch::apply(&mut after, &calculated);
        prop_assert!(rules.calculated(&after).is_empty(), "calculation comes to rest");
        let _ = (rules.check(Some(&stored), &sent, &after), rules.check(None, &sent, &after), rules.missing(&after));
        for source in split(&world.index, RecordType::Case, &after).sources {
            prop_assert!(index_keys(&source).len() < 200);
        }
    }

    #[test]
    fn expressions_bear_any_tree(tree in json(), data in body()) {
        let _ = Expression::parse(&tree).map(|one| (one.value(&data), one.holds(&data)));
        let _ = shows(&tree, &data);
    }

    #[test]
    fn queries_bear_any_text(pairs in prop::collection::vec(("[a-z\\[\\]:0-9]{0,12}", "\\PC{0,16}"), 0..6)) {
        if let Ok(read) = query::parse(&pairs, &|_| true) {
            prop_assert!(read.page > 0 && (1..=1_000).contains(&read.per));
        }
    }

    #[test]
    fn whatever_is_indexed_is_found_by_itself(text in "[\\p{L}\\p{N} .'-]{1,24}") {
        for purpose in [Purpose::Name, Purpose::Identifier, Purpose::Phone] {
            let source = TokenSource { purpose, field: "f".into(), text: text.clone() };
            let keys = index_keys(&source);
            let found = match plan(purpose, &text) {
                kit_records::search::Plan::All(all) => all.is_subset(&keys),
                kit_records::search::Plan::AnyGroup(groups) => groups.iter().all(|group| group.is_subset(&keys)),
                kit_records::search::Plan::Short(key) => keys.contains(&key),
                kit_records::search::Plan::Nothing => keys.is_empty(),
            };
            prop_assert!(found, "{purpose:?} {text:?}");
            let matched = verify(purpose, &text, [("f", text.as_str())].into_iter());
            prop_assert_eq!(matched.is_some(), !keys.is_empty(), "{:?} {:?}", purpose, text);
        }
    }
}
