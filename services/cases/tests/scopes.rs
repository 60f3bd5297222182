//! Who reaches records, as those are told who pass on that one changed.

use kit_access::Reach;
use kit_bus::Kind;
use kit_proto::facts::v1::{CaseChanged, UserChanged};
use kit_proto::records::v1::{FindScopesRequest, RecordScope};
use kit_records::{Record, RecordType};
use serde_json::json;

use crate::rig::{MODULE, Rig, TENANT, manager, root, worker_a, worker_b};

async fn scopes(rig: &Rig, ids: &[&str]) -> Vec<RecordScope> {
    let ids = ids.iter().map(|id| (*id).to_owned()).collect();
    let request = rig.shared.internal_call(Some(TENANT)).request(FindScopesRequest { ids });
    let found = rig.shared.peers.records(kit_serve::Service::Cases).find_scopes(request).await;
    found.unwrap().into_inner().records
}

fn record(json: &[u8]) -> Record {
    serde_json::from_slice(json).unwrap()
}

#[tokio::test]
async fn scopes_are_those_that_reads_are_judged_by() {
    let rig = Rig::start().await;
    let (ann, ben, boss) = (worker_a(), worker_b(), manager());
    let case = rig.case(&ann, json!({"name": "Here", "age": 4})).await;
    let other = rig.case(&ben, json!({"name": "There", "age": 4})).await;
    let family = json!({"family_name": "Said", "module_id": MODULE});
    let family = rig.create_of("family", &ann, family).await.unwrap();
    let family = family.data["id"].as_str().unwrap();
    let unknown = kit_test::fresh_id().to_string();
    let found = scopes(&rig, &[&case, &other, family, &unknown, "no id"]).await;
    assert_eq!(found.len(), 3);
    for one in &found {
        let record_type = RecordType::parse(&one.record_type).unwrap();
        for who in [&ann, &ben, &boss] {
            let within = Reach::of(who, record_type).covers(&record(&one.scope));
            let read = rig.get_of(&one.record_type, who, &one.id).await.is_ok();
            assert_eq!(within && who.may(&one.record_type, "read"), read, "{}", who.user_name);
        }
        assert!(one.before.is_empty() && one.conflicts == 0);
        let scope = String::from_utf8(one.scope.to_vec()).unwrap();
        assert!(!scope.contains("Here") && !scope.contains("Said"), "{scope}");
    }
    rig.stop();
}

#[tokio::test]
async fn who_loses_a_record_is_known_and_so_are_its_conflicts() {
    let rig = Rig::start().await;
    let (ann, ben) = (worker_a(), worker_b());
    let case = rig.case(&ann, json!({"name": "Moving", "age": 4})).await;
    rig.patch(&root(), &case, json!({"owned_by": "worker_b"})).await.unwrap();
    let found = scopes(&rig, &[&case]).await.remove(0);
    let reach = Reach::of(&ann, RecordType::Case);
    assert!(!reach.covers(&record(&found.scope)) && reach.covers(&record(&found.before)));
    assert!(Reach::of(&ben, RecordType::Case).covers(&record(&found.scope)));

    rig.patch(&root(), &case, json!({"age": 5})).await.unwrap();
    rig.patch_as(&ben, &case, json!({"age": 6}), "", 1).await.unwrap();
    let open = scopes(&rig, &[&case]).await.remove(0).conflicts;
    assert_eq!(open, 1);
    rig.stop();
}

/// A conflict alone changes no field; those who listen hear that there is something to look at.
#[tokio::test]
async fn a_conflict_is_a_fact() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let case = rig.case(&ann, json!({"name": "Two minds", "age": 4})).await;
    rig.patch(&root(), &case, json!({"age": 5})).await.unwrap();
    let bus = kit_bus::Bus::connect(rig.bus.url()).await.unwrap();
    let mut heard = bus.overhear("cases").await.unwrap();
    rig.patch_as(&ann, &case, json!({"age": 6}), "", 1).await.unwrap();
    let next = tokio::time::timeout(std::time::Duration::from_secs(20), async {
        loop {
            let fact = heard.next().await.unwrap();
            if let Some(Kind::CaseChanged(changed)) = fact.kind
                && fact.version > 2
            {
                return changed;
            }
        }
    });
    let CaseChanged { action, changed_fields, .. } = next.await.unwrap();
    assert_eq!((action.as_str(), changed_fields), ("updated", vec![]));
    rig.stop();
}

/// Records follow their people: no fact of a record says so.
#[tokio::test]
async fn scopes_follow_people() {
    let rig = Rig::start().await;
    let case = rig.case(&worker_a(), json!({"name": "Stays", "age": 4})).await;
    let user = UserChanged {
        user_name: "worker_a".into(),
        id: 1,
        agency: "agency-b".into(),
        groups: vec!["group-b".into()],
        ..UserChanged::default()
    };
    rig.tell("identity", "1", 9, Kind::UserChanged(user)).await;
    for _ in 0..200 {
        let scope = record(&scopes(&rig, &[&case]).await.remove(0).scope);
        if scope["associated_user_groups"] == json!(["group-b"]) {
            return rig.stop();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the scope does not follow");
}
