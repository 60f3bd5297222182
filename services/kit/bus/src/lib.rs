//! kit-bus.
