//! An administrator: makes users, roles and lookups and changes them, while caseworkers work.

use crate::caseworker::new_write;
use crate::client::{Asked, Caller, Phase, id};
use crate::writes::{Told, What};
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What administrators keep here.
pub const KINDS: [&str; 3] = ["users", "roles", "lookups"];

/// One administrator at work.
pub struct Administrator {
    caller: Caller,
    /// Ids of what this one made, by kind.
    made: BTreeMap<&'static str, Vec<String>>,
}

impl Administrator {
    pub fn new(caller: Caller) -> Self {
        Self { caller, made: BTreeMap::new() }
    }

    /// Writes until told to stop, not as often as caseworkers do.
    pub async fn work(mut self) {
        while self.caller.phase() == Phase::Writing {
            let kind = *self.caller.dice.pick(&KINDS);
            let known = self.made.get(kind).cloned().unwrap_or_default();
            if known.is_empty() || (known.len() < 4 && self.caller.dice.percent(30)) {
                self.make(kind).await;
            } else {
                let id = self.caller.dice.pick(&known).clone();
                self.edit(kind, id).await;
            }
            tokio::time::sleep(self.caller.dice.pause(100, 600)).await;
        }
    }

    async fn make(&mut self, kind: &'static str) {
        let write = new_write(&mut self.caller, What::New(kind), None, false);
        let asked = Asked {
            method: Method::POST,
            path: format!("/api/v2/{kind}"),
            body: json!({ "data": fresh(kind, &write.mark) }),
            based_on: None,
        };
        if let (Told::Done, Some(answer)) = self.caller.ask(write, asked).await
            && let Some(id) = id(&answer.json()["data"]["id"])
        {
            self.made.entry(kind).or_default().push(id);
        }
    }

    async fn edit(&mut self, kind: &'static str, id: String) {
        let write = new_write(&mut self.caller, What::Edit(kind), Some(id.clone()), false);
        let data = match kind {
            "users" => json!({ "full_name": write.mark }),
            "roles" => json!({ "description": write.mark }),
            _ => json!({ "name": { "en": write.mark } }),
        };
        let asked = Asked {
            method: Method::PATCH,
            path: format!("/api/v2/{kind}/{id}"),
            body: json!({ "data": data }),
            based_on: None,
        };
        self.caller.ask(write, asked).await;
    }
}

/// Something new whose name is the mark.
fn fresh(kind: &str, mark: &str) -> Value {
    match kind {
        "users" => json!({
            "user_name": mark, "full_name": "Somebody", "email": format!("{mark}a@amparo.example"),
            "password": "First-entry-1", "password_confirmation": "First-entry-1",
            "agency_id": 1, "role_unique_id": "role-cp-case-worker",
            "user_group_unique_ids": ["usergroup-child-protection"], "locale": "en", "send_mail": false,
        }),
        "roles" => json!({
            "name": mark, "group_permission": "self", "permissions": { "case": ["read", "write"] },
            "module_unique_ids": ["primeromodule-cp"], "form_section_read_write": {},
        }),
        _ => json!({
            "name": { "en": mark },
            "values": [{ "id": "one", "display_text": { "en": "One" } }],
        }),
    }
}
