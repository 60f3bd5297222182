//! Every number of every dashboard is followed to its list, by people of every scope: the list
//! has exactly as many records.

use crate::shared::{MODULE, installation, register};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::Client;

const HOST: &str = "counting.localhost";
const PASSWORD: &str = "First-entry-1";
/// Who they are: role's scope, agency, groups, place.
const PEOPLE: [(&str, &str, usize, &[usize], &str); 5] = [
    ("count.ann", "self", 0, &[0], "AM0101"),
    ("count.bob", "group", 0, &[0, 1], "AM0102"),
    ("count.cyd", "agency", 1, &[1], "AM0201"),
    ("count.dan", "all", 1, &[], ""),
    ("count.eve", "group", 1, &[2], "AM0201"),
];
const BOARDS: [&str; 38] = [
    "case_overview",
    "case_risk",
    "action_needed_new_updated",
    "action_needed_identified",
    "dash_reporting_location",
    "dash_protection_concerns",
    "dash_cases_to_assign",
    "workflow",
    "workflow_team",
    "cases_by_task_overdue_assessment",
    "cases_by_task_overdue_case_plan",
    "cases_by_task_overdue_services",
    "cases_by_task_overdue_followups",
    "dash_cases_by_social_worker",
    "dash_group_overview",
    "dash_case_incident_overview",
    "dash_national_admin_summary",
    "dash_violations_category_verification_status",
    "dash_violations_category_region",
    "dash_perpetrator_armed_force_group_party_names",
    "dash_tasks",
    "approvals_assessment",
    "approvals_assessment_pending",
    "approvals_case_plan",
    "approvals_case_plan_pending",
    "approvals_closure",
    "approvals_closure_pending",
    "approvals_action_plan",
    "approvals_action_plan_pending",
    "approvals_gbv_closure",
    "approvals_gbv_closure_pending",
    "action_needed_new_referrals",
    "action_needed_transfer_awaiting_acceptance",
    "dash_shared_with_me",
    "dash_shared_with_others",
    "dash_shared_with_my_team",
    "dash_shared_with_my_team_overview",
    "dash_shared_from_my_team",
];
const VIOLATIONS: &str = "primeromodule-mrm";
/// The entry that an incident's perpetrators belong to.
const VIOLATION: &str = "0198c0de-0000-4000-8000-00000000000a";

struct Town {
    people: Vec<Client>,
}

fn client(user_name: &str) -> Client {
    Client::with_basic(installation().port, HOST, user_name, PASSWORD)
}

async fn make(path: &str, data: Value) -> Result<Value> {
    let answer = client("count.admin").post(path, &json!({ "data": data })).await?;
    answer.data().with_context(|| path.to_owned())
}

/// An organisation with two agencies, three groups, places, and people of each scope.
async fn open() -> Result<Town> {
    installation().amparo(&["tenant", "open", "counting", "--administrator", "count.admin"])?;
    installation().amparo(&["install-configuration", "counting"])?;
    let places = [
        ("AM", "country", ""),
        ("AM01", "province", "AM"),
        ("AM02", "province", "AM"),
        ("AM0101", "district", "AM01"),
        ("AM0102", "district", "AM01"),
        ("AM0201", "district", "AM02"),
    ];
    for (code, kind, parent) in places {
        let name = json!({ "en": format!("Place {code}") });
        let data = json!({"code": code, "type": kind, "placename": name, "parent_code": parent});
        make("/api/v2/locations", data).await?;
    }
    make_roles().await?;
    for number in 0..3 {
        let unique_id = format!("usergroup-{number}");
        let data = json!({"unique_id": unique_id, "name": format!("Team {number}")});
        make("/api/v2/user_groups", data).await?;
    }
    hire_all().await?;
    Ok(Town { people: PEOPLE.map(|(name, ..)| client(name)).into() })
}

