//! Streams of events, over HTTP, with facts over real NATS: what is told, to whom, and how streams
//! end.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::Method;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use kit_bus::{Bus, Fact, Kind};
use kit_proto::facts::v1::{CaseChanged, CatalogChanged, PeopleChanged, RecordErased, UserChanged};
use kit_proto::records::v1::RecordScope;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::fake::TENANT;
use crate::rig::{Browser, Rig};

const EVENTS: &str = "/api/amparo/v1/events";
/// Longer than what is told at most once in a while waits.
const SOON: Duration = Duration::from_secs(40);

/// An open stream.
struct Listening {
    body: Incoming,
    text: String,
    /// The last id that it told.
    id: String,
}

/// Name and data.
type Told = (String, Value);

impl Listening {
    async fn at(browser: &mut Browser, query: &str) -> Self {
        let response = browser.begin(Method::GET, &format!("{EVENTS}{query}"), "").await;
        assert_eq!(response.status(), 200);
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "text/event-stream");
        assert_eq!(
            (header("cache-control").as_str(), header("x-accel-buffering").as_str()),
            ("no-store", "no")
        );
        assert!(response.headers().get("content-encoding").is_none());
        let mut stream =
            Self { body: response.into_body(), text: String::new(), id: String::new() };
        let (name, data) = stream.next().await.unwrap();
        assert_eq!(name, "hello");
        assert!(data["lifetime"].as_u64().is_some());
        stream
    }

    /// The next event; none at the end.
    async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                if let Some(told) = self.read(&block) {
                    return Some(told);
                }
                continue;
            }
            let frame = tokio::time::timeout(SOON, self.body.frame()).await.expect("an event soon");
            let piece = frame?.unwrap().into_data().unwrap();
            self.text.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }

    fn read(&mut self, block: &str) -> Option<Told> {
        let (mut name, mut data) = (None, Value::Null);
        for line in block.lines() {
            match line.split_once(": ") {
                Some(("id", id)) => id.clone_into(&mut self.id),
                Some(("event", event)) => name = Some(event.to_owned()),
                Some(("data", json)) => data = serde_json::from_str(json).unwrap(),
                _ => {}
            }
        }
        Some((name?, data))
    }

    /// The next events, of these names.
    async fn expect(&mut self, names: &[&str]) -> Vec<Value> {
        let mut all = Vec::new();
        for name in names {
            let (mut told, mut data) = self.next().await.expect(name);
            // Comes some seconds after what it is about.
            while told == "notices" && *name != "notices" {
                (told, data) = self.next().await.expect(name);
            }
            assert_eq!(told, *name, "{data}");
            all.push(data);
        }
        all
    }
}

fn id(number: u128) -> String {
    Uuid::from_u128(number).to_string()
}

async fn tell(bus: &Bus, service: &str, id: &str, version: u64, kind: Kind) {
    let fact = Fact {
        event_id: kit_test::fresh_id().to_string(),
        tenant: TENANT.to_string(),
        stream: format!("x-{id}"),
        version,
        kind: Some(kind),
        ..Default::default()
    };
    while bus.publish(service, id, &fact).await.is_err() {}
}

async fn change(rig: &Rig, number: u128) {
    let changed =
        CaseChanged { case_id: id(number), sealed: vec![7; 900].into(), ..Default::default() };
    tell(&rig.bus, "cases", &id(number), 2, Kind::CaseChanged(changed)).await;
}

fn scope(number: u128, user: &str, before: &str, conflicts: u32) -> (String, RecordScope) {
    let of = |user: &str| json!({"associated_user_names": [user]}).to_string().into_bytes().into();
    let scope = RecordScope {
        record_type: "case".into(),
        id: id(number),
        scope: of(user),
        before: if before.is_empty() { bytes::Bytes::new() } else { of(before) },
        conflicts,
    };
    (id(number), scope)
}

/// The keeper knows these records: 1 and 2 are ann's, 3 was, 4 never.
fn known(rig: &Rig) {
    let scopes = [
        scope(1, "ann", "", 0),
        scope(2, "ann", "", 1),
        scope(3, "ben", "ann", 0),
        scope(4, "ben", "eve", 0),
    ];
    *rig.world.scopes.lock().unwrap() = Some(HashMap::from(scopes));
}

#[tokio::test]
async fn what_changes_within_sight_is_told_and_nothing_else() {
    let rig = Rig::start().await;
    known(&rig);
    let mut stream = Listening::at(&mut rig.signed_in().await, "").await;
    for number in [4, 9, 1, 1, 2] {
        change(&rig, number).await;
    }
    let about =
        |name: &str, number| (name.to_owned(), json!({"record_type": "case", "id": id(number)}));
    let mut told = Vec::new();
    while !told.contains(&about("changed", 2)) {
        told.push(stream.next().await.unwrap());
    }
    told.dedup();
    assert_eq!(told, [about("changed", 1), about("conflicts", 2), about("changed", 2)]);
    stream.expect(&["notices"]).await;
    change(&rig, 3).await;
    assert_eq!(stream.expect(&["caseload"]).await, [json!({})], "what left is not named");
    rig.stop().await;
}

