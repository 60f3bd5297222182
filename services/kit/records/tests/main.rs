//! What kit-records promises, tested through its public face.

mod expressions;
mod fixture;
mod merging;
mod names;
mod parts;
mod queries;
mod rules;
mod validation;
