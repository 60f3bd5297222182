//! What must hold once the harm is over.

mod audited;
mod caught_up;
mod found;
mod kept;
mod logged;
mod rebuilt;

use crate::site::Site;
use crate::writes::Writes;
use anyhow::Result;

/// Everything that does not hold, in words; empty when all is well.
pub async fn all(site: &mut Site, writes: &Writes) -> Result<Vec<String>> {
    let all = writes.all();
    let mut problems = writes.problems();
    say("waiting for consumers");
    problems.extend(caught_up::check(site).await?);
    say("reading every case and its history");
    let found = found::Found::gather(site).await?;
    problems.extend(found::check(&found, &all));
    say("reading what administrators keep");
    problems.extend(kept::check(site, &all).await?);
    say("reading the logs of events");
    problems.extend(logged::check(site, &all).await?);
    say("reading the audit log");
    problems.extend(audited::check(site, &all).await?);
    say("rebuilding");
    problems.extend(rebuilt::check(site, &found).await?);
    say("verifying chains");
    if let Err(damage) = site.installation.amparo(&["verify"]) {
        problems.push(format!("amparo verify: {damage:#}"));
    }
    Ok(problems)
}

fn say(what: &str) {
    eprintln!("    {what}");
}
