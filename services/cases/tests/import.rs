//! Whole cases with their history, taken over by an operator.

use kit_proto::cases::v1::{CaseHistory, CaseStep, ImportCasesReply, ImportCasesRequest};
use kit_serve::{CallContext, Refusal};
use serde_json::{Value, json};

use crate::rig::{MODULE, Rig, TENANT, worker_a, worker_b};

fn step(at: &str, by: &str, action: &str, data: &Value) -> CaseStep {
    let at: jiff::Timestamp = at.parse().unwrap();
    CaseStep {
        at_unix_us: at.as_microsecond(),
        user_name: by.into(),
        record_action: action.into(),
        data: data.to_string().into_bytes().into(),
    }
}

fn registered(data: &Value) -> CaseStep {
    let mut data = data.clone();
    data["module_id"] = json!(MODULE);
    data["created_at"] = json!("2024-05-06T08:00:00.000Z");
    step("2024-05-06T08:00:00Z", "worker_a", "", &data)
}

/// Registered in May, handed over in June, closed in July.
pub fn history(id: &str) -> CaseHistory {
    let steps = vec![
        registered(&json!({"name": "Rana", "age": 9, "sex": "female"})),
        step("2024-06-01T09:00:00Z", "worker_a", "assign", &json!({"owned_by": "worker_b"})),
        step("2024-07-01T09:00:00Z", "worker_b", "close", &json!({"status": "closed", "age": 10})),
    ];
    CaseHistory { id: id.into(), steps }
}

pub async fn import(
    rig: &Rig,
    command: &str,
    cases: Vec<CaseHistory>,
) -> Result<ImportCasesReply, Refusal> {
    let call = rig.shared.internal_call(Some(TENANT));
    let request = ImportCasesRequest { command_id: command.into(), cases };
    let reply = rig.shared.peers.cases().import_cases(call.request(request)).await;
    reply.map(tonic::Response::into_inner).map_err(Refusal::from)
}

#[tokio::test]
async fn a_history_is_told_as_it_happened() {
    let rig = Rig::start().await;
    let id = kit_test::fresh_id().to_string();
    let reply = import(&rig, "", vec![history(&id)]).await.unwrap();
    assert_eq!((reply.stored, reply.events, reply.known), (1, 4, 0));
    let shown = rig.get(&worker_b(), &id).await.unwrap().data;
    for (name, value) in [
        ("created_at", json!("2024-05-06T08:00:00.000Z")),
        ("created_by", json!("worker_a")),
        ("owned_by", json!("worker_b")),
        ("previously_owned_by", json!("worker_a")),
        ("owned_by_agency_id", json!("agency-b")),
        ("status", json!("closed")),
        ("date_closure", json!("2024-07-01")),
        ("last_updated_at", json!("2024-07-01T09:00:00.000Z")),
        ("age", json!(10)),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    assert_eq!(rig.list(&worker_b(), "status=closed").await.unwrap().ids(), [id.as_str()]);
    let told = rig.history(&worker_b(), &id, "").await.unwrap().data;
    let told: Vec<_> = told.as_array().unwrap().iter().map(|one| &one["datetime"]).collect();
    assert_eq!(told, ["2024-07-01T09:00:00Z", "2024-06-01T09:00:00Z", "2024-05-06T08:00:00Z"]);
}

#[tokio::test]
async fn a_repeat_adds_nothing() {
    let rig = Rig::start().await;
    let id = kit_test::fresh_id().to_string();
    let command = kit_test::fresh_id().to_string();
    import(&rig, &command, vec![history(&id)]).await.unwrap();
    for command in [command, kit_test::fresh_id().to_string()] {
        let again = import(&rig, &command, vec![history(&id)]).await.unwrap();
        assert_eq!((again.stored, again.events, again.known), (0, 0, 1));
    }
    assert_eq!(rig.get(&worker_b(), &id).await.unwrap().version, 4);
}

#[tokio::test]
async fn a_case_with_a_wrong_step_is_left_out_whole_and_told() {
    let rig = Rig::start().await;
    let [good, bad, ghost] = [(); 3].map(|()| kit_test::fresh_id().to_string());
    let mut wrong = history(&bad);
    wrong.steps.push(step("2024-08-01T09:00:00Z", "worker_b", "", &json!({"age": "ten"})));
    let mut unknown = history(&ghost);
    unknown.steps[1].user_name = "nobody".into();
    let reply = import(&rig, "", vec![wrong, history(&good), unknown]).await.unwrap();
    assert_eq!(reply.stored, 1);
    let told: Vec<_> = reply.refused.iter().map(|one| (one.id.as_str(), one.step)).collect();
    assert_eq!(told, [(bad.as_str(), 3), (ghost.as_str(), 1)]);
    assert_eq!(reply.refused[0].reasons, ["/age wrong_type"]);
    assert_eq!(rig.get(&worker_b(), &good).await.unwrap().version, 4);
    let missing = rig.get(&worker_b(), &bad).await.unwrap_err();
    assert_eq!(missing.code.http_status(), 404);
}

#[tokio::test]
async fn nobody_takes_over_cases_but_the_installation() {
    let rig = Rig::start().await;
    let token = rig.token(&worker_a());
    let call = CallContext::principal(token, kit_test::fresh_id());
    let request = ImportCasesRequest { command_id: String::new(), cases: vec![] };
    let refused = rig.shared.peers.cases().import_cases(call.request(request)).await.unwrap_err();
    assert_eq!(Refusal::from(refused).code.http_status(), 401);
}