#[tokio::test]
async fn who_comes_back_hears_what_they_missed_at_any_gateway() {
    let rig = Rig::start().await;
    known(&rig);
    let another = rig.another().await;
    let mut here = rig.signed_in().await;
    let mut there = Browser::at(&another.address);
    there.cookies.clone_from(&here.cookies);
    let mut stays = Listening::at(&mut there, "").await;
    let mut breaks = Listening::at(&mut here, "").await;
    change(&rig, 1).await;
    breaks.expect(&["changed"]).await;
    stays.expect(&["changed"]).await;
    let place = breaks.id.clone();
    drop(breaks);
    change(&rig, 2).await;
    stays.expect(&["conflicts", "changed"]).await;
    let mut again = there.with("last-event-id", &place);
    let mut back = Listening::at(&mut again, "").await;
    let told = back.expect(&["conflicts", "changed"]).await;
    assert_eq!(told[1]["id"], id(2), "and not what was told before");
    // As a query, for those who cannot set headers; and what nobody knows.
    let mut back = Listening::at(&mut here, &format!("?last_event_id={place}")).await;
    back.expect(&["conflicts", "changed"]).await;
    for unknown in ["1-00000000-9.9.9.9.9", "rubbish"] {
        let mut back = Listening::at(&mut here, &format!("?last_event_id={unknown}")).await;
        back.expect(&["missed"]).await;
    }
    rig.stop().await;
}

#[tokio::test]
async fn configuration_people_and_erasures_are_told_without_names() {
    let rig = Rig::start().await;
    known(&rig);
    let mut stream = Listening::at(&mut rig.signed_in().await, "").await;
    tell(&rig.bus, "configuration", "x", 1, Kind::CatalogChanged(CatalogChanged { version: 7 }))
        .await;
    stream.expect(&["configuration"]).await;
    let erased =
        RecordErased { record_type: "case".into(), record_id: id(1), ..Default::default() };
    tell(&rig.bus, "cases", &id(1), 5, Kind::RecordErased(erased)).await;
    assert_eq!(stream.expect(&["caseload"]).await, [json!({})]);
    // Another person's move concerns only those who see by groups; ann sees her own.
    let moved =
        UserChanged { user_name: "ben".into(), groups: vec!["g".into()], ..Default::default() };
    let looks = rig.world.looks.load(Ordering::SeqCst);
    tell(&rig.bus, "identity", "9", 4, Kind::UserChanged(moved)).await;
    change(&rig, 1).await;
    stream.expect(&["changed"]).await;
    assert!(rig.world.looks.load(Ordering::SeqCst) > looks, "it is asked who ann is now");
    rig.stop().await;
}

#[tokio::test]
async fn without_a_word_from_the_keeper_nothing_is_named_or_lost() {
    let rig = Rig::start().await;
    let mut stream = Listening::at(&mut rig.signed_in().await, "").await;
    change(&rig, 1).await;
    assert_eq!(stream.expect(&["caseload"]).await, [json!({})]);
    known(&rig);
    for number in 1_000..1_201 {
        change(&rig, number).await;
    }
    // More at once than anybody wants to hear one by one; at most one in twenty seconds.
    change(&rig, 1).await;
    let (name, _) = stream.next().await.unwrap();
    assert!(["changed", "caseload"].contains(&name.as_str()), "{name}");
    rig.stop().await;
}

#[tokio::test]
async fn a_session_that_ends_ends_its_streams() {
    let rig = Rig::start().await;
    let mut browser = rig.signed_in().await;
    let mut stream = Listening::at(&mut browser, "").await;
    let answer = browser.send(Method::DELETE, "/api/v2/tokens", "").await;
    assert_eq!(answer.status, 200);
    let begun = std::time::Instant::now();
    stream.expect(&["ended"]).await;
    assert!(stream.next().await.is_none());
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());

    // Ended elsewhere, of which a fact tells.
    let mut stream = Listening::at(&mut rig.signed_in().await, "").await;
    rig.world.sessions.lock().unwrap().clear();
    let changed = PeopleChanged { kind: "user".into(), unique_id: "7".into() };
    tell(&rig.bus, "identity", "7", 2, Kind::PeopleChanged(changed)).await;
    stream.expect(&["ended"]).await;
    rig.stop().await;
}

#[tokio::test]
async fn streams_end_when_the_gateway_does() {
    let rig = Rig::start().await;
    let mut stream = Listening::at(&mut rig.signed_in().await, "").await;
    let begun = std::time::Instant::now();
    rig.stop().await;
    assert_eq!(stream.expect(&["bye"]).await, [json!({"reason": "drain"})]);
    assert!(stream.next().await.is_none());
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn streams_are_for_people_who_signed_in_and_not_too_many() {
    let rig = Rig::start().await;
    assert_eq!(rig.browser().get(EVENTS).await.status, 401);
    let coded = rig.script("nour", "Sesame-123").with("amparo-otp", "123456").get(EVENTS).await;
    assert_eq!(coded.status, 422, "a code counts once");
    assert_eq!(rig.script("amal", "Sesame-123").get(EVENTS).await.status, 403);
    let short = rig.script("ann", "Sesame-123").get(&format!("{EVENTS}?seconds=0")).await;
    assert!(
        short.text().ends_with("event: bye\ndata: {\"reason\":\"lifetime\"}\n\n"),
        "{}",
        short.text()
    );
    let mut browser = rig.signed_in().await;
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(Listening::at(&mut browser, "").await);
    }
    let refused = browser.get(EVENTS).await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "60"));
    held.pop();
    // Its end is noticed at once.
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if browser.get(&format!("{EVENTS}?seconds=0")).await.status == 200 {
            return rig.stop().await;
        }
    }
    panic!("a stream that is gone keeps its place");
}
