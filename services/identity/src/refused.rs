//! The domain's and the store's refusals in the words of the contract.

use identity_domain::{Problem, Refusal as Domain};
use kit_serve::{Code, ErrorItem, FieldProblem, Refusal};
use kit_store::{ExecuteError, StoreError};

/// What a command's failure means for the caller. `kind` names what was looked for.
pub(crate) fn refused(error: ExecuteError<Domain>, kind: &str) -> Refusal {
    match error {
        ExecuteError::Refused(refusal) => domain(refusal, kind),
        ExecuteError::Store(error) => stored(error),
    }
}

/// The same for the domain's part.
pub(crate) fn domain(refusal: Domain, kind: &str) -> Refusal {
    match refusal {
        Domain::Forbidden => Refusal::forbidden(),
        Domain::Gone => Refusal::not_found(format!("Couldn't find {kind}")),
        Domain::Taken => Refusal::taken(),
        Domain::Invalid(problems) => invalid(problems),
    }
}

/// One entry per attribute, with all its messages.
fn invalid(problems: Vec<Problem>) -> Refusal {
    let mut errors: Vec<(&str, Vec<String>, Vec<FieldProblem>)> = Vec::new();
    for problem in problems {
        let pointer = format!("/{}{}", problem.attribute, problem.below);
        let field = FieldProblem::new(pointer, problem.code);
        let message = problem.message.to_owned();
        match errors.iter_mut().find(|(attribute, ..)| *attribute == problem.attribute) {
            Some((_, messages, fields)) => {
                if !messages.contains(&message) {
                    messages.push(message);
                }
                fields.push(field);
            }
            None => errors.push((problem.attribute, vec![message], vec![field])),
        }
    }
    let entry = |(attribute, messages, fields): (&str, Vec<String>, Vec<FieldProblem>)| {
        ErrorItem::new(messages).with_detail(attribute).with_fields(fields)
    };
    Refusal { code: Code::InvalidArgument, errors: errors.into_iter().map(entry).collect() }
}

/// What the store's failure means for the caller.
pub(crate) fn stored(error: StoreError) -> Refusal {
    match error {
        StoreError::Conflict => {
            Refusal::new(Code::Aborted, ErrorItem::new("Others are changing the same record"))
        }
        StoreError::CommandReused => {
            Refusal::new(Code::AlreadyExists, ErrorItem::new("This command id is taken"))
        }
        StoreError::Taken { constraint } => taken(&constraint),
        StoreError::Erased => Refusal::not_found("The record was erased"),
        StoreError::Unavailable(error) => {
            tracing::warn!(error = kit_store::cause(&error), "a part of the system is unavailable");
            Refusal::unavailable()
        }
        StoreError::Internal(error) => Refusal::internal(kit_store::cause(&error)),
    }
}

/// A row that must be unique, taken between the check and the commit.
fn taken(constraint: &str) -> Refusal {
    let one = |attribute, message| invalid(vec![Problem::new(attribute, message, "taken")]);
    match constraint {
        "user_name_pkey" => one("user_name", "errors.models.user.user_name_uniqueness"),
        "directory_entry_name" => one("name", "errors.models.role.unique_name"),
        "directory_entry_email" => one("email", "errors.models.user.email_uniqueness"),
        "tenant_host_pkey" => one("hosts", "errors.models.tenant.hosts_taken"),
        _ => Refusal::taken(),
    }
}