/// A role of each scope, with all forms and dashboards.
async fn make_roles() -> Result<()> {
    let mut all = Vec::new();
    for record_type in ["case", "incident"] {
        let path = format!("/api/v2/forms?record_type={record_type}");
        all.extend(client("count.admin").get(&path).await?.data()?.as_array().cloned());
    }
    let forms: serde_json::Map<String, Value> = all
        .iter()
        .flatten()
        .filter(|form| form["is_nested"] != true)
        .filter_map(|form| Some((form["unique_id"].as_str()?.to_owned(), json!("rw"))))
        .collect();
    let rights =
        ["read", "create", "write", "close", "reopen", "enable_disable_record", "flag", "assign"];
    for scope in ["self", "group", "agency", "all"] {
        let role = json!({
            "unique_id": format!("role-{scope}"), "name": format!("Counts {scope}"),
            "group_permission": scope, "module_unique_ids": [MODULE, VIOLATIONS],
            "form_section_read_write": forms,
            "permissions": {"dashboard": BOARDS.as_slice(), "incident": ["read", "create", "write"],
                "case": rights},
        });
        make("/api/v2/roles", role).await?;
    }
    Ok(())
}

async fn hire_all() -> Result<()> {
    let mut agencies = Vec::new();
    for name in ["one", "two"] {
        let unique_id = format!("agency-{name}");
        let data = json!({"unique_id": unique_id, "agency_code": name, "name": {"en": name}});
        agencies.push(make("/api/v2/agencies", data).await?["id"].clone());
    }
    for (name, scope, agency, groups, place) in PEOPLE {
        let groups: Vec<String> = groups.iter().map(|one| format!("usergroup-{one}")).collect();
        let user = json!({
            "user_name": name, "full_name": name, "email": format!("{name}@amparo.example"),
            "password": PASSWORD, "password_confirmation": PASSWORD, "agency_id": agencies[agency],
            "role_unique_id": format!("role-{scope}"), "user_group_unique_ids": groups,
            "locale": "en", "send_mail": false, "location": place,
        });
        make("/api/v2/users", user).await?;
    }
    Ok(())
}

/// Cases of all kinds: late and in time, closed this week and long ago, changed by others.
async fn live(town: &Town) -> Result<()> {
    let (ann, bob, dan) = (&town.people[0], &town.people[1], &town.people[3]);
    let risks = ["high", "medium", "low"];
    for (at, person) in town.people.iter().enumerate() {
        for number in 0..5_usize {
            let mut fields = json!({
                "name_first": "Rana", "name_last": format!("Haddad {at}{number}"),
                "assessment_due_date": if number % 2 == 0 { "2020-02-03" } else { "2099-01-01" },
            });
            if number > 1 {
                fields["risk_level"] = json!(risks[number - 2]);
                fields["protection_concerns"] = json!(["separated", "unaccompanied"]);
            }
            if number == 3 {
                fields["followup_subform_section"] = json!([{ "followup_needed_by_date": "2021-05-05" },
                    { "followup_needed_by_date": "2031-05-05" }]);
                fields["case_plan_due_date"] = json!("2022-02-02");
            }
            let id = register(person, fields).await?["id"].as_str().unwrap().to_owned();
            let path = format!("/api/v2/cases/{id}");
            let change = async |by: &Client, data: Value| -> Result<Value> {
                by.patch(&path, &json!({ "data": data })).await?.data()
            };
            match (number, at) {
                (0, 2) => drop(change(person, json!({"record_state": false})).await?),
                (1, _) => drop(change(dan, json!({"sex": "female"})).await?),
                (2, 0) => {
                    drop(change(bob, json!({"age": 11})).await?);
                    let of_case = json!({"module_id": MODULE, "incident_case_id": id});
                    bob.post("/api/v2/incidents", &json!({ "data": of_case })).await?.data()?;
                }
                (0, 3) => drop(change(dan, json!({"owned_by": "count.bob"})).await?),
                (4, _) => {
                    drop(change(person, json!({"status": "closed"})).await?);
                }
                _ => {}
            }
        }
    }
    violate(town).await?;
    // One long ago: it is counted among the closed, but in no week.
    let old = register(ann, json!({"name_first": "Old", "age": 15})).await?;
    let path = format!("/api/v2/cases/{}", old["id"].as_str().unwrap());
    let closed = json!({"data": {"status": "closed", "date_closure": "2021-01-01"}});
    ann.patch(&path, &closed).await?.data()?;
    Ok(())
}

