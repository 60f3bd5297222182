//! What a first page shows, in one answer: counts with their queries, tasks, all dashboards.

use kit_access::{Principal, Scope};
use kit_store::{StoreError, Tx};
use serde_json::{Map, Value, json};

use super::ask::Owned;
use super::dashboards::Desk;
use super::told::TASKS;

/// What the page needs beside the dashboards.
pub const NEEDED: &str = "home";

const TASK_MEASURES: &[&str] =
    &["task_assessment", "task_case_plan", "task_follow_up", "task_service"];

/// The page of a caller; what their role does not allow is not there.
pub async fn page(
    tx: &Tx,
    principal: &Principal,
    desk: &Desk,
    granted: &[&'static str],
) -> Result<Value, StoreError> {
    let mut page = Map::new();
    page.insert("today".into(), json!(desk.sight.today));
    if principal.may("case", "read") {
        page.insert("cases".into(), cases(principal, desk));
        if principal.grants("dashboard", "case_risk") {
            page.insert("risk".into(), desk.by_risk());
        }
        let reaches_own = principal.scope != Scope::Identified;
        if principal.may("dashboard", "dash_tasks") && reaches_own {
            let (overdue, soon) = desk.sight.tasks(tx, TASK_MEASURES).await?;
            page.insert("tasks".into(), tasks(&overdue, &soon));
        }
    }
    if principal.may("incident", "read") {
        let open = desk.count("incident.status", "open", &desk.open());
        page.insert("incidents".into(), json!({ "open": open }));
    }
    let boards = granted.iter().flat_map(|name| desk.boards(name)).collect();
    page.insert("dashboards".into(), Value::Array(boards));
    Ok(Value::Object(page))
}

fn cases(principal: &Principal, desk: &Desk) -> Value {
    let mut cases = json!({
        "open": desk.all_open(),
        "new_or_updated": desk.updated(),
        "closed": desk.count("status", "closed", &desk.closed()),
    });
    if principal.may("case", "flag") {
        cases["flagged"] = desk.count("flagged", "", &desk.open().is("flagged", "true"));
    }
    cases
}

/// Of the caller's own open cases, as the list of tasks has them.
fn tasks(overdue: &Owned, soon: &Owned) -> Value {
    let mut kinds = Map::new();
    let (mut all_overdue, mut all_soon) = (0, 0);
    for (kind, _) in TASKS {
        let measure = format!("task_{kind}");
        // What will be due by then counts what is overdue already.
        let late = overdue.total(&measure);
        let due_soon = soon.total(&measure) - late;
        all_overdue += late;
        all_soon += due_soon;
        kinds.insert(kind.into(), json!({ "overdue": late, "due_soon": due_soon }));
    }
    json!({ "overdue": all_overdue, "due_soon": all_soon, "kinds": kinds })
}
