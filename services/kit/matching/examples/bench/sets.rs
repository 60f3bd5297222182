//! Evaluation sets as `tests/matching/generate.py` writes them: a registry of cases, traces, and
//! apart from both which case each trace really is.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use kit_matching::{Birth, Day, Profile, Relative, Sex, day};
use serde_json::Value;
use uuid::Uuid;

/// A case or trace: its id in the set and what it says.
pub struct Entry {
    pub id: Uuid,
    pub profile: Profile,
}

/// What a trace really is.
#[derive(Default)]
pub struct Truth {
    pub case: Option<Uuid>,
    pub level: String,
    pub tradition: String,
    /// All registered children of the family.
    pub family: Vec<Uuid>,
}

/// One evaluation set.
pub struct Set {
    pub cases: Vec<Entry>,
    pub traces: Vec<Entry>,
    pub truth: HashMap<Uuid, Truth>,
}

impl Set {
    /// Reads a set's folder.
    pub fn read(folder: &Path) -> Self {
        let lines = |name: &str, read: &dyn Fn(&Value) -> Entry| -> Vec<Entry> {
            let text = fs::read_to_string(folder.join(name)).expect("the set has been generated");
            text.lines().map(|line| read(&serde_json::from_str(line).expect("JSON"))).collect()
        };
        Self {
            cases: lines("registry.jsonl", &case),
            traces: lines("traces.jsonl", &trace),
            truth: truth(folder),
        }
    }
}

fn truth(folder: &Path) -> HashMap<Uuid, Truth> {
    let text = fs::read_to_string(folder.join("truth.csv")).expect("the set has a truth");
    let each = text.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.trim_end().split(',').collect();
        let ids = |text: &str| text.split('|').filter(|it| !it.is_empty()).map(id).collect();
        let truth = Truth {
            case: (!cells[1].is_empty()).then(|| id(cells[1])),
            level: cells[2].to_owned(),
            tradition: cells[4].to_owned(),
            family: ids(cells[6]),
        };
        (id(cells[0]), truth)
    });
    each.collect()
}

/// An id made of a set's short one.
pub fn id(text: &str) -> Uuid {
    let mut bytes = [0; 16];
    let from = text.as_bytes();
    bytes[..from.len().min(16)].copy_from_slice(&from[..from.len().min(16)]);
    Uuid::from_bytes(bytes)
}

fn case(line: &Value) -> Entry {
    let mut profile = common(line, "registration_date", "");
    for member in line["family_details"].as_array().into_iter().flatten() {
        let name = text(member, "relation_name");
        add(&mut profile, &text(member, "relation"), name);
    }
    Entry { id: id(&text(line, "id")), profile }
}

fn trace(line: &Value) -> Entry {
    let mut profile = common(line, "inquiry_date", "relation_");
    profile.father = text(line, "father_name");
    profile.mother = text(line, "mother_name");
    add(&mut profile, &text(line, "relation"), text(line, "relation_name"));
    Entry { id: id(&text(line, "id")), profile }
}

fn add(profile: &mut Profile, relation: &str, name: String) {
    match relation {
        "father" => profile.father = name,
        "mother" => profile.mother = name,
        "brother" | "sister" => profile.siblings.push(name),
        _ => profile.relatives.push(Relative { name }),
    }
}

fn common(line: &Value, as_of: &str, prefix: &str) -> Profile {
    let code = |name: &str| text(line, &format!("{prefix}{name}"));
    let place = |name: &str| -> Vec<String> {
        text(line, name).split('.').filter(|it| !it.is_empty()).map(str::to_owned).collect()
    };
    let list =
        |name: &str| Some(text(line, name)).filter(|it| !it.is_empty()).into_iter().collect();
    Profile {
        name: text(line, "name"),
        nicknames: list("name_nickname"),
        sex: match text(line, "sex").as_str() {
            "male" => Some(Sex::Male),
            "female" => Some(Sex::Female),
            _ => None,
        },
        birth: birth(line, as_of),
        last_place: place("location_last"),
        separation_place: place("location_separation"),
        separation_day: date(&text(line, "date_of_separation")),
        phones: list("telephone_last"),
        nationality: code("nationality"),
        ethnicity: code("ethnicity"),
        religion: code("religion"),
        language: code("language"),
        separation_cause: text(line, "separation_cause"),
        ..Profile::default()
    }
}

fn birth(line: &Value, as_of: &str) -> Option<Birth> {
    let born = date(&text(line, "date_of_birth")).map(Birth::on);
    let age = line["age"].as_u64().and_then(|age| u16::try_from(age).ok());
    born.or_else(|| Some(Birth::aged(age?, date(&text(line, as_of))?)))
}

fn text(line: &Value, name: &str) -> String {
    line[name].as_str().unwrap_or_default().to_owned()
}

/// A day of an ISO date.
pub fn date(text: &str) -> Option<Day> {
    let mut parts = text.split('-').map(str::parse::<u16>);
    let (year, month, date) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    day(year, u8::try_from(month).ok()?, u8::try_from(date).ok()?)
}
