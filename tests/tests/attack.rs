//! Attacks on two organisations that share an installation, generated from the gateway's table
//! of routes and from the contracts of the services: a new route or rpc is attacked by itself,
//! and one that has no example in `attack/examples.json` fails until somebody adds it.

pub mod examples;
mod fingerprint;
mod foreign;
mod rights;
mod rpcs;
mod scope;
mod strangers;
mod town;
