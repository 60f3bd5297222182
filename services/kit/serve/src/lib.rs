//! kit-serve.
