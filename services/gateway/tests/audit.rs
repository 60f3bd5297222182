//! What the audit log is told.

use std::time::Duration;

use http::Method;
use kit_bus::{Kind, Overheard};
use kit_proto::facts::v1::CallAudited;

use crate::rig::{PASSWORD, Rig};

/// Hears the entries from now on.
async fn listen(rig: &Rig) -> Overheard {
    let overheard = rig.bus.overhear("gateway").await.unwrap();
    // The subscription has to be there before the first entry.
    tokio::time::sleep(Duration::from_millis(200)).await;
    overheard
}

async fn collect(overheard: &mut Overheard) -> Vec<CallAudited> {
    let mut entries = Vec::new();
    while let Ok(Some(fact)) = tokio::time::timeout(Duration::from_secs(2), overheard.next()).await
    {
        let Some(Kind::CallAudited(entry)) = fact.kind else { panic!("{fact:?}") };
        entries.push(entry);
    }
    entries
}

#[tokio::test]
async fn every_call_leaves_an_entry_refused_ones_too() {
    let rig = Rig::start().await;
    let mut overheard = listen(&rig).await;
    let mut browser = rig.browser();
    browser.get("/api/v2/primero").await;
    browser.sign_in("ann", "guess").await;
    browser.sign_in("ann", PASSWORD).await;
    browser.get("/api/v2/cases?query=Rana&per=5").await;
    browser.get("/api/v2/cases/hidden").await;
    browser
        .send(Method::PATCH, "/api/v2/cases/abc", r#"{"data":{"a":1},"record_action":"close"}"#)
        .await;
    browser.post("/api/v2/roles", "oops").await;
    browser.get("/api/v2/contact_information").await;
    browser.get("/api/v2/nothing").await;
    browser.send(Method::DELETE, "/api/v2/tokens", "").await;
    browser.get("/api/v2/cases").await;
    let garbled = rig.browser().with("authorization", "Basic %%%").get("/api/v2/roles").await;
    assert_eq!(garbled.status, 401);
    assert_eq!(rig.browser().get("/api/v2/agencies?name=%FF").await.status, 400);
    let mut closed = rig.browser();
    closed.host = "closed.example".into();
    assert_eq!(closed.get("/api/v2/users").await.status, 403);
    assert_eq!(rig.browser().get("/robots.txt").await.status, 404);
    rig.stop().await;

    let entries = collect(&mut overheard).await;
    let mut seen: Vec<(String, String, u32)> =
        entries.iter().map(|e| (e.action.clone(), e.user_name.clone(), e.status)).collect();
    seen.sort();
    let wanted = [
        ("close", "ann", 200),
        ("create", "ann", 400),
        ("failed_login", "ann", 401),
        ("index", "", 400),
        ("index", "ann", 200),
        ("list", "", 401),
        ("list", "", 401),
        ("list", "", 403),
        ("login", "ann", 200),
        ("logout", "ann", 200),
        ("show", "ann", 403),
        ("unknown", "", 404),
    ];
    let wanted: Vec<(String, String, u32)> =
        wanted.iter().map(|(a, u, s)| ((*a).to_owned(), (*u).to_owned(), *s)).collect();
    assert_eq!(seen, wanted);
    check_details(&entries);
}

fn check_details(entries: &[CallAudited]) {
    let of = |action: &str| entries.iter().find(|entry| entry.action == action).unwrap();
    let index = entries.iter().find(|entry| entry.action == "index" && entry.status == 200);
    let index = index.unwrap();
    assert_eq!(index.resource_url, "http://demo.example/api/v2/cases?query=&per=");
    assert_eq!(index.record_type, "child");
    assert_eq!(index.record_ids.len(), 1);
    assert_eq!((index.user_id, index.agency_id.as_str(), index.role_id.as_str()), (7, "4", "3"));
    assert_eq!(
        (of("close").record_id.as_str(), of("close").http_method.as_str()),
        ("00000000-0000-0000-0000-00000000004d", "PATCH"),
        "no id of a record, so the one that the service names"
    );
    assert_eq!(of("show").remote_ip, "127.0.0.1");
}

/// Passwords, e-mail addresses and phone numbers are typed into the box for the user name.
#[tokio::test]
async fn only_names_of_users_are_written_down_when_signing_in_fails() {
    let rig = Rig::start().await;
    let mut overheard = listen(&rig).await;
    let mut browser = rig.browser();
    browser.get("/api/v2/primero").await;
    for name in ["Sesame-123", "rana@example.org", "0770123456", " ANN "] {
        let answer = browser.sign_in(name, "guess").await;
        assert_eq!(answer.status, 401);
        assert!(answer.headers.keys().all(|name| !name.as_str().contains("known")), "{answer:?}");
    }
    rig.script("rana@example.org", "guess").get("/api/v2/cases").await;
    rig.stop().await;
    let entries = collect(&mut overheard).await;
    let mut names: Vec<&str> = entries.iter().map(|entry| entry.user_name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["", "", "", "", "ann"]);
}

#[tokio::test]
async fn nothing_typed_into_a_url_is_written_down() {
    let rig = Rig::start().await;
    let mut overheard = listen(&rig).await;
    let mut script = rig.script("ann", PASSWORD);
    for target in [
        "/api/v2/cases/Rana?Rana=1&rana@example.org=2&page=0770123456",
        "/api/v2/cases/0770123456",
        "/api/v2/forms/Rana",
        "/api/v2/forms/rana@example.org",
        "/api/v2/users/0770123456",
        "/api/v2/Rana/rana@example.org",
        "/api/v2/cases/x/Rana",
        "/api/rana?rana@example.org",
    ] {
        script.get(target).await;
    }
    rig.stop().await;
    for entry in collect(&mut overheard).await {
        let text = format!("{entry:?}").to_lowercase();
        assert!(!text.contains("rana") && !text.contains("770123456"), "{text}");
    }
}

/// The access log asks for the id as records have it.
#[tokio::test]
async fn a_record_has_one_name_however_its_id_was_typed() {
    let rig = Rig::start().await;
    let mut overheard = listen(&rig).await;
    let mut script = rig.script("ann", PASSWORD);
    let id = "0b1c7c1e-8f5b-4d3c-9a55-2d8f3a6b7c1d";
    let bare = id.replace('-', "");
    let typed =
        [id.to_owned(), id.to_uppercase(), bare, format!("%7B{id}%7D"), format!("urn:uuid:{id}")];
    for typed in &typed {
        assert_eq!(script.get(&format!("/api/v2/cases/{typed}")).await.status, 200);
        let log = script.get(&format!("/api/v2/cases/{typed}/access_log")).await.json();
        assert_eq!(log["data"]["asked"]["id"], format!("child/{id}"), "{typed}");
    }
    rig.stop().await;
    let entries = collect(&mut overheard).await;
    assert_eq!(entries.len(), 2 * typed.len());
    for entry in entries {
        assert_eq!(entry.record_id, id);
        assert!(entry.resource_url.contains(&format!("/api/v2/cases/{id}")), "{entry:?}");
    }
}

#[tokio::test]
async fn a_write_never_hides_behind_an_action_of_reading() {
    let rig = Rig::start().await;
    let mut overheard = listen(&rig).await;
    let mut script = rig.script("ann", PASSWORD);
    for action in ["list", "show", "access_log", "Rana", "reopen"] {
        let body = format!(r#"{{"data":{{"a":1}},"record_action":"{action}"}}"#);
        script.send(Method::PATCH, "/api/v2/cases/abc", &body).await;
        script.send(Method::PATCH, "/api/v2/roles/3", &body).await;
    }
    rig.stop().await;
    let mut actions: Vec<String> =
        collect(&mut overheard).await.into_iter().map(|entry| entry.action).collect();
    actions.sort();
    let mut wanted = vec!["reopen"];
    wanted.extend(["update"; 9]);
    assert_eq!(actions, wanted);
}

#[tokio::test]
async fn a_flood_leaves_one_entry_a_second() {
    let settings = gateway::settings::Settings {
        gateway_rate: 1,
        gateway_burst: 2,
        gateway_trust_forwarded: true,
        ..Default::default()
    };
    let rig = Rig::with(settings).await;
    let mut overheard = listen(&rig).await;
    let mut script = rig.script("ann", PASSWORD).with("x-forwarded-for", "192.0.2.1");
    let mut stranger = rig.browser().with("x-forwarded-for", "192.0.2.2");
    for _ in 0..20 {
        script.get("/api/v2/cases").await;
        stranger.get("/api/v2/cases").await;
    }
    rig.stop().await;
    let entries = collect(&mut overheard).await;
    for name in ["ann", ""] {
        let of_name = |entry: &&CallAudited| entry.status == 429 && entry.user_name == name;
        let told = entries.iter().filter(of_name).count();
        assert!((1..=3).contains(&told), "{told} of {name:?}");
    }
}

/// The reference answers these by its index.
#[tokio::test]
async fn settings_and_the_code_of_conduct_are_listed_not_shown() {
    let rig = Rig::start().await;
    let mut overheard = listen(&rig).await;
    let mut script = rig.script("ann", PASSWORD);
    for path in ["system_settings", "codes_of_conduct", "system_settings?extended=true"] {
        script.get(&format!("/api/v2/{path}")).await;
    }
    rig.stop().await;
    let mut actions: Vec<String> =
        collect(&mut overheard).await.into_iter().map(|entry| entry.action).collect();
    actions.sort();
    assert_eq!(actions, ["index", "list", "list"]);
}
