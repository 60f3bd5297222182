//! From the domain's no and the store's to what callers get.

use configuration_domain as domain;
use kit_serve::{Code, ErrorItem, FieldProblem, Refusal};
use kit_store::{ExecuteError, StoreError};

/// A refusal of the domain in the words of the contract; `what` says what was not found.
pub fn refusal(refusal: domain::Refusal, what: &str) -> Refusal {
    match refusal {
        domain::Refusal::WrongTypes(wrong) => {
            let field = |one: domain::WrongType| {
                FieldProblem::new(one.pointer, "wrong_type").with("expected", one.expected)
            };
            Refusal::invalid_record(wrong.into_iter().map(field).collect())
        }
        domain::Refusal::Invalid(problems) => invalid(problems),
        domain::Refusal::Forbidden => Refusal::forbidden(),
        domain::Refusal::NotFound => Refusal::not_found(what),
        domain::Refusal::Taken => Refusal::taken(),
    }
}

/// One entry per attribute, with its messages and fields.
fn invalid(problems: Vec<domain::Problem>) -> Refusal {
    let mut entries: Vec<(String, Vec<String>, Vec<FieldProblem>)> = Vec::new();
    for problem in problems {
        let field = FieldProblem::new(problem.pointer, problem.code);
        match entries.iter_mut().find(|(detail, ..)| *detail == problem.detail) {
            Some((_, messages, fields)) => {
                if !messages.contains(&problem.message) {
                    messages.push(problem.message);
                }
                fields.push(field);
            }
            None => entries.push((problem.detail, vec![problem.message], vec![field])),
        }
    }
    let entry = |(detail, messages, fields): (String, Vec<String>, Vec<FieldProblem>)| {
        ErrorItem::new(messages).with_detail(detail).with_fields(fields)
    };
    Refusal { code: Code::InvalidArgument, errors: entries.into_iter().map(entry).collect() }
}

/// What the store could not do.
pub fn store_refusal(error: StoreError) -> Refusal {
    match error {
        StoreError::Taken { .. } | StoreError::CommandReused => Refusal::taken(),
        StoreError::Conflict => {
            let text = "Conflict: others are changing the same object";
            Refusal::new(Code::Aborted, ErrorItem::new(text))
        }
        StoreError::Erased => Refusal::not_found("erased"),
        StoreError::Unavailable(error) => {
            tracing::warn!(error = kit_store::cause(&error), "the store is unavailable");
            Refusal::unavailable()
        }
        StoreError::Internal(error) => Refusal::internal(kit_store::cause(&error)),
    }
}

/// Whatever kept a command from being carried out.
pub fn execute_refusal(error: ExecuteError<domain::Refusal>, what: &str) -> Refusal {
    match error {
        ExecuteError::Refused(no) => refusal(no, what),
        ExecuteError::Store(error) => store_refusal(error),
    }
}
