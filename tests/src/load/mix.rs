//! An organisation and what its caseworkers do all day: they list, open, change, search, and
//! their devices ask what is new.

use anyhow::{Result, ensure};
use http::Method;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use tests::Client;

/// Caseworkers of the demonstration, and the password of all of them.
const PEOPLE: [&str; 2] = ["salma", "tomas"];
const PASSWORD: &str = "Amparo-demo-1";
/// Of so many calls, so many of each kind: what a day of work looks like.
const LISTS: usize = 30;
const OPENS: usize = 35;
const CHANGES: usize = 20;
const SEARCHES: usize = 10;
/// A step that meets every place of a hundred, in an order that mixes them.
const STRIDE: usize = 37;

/// One organisation.
pub struct Organisation {
    pub host: String,
    people: Vec<Client>,
    /// Who may see which cases.
    cases: Vec<Vec<String>>,
    turn: AtomicUsize,
}

impl Organisation {
    /// The n-th of the demonstration.
    pub fn new(port: u16, number: u16) -> Self {
        let host = match number {
            1 => "localhost".to_owned(),
            more => format!("org{more}.localhost"),
        };
        let script = |user| Client::with_basic(port, &host, user, PASSWORD);
        let people = PEOPLE.map(script).into();
        Self { host, people, cases: vec![vec![]; PEOPLE.len()], turn: AtomicUsize::new(0) }
    }

    /// Registers cases, so that there is something to look at.
    pub async fn fill(&mut self, cases: usize) -> Result<()> {
        for number in 0..cases {
            let who = number % self.people.len();
            let data = json!({
                "module_id": "primeromodule-cp", "sex": "male", "age": number % 17,
                "name_first": NAMES[number % NAMES.len()], "name_last": "Haddad",
            });
            let answer = self.people[who].post("/api/v2/cases", &json!({ "data": data })).await?;
            let id = answer.data()?["id"].as_str().unwrap_or_default().to_owned();
            ensure!(!id.is_empty(), "a case without an id");
            self.cases[who].push(id);
        }
        ensure!(self.cases.iter().all(|one| !one.is_empty()), "--cases: two at least");
        Ok(())
    }

    /// The next call of the day; gives its status, 0 when there was no answer.
    pub async fn work(&self) -> u16 {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let who = turn % self.people.len();
        let (method, path, body) = Self::call(turn, &self.cases[who]);
        let body = body.map(|body| body.to_string().into());
        let answer = self.people[who].send(method, &path, body).await;
        answer.map_or(0, |answer| answer.status)
    }

    fn call(turn: usize, cases: &[String]) -> (Method, String, Option<Value>) {
        let case = &cases[turn % cases.len()];
        let place = turn * STRIDE % 100;
        if place < LISTS {
            return (Method::GET, "/api/v2/cases?per=20&status[0]=open".into(), None);
        }
        if place < LISTS + OPENS {
            return (Method::GET, format!("/api/v2/cases/{case}"), None);
        }
        if place < LISTS + OPENS + CHANGES {
            let body = json!({ "data": { "landmark_current": format!("Turn {turn}") } });
            return (Method::PATCH, format!("/api/v2/cases/{case}"), Some(body));
        }
        if place < LISTS + OPENS + CHANGES + SEARCHES {
            let name = NAMES[turn % NAMES.len()];
            return (Method::GET, format!("/api/v2/cases?phonetic=true&query={name}"), None);
        }
        let body =
            json!({ "data": { "known": { "case": { case: "1" } }, "pinned": {}, "limit": 20 } });
        (Method::POST, "/api/amparo/v1/sync".into(), Some(body))
    }
}

/// As families call their children.
const NAMES: [&str; 8] = ["Amina", "Yusuf", "Nadia", "Karim", "Leila", "Omar", "Rana", "Sami"];
