//! Looks for markers in any bytes, in every way of writing that the system uses or that could
//! hide one: UTF-8 and UTF-16, base64, hexadecimal, escaped for JSON or an address, backwards,
//! in what was compressed, and cut up by Postgres's own compression.

use crate::markers::{Kind, Marker};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use flate2::read::{GzDecoder, ZlibDecoder};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Read as _;

/// How much of a piece of compressed bytes is looked at.
const MOST_INFLATED: u64 = 4 << 20;
/// Bits of the table that tells most places apart from what is looked for.
const SIEVE: u32 = 22;

/// All bytes, the number of the marker, how it is written.
type Pattern = (Vec<u8>, usize, &'static str);

/// Finds markers.
pub struct Scanner {
    /// By their first eight bytes.
    patterns: HashMap<u64, Vec<Pattern>>,
    sieve: Vec<u64>,
    texts: Vec<String>,
}

impl Scanner {
    /// Looks for these.
    pub fn new(markers: &[Marker]) -> Self {
        let texts = markers.iter().map(|marker| marker.text.clone()).collect();
        let sieve = vec![0; 1 << (SIEVE - 6)];
        let mut this = Self { patterns: HashMap::new(), sieve, texts };
        for (number, marker) in markers.iter().enumerate() {
            for (bytes, way) in ways(marker) {
                this.look_for(bytes, number, way);
            }
        }
        this
    }

    fn look_for(&mut self, bytes: Vec<u8>, number: usize, way: &'static str) {
        let Some(first) = bytes.first_chunk::<8>() else { return };
        let key = u64::from_be_bytes(*first);
        let slot = slot(key);
        self.sieve[slot / 64] |= 1 << (slot % 64);
        self.patterns.entry(key).or_default().push((bytes, number, way));
    }

    /// Every marker in there, with the way it is written.
    pub fn scan(&self, bytes: &[u8]) -> Vec<String> {
        let mut found = self.scan_plain(bytes);
        for at in 0..bytes.len().saturating_sub(2) {
            let mut inflated = Vec::new();
            let rest = &bytes[at..];
            let size = match (rest[0], rest[1], rest[2]) {
                (0x1f, 0x8b, 8) => {
                    GzDecoder::new(rest).take(MOST_INFLATED).read_to_end(&mut inflated)
                }
                (0x78, 0x01 | 0x5e | 0x9c | 0xda, _) => {
                    ZlibDecoder::new(rest).take(MOST_INFLATED).read_to_end(&mut inflated)
                }
                _ => continue,
            };
            // What was read before the compressed bytes turned out to be none counts, too.
            drop(size);
            let inside = self.scan_plain(&inflated);
            found.extend(inside.into_iter().map(|what| format!("compressed: {what}")));
        }
        found
    }

    fn scan_plain(&self, bytes: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        let mut key = 0_u64;
        for (end, byte) in bytes.iter().enumerate() {
            key = (key << 8) | u64::from(*byte);
            let slot = slot(key);
            if self.sieve[slot / 64] & (1 << (slot % 64)) == 0 || end < 7 {
                continue;
            }
            for (pattern, number, way) in self.patterns.get(&key).into_iter().flatten() {
                if bytes[end - 7..].starts_with(pattern) {
                    found.push(format!("{} ({way}) at {}", self.texts[*number], end - 7));
                }
            }
        }
        found
    }
}

fn slot(key: u64) -> usize {
    usize::try_from(key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - SIEVE)).unwrap_or_default()
}

/// All ways to write a marker, as bytes to look for.
fn ways(marker: &Marker) -> Vec<(Vec<u8>, &'static str)> {
    let mut forms =
        vec![marker.text.clone(), marker.text.to_lowercase(), marker.text.to_uppercase()];
    if let Some(plain) = &marker.plain {
        forms.extend([plain.clone(), plain.to_uppercase()]);
    }
    forms.sort();
    forms.dedup();
    let is_tellable = marker.kind != Kind::Phone && marker.text.is_ascii();
    forms.iter().flat_map(|form| ways_of(form, is_tellable)).collect()
}

fn ways_of(form: &str, by_parts: bool) -> Vec<(Vec<u8>, &'static str)> {
    let bytes = form.as_bytes();
    let utf16: Vec<u16> = form.encode_utf16().collect();
    let mut ways = vec![
        (bytes.to_vec(), "UTF-8"),
        (form.chars().rev().collect::<String>().into_bytes(), "backwards"),
        (utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect(), "UTF-16LE"),
        (utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect(), "UTF-16BE"),
        (hex(bytes).into_bytes(), "hexadecimal"),
        (hex(bytes).to_uppercase().into_bytes(), "hexadecimal"),
    ];
    // Postgres's compression puts a byte between each eight that it leaves as they are.
    if by_parts {
        ways.extend(bytes.windows(8).take(8).map(|part| (part.to_vec(), "a part in UTF-8")));
    }
    for before in 0..3 {
        ways.extend(base64(bytes, before).map(|text| (text.into_bytes(), "base64")));
    }
    if !form.is_ascii() {
        ways.extend(escapes(form).map(|text| (text.into_bytes(), "escaped")));
    }
    ways
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What is sure to be there when so many bytes stand before the text.
fn base64(bytes: &[u8], before: usize) -> [String; 2] {
    let padded = [&vec![0; before], bytes].concat();
    let whole = padded.len() / 3 * 4;
    let sure = [0, 2, 3][before]..whole;
    [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD]
        .map(|engine| engine.encode(&padded)[sure.clone()].to_owned())
}

/// As JSON and addresses write what is not ASCII.
fn escapes(form: &str) -> [String; 4] {
    let (mut json, mut address) = (String::new(), String::new());
    for letter in form.chars() {
        if letter.is_ascii() {
            json.push(letter);
            address.push(letter);
            continue;
        }
        let _ = write!(json, "\\u{:04x}", u32::from(letter));
        for byte in letter.to_string().bytes() {
            let _ = write!(address, "%{byte:02X}");
        }
    }
    let big = json.replace("\\u", "\0").to_uppercase().replace('\0', "\\u");
    let small = address.to_lowercase();
    [json, big, address, small]
}
