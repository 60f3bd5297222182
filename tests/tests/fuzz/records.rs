//! The query syntax, the patch, the merge and the expressions, on a configuration that has a
//! field of every kind that behaves in its own way.

use jiff::civil::date;
use kit_records::{
    Catalog, CatalogIndex, Merge, Policies, Record, RecordType, Rules, Schema, Touched, Unknown,
    Validation, patch as patches,
};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};
use uuid::Uuid;

const MODULE: &str = "module-cp";

struct World {
    index: CatalogIndex,
    schema: Schema,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let catalog: Catalog = serde_json::from_str(include_str!("catalog.json")).unwrap();
    let index = CatalogIndex::new(Arc::new(catalog));
    let schema = Schema::of_type(&index, RecordType::Case, Some(MODULE));
    World { index, schema }
});

impl World {
    /// What of a body is taken, with ids for entries that have none.
    fn taken(&self, body: &Value, first: u128) -> Option<Record> {
        let validation = Validation {
            index: &self.index,
            record_type: RecordType::Case,
            schema: &self.schema,
            unknown: Unknown::Ignore,
            today: date(2026, 3, 15),
        };
        let mut record = validation.check(body.as_object()?).ok()?;
        let mut next = first;
        patches::name_entries(&mut record, &mut || {
            next += 1;
            Uuid::from_u128(next)
        });
        Some(record)
    }

    fn rules(&self) -> Rules<'_> {
        Rules {
            index: &self.index,
            record_type: RecordType::Case,
            module: Some(MODULE),
            schema: &self.schema,
            today: date(2026, 3, 15),
        }
    }
}

/// Without what holds nothing, which is as good as absent.
fn filled(record: &Record) -> Record {
    let held = record.iter().filter(|(_, value)| !value.is_null() && **value != json!([]));
    held.map(|(name, value)| (name.clone(), filled_value(value))).collect()
}

fn filled_value(value: &Value) -> Value {
    match value {
        Value::Object(fields) => filled(fields).into(),
        Value::Array(items) => items.iter().map(filled_value).collect(),
        other => other.clone(),
    }
}

/// Bodies of the kind that clients send.
fn bodies() -> Vec<Value> {
    let (one, two) =
        ("3f0e7a52-6f3c-4d57-9d52-0e6c7d1d9d10", "3f0e7a52-6f3c-4d57-9d52-0e6c7d1d9d11");
    vec![
        json!({"name": "Ann", "age": 9, "sex": "female", "date_of_birth": "2017-01-31"}),
        json!({"contacts": [{"unique_id": one, "contact_name": "B", "contact_age": 40},
            {"contact_name": "C", "tags": ["a", "b"], "phones": [{"finding": "x"}]}]}),
        json!({"contacts": [{"unique_id": one, "_destroy": true}, {"unique_id": two, "contact_age": 1}]}),
        json!({"contacts": [{"unique_id": one, "phones": [{"unique_id": two, "finding": "y"}]}]}),
        json!({"contacts": []}),
        json!({"concerns": ["refugee", "migrant"], "consent": true, "children": {"boys": 2, "girls": 3}}),
        json!({"concerns": ["separated"], "consent": false, "seen_at": "2026-01-31T10:00:00+02:00"}),
        json!({"score_1": 4, "score_2": 5, "merge_latest": "x", "merge_first": "y", "name": null}),
        json!({"visits": [{"visited_on": "2026-01-01", "finding": "z"}], "men": 1, "women": 2}),
    ]
}

fn lists(length: usize) -> Vec<Vec<u8>> {
    let all = bodies();
    (0..all.len() * 2)
        .map(|n| {
            let list: Vec<Value> = (0..length)
                .map(|k| all[(n + k * (1 + n / all.len())) % all.len()].clone())
                .collect();
            Value::from(list).to_string().into_bytes()
        })
        .collect()
}

/// A list query as a client writes it, read and held against a record.
pub mod query {
    use super::{Value, json};
    use kit_records::query::{Facts, holds, parse};

    struct Nowhere;

    impl Facts for Nowhere {
        fn place_path(&self, code: &str) -> Vec<String> {
            vec!["IQ".into(), code.into()]
        }

        fn ever_assigned(&self) -> &[String] {
            &[]
        }
    }

