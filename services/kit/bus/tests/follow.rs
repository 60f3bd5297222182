//! Following the facts of a service from a place on.

use std::time::Duration;

use kit_bus::{Bus, Fact, Heard, Kind, Parts};
use kit_proto::facts::v1::CaseChanged;
use kit_test::TestBus;
use uuid::Uuid;

const SERVICE: &str = "town";

async fn tell(bus: &Bus, tenant: Uuid, id: Uuid) {
    let changed =
        CaseChanged { case_id: id.to_string(), sealed: vec![1; 500].into(), ..Default::default() };
    let fact = Fact {
        event_id: kit_test::fresh_id().to_string(),
        tenant: tenant.to_string(),
        stream: format!("case-{id}"),
        version: 1,
        kind: Some(Kind::CaseChanged(changed)),
        ..Default::default()
    };
    while bus.publish(SERVICE, &id.to_string(), &fact).await.is_err() {}
}

async fn next(following: &mut kit_bus::Following) -> Heard {
    tokio::time::timeout(Duration::from_secs(20), following.next()).await.unwrap().unwrap()
}

#[tokio::test]
async fn facts_are_heard_in_order_from_a_place_on() {
    let server = TestBus::new().await;
    let bus = Bus::connect(server.url()).await.unwrap();
    let (tenant, ids) = (kit_test::fresh_id(), [1, 2, 3].map(Uuid::from_u128));
    bus.stream(SERVICE).await.unwrap();
    tell(&bus, tenant, ids[0]).await;
    let mut now = bus.follow(SERVICE, None, Parts::Subject).await.unwrap();
    tell(&bus, tenant, ids[1]).await;
    tell(&bus, tenant, ids[2]).await;
    let second = next(&mut now).await;
    assert_eq!(
        (second.tenant, second.id, second.kind.as_str()),
        (tenant, Some(ids[1]), "case_changed")
    );
    assert!(second.fact.is_none(), "the subject alone");
    assert_eq!(second.sequence, now.after + 1);
    assert_eq!(next(&mut now).await.id, Some(ids[2]));

    let mut again = bus.follow(SERVICE, Some(second.sequence), Parts::Whole).await.unwrap();
    assert_eq!((again.born, again.after), (now.born, second.sequence));
    let third = next(&mut again).await;
    assert_eq!(third.id, Some(ids[2]));
    let Some(Kind::CaseChanged(changed)) = third.fact.unwrap().kind else { panic!("a case") };
    assert_eq!(changed.sealed.len(), 500);

    // A place that was never reached is one of another stream: what comes from now on is told.
    let beyond = bus.follow(SERVICE, Some(third.sequence + 100), Parts::Subject).await.unwrap();
    assert_eq!(beyond.after, third.sequence);
}
