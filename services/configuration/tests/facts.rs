//! What others are told.

use std::time::Duration;

use kit_bus::{Bus, Kind};
use kit_test::TestBus;
use serde_json::json;

use crate::rig::Rig;

#[tokio::test]
async fn changes_of_forms_and_places_are_told() {
    let rig = Rig::start().await;
    let nats = TestBus::new().await;
    let bus = Bus::connect(nats.url()).await.unwrap();
    let mut heard = bus.overhear("configuration").await.unwrap();
    let tenant = rig.tenant().await;
    let place = json!({"code": "A", "placename": {"en": "A"}});
    rig.root(tenant).create_location(place).await.unwrap();
    let config = rig.db.runtime_url().parse().unwrap();
    let relay = configuration::relay(kit_bus::RelayBuilder::new(
        rig.app.store.clone(),
        bus.clone(),
        "configuration",
        config,
    ));
    let relaying = tokio::spawn(relay.run());
    let (mut catalog, mut location) = (false, false);
    while !(catalog && location) {
        let fact = tokio::time::timeout(Duration::from_secs(20), heard.next()).await.unwrap();
        match fact.unwrap().kind {
            Some(Kind::CatalogChanged(_)) => catalog = true,
            Some(Kind::LocationsChanged(changed)) => {
                assert_eq!(
                    (changed.locations[0].code.as_str(), changed.locations[0].deleted),
                    ("A", false)
                );
                location = true;
            }
            other => panic!("{other:?}"),
        }
    }
    relaying.abort();
}
