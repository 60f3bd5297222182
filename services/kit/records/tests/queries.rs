//! The list query syntax, read and applied.

use kit_records::query::{
    Facts, Filter, ListQuery, Order, Projection, Scalar, Search, SearchKind, Test, holds, parse,
};
use kit_records::{Code, Violation};
use serde_json::{Value, json};

use crate::fixture::record;

const FILTERS: [&str; 10] = [
    "id",
    "sex",
    "age",
    "status",
    "flagged",
    "registration_date",
    "created_at",
    "concerns",
    "location_current",
    "national_id_no",
];

fn read(query: &str) -> Result<ListQuery, Vec<Violation>> {
    let pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            pair.split_once('=').map_or((pair.into(), String::new()), |(k, v)| (k.into(), v.into()))
        })
        .collect();
    parse(&pairs, &|name| FILTERS.contains(&name))
}

/// Places of two levels, and one past assignment.
struct Known(Vec<String>);

impl Facts for Known {
    fn place_path(&self, code: &str) -> Vec<String> {
        (2..=code.len()).step_by(2).map(|end| code[..end].to_owned()).collect()
    }

    fn ever_assigned(&self) -> &[String] {
        &self.0
    }
}

#[track_caller]
fn finds(query: &str, record_value: Value, found: bool) {
    let known = Known(vec!["ann".into()]);
    let all = read(query).unwrap().filters;
    let holds = all.iter().all(|one| holds(one, &record(&record_value), &known));
    assert_eq!(holds, found, "{query} on {record_value}: {all:?}");
}

#[test]
fn equality_and_lists() {
    for (query, record, found) in [
        ("sex=female", json!({"sex": "female"}), true),
        ("sex=female", json!({"sex": "male"}), false),
        ("sex=female", json!({}), false),
        ("sex=female,male", json!({"sex": "male"}), true),
        ("sex[0]=female&sex[1]=male", json!({"sex": "male"}), true),
        ("sex[]=female&sex[]=male", json!({"sex": "male"}), true),
        ("concerns=refugee,migrant", json!({"concerns": ["separated", "migrant"]}), true),
        ("concerns=refugee", json!({"concerns": []}), false),
        ("age=9", json!({"age": 9}), true),
        ("age=9", json!({"age": 19}), false),
        ("national_id_no=17", json!({"national_id_no": "17"}), true),
        ("national_id_no=017", json!({"national_id_no": "17"}), false),
        ("sex=female&age=9", json!({"sex": "female", "age": 10}), false),
        ("nonsense=1&conf_secret=x", json!({}), true),
    ] {
        finds(query, record, found);
    }
}

#[test]
fn booleans() {
    for (query, record, found) in [
        ("flagged=true", json!({"flagged": true}), true),
        ("flagged=true", json!({}), false),
        ("flagged=false", json!({"flagged": false}), true),
        ("flagged=false", json!({}), true),
        ("flagged=false", json!({"flagged": null}), true),
        ("flagged=false", json!({"flagged": true}), false),
        ("status=false", json!({"status": "false"}), true),
    ] {
        finds(query, record, found);
    }
}

#[test]
fn ranges() {
    for (query, record, found) in [
        ("age=5..10", json!({"age": 5}), true),
        ("age=5..10", json!({"age": 10}), true),
        ("age=5..10", json!({"age": 11}), false),
        ("age=5..", json!({"age": 99}), true),
        ("age=5..10", json!({}), false),
        ("age[0]=0..5&age[1]=12..17", json!({"age": 12}), true),
        ("age[0]=0..5&age[1]=12..17", json!({"age": 7}), false),
        ("age=0..5,12..17", json!({"age": 13}), true),
        (
            "registration_date=2026-01-01..2026-02-01",
            json!({"registration_date": "2026-02-01"}),
            true,
        ),
        (
            "registration_date=2026-01-01..2026-02-01",
            json!({"registration_date": "2026-02-02"}),
            false,
        ),
        ("registration_date=2026-01-01..", json!({"registration_date": "2030-01-01"}), true),
        (
            "created_at=2026-01-01..2026-02-01",
            json!({"created_at": "2026-02-01T23:59:59.000Z"}),
            true,
        ),
        (
            "created_at=2026-01-01T12:00:00Z..2026-01-01T13:00:00Z",
            json!({"created_at": "2026-01-01T12:30:00.000Z"}),
            true,
        ),
        (
            "created_at=2026-01-01T12:00:00Z..2026-01-01T13:00:00Z",
            json!({"created_at": "2026-01-01T13:00:00.001Z"}),
            false,
        ),
        ("created_at=2026-01-01", json!({"created_at": "2026-01-01T13:00:00.001Z"}), true),
        ("registration_date=2026-01-01", json!({"registration_date": "2026-01-01"}), true),
        ("registration_date=..2026-01-01", json!({"registration_date": "2025-01-01"}), false),
        ("national_id_no=a..b", json!({"national_id_no": "a..b"}), true),
    ] {
        finds(query, record, found);
    }
}

