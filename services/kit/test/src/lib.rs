//! kit-test.
