//! The life of a case, rule by rule, as the kind makes it: the commands are those of every record.

mod attribute;
mod change_owner;
mod close;
mod disable;
mod enable;
mod history;
mod merge;
mod naming;
mod places;
mod register;
mod reopen;
mod set_status;
mod settle_conflict;
mod state;
mod update;