#[test]
fn negation_and_alternatives() {
    for (query, record, found) in [
        ("not[status]=closed", json!({"status": "open"}), true),
        ("not[status]=closed,transferred", json!({"status": "transferred"}), false),
        ("not[age]=5..10", json!({"age": 7}), false),
        ("not[status]=closed", json!({}), true),
        ("or[sex]=male&or[status]=closed", json!({"sex": "female", "status": "closed"}), true),
        ("or[sex]=male&or[status]=closed", json!({"sex": "female", "status": "open"}), false),
        ("or[0][sex]=male&or[1][status]=closed", json!({"sex": "male"}), true),
        ("or[nonsense]=1", json!({}), true),
        ("assign=ann", json!({}), true),
        ("assign=bob", json!({}), false),
    ] {
        finds(query, record, found);
    }
}

#[test]
fn places() {
    for (query, record, found) in [
        ("loc:location_current=IQ01", json!({"location_current": "IQ0102"}), true),
        ("loc:location_current=iq01", json!({"location_current": "IQ01"}), true),
        ("loc:location_current=IQ0102", json!({"location_current": "IQ01"}), false),
        ("loc:location_current=IQ01,SY", json!({"location_current": "SY0203"}), true),
        ("loc:location_current=IQ", json!({}), false),
        ("loc:location_current2=IQ0102", json!({"location_current": "IQ0102"}), true),
        ("loc:location_current2=IQ01", json!({"location_current": "IQ0102"}), false),
        ("loc:location_current1=IQ01", json!({"location_current": "IQ0102"}), true),
        ("loc:secret_place=IQ", json!({}), true),
        ("loc:location_current7=IQ", json!({}), true),
    ] {
        finds(query, record, found);
    }
}

#[test]
fn paging() {
    let query = read("&per=1000&page=3").unwrap();
    assert_eq!((query.page, query.per), (3, 1_000));
    let query = read("per=5000").unwrap();
    assert_eq!((query.page, query.per), (1, 1_000));
    let query = read("").unwrap();
    assert_eq!((query.page, query.per), (1, 20));
    for wrong in ["page=0", "page=two", "page=-1", "per=0", "page=1.5", "page=99999999999999999999"]
    {
        let refused = read(wrong).unwrap_err();
        assert_eq!(refused[0].code, Code::InvalidParameter, "{wrong}");
    }
    assert_eq!(read("page=0").unwrap_err()[0].pointer, "/page");
}

#[test]
fn search_order_and_fields() {
    let query = read("query= Ann &phonetic=true&order_by=age&order=desc&fields=short").unwrap();
    assert_eq!(
        query.search,
        Some(Search { text: "Ann".into(), kind: SearchKind::Name, wide: true })
    );
    assert_eq!(query.order, Some(Order { field: "age".into(), descending: true }));
    assert_eq!(query.fields, Projection::Short);
    let kind = |query: &str| read(query).unwrap().search.map(|search| (search.kind, search.wide));
    assert_eq!(kind("query=1"), Some((SearchKind::Identifier, false)));
    assert_eq!(kind("query=1&id_search=true"), Some((SearchKind::Identifier, true)));
    assert_eq!(kind("query=1&phone_number=true"), Some((SearchKind::Phone, true)));
    assert_eq!(kind("query=%20&phonetic=true").map(|one| one.0), Some(SearchKind::Name));
    assert_eq!(kind("query=  "), None);
    assert_eq!(read("fields=age,%20sex&order=odd").unwrap().order, None);
    assert_eq!(
        read("fields=age,sex").unwrap().fields,
        Projection::Named(vec!["age".into(), "sex".into()])
    );
    assert_eq!(
        read("fields[0]=age&fields[1]=sex").unwrap().fields,
        Projection::Named(vec!["age".into(), "sex".into()])
    );
    assert_eq!(
        read("order_by=age&order=odd").unwrap().order,
        Some(Order { field: "age".into(), descending: false })
    );
}

#[test]
fn values_are_typed() {
    let tests = |query: &str| match &read(query).unwrap().filters[..] {
        [Filter::Field { tests, .. }] => tests.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(tests("age=9"), [Test::Equals(Scalar::Integer { value: 9, text: "9".into() })]);
    assert_eq!(tests("flagged=true"), [Test::Equals(Scalar::Bool(true))]);
    assert_eq!(
        tests("age=5.."),
        [Test::Range { from: Scalar::Integer { value: 5, text: "5".into() }, to: None }]
    );
    assert_eq!(tests("sex=2026-02-30"), [Test::Equals(Scalar::Text("2026-02-30".into()))]);
}

#[test]
fn hostile_queries_are_only_texts() {
    for query in [
        "sex='; DROP TABLE cases; --",
        "sex[[[]]=x",
        "or[]=1",
        "not=1",
        "not[]=x",
        "[]=1",
        "=x",
        "loc:=IQ",
        "sex=\u{202e}\u{0}",
    ] {
        assert!(read(query).is_ok(), "{query}");
    }
}
