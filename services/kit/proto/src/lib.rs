//! kit-proto.
