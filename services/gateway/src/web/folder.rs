//! Reading the folder of the web client: its files, their kinds, and what was compressed.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::HeaderValue;
use sha2::{Digest, Sha256};

use super::{ASK_AGAIN, FOR_EVER, File};

/// More than the client will ever have; a folder that holds more is the wrong one.
const MOST_FILES: usize = 2_000;
const MOST_BYTES: u64 = 64 << 20;
/// Where the build puts files whose names change with their content.
const HASHED: &str = "assets/";

/// All files by their path below the folder, with `/` between. Links are not followed.
pub fn read(folder: &Path) -> anyhow::Result<HashMap<String, File>> {
    let mut files = HashMap::new();
    let mut read_bytes = 0;
    for path in paths(folder)? {
        let name = name_below(folder, &path).context("a file name that is not text")?;
        if path.extension().is_some_and(|suffix| suffix == "br" || suffix == "gz") {
            continue;
        }
        let file = file(&name, &path)?;
        read_bytes += file.plain.len() as u64;
        anyhow::ensure!(read_bytes <= MOST_BYTES, "{}: too much", folder.display());
        files.insert(name, file);
    }
    Ok(files)
}

fn paths(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let entries = fs::read_dir(&next).with_context(|| format!("{}", next.display()))?;
        for entry in entries {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
            anyhow::ensure!(found.len() <= MOST_FILES, "{}: too many files", folder.display());
        }
    }
    Ok(found)
}

fn name_below(folder: &Path, path: &Path) -> Option<String> {
    let below = path.strip_prefix(folder).ok()?;
    let parts: Option<Vec<&str>> = below.iter().map(std::ffi::OsStr::to_str).collect();
    Some(parts?.join("/"))
}

fn file(name: &str, path: &Path) -> anyhow::Result<File> {
    let plain = fs::read(path).with_context(|| format!("{}", path.display()))?;
    let digest = URL_SAFE_NO_PAD.encode(&Sha256::digest(&plain)[..18]);
    let compressed = |ending: &str| {
        let mut beside = path.as_os_str().to_owned();
        beside.push(ending);
        fs::read(beside).ok().map(Bytes::from)
    };
    Ok(File {
        content_type: content_type(name),
        cache: if name.starts_with(HASHED) { FOR_EVER } else { ASK_AGAIN },
        tag: HeaderValue::try_from(format!("W/\"{digest}\""))?,
        brotli: compressed(".br"),
        gzip: compressed(".gz"),
        plain: plain.into(),
    })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
