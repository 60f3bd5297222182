//! kit-store.
