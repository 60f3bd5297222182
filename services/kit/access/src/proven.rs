//! Whether a person proved lately who they are: sensitive acts ask for that on top of a right.

use crate::Principal;

/// Seconds that a proof counts.
pub const PROVEN_FOR: i64 = 300;

/// Clocks of two machines may differ by so many seconds.
const SKEW: i64 = 30;

/// Whether the person proved who they are within the last five minutes; `now` in Unix seconds.
/// Signing in counts, and so does `POST /api/amparo/v1/reauthentication`.
pub fn recently_proven(principal: &Principal, now: i64) -> bool {
    principal.proven_at.is_some_and(|at| (-SKEW..PROVEN_FOR).contains(&now.saturating_sub(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proven(at: Option<i64>) -> bool {
        recently_proven(&Principal { proven_at: at, ..Principal::default() }, 10_000)
    }

    #[test]
    fn a_proof_counts_for_five_minutes() {
        assert!(proven(Some(10_000)) && proven(Some(9_701)));
        assert!(!proven(Some(9_700)));
    }

    #[test]
    fn no_proof_and_one_from_the_future_do_not_count() {
        assert!(!proven(None));
        assert!(proven(Some(10_030)) && !proven(Some(10_031)));
        assert!(!proven(Some(i64::MAX)) && !proven(Some(i64::MIN)));
    }
}
