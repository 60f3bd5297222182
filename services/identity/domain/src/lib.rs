//! identity-domain.