    pub fn seeds() -> Vec<Vec<u8>> {
        [
            "age[]=3..7&sex[0]=female&page=2&per=50&order_by=name&order=desc",
            "not[age]=5&or[sex]=male&or[age]=1..2&fields=short",
            "query=%D9%85%D8%AD%D9%85%D8%AF&phonetic=true&id_search=true",
            "date_of_birth=2016-01-01..2016-12-31&location_current=IQ01&loc:location_current1=IQ",
            "fields[]=name,age&created_at[from]=2026-01-01T00:00:00Z&created_at[to]=2026-02-01",
            "not[last_updated_by]=a,b&status[0]=open&record_state=true&flagged=false",
            "or[0][owned_by]=x&or[1][assigned_user_names]=y&score=18446744073709551616..",
        ]
        .map(|text| text.as_bytes().to_vec())
        .to_vec()
    }

    pub fn feed(bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let Some(pairs) = gateway::probe::query(&text) else { return };
        let Ok(read) = parse(&pairs, &|name| name.len() < 40) else { return };
        assert!(read.page > 0 && (1..=1_000).contains(&read.per));
        assert_eq!(parse(&pairs, &|name| name.len() < 40).as_ref(), Ok(&read));
        for record in
            [json!({}), json!({"age": 5, "sex": ["female"], "date_of_birth": "2016-06-06"})]
        {
            let Value::Object(record) = record else { continue };
            for filter in &read.filters {
                let negated = kit_records::query::Filter::Not(Box::new(filter.clone()));
                let once = holds(filter, &record, &Nowhere);
                assert_ne!(once, holds(&negated, &record, &Nowhere));
            }
        }
        if let Some(search) = read.search {
            for purpose in [kit_records::split::Purpose::Name, kit_records::split::Purpose::Phone] {
                let _plan = kit_records::search::plan(purpose, &search.text);
            }
        }
    }
}

/// A record, and what is written over it.
pub mod patch {
    use super::{Value, WORLD, filled, lists, patches};
    use kit_records::{Record, RecordType, history, split, touched};

    pub fn seeds() -> Vec<Vec<u8>> {
        lists(3)
    }

    pub fn feed(bytes: &[u8]) {
        let Ok(Value::Array(parts)) = serde_json::from_slice::<Value>(bytes) else { return };
        let raw = |at: usize| parts.get(at).and_then(Value::as_object).cloned().unwrap_or_default();
        bears_anything(&raw(0), &raw(1));
        let taken = |at: usize, first| WORLD.taken(parts.get(at)?, first);
        let (Some(stored), Some(sent)) = (taken(0, 100), taken(1, 200)) else { return };
        let stored = applied(&Record::new(), &stored);
        keeps_its_word(&stored, &sent);
        if let Some(third) = taken(2, 300) {
            keeps_its_word(&applied(&stored, &third), &sent);
        }
    }

    /// Nothing was looked at before; only that it comes to an end.
    fn bears_anything(stored: &Record, sent: &Record) {
        let after = applied(stored, sent);
        let _seen = (patches::reduce(&after, sent), patches::changed(stored, &after));
        let _told = (history::diff(stored, &after), touched::paths(sent));
        let _parts = split::split(&WORLD.index, RecordType::Case, &after);
        let _all = WORLD.rules().check(Some(stored), sent, &after);
    }

    fn applied(stored: &Record, sent: &Record) -> Record {
        let mut after = stored.clone();
        patches::apply(&mut after, sent);
        after
    }

    fn keeps_its_word(stored: &Record, sent: &Record) {
        let after = applied(stored, sent);
        let reduced = patches::reduce(stored, sent);
        let less = applied(stored, &reduced);
        assert_eq!(filled(&less), filled(&after), "the part that changes something is all");
        assert_eq!(applied(&after, sent), after, "a patch applied twice");
        assert!(patches::reduce(&after, sent).is_empty(), "a repetition changes nothing");
        let rules = WORLD.rules();
        let mut settled = after.clone();
        patches::apply(&mut settled, &rules.calculated(&after));
        assert!(rules.calculated(&settled).is_empty(), "calculation comes to rest");
        let _said = (rules.check(Some(stored), sent, &settled), rules.missing(&settled));
    }
}

/// A base, what somebody made of it, and what others have made of it meanwhile.
pub mod merge {
    use super::{Merge, Policies, RecordType, Touched, Value, WORLD, filled, lists, patches};
    use kit_records::{Record, touched};

    pub fn seeds() -> Vec<Vec<u8>> {
        lists(4)
    }

