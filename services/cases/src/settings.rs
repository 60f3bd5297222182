//! What can be set for cases alone.

/// Settings of the cases service.
#[derive(Debug, Clone, Default, clap::Args)]
#[group(skip)]
pub struct Settings {}
