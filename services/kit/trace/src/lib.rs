//! kit-trace: W3C trace context as text: one id for all that one call of a client leads to, in
//! logs, events, messages and spans. Pure: nothing is exported here.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use uuid::Uuid;

/// Spans of this target are parts of traces and no lines of the log. They name `here` and, unless
/// the trace begins with them, `parent`; further fields are ids and names of code.
pub const TARGET: &str = "amparo::span";

/// The trace id of a `traceparent` that is well formed: 32 hex digits, not all zero.
pub fn id_of(traceparent: &str) -> Option<&str> {
    let mut parts = traceparent.split('-');
    let (version, trace, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, length| {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        text.len() == length && text.bytes().all(digit)
    };
    let fits = hex(version, 2) && hex(trace, 32) && hex(parent, 16) && hex(flags, 2);
    let means = |text: &str| text.bytes().any(|byte| byte != b'0');
    (fits && parts.next().is_none() && version != "ff" && means(trace) && means(parent))
        .then_some(trace)
}

/// The `traceparent` of a call that no trace was named for: its request id is the trace.
pub fn parent_of(request_id: Uuid) -> String {
    let (high, low) = request_id.as_u64_pair();
    format!("00-{:032x}-{:016x}-00", request_id.as_u128(), (high ^ low).max(1))
}

/// The `traceparent` of a step that `parent` led to. The same step has the same id, wherever and
/// however often it is taken: `seed` tells it from its sisters of that name.
pub fn child(parent: &str, name: &str, seed: u128) -> String {
    let Some(trace) = id_of(parent) else { return parent.to_owned() };
    let mut hash = DefaultHasher::new();
    (parent, name, seed).hash(&mut hash);
    let flags = parent.get(53..).unwrap_or("00");
    format!("00-{trace}-{:016x}-{flags}", hash.finish().max(1))
}

/// Trace and span of a `traceparent` that is well formed.
pub fn parts_of(traceparent: &str) -> Option<(u128, u64)> {
    let trace = u128::from_str_radix(id_of(traceparent)?, 16).ok()?;
    let span = u64::from_str_radix(traceparent.get(36..52)?, 16).ok()?;
    Some((trace, span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_of_our_own_is_one_that_we_accept() {
        let id = Uuid::from_u128(0x0199_a2b4_7a5e_7c61_8e2f_0f3c_5d1e_9a77);
        let made = parent_of(id);
        assert_eq!(id_of(&made), Some("0199a2b47a5e7c618e2f0f3c5d1e9a77"));
        assert_eq!(made.len(), 55);
    }

    #[test]
    fn a_child_belongs_to_its_trace_and_is_another_span() {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let (one, two) = (child(parent, "publish", 1), child(parent, "publish", 2));
        assert_eq!(id_of(&one), id_of(parent));
        assert!(one.ends_with("-01"));
        assert_ne!(one, two);
        assert_ne!(one, child(parent, "apply", 1));
        assert_eq!(one, child(parent, "publish", 1));
        let (trace, span) = parts_of(&one).unwrap();
        assert_eq!(trace, 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c);
        assert_eq!(format!("{span:016x}"), one[36..52]);
    }

    #[test]
    fn what_is_no_trace_never_reaches_a_log() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert!(id_of(good).is_some());
        for bad in [
            "",
            "00-Rana7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        ] {
            assert_eq!(id_of(bad), None, "{bad}");
        }
    }
}
