//! What can be set for reporting alone.

/// Settings of the reporting service.
#[derive(Debug, Clone, Default, clap::Args)]
#[group(skip)]
pub struct Settings {}
