//! What is done to many users at once (contract 9).

use identity_domain::{Authority, DisableUser, Rank, Refusal as Domain, User};
use kit_proto::common::v1::{Parameter, Reply, WriteRequest};
use kit_serve::{Call, Refusal};
use kit_store::ExecuteError;
use serde_json::{Value, json};

use crate::activity::TIMES;
use crate::body::Body;
use crate::directory::{Directory, Versioned};
use crate::refused::refused;
use crate::sessions;
use crate::shell::{Shell, answer, answer_list, body_of, kept};

const KIND: &str = "User";

/// Whom a call is about.
enum Choice {
    Ids(Vec<i64>),
    /// As in the query of the list.
    Filters(Vec<Parameter>),
}

impl Shell {
    pub(super) async fn update_users(
        &self,
        call: &Call,
        message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, &message.command_id)?;
        let directory = self.directory(call).await?;
        let by = self.authority(call, &directory)?;
        if !by.may("user", "disable_multiple") {
            return Err(Refusal::forbidden());
        }
        let body = body_of(&message)?;
        let choice = Choice::of(&body)?;
        let chosen = self.chosen(call, &directory, &by, choice).await?;
        let reach = |user: &User| {
            let standing = directory.standing_of(user);
            by.reaches_user(&standing) && !by.is(&standing)
        };
        let chosen: Vec<(i64, Rank)> = chosen
            .into_iter()
            .filter(|user| reach(user))
            .map(|user| (user.number, directory.rank_of(user)))
            .collect();
        let done = self.store.transact(&meta, "UpdateUsers", |unit| {
            let (by, chosen) = (by.clone(), chosen.clone());
            Box::pin(async move {
                unit.preload::<User>(chosen.iter().map(|(number, _)| number)).await?;
                for (number, rank) in chosen {
                    unit.execute(number, DisableUser { by: by.clone(), rank }).await?;
                }
                Ok(())
            })
        });
        done.await.map_err(|error: ExecuteError<Domain>| refused(error, KIND))?;
        for (number, _) in &chosen {
            kept(sessions::end_all(&self.store, meta.tenant, *number).await)?;
        }
        answer_list(&[], &Value::Null)
    }

    /// Checks and echoes the message; delivering it is for the service that sends mail.
    pub(super) async fn message_users(
        &self,
        call: &Call,
        message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let by = self.authority(call, &directory)?;
        if !by.may("user", "send_email_multiple") {
            return Err(Refusal::forbidden());
        }
        let body = body_of(&message)?;
        let (subject, text) = (filled(&body, "subject"), filled(&body, "message"));
        body.finish()?;
        let subject = subject.ok_or_else(|| Refusal::missing_parameter("subject"))?;
        let text = text.ok_or_else(|| Refusal::missing_parameter("message"))?;
        let choice = Choice::of(&body)?;
        self.chosen(call, &directory, &by, choice).await?;
        answer(&json!({"subject": subject, "message": text}))
    }

    async fn chosen<'a>(
        &self,
        call: &Call,
        directory: &'a Directory,
        by: &Authority,
        choice: Choice,
    ) -> Result<Vec<&'a Versioned<User>>, Refusal> {
        match choice {
            Choice::Ids(ids) => {
                let users = ids.iter().filter_map(|id| directory.users.get(id));
                Ok(users.map(AsRef::as_ref).collect())
            }
            Choice::Filters(filters) => {
                Ok(self.narrowed(call, directory, by, &filters, false).await?.0)
            }
        }
    }
}

impl Choice {
    /// Users by `ids`, or by the filters of the list.
    fn of(body: &Body) -> Result<Self, Refusal> {
        if let Some(ids) = body.integers("ids") {
            body.finish()?;
            return Ok(Self::Ids(ids));
        }
        let mut filters = Vec::new();
        for name in ["agency", "role_id", "user_group_ids", "services"] {
            for value in body.raw(name).map(one_or_many).unwrap_or_default() {
                filters.push(Parameter { name: name.to_owned(), value });
            }
        }
        for name in ["query", "user_name", "location"] {
            if let Some(value) = body.text(name).flatten() {
                filters.push(Parameter { name: name.to_owned(), value });
            }
        }
        for name in TIMES {
            filters.extend(range(body, name));
        }
        body.finish()?;
        if filters.is_empty() {
            return Err(Refusal::missing_parameter("ids"));
        }
        Ok(Self::Filters(filters))
    }
}

/// `{"from", "to"}`. One that can't be read is refused: a narrower choice than we can make must
/// not become a wider one.
fn range(body: &Body, name: &str) -> Vec<Parameter> {
    let Some(range) = body.object(name) else { return Vec::new() };
    let mut ends = Vec::new();
    for end in ["from", "to"] {
        match range.get(end) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if !text.is_empty() => {
                ends.push(Parameter { name: format!("{name}[{end}]"), value: text.clone() });
            }
            Some(_) => body.note(format!("/{name}/{end}"), "not_a_time"),
        }
    }
    if ends.is_empty() {
        body.note(format!("/{name}"), "invalid");
    }
    ends
}

fn filled(body: &Body, key: &str) -> Option<String> {
    body.text(key).flatten().filter(|text| !text.trim().is_empty())
}

fn one_or_many(value: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().map(text).collect(),
        one => vec![text(one)],
    }
}
