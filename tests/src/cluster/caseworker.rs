//! A caseworker at a steady pace: signs in, registers, changes, opens, lists, searches. Each call
//! goes to a gateway that is ready, as an ingress would send it, and is tried again when it is
//! told to come later.

use crate::service::Service;
use crate::site::{HOST, PASSWORD};
use crate::tally::{Came, Tally};
use anyhow::Result;
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::{Answer, Client, fresh_id};
use tokio::sync::watch;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two tries of a call.
const PAUSE: Duration = Duration::from_millis(100);
/// Between two sign-ins; more than a few a minute are refused.
const SESSION: Duration = Duration::from_secs(25);
/// Texts that nothing is computed from.
const FIELDS: [&str; 3] = ["address_current", "family_notes", "landmark_current"];

/// One caseworker and what was acknowledged to them.
pub struct Caseworker {
    number: usize,
    http: Client,
    front: (Service, u32),
    tally: Arc<Tally>,
    over: watch::Receiver<bool>,
    pause: Duration,
    turn: usize,
    signed_in: Option<Instant>,
    pub cases: Vec<Case>,
}

/// A case whose registration was acknowledged.
pub struct Case {
    pub id: String,
    name: String,
    /// Every mark that was acknowledged, in order, and its field.
    pub marks: Vec<(&'static str, String)>,
}

impl Caseworker {
    pub fn new(
        number: usize,
        front: (Service, u32),
        tally: Arc<Tally>,
        over: watch::Receiver<bool>,
        pause: Duration,
    ) -> Self {
        let http = Client::new(front.0.port(), HOST);
        let (turn, signed_in, cases) = (number, None, vec![]);
        Self { number, http, front, tally, over, pause, turn, signed_in, cases }
    }

    /// Works until it is over.
    pub async fn work(mut self) -> Result<Self> {
        let mut beat = tokio::time::interval(self.pause);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !*self.over.borrow() {
            beat.tick().await;
            if self.signed_in.is_none_or(|at| at.elapsed() > SESSION) {
                self.sign_in().await;
                continue;
            }
            self.turn += 1;
            match self.turn % 10 {
                _ if self.cases.is_empty() => self.register().await,
                0 => self.register().await,
                1 | 4 | 7 | 9 => self.change().await,
                2 | 6 => self.open().await,
                3 | 8 => self.list().await,
                _ => self.search().await,
            }
        }
        Ok(self)
    }

    async fn sign_in(&mut self) {
        self.http = Client::new(self.front.0.port(), HOST);
        if self.ask(Method::GET, "/api/v2/primero", None).await.is_none() {
            return;
        }
        let user = json!({ "user_name": format!("worker{}", self.number), "password": PASSWORD });
        let body = json!({ "user": user });
        if self.ask(Method::POST, "/api/v2/tokens", Some(body)).await.is_some() {
            self.signed_in = Some(Instant::now());
        }
    }

    async fn register(&mut self) {
        let name = fresh_name();
        let data = json!({
            "module_id": "primeromodule-cp", "sex": "female", "age": 7,
            "name_first": name, "name_last": "Cluster",
        });
        let answer = self.ask(Method::POST, "/api/v2/cases", Some(json!({ "data": data }))).await;
        let Some(id) = answer.and_then(|it| it.json()["data"]["id"].as_str().map(String::from))
        else {
            return;
        };
        self.cases.push(Case { id, name, marks: vec![] });
    }

    async fn change(&mut self) {
        let (at, field) = (self.turn % self.cases.len(), FIELDS[self.turn % FIELDS.len()]);
        let mark = format!("mark-{}-{}", self.number, self.turn);
        let path = format!("/api/v2/cases/{}", self.cases[at].id);
        let body = json!({ "data": { field: mark } });
        if self.ask(Method::PATCH, &path, Some(body)).await.is_some() {
            self.cases[at].marks.push((field, mark));
        }
    }