/// Grave violations, verified or not, of known parties and none, one of them closed and one known
/// no more.
async fn violate(town: &Town) -> Result<()> {
    let of = |kind: &str, status: &str, place: &str, party: &str| {
        json!({"module_id": VIOLATIONS, "incident_date": "2026-01-02", "incident_location": place,
            "violation_category": [kind, "maiming"],
            kind: [{"unique_id": VIOLATION, "ctfmr_verified": status}],
            "maiming": [{"ctfmr_verified": "verified"}, {"ctfmr_verified": "not_mrm"}],
            "perpetrators": [{"armed_force_group_party_name": party,
                "violations_ids": [VIOLATION]}]})
    };
    for (at, person) in town.people[..4].iter().enumerate() {
        let sent = [
            of("killing", "verified", "AM0101", "armed_force_1"),
            of("attack_on_schools", "report_pending_verification", "AM0201", "armed_group_1"),
            of("killing", "reported_not_verified", "AM0102", "armed_group_2"),
        ];
        for (number, data) in sent.into_iter().enumerate() {
            let made = person.post("/api/v2/incidents", &json!({"data": data})).await?.data()?;
            let path = format!("/api/v2/incidents/{}", made["id"].as_str().unwrap());
            let change = match number {
                1 => json!({
                    "attack_on_schools": [{"unique_id": VIOLATION, "_destroy": true}],
                    "killing": [{"ctfmr_verified": "not_mrm"}],
                }),
                2 if at == 1 => json!({"status": "closed"}),
                _ => continue,
            };
            person.patch(&path, &json!({ "data": change })).await?.data()?;
        }
    }
    Ok(())
}

