//! The file: lines of JSON, compressed, in a parcel, with the digest of all at the end.

use anyhow::{Context as _, Result, ensure};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use kit_parcel::{Lock, Opener, Sealing};
use kit_seal::hex;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::io::{self, BufRead as _, BufReader, Read, Write};

/// Of the lines.
pub const FORMAT: u32 = 1;

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub lines: u64,
    /// As hex.
    pub sha256: String,
}

/// A file that is being written.
pub struct Writing<W: Write> {
    to: GzEncoder<Sealing<W>>,
    digest: Sha256,
    lines: u64,
}

impl<W: Write> Writing<W> {
    /// Starts one; whatever has one of the locks' keys opens it.
    pub fn begin(locks: &[Lock], to: W) -> Result<Self> {
        let to = GzEncoder::new(kit_parcel::seal(locks, to)?, Compression::fast());
        Ok(Self { to, digest: Sha256::new(), lines: 0 })
    }

    /// Adds one line.
    pub fn line(&mut self, line: &Value) -> Result<()> {
        self.lines(format!("{line}\n").as_bytes(), 1)
    }

    /// Adds lines that are written out already.
    pub fn lines(&mut self, lines: &[u8], count: u64) -> Result<()> {
        self.digest.update(lines);
        self.lines += count;
        Ok(self.to.write_all(lines)?)
    }

    /// Ends it with what is in it.
    pub fn end(mut self) -> Result<(W, Taken)> {
        let sha256 = hex(&self.digest.finalize());
        let taken = Taken { lines: self.lines, sha256 };
        let end = json!({ "kind": "end", "lines": taken.lines, "sha256": taken.sha256 });
        self.to.write_all(format!("{end}\n").as_bytes())?;
        Ok((self.to.finish()?.finish()?, taken))
    }
}

/// Reads a file to its end, hands its lines over and says what is in it. What was handed over is
/// what was written only when this answers well.
pub fn read(opener: &Opener, from: impl Read, mut to: impl Write) -> Result<Taken> {
    let mut lines = BufReader::new(GzDecoder::new(kit_parcel::open(opener, from)?));
    let (mut digest, mut count) = (Sha256::new(), 0_u64);
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = lines.read_until(b'\n', &mut line)?;
        ensure!(length > 0, "it does not end as an export does");
        if let Some(end) = is_end(&line) {
            // Only what was read to its end is known to be whole.
            let more = io::copy(&mut lines, &mut io::sink())?;
            let beyond = io::copy(&mut lines.into_inner().into_inner(), &mut io::sink())?;
            ensure!(more + beyond == 0, "something follows its end");
            let sha256 = hex(&digest.finalize());
            ensure!(end["sha256"] == sha256 && end["lines"] == count, "it is not whole");
            return Ok(Taken { lines: count, sha256 });
        }
        if count == 0 {
            check_first(&line)?;
        }
        digest.update(&line);
        count += 1;
        to.write_all(&line)?;
    }
}

fn is_end(line: &[u8]) -> Option<Value> {
    if !line.starts_with(br#"{"kind":"end""#) {
        return None;
    }
    serde_json::from_slice(line).ok()
}

fn check_first(line: &[u8]) -> Result<()> {
    let first: Value = serde_json::from_slice(line).ok().context("it is no export of Amparo")?;
    ensure!(first["kind"] == "begin", "it is no export of Amparo");
    ensure!(first["format"] == FORMAT, "made by another version of Amparo, in another format");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kit_parcel::KeyPair;

    fn written(lines: &[Value]) -> (Opener, Vec<u8>, Taken) {
        let pair = KeyPair::random();
        let mut writing = Writing::begin(&[Lock::Public(pair.public())], Vec::new()).unwrap();
        for line in lines {
            writing.line(line).unwrap();
        }
        let (bytes, taken) = writing.end().unwrap();
        (Opener::Secret(pair), bytes, taken)
    }

    fn begin() -> Value {
        json!({ "kind": "begin", "format": FORMAT })
    }

    #[test]
    fn what_was_written_is_read() {
        let event = json!({ "kind": "event", "data": { "name": "Zainab" } });
        let (opener, bytes, taken) = written(&[begin(), event.clone()]);
        assert!(!bytes.windows(6).any(|part| part == b"Zainab"));
        let mut text = Vec::new();
        assert_eq!(read(&opener, bytes.as_slice(), &mut text).unwrap(), taken);
        assert_eq!(taken.lines, 2);
        assert_eq!(String::from_utf8(text).unwrap(), format!("{}\n{event}\n", begin()));
    }

    #[test]
    fn a_cut_or_another_key_is_noticed() {
        let (opener, bytes, _) = written(&[begin()]);
        for length in 0..bytes.len() {
            assert!(read(&opener, &bytes[..length], io::sink()).is_err(), "{length}");
        }
        let other = Opener::Secret(KeyPair::random());
        assert!(read(&other, bytes.as_slice(), io::sink()).is_err());
    }

    #[test]
    fn what_is_no_export_is_refused() {
        let (opener, bytes, _) = written(&[json!({ "kind": "event" })]);
        assert!(read(&opener, bytes.as_slice(), io::sink()).is_err());
        let (opener, bytes, _) = written(&[json!({ "kind": "begin", "format": 9 })]);
        assert!(read(&opener, bytes.as_slice(), io::sink()).is_err());
    }
}
