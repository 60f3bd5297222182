//! W3C trace context: one id for all that one call of a client leads to, in logs, events and
//! messages. Nothing is exported; the id is what joins lines.

use uuid::Uuid;

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
