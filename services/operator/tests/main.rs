//! The operator against an API server in memory, and against real ones where `KUBE_TESTENV` names
//! their folder; identity and configuration are the real ones in both.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cluster;
mod definition;
mod follow;
mod lease;
mod life;
mod real;
mod rig;
mod servers;
