//! What a worker has to do.

use serde_json::json;

use crate::rig::{Rig, manager, status, worker_a};

#[tokio::test]
async fn an_open_due_date_makes_a_task_of_the_owner() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let soon = rig
        .case(
            &ann,
            json!({"name": "Task soon", "assessment_due_date": "2026-02-03",
        "risk_level": "low"}),
        )
        .await;
    let late =
        rig.case(&ann, json!({"name": "Task late", "assessment_due_date": "2026-01-28"})).await;
    let done =
        json!({"assessment_due_date": "2026-02-03", "assessment_requested_on": "2026-01-30"});
    rig.case(&ann, done).await;
    let closed = rig.case(&ann, json!({"assessment_due_date": "2026-02-03"})).await;
    rig.patch(&ann, &closed, json!({"status": "closed"})).await.unwrap();
    let told = rig.tasks(&ann, "per=1000&page=1").await.unwrap();
    assert_eq!(told.ids(), [&soon, &late]);
    assert_eq!(told.metadata["field_names"]["assessment"], "assessment_due_date");
    assert_eq!((&told.metadata["total"], &told.metadata["per"]), (&json!(2), &json!(1000)));
    let task = &told.data[0];
    for (name, value) in json!({
        "record_type": "case", "type": "assessment", "name": "Task soon", "priority": "low",
        "due_date": "03-Feb-2026", "completion_field": "assessment_requested_on",
        "overdue": false, "upcoming_soon": true, "module_unique_id": crate::rig::MODULE,
        "type_display": "Assessment", "record_id_display": soon[soon.len() - 7..],
    })
    .as_object()
    .unwrap()
    {
        assert_eq!(&task[name], value, "{name}");
    }
    assert_eq!(
        (&told.data[1]["overdue"], &told.data[1]["upcoming_soon"]),
        (&json!(true), &json!(false))
    );
    let ascending = rig.tasks(&ann, "order_by=due_date&order=asc&per=1").await.unwrap();
    assert_eq!(ascending.ids(), [&late]);
    assert_eq!(status(rig.tasks(&manager(), "").await), 403);
}
