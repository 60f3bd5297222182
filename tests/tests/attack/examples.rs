//! One valid call of every route, with placeholders for what it names: `$case.id` stands for a
//! member of a fresh object's document, `~` for something new.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// What every organisation has under the same id.
pub const SHARED: [&str; 1] = ["module"];

static FILE: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("examples.json")).unwrap());

/// Documents by kind, to fill placeholders with.
pub type Objects = BTreeMap<String, Value>;

/// How to call a route so that it does what it is there for.
#[derive(Debug, Clone)]
pub struct Example {
    pub method: http::Method,
    /// As in the gateway's table.
    pub template: String,
    /// Answers it when the caller may call it.
    pub status: u16,
    /// Rights that are all needed; of each, one is enough.
    pub needs: Vec<Vec<String>>,
    /// Ends or replaces what other examples stand on.
    pub is_last: bool,
    id: String,
    query: String,
    body: Option<Value>,
}

/// A call, ready to be sent.
#[derive(Debug, Clone)]
pub struct Filled {
    pub method: http::Method,
    pub path: String,
    pub body: Option<Value>,
    /// The id in the path alone.
    pub id: String,
}

/// Every route but the public ones, with its example.
pub fn all() -> Vec<Example> {
    let routes = gateway::probe::table();
    routes.iter().filter(|route| !route.public).map(of).collect()
}

fn of(route: &gateway::probe::Line) -> Example {
    let name = format!("{} {}", route.method, route.path);
    let found = &FILE["routes"][&name];
    assert!(found.is_object(), "no example of {name}: add one to attack/examples.json");
    let text = |member: &str| found[member].as_str().unwrap_or_default().to_owned();
    let is_about_one = route.path.contains(':') || route.path.ends_with('*');
    assert_eq!(is_about_one, found["id"].is_string(), "{name}: an id where the path has one");
    Example {
        method: route.method.parse().unwrap(),
        template: route.path.to_owned(),
        status: found["status"].as_u64().map_or(200, |status| u16::try_from(status).unwrap()),
        needs: serde_json::from_value(found["needs"].clone()).unwrap_or_default(),
        is_last: found["last"] == true,
        id: text("id"),
        query: text("query"),
        body: found.get("body").cloned(),
    }
}

/// The routes that have examples and are not there.
pub fn superfluous() -> Vec<String> {
    let known: BTreeSet<String> = gateway::probe::table()
        .iter()
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let named = FILE["routes"].as_object().unwrap().keys();
    named.filter(|name| !known.contains(*name)).cloned().collect()
}

/// How an object of a kind is made: path and body, or the list that has one.
pub fn recipe(kind: &str) -> &'static Value {
    let recipe = &FILE["kinds"][kind];
    assert!(recipe.is_object(), "no recipe for {kind}: add one to attack/examples.json");
    recipe
}

/// Bodies that leave a conflict on a fresh case, in this order.
pub fn conflicting() -> &'static Vec<Value> {
    FILE["conflicting"]["case"].as_array().unwrap()
}

impl Example {
    /// Method and path, for messages.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.template)
    }

    /// The kinds of object that the example names.
    pub fn kinds(&self) -> BTreeSet<String> {
        let whole = json!([self.id, self.query, self.body]);
        kinds(&whole)
    }

    /// The example with these objects, marked by `mark` where the marker stands.
    pub fn fill(&self, objects: &Objects, mark: &str) -> Filled {
        let place = |text: &str| match fill(&Value::from(text), objects, mark) {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let id = place(&self.id);
        let mut path: Vec<&str> = self.template.split('/').collect();
        for part in &mut path {
            if part.starts_with(':') || *part == "*" {
                *part = &id;
            }
        }
        let mut path = path.join("/");
        if !self.query.is_empty() {
            path.push('?');
            path.push_str(&place(&self.query));
        }
        let body = self.body.as_ref().map(|body| fill(body, objects, mark));
        Filled { method: self.method.clone(), path, body, id }
    }

    /// Whether it changes something.
    pub fn writes(&self) -> bool {
        self.method != http::Method::GET
    }
}

/// Kinds that a tree of texts names.
pub fn kinds(tree: &Value) -> BTreeSet<String> {
    match tree {
        Value::String(text) => named(text).map(|(kind, _)| kind.to_owned()).collect(),
        Value::Array(items) => items.iter().flat_map(kinds).collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| {
                kinds(&Value::from(name.as_str())).into_iter().chain(kinds(value))
            })
            .collect(),
        _ => BTreeSet::new(),
    }
}

/// `$kind.member` in a text.
fn named(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('$').skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'));
        rest[..end.unwrap_or(rest.len())].split_once('.')
    })
}

/// A tree with its placeholders filled.
pub fn fill(tree: &Value, objects: &Objects, mark: &str) -> Value {
    match tree {
        Value::String(text) => fill_text(text, objects, mark),
        Value::Array(items) => items.iter().map(|item| fill(item, objects, mark)).collect(),
        Value::Object(fields) => {
            let filled = fields.iter().map(|(name, value)| {
                let name = match fill_text(name, objects, mark) {
                    Value::String(name) => name,
                    other => other.to_string(),
                };
                (name, fill(value, objects, mark))
            });
            Value::Object(filled.collect())
        }
        other => other.clone(),
    }
}

fn fill_text(text: &str, objects: &Objects, mark: &str) -> Value {
    static COUNT: AtomicU64 = AtomicU64::new(1_000);
    let mut filled = text.replace("MARK", mark).replace("mark", &mark.to_lowercase());
    if filled.contains('~') {
        filled = filled.replace('~', &COUNT.fetch_add(1, Ordering::Relaxed).to_string());
    }
    for (kind, member) in named(text) {
        let object = objects.get(kind).unwrap_or_else(|| panic!("no {kind} for {text}"));
        let value = object.pointer(&format!("/{}", member.replace('.', "/")));
        let value = value.unwrap_or(&Value::Null);
        let placeholder = format!("${kind}.{member}");
        if filled == placeholder {
            return value.clone();
        }
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        filled = filled.replace(&placeholder, &value);
    }
    filled.into()
}
