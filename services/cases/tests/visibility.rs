//! Who can see a case, and why: the same people who can read it.

use kit_access::{Principal, Scope};
use serde_json::json;

use crate::rig::{Rig, manager, nobody, reader, root, status, worker_a, worker_b};

#[tokio::test]
async fn those_are_named_who_can_read_it_and_no_others() {
    let rig = Rig::start().await;
    let agency = Principal {
        user_name: "office".into(),
        full_name: "Full office".into(),
        scope: Scope::Agency,
        ..reader()
    };
    let everyone = [worker_a(), worker_b(), manager(), reader(), root(), nobody(), agency];
    *rig.others.principals.lock().unwrap() = everyone.to_vec();
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Seen", "assigned_user_names": ["worker_b"]})).await;
    let shown = rig.visibility(&ann, &id, "").await.unwrap();
    let rows = shown.data.as_array().unwrap();
    let named: Vec<&str> = rows.iter().map(|one| one["user_name"].as_str().unwrap()).collect();
    let mut readers = Vec::new();
    for one in &everyone {
        if rig.get(one, &id).await.is_ok() {
            readers.push(one.user_name.as_str());
        }
    }
    let mut sorted = named.clone();
    sorted.sort_unstable();
    readers.sort_unstable();
    assert_eq!(sorted, readers, "one rule for both");
    let of =
        |name: &str| rows.iter().find(|one| one["user_name"] == name).cloned().unwrap_or_default();
    assert_eq!(of("worker_a")["reasons"], json!([{"code": "owner"}]));
    assert_eq!(
        of("manager")["reasons"],
        json!([{"code": "team", "user_group_unique_id": "group-a"}])
    );
    assert_eq!(
        of("office")["reasons"],
        json!([{"code": "agency", "agency_unique_id": "agency-a"}])
    );
    assert_eq!(of("root")["reasons"], json!([{"code": "all"}]));
    assert_eq!(of("reader")["forms"], json!({"rw": 0, "r": 1}));
    let page = rig.visibility(&ann, &id, "per=1&page=2").await.unwrap();
    assert_eq!((page.data.as_array().unwrap().len(), page.total()), (1, named.len()));
    for (other, wanted) in [(reader(), 403), (worker_b(), status(rig.get(&worker_b(), &id).await))]
    {
        assert_eq!(status(rig.visibility(&other, &id, "").await), wanted, "{}", other.user_name);
    }
    assert_eq!(status(rig.visibility(&ann, &kit_test::fresh_id().to_string(), "").await), 404);
    rig.stop();
}
