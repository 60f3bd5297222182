//! What can be set of this service alone; the rest comes from its process.

/// This service needs nothing of its own yet.
#[derive(Debug, Clone, Default, clap::Args)]
#[group(skip)]
pub struct Settings {}
