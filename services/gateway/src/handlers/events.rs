//! `GET /api/amparo/v1/events`: what happens within the caller's sight, as it happens.

use std::time::Duration;

use crate::answer::Answer;
use crate::dispatch::Call;
use crate::events::{self, Opening, Place};
use crate::parameters::first;
use crate::people::Credentials;
use crate::problem::Problem;

/// Proxies dislike what never ends, and sessions are looked at anew when one begins again.
const LIFETIME: u64 = 900;

/// Opens a stream. `seconds` ends it earlier, for those whose network holds streams back.
pub(super) async fn stream(call: &Call<'_>) -> Result<Answer, Problem> {
    let asked = first(&call.visit.parameters, "seconds");
    let seconds = asked.and_then(|text| text.parse().ok()).unwrap_or(LIFETIME).min(LIFETIME);
    let credentials = Credentials::of(call.visit)?.ok_or_else(Problem::not_signed_in)?;
    // A code counts once: nobody could look again whether it is still so.
    if credentials.is_for_once() {
        return Err(Problem::header("Amparo-Otp"));
    }
    let header = call.visit.header("Last-Event-ID");
    let after = header.or_else(|| first(&call.visit.parameters, "last_event_id"));
    let opening = Opening {
        tenant: call.tenant.clone(),
        host: call.visit.host.clone(),
        credentials,
        person: call.person()?.clone(),
        // What cannot be read is a place that nobody knows.
        after: after.map(|text| Place::parse(text).unwrap_or_default()),
        lifetime: Duration::from_secs(seconds),
    };
    let pieces = events::open(call.gateway, opening, call.gateway.stopping.clone()).await?;
    Ok(Answer::live(pieces))
}
