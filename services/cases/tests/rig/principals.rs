//! Callers of every kind.

use std::collections::BTreeMap;

use kit_access::{FormAccess, Principal, Scope};

use super::{MODULE, TENANT};

fn principal(user_name: &str, scope: Scope, agency: &str, group: &str) -> Principal {
    Principal {
        tenant: TENANT,
        user_name: user_name.to_owned(),
        full_name: format!("Full {user_name}"),
        scope,
        agency: agency.to_owned(),
        groups: vec![group.to_owned()],
        modules: vec![MODULE.to_owned()],
        expires_at: i64::MAX,
        ..Default::default()
    }
}

fn forms(list: &[(&str, FormAccess)]) -> BTreeMap<String, FormAccess> {
    list.iter().map(|(form, access)| ((*form).to_owned(), *access)).collect()
}

fn allow(principal: &mut Principal, resource: &str, actions: &[&str]) {
    let actions = actions.iter().map(|action| (*action).to_owned()).collect();
    principal.permissions.insert(resource.to_owned(), actions);
}

const WORKER: [&str; 21] = [
    "merge",
    "read",
    "flag_update",
    "create",
    "write",
    "enable_disable_record",
    "flag",
    "incident_from_case",
    "view_incident_from_case",
    "assign",
    "close",
    "reopen",
    "change_log",
    "access_log",
    "view_photo",
    "attribute",
    "view_family_record",
    "case_from_family",
    "link_family_record",
    "add_registry_record",
    "view_registry_record",
];

fn worker(user_name: &str, agency: &str, group: &str) -> Principal {
    let mut one = principal(user_name, Scope::Own, agency, group);
    one.forms = forms(&[
        ("basic", FormAccess::ReadWrite),
        ("readonly", FormAccess::Read),
        ("contacts", FormAccess::ReadWrite),
        ("services", FormAccess::ReadWrite),
        ("relatives", FormAccess::ReadWrite),
        ("family", FormAccess::ReadWrite),
        ("registry", FormAccess::ReadWrite),
        ("incident", FormAccess::Read),
    ]);
    allow(&mut one, "case", &WORKER);
    allow(&mut one, "family", &["read", "create", "write", "case_from_family", "change_log"]);
    allow(&mut one, "registry_record", &["read", "create", "write", "change_log", "flag"]);
    allow(&mut one, "dashboard", &["dash_tasks", "dash_flags"]);
    one
}

pub fn worker_a() -> Principal {
    worker("worker_a", "agency-a", "group-a")
}

pub fn worker_b() -> Principal {
    worker("worker_b", "agency-b", "group-b")
}

pub fn manager() -> Principal {
    let mut one = principal("manager", Scope::Group, "agency-a", "group-a");
    one.forms = forms(&[
        ("basic", FormAccess::ReadWrite),
        ("contacts", FormAccess::Read),
        ("readonly", FormAccess::ReadWrite),
        ("hidden", FormAccess::ReadWrite),
    ]);
    allow(&mut one, "case", &["read", "write", "flag", "assign", "change_log"]);
    one
}

pub fn reader() -> Principal {
    let mut one = principal("reader", Scope::Group, "agency-a", "group-a");
    one.forms = forms(&[("basic", FormAccess::Read)]);
    allow(&mut one, "case", &["read"]);
    one
}

pub fn limited() -> Principal {
    let mut one = principal("limited", Scope::Group, "agency-a", "group-a");
    allow(&mut one, "case", &["read", "close", "services_section_from_case"]);
    one
}

pub fn searcher() -> Principal {
    let mut one = principal("searcher", Scope::Own, "agency-b", "group-b");
    one.forms = forms(&[("basic", FormAccess::Read)]);
    allow(&mut one, "case", &["read", "search_owned_by_others", "display_view_page"]);
    one
}

pub fn root() -> Principal {
    let mut one = principal("root", Scope::All, "agency-a", "group-a");
    one.forms = forms(&[("basic", FormAccess::ReadWrite), ("contacts", FormAccess::ReadWrite)]);
    allow(&mut one, "case", &["manage"]);
    one
}

pub fn nobody() -> Principal {
    principal("nobody", Scope::Own, "agency-b", "group-b")
}
