//! How a client asks: it tries again when it was not told what became of a write, if the write
//! has an id of its own, and gives up on some answers in the middle.

use crate::writes::{Told, Write, Writes};
use http::Method;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tests::{Answer, Client, Dice};
use tokio::sync::watch;

/// What all clients do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Writing,
    /// No new writes; what has an id of its own is tried on.
    Finishing,
    /// No more tries.
    Over,
}

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(15);

/// One client: a person with a script, writing one thing after the other.
pub struct Caller {
    number: usize,
    pub http: Client,
    pub dice: Dice,
    pub writes: Arc<Writes>,
    pub phase: watch::Receiver<Phase>,
    counter: usize,
    seed: u64,
}

/// A request for a write.
pub struct Asked {
    pub method: Method,
    pub path: String,
    pub body: Value,
    pub based_on: Option<u64>,
}

impl Caller {
    pub fn new(
        number: usize,
        http: Client,
        mut dice: Dice,
        seed: u64,
        writes: Arc<Writes>,
        phase: watch::Receiver<Phase>,
    ) -> Self {
        let dice = dice.fork();
        Self { number, http, dice, writes, phase, counter: 0, seed }
    }

    /// A text that lies nowhere else: small letters, digits and dashes.
    pub fn mark(&mut self) -> String {
        self.counter += 1;
        format!("mk-{}-{}-{}-", self.seed, self.number, self.counter)
    }

    pub fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Asks until it is known what became of the write, and notes it.
    pub async fn ask(&mut self, mut write: Write, asked: Asked) -> (Told, Option<Answer>) {
        let answer = loop {
            write.tries += 1;
            let answer = self.attempt(&write, &asked).await;
            self.writes.count(answer.as_ref().map_or(0, |answer| answer.status));
            if let Some(told) = self.read(&write, answer.as_ref()) {
                write.told = told;
                break answer;
            }
            let refused_for_now = answer.as_ref().is_some_and(|answer| answer.status == 429);
            if self.phase() == Phase::Over || (write.key.is_none() && !refused_for_now) {
                break None;
            }
            tokio::time::sleep(self.dice.pause(50, 500)).await;
        };
        if let (Told::Done, Some(answer)) = (write.told, &answer) {
            write.request = header(answer, "x-request-id").and_then(|it| it.parse().ok());
            if write.record.is_none() {
                write.record = id(&answer.json()["data"]["id"]);
            }
        }
        let told = write.told;
        self.writes.note(write);
        (told, answer)
    }

    /// One try. Some are given up on early, as by someone whose connection drops.
    async fn attempt(&mut self, write: &Write, asked: &Asked) -> Option<Answer> {
        let key = write.key.map(|key| key.to_string()).unwrap_or_default();
        let based_on = asked.based_on.map(|it| it.to_string()).unwrap_or_default();
        let headers = [("Idempotency-Key", key.as_str()), ("If-Match", based_on.as_str())];
        let body = Some(asked.body.to_string().into());
        let sent = self.http.send_with(asked.method.clone(), &asked.path, body, &headers);
        let patience = if self.dice.percent(4) { self.dice.pause(1, 60) } else { PATIENCE };
        tokio::time::timeout(patience, sent).await.ok()?.ok()
    }

    /// What an answer says about a write, if it says anything.
    fn read(&self, write: &Write, answer: Option<&Answer>) -> Option<Told> {
        let answer = answer?;
        match answer.status {
            200..=299 => Some(Told::Done),
            429 | 500.. => {
                if answer.status == 500 {
                    let id = header(answer, "x-request-id").unwrap_or_default();
                    self.writes.complain(format!("status 500, request {id}: {:?}", write.what));
                }
                None
            }
            status => {
                let body = String::from_utf8_lossy(&answer.body);
                self.writes.complain(format!(
                    "{:?} was refused with {status} at try {}: {body}",
                    write.what, write.tries
                ));
                Some(if write.tries == 1 { Told::Refused(status) } else { Told::Nothing })
            }
        }
    }
}

/// A header as text.
pub fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.get(name)?.to_str().ok()
}

/// An id as the path takes it: a number or a text.
pub fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
