//! What can be set for incidents alone.

/// Settings of the incidents service.
#[derive(Debug, Clone, Default, clap::Args)]
#[group(skip)]
pub struct Settings {}
