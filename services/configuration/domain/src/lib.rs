//! configuration-domain.
