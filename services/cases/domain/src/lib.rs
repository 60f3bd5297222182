//! cases-domain.