    pub fn feed(bytes: &[u8]) {
        let Ok(Value::Array(parts)) = serde_json::from_slice::<Value>(bytes) else { return };
        let taken = |at: usize, first| WORLD.taken(parts.get(at)?, first);
        let (Some(base), Some(sent)) = (taken(0, 100), taken(1, 200)) else { return };
        let (mut touched, mut stored) = (Touched::default(), Record::new());
        for (version, at) in [(1, 0), (2, 2), (3, 3)] {
            let Some(patch) = taken(at, 100 * (at as u128 + 1)) else { continue };
            let mut next = stored.clone();
            patches::apply(&mut next, &patch);
            touched.note(&stored, &next, version);
            stored = next;
        }
        for (version, known) in
            [(None, None), (Some(1), None), (Some(1), Some(&base)), (Some(3), None)]
        {
            run(&stored, &touched, version, known, &sent);
        }
    }

    fn run(
        stored: &Record,
        touched: &Touched,
        base: Option<u64>,
        base_record: Option<&Record>,
        sent: &Record,
    ) {
        let policies = Policies { index: &WORLD.index, record_type: RecordType::Case };
        let merge = Merge { base, base_record, touched, stored, policies };
        let merged = merge.run(sent);
        assert_eq!(merge.run(sent), merged, "the same again");
        let mut after = stored.clone();
        patches::apply(&mut after, &merged.patch);
        if base.is_none() {
            let mut plain = stored.clone();
            patches::apply(&mut plain, sent);
            assert_eq!(filled(&after), filled(&plain), "without a base the last write stands");
            assert!(merged.conflicts.is_empty());
        }
        let told = merged.conflicts.iter().chain(&merged.overruled).map(|one| one.path.as_str());
        let told: Vec<&str> =
            told.chain(merged.taken.iter().chain(&merged.same).map(String::as_str)).collect();
        // `[]` for a filled subform and what stands there already ask for nothing.
        for path in touched::paths(&patches::reduce(stored, sent)) {
            let is_told = told.iter().any(|one| within(&path, one) || within(one, &path));
            assert!(is_told, "{path} disappeared: told {told:?}");
        }
        for conflict in &merged.conflicts {
            assert_ne!(conflict.stored, conflict.sent, "{}", conflict.path);
        }
    }

    /// Whether a path is the other, or lies below it.
    fn within(path: &str, above: &str) -> bool {
        path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// A tree of skip logic or calculation, and the record that it looks at.
pub mod expression {
    use super::{Value, json};
    use kit_records::expression::{Expression, shows};

    pub fn seeds() -> Vec<Vec<u8>> {
        let data = json!({"age": 9, "sex": "female", "concerns": ["a", "b"], "seen": "2026-01-31",
            "at": "2026-01-31T10:00:00+02:00", "score_1": 4.5, "score_2": "3"});
        [
            json!({"and": [{"eq": {"sex": "female"}}, {"not": {"lt": {"age": 12}}}]}),
            json!({"avg": {"data": ["score_1", "score_2"], "extra": {"decimalPlaces": 1}}}),
            json!({"sum": ["score_1", {"sum": ["score_2", 3]}, {"avg": ["age"]}]}),
            json!({"or": [{"in": {"concerns": ["a"]}}, {"ge": {"seen": "2026-01-01"}}]}),
            json!({"disabled": false, "gt": {"at": "2026-01-31"}}),
            json!({"sex": "female", "age": 9}),
        ]
        .map(|tree| json!([tree, data]).to_string().into_bytes())
        .to_vec()
    }

    pub fn feed(bytes: &[u8]) {
        let Ok(Value::Array(parts)) = serde_json::from_slice::<Value>(bytes) else { return };
        let tree = parts.first().cloned().unwrap_or_default();
        let data = parts.get(1).and_then(Value::as_object).cloned().unwrap_or_default();
        let shown = shows(&tree, &data);
        let Ok(expression) = Expression::parse(&tree) else {
            let off = tree.get("disabled") == Some(&Value::Bool(true));
            assert!(shown || off, "what can't be read shows the field");
            return;
        };
        let value = expression.value(&data);
        assert_eq!(expression.value(&data), value);
        assert_eq!(Expression::parse(&tree).as_ref(), Ok(&expression));
        let not = Expression::Not(Box::new(expression.clone()));
        assert_ne!(not.holds(&data), expression.holds(&data));
    }
}
