//! The binary's size, and how long `amparo serve all` takes until it is ready.

use crate::beside::{Beside, end};
use crate::site::Site;
use crate::table::{Table, Target};
use crate::wire::Wire;
use anyhow::{Context as _, Result, bail};
use std::time::{Duration, Instant};
use tests::amparo;

const TRIES: usize = 3;

/// What a release build is stripped to.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
pub fn binary(table: &mut Table) -> Result<()> {
    let size = std::fs::metadata(amparo())?.len() as f64 / f64::from(1 << 20);
    table.add("size of the binary", size, " MB", Target::None);
    Ok(())
}

/// On all of the data, against servers that run already; the slowest of some tries.
pub async fn start(site: &mut Site, table: &mut Table) -> Result<()> {
    let beside = Beside::open(site).await?;
    let slowest = slowest(&beside, site.port()).await;
    beside.close(site)?;
    let title = "start of `amparo serve all` until ready";
    table.add(title, slowest?.as_secs_f64(), " s", Target::Most(2.0));
    Ok(())
}

async fn slowest(beside: &Beside, port: u16) -> Result<Duration> {
    let mut all = Vec::new();
    for _ in 0..TRIES {
        let began = Instant::now();
        let process = beside.serve()?;
        let ready = ready(port).await;
        let took = began.elapsed();
        end(process)?;
        ready?;
        println!("  ready after {took:.2?}");
        all.push(took);
    }
    all.into_iter().max().context("it never started")
}

async fn ready(port: u16) -> Result<()> {
    let began = Instant::now();
    while began.elapsed() < Duration::from_mins(1) {
        if let Ok(mut wire) = Wire::connect(port).await {
            let asked = wire.ask(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
            if matches!(asked, Ok(200..300)) {
                return Ok(());
            }
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bail!("it does not get ready")
}