    /// A read after a write sees it.
    async fn open(&mut self) {
        let at = self.turn % self.cases.len();
        let path = format!("/api/v2/cases/{}", self.cases[at].id);
        if let Some(answer) = self.ask(Method::GET, &path, None).await {
            let data = &answer.json()["data"];
            for (field, mark) in self.cases[at].last() {
                if data[field] != *mark {
                    let found = &data[field];
                    self.tally.complain(format!("{path}: {field} is {found}, written was {mark}"));
                }
            }
        }
    }

    async fn list(&mut self) {
        self.ask(Method::GET, "/api/v2/cases?per=20&order_by=created_at&order=desc", None).await;
    }

    async fn search(&mut self) {
        let at = self.turn % self.cases.len();
        let Case { id, name, .. } = &self.cases[at];
        let (id, path) = (id.clone(), format!("/api/v2/cases?per=20&phonetic=true&query={name}"));
        if let Some(answer) = self.ask(Method::GET, &path, None).await {
            let body = answer.json();
            let mut found = body["data"].as_array().into_iter().flatten();
            if !found.any(|one| one["id"] == *id) {
                self.tally.complain(format!("{path} does not find {id}"));
            }
        }
    }

    /// Asks until it is known what became of it; nothing when that is not a success.
    async fn ask(&mut self, method: Method, path: &str, body: Option<Value>) -> Option<Answer> {
        let (part, begun, key) = (self.tally.now(), Instant::now(), fresh_id().to_string());
        loop {
            let (came, answer) = self.attempt(&method, path, body.as_ref(), &key).await;
            self.tally.tried(part, &came);
            match came {
                Came::Answered => {
                    self.tally.called(part, begun);
                    return answer;
                }
                Came::Wrong(_) => return None,
                // The last calls are tried on: what became of them has to be known.
                Came::Later(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    async fn attempt(
        &mut self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        key: &str,
    ) -> (Came, Option<Answer>) {
        let (front, failures) = &self.front;
        let Some(port) = front.pick(*failures) else { return (Came::Later("no gateway"), None) };
        self.http.lead_to(port);
        let headers = if body.is_some() { vec![("Idempotency-Key", key)] } else { vec![] };
        let bytes = body.map(|body| body.to_string().into());
        let sent = self.http.send_with(method.clone(), path, bytes, &headers);
        match tokio::time::timeout(PATIENCE, sent).await {
            Err(_late) => (Came::Wrong(format!("{method} {path}: no answer")), None),
            Ok(Err(error)) if is_refused(&error) => (Came::Later("refused"), None),
            Ok(Err(error)) => (Came::Wrong(format!("{method} {path}: {error:#}")), None),
            Ok(Ok(answer)) => (judge(method, path, &answer), Some(answer)),
        }
    }
}

impl Case {
    /// What each field has to be.
    pub fn last(&self) -> BTreeMap<&'static str, &String> {
        self.marks.iter().map(|(field, mark)| (*field, mark)).collect()
    }
}

fn judge(method: &Method, path: &str, answer: &Answer) -> Came {
    match answer.status {
        200..300 => Came::Answered,
        429 => Came::Later("429"),
        503 => Came::Later("503"),
        status => {
            let body = String::from_utf8_lossy(&answer.body);
            let id = answer.headers.get("x-request-id").and_then(|id| id.to_str().ok());
            Came::Wrong(format!("{method} {path}: {status} {body} ({})", id.unwrap_or_default()))
        }
    }
}

/// Whether nobody was there at all, so that nothing was asked.
fn is_refused(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<hyper_util::client::legacy::Error>();
    cause.is_some_and(hyper_util::client::legacy::Error::is_connect)
}

/// A name that nobody else has, of letters.
fn fresh_name() -> String {
    let letters = fresh_id().simple().to_string().into_bytes();
    letters[..12].iter().map(|byte| char::from(b'a' + byte % 16 + byte / 64)).collect()
}