/// Every number below, with the way to it.
fn numbers<'a>(value: &'a Value, path: &str, found: &mut Vec<(String, i64, &'a Value)>) {
    match value {
        Value::Object(members) if members.contains_key("query") => {
            found.push((path.to_owned(), value["count"].as_i64().unwrap(), &value["query"]));
        }
        Value::Object(members) => {
            for (name, member) in members {
                numbers(member, &format!("{path}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for item in items {
                let name = item["name"].as_str().unwrap_or_default();
                numbers(item, &format!("{path}/{name}"), found);
            }
        }
        _ => {}
    }
}

/// The numbers that are not those of their lists, and how many there are in all.
async fn differing(person: &Client) -> Result<(Vec<String>, i64)> {
    let page = person.get("/api/amparo/v1/home").await?.data()?;
    let (mut found, mut odd, mut sum) = (Vec::new(), Vec::new(), 0);
    if page["dashboards"] != person.get("/api/v2/dashboards").await?.data()? {
        odd.push("dashboards one by one are not those of the page".to_owned());
    }
    numbers(&page, "", &mut found);
    for (path, count, query) in found {
        let query: Vec<&str> = query.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let is_of_incidents = ["/incidents", "violations_category", "perpetrator_armed"]
            .iter()
            .any(|part| path.contains(part));
        let list = if is_of_incidents { "incidents" } else { "cases" };
        let answer = person.get(&format!("/api/v2/{list}?per=1&{}", query.join("&"))).await?.json();
        let listed = answer["metadata"]["total"].clone();
        sum += count;
        if listed != count {
            odd.push(format!("{path}: {count}, listed {listed} by {query:?}"));
        }
    }
    Ok((odd, sum))
}

#[tokio::test]
async fn each_number_counts_what_its_query_lists() -> Result<()> {
    let town = open().await?;
    live(&town).await?;
    let deadline = Instant::now() + Duration::from_secs(20);
    for (person, (name, ..)) in town.people.iter().zip(PEOPLE) {
        loop {
            let (odd, sum) = differing(person).await?;
            if odd.is_empty() && sum > 0 {
                break;
            }
            if Instant::now() > deadline {
                anyhow::bail!("{name} is told otherwise ({sum} in all):\n{}", odd.join("\n"));
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }
    let page = town.people[3].get("/api/amparo/v1/home").await?.data()?;
    assert_eq!(page["cases"]["open"]["count"], 19, "{page}");
    let board = |name: &str| {
        let name = format!("dashboard.{name}");
        page["dashboards"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap()
            ["indicators"].clone()
    };
    assert_eq!(board("dash_national_admin_summary")["closed_this_week"]["count"], 5);
    assert_eq!(board("dash_reporting_location")["reporting_location_open"]["AM0101"]["count"], 4);
    let late = board("cases_by_task_overdue_followups");
    assert_eq!(late["tasks_overdue_followups"]["count.ann"]["count"], 1);
    let of = |name: &str, indicator: &str| board(name)[indicator].clone();
    let verified = of(
        "dash_violations_category_verification_status",
        "violations_category_verification_status",
    );
    assert_eq!(verified["killing"]["verified"]["count"], 4, "{verified}");
    assert_eq!(verified["killing"]["reported_not_verified"]["count"], 3, "one was closed");
    assert_eq!(verified["maiming"]["not_mrm"]["count"], 11);
    assert!(verified.get("attack_on_schools").is_none(), "they were taken out again");
    let regions = of("dash_violations_category_region", "violations_category_region");
    assert_eq!(regions["AM0101"]["killing"]["count"], 4, "{regions}");
    let parties = "perpetrator_armed_force_group_party_names";
    let parties = of("dash_perpetrator_armed_force_group_party_names", parties);
    assert_eq!(parties["armed_force_1"]["count"], 4, "{parties}");
    assert_eq!(parties["armed_group_2"]["count"], 3, "one was closed: {parties}");
    // Tasks are those of the list.
    let ann = &town.people[0];
    let page = ann.get("/api/amparo/v1/home").await?.data()?;
    let tasks = ann.get("/api/v2/tasks?per=1000").await?.data()?;
    let overdue = tasks.as_array().unwrap().iter().filter(|task| task["overdue"] == true).count();
    assert_eq!(page["tasks"]["overdue"], overdue);
    heard(&town).await?;
    move_to_another_group(&town).await
}

/// Ann hears of the incident that bob reported, until she has seen to her case; bob of the case
/// that dan gave him.
async fn heard(town: &Town) -> Result<()> {
    let (ann, bob) = (&town.people[0], &town.people[1]);
    let told = async |person: &Client, board: &str, indicator: &str| -> Result<Value> {
        let path = format!("/api/v2/dashboards?names[]={board}");
        let boards = person.get(&path).await?.data()?;
        Ok(boards[0]["indicators"][indicator].clone())
    };
    let new = told(ann, "dash_case_incident_overview", "with_new_incidents").await?;
    assert_eq!(new["count"], 1, "{new}");
    assert_eq!(ann.get("/api/v2/alerts").await?.data()?["case"], 1);
    let recent = told(bob, "case_overview", "recently_assigned_to_me").await?;
    assert_eq!(recent["count"], 1, "{recent}");
    let listed = ann.get("/api/v2/cases?current_alert_types=incident_from_case").await?.data()?;
    let path = format!("/api/v2/cases/{}", listed[0]["id"].as_str().unwrap());
    let alerts = ann.get(&format!("{path}/alerts")).await?.data()?;
    assert_eq!(alerts[0]["alert_for"], "incident_from_case", "{alerts}");
    ann.patch(&path, &json!({"data": {"age": 12}})).await?.data()?;
    assert_eq!(ann.get("/api/v2/alerts").await?.data()?["case"], 0);
    Ok(())
}

/// Their records follow, and so do the numbers.
async fn move_to_another_group(town: &Town) -> Result<()> {
    let admin = client("count.admin");
    let users = admin.get("/api/v2/users?user_name=count.ann").await?.data()?;
    let id = &users.as_array().unwrap().iter().find(|one| one["user_name"] == "count.ann").unwrap()
        ["id"];
    let moved = json!({"data": {"user_group_unique_ids": ["usergroup-2"], "location": "AM0201"}});
    admin.patch(&format!("/api/v2/users/{id}"), &moved).await?.data()?;
    let eve = &town.people[4];
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let page = eve.get("/api/amparo/v1/home").await?.data()?;
        let (odd, _) = differing(eve).await?;
        if page["cases"]["open"]["count"] == 8 && odd.is_empty() {
            break;
        }
        assert!(Instant::now() < deadline, "{page}\n{}", odd.join("\n"));
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    Ok(())
}
