//! Columns of the lists that a user is shown (primero-backend 5.6).

use serde_json::{Map, Value, json};

use super::conditions::Session;

/// A column by its label and field.
struct Column {
    label: &'static str,
    field: &'static str,
    /// Found by searching for an id.
    id_search: bool,
}

const fn column(label: &'static str, field: &'static str) -> Column {
    Column { label, field, id_search: false }
}

const fn id_column(label: &'static str, field: &'static str) -> Column {
    Column { label, field, id_search: true }
}

/// Columns by list.
pub(super) fn headers(session: &Session<'_>) -> Value {
    let lists: [(&str, Vec<Column>); 13] = [
        ("cases", cases(session)),
        ("incidents", incidents(session)),
        ("tracing_requests", TRACING_REQUESTS.into()),
        ("registry_records", registry_records(session)),
        ("families", families(session)),
        ("reports", vec![column("name", "name"), column("description", "description")]),
        ("tasks", TASKS.into()),
        ("bulk_exports", BULK_EXPORTS.into()),
        ("audit_logs", AUDIT_LOGS.into()),
        ("agencies", vec![column("name", "name"), column("code", "agency_code")]),
        ("users", USERS.into()),
        ("user_groups", vec![column("name", "name"), column("description", "description")]),
        ("locations", LOCATIONS.into()),
    ];
    let lists: Map<String, Value> =
        lists.into_iter().map(|(list, columns)| (list.to_owned(), rendered(&columns))).collect();
    lists.into()
}

const TRACING_REQUESTS: [Column; 5] = [
    id_column("id", "short_id"),
    column("name_of_inquirer", "relation_name"),
    column("date_of_inquiry", "inquiry_date"),
    column("tracing_requests", "tracing_names"),
    column("flag_count", "flag_count"),
];
const TASKS: [Column; 6] = [
    column("id", "record_id_display"),
    column("name", "name"),
    column("priority", "priority"),
    column("type", "type"),
    column("due_date", "due_date"),
    column("status", "status"),
];
const BULK_EXPORTS: [Column; 3] = [
    column("file_name", "file_name"),
    column("record_type", "record_type"),
    column("started_on", "started_on"),
];
const AUDIT_LOGS: [Column; 5] = [
    column("timestamp", "timestamp"),
    column("user_name", "user_name"),
    column("action", "action"),
    column("description", "log_message"),
    column("record_owner", "user_name"),
];
const USERS: [Column; 5] = [
    column("full_name", "full_name"),
    column("user_name", "user_name"),
    column("position", "position"),
    column("agency", "agency_id"),
    column("enabled", "disabled"),
];
const LOCATIONS: [Column; 4] = [
    column("code", "code"),
    column("name", "name"),
    column("type", "type"),
    column("hierarchy", "hierarchy"),
];

fn rendered(columns: &[Column]) -> Value {
    columns
        .iter()
        .map(|one| {
            let mut header = json!({"name": one.label, "field_name": one.field});
            if one.id_search {
                header["id_search"] = true.into();
            }
            header
        })
        .collect()
}

fn cases(session: &Session<'_>) -> Vec<Column> {
    let who = &session.principal;
    let manager = who.is_manager;
    let shows_names = !manager || who.grants("case", "list_case_names");
    let offered = [
        (true, id_column("id", "short_id")),
        (true, id_column("case_id", "case_id_display")),
        (shows_names, column("name", "name")),
        (who.may("case", "sync_mobile"), column("complete", "complete")),
        (session.works_with("-gbv"), column("client_code", "client_code")),
        (session.works_with("-gbv") && !manager, id_column("survivor_code", "survivor_code_no")),
        (true, column("age", "age")),
        (true, column("sex", "sex")),
        (session.field("case", "gender").is_some(), column("gender", "gender")),
        (true, column("registration_date", "registration_date")),
        (session.works_with("-gbv"), column("case_opening_date", "created_at")),
        (who.may("case", "view_photo"), column("photo", "photo")),
        (manager, column("social_worker", "owned_by")),
        (
            session.field("case", "location_current").is_some(),
            column("location", "location_current"),
        ),
        (true, column("alert_count", "alert_count")),
        (true, column("flag_count", "flag_count")),
    ];
    let listed = session.listed("list_headers", "cases");
    let kept = |field: &str| listed.as_ref().is_none_or(|all| all.iter().any(|one| one == field));
    let shown = offered.into_iter().filter(|(shown, one)| *shown && kept(one.field));
    shown.map(|(_, column)| column).collect()
}

fn incidents(session: &Session<'_>) -> Vec<Column> {
    let (gbv, mrm) = (session.works_with("-gbv"), session.works_with("-mrm"));
    let offered = [
        (true, id_column("id", "short_id")),
        (gbv, column("survivor_code", "survivor_code")),
        (gbv, column("date_of_interview", "date_of_first_report")),
        (true, column("date_of_incident", "incident_date_derived")),
        (!mrm, column("violence_type", "gbv_sexual_violence_type")),
        (mrm, column("location", "incident_location")),
        (mrm, column("violations", "violations")),
        (session.principal.is_manager, column("social_worker", "owned_by")),
        (true, column("flag_count", "flag_count")),
    ];
    offered.into_iter().filter(|(shown, _)| *shown).map(|(_, column)| column).collect()
}

fn registry_records(session: &Session<'_>) -> Vec<Column> {
    let offered = [
        (true, id_column("id", "short_id")),
        (true, column("name", "name")),
        (session.principal.may("registry_record", "sync_mobile"), column("complete", "complete")),
        (true, column("registry_no", "registry_no")),
        (true, column("registration_date", "registration_date")),
    ];
    offered.into_iter().filter(|(shown, _)| *shown).map(|(_, column)| column).collect()
}

fn families(session: &Session<'_>) -> Vec<Column> {
    let offered = [
        (true, id_column("id", "short_id")),
        (true, column("family_name", "family_name")),
        (session.principal.may("family", "sync_mobile"), column("complete", "complete")),
        (true, column("family_registration_date", "family_registration_date")),
        (true, column("family_location_current", "family_location_current")),
    ];
    offered.into_iter().filter(|(shown, _)| *shown).map(|(_, column)| column).collect()
}
