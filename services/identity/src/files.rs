//! Agencies' logos and terms of use: checked by their content, kept under their digest.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use identity_domain::{AgencyFile, FileKind};
use jiff::Timestamp;
use kit_proto::identity::v1::File;
use kit_seal::hex;
use kit_serve::Refusal;
use kit_store::{Store, StoreError};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::body::Body;
use crate::refused::{domain, stored};

/// Where files are found, as the contract's clients know it.
const PATH: &str = "/rails/active_storage/blobs/";
const LOGO_BYTES: usize = 1 << 20;
const TERMS_BYTES: usize = 10 << 20;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const PDF: &[u8] = b"%PDF-";

/// A file that was sent and is acceptable.
pub(crate) struct Upload {
    attribute: &'static str,
    file: AgencyFile,
    content_type: &'static str,
    content: Vec<u8>,
}

/// What was sent of the three files.
#[derive(Default)]
pub(crate) struct Uploads {
    kept: Vec<Upload>,
    /// Attributes whose file is taken away.
    removed: Vec<&'static str>,
}

impl Uploads {
    /// Reads and checks the files of a body.
    pub fn read(body: &Body, now: Timestamp) -> Result<Self, Refusal> {
        let mut uploads = Self::default();
        let mut problems = Vec::new();
        for kind in [FileKind::LogoFull, FileKind::LogoIcon, FileKind::TermsOfUse] {
            let name = attribute(kind);
            let Some(base64) = body.long_text(&format!("{name}_base64")) else { continue };
            if base64.is_empty() {
                uploads.removed.push(name);
                continue;
            }
            let file_name = body.text(&format!("{name}_file_name")).flatten();
            match accept(kind, base64, file_name.as_deref().unwrap_or_default(), now) {
                Ok(upload) => uploads.kept.push(upload),
                Err(problem) => problems.push(problem),
            }
        }
        body.finish()?;
        if problems.is_empty() {
            return Ok(uploads);
        }
        Err(domain(identity_domain::Refusal::Invalid(problems), "Agency"))
    }

    /// What changes of the agency.
    pub fn patch(&self) -> impl Iterator<Item = (String, Value)> + '_ {
        let kept = self.kept.iter().map(|one| (one.attribute.to_owned(), json!(one.file)));
        kept.chain(self.removed.iter().map(|name| ((*name).to_owned(), Value::Null)))
    }

    /// Makes the contents durable, before an event names them.
    pub async fn keep(&self, store: &Store, tenant: Uuid) -> Result<(), StoreError> {
        for one in &self.kept {
            let tx = store.begin(tenant).await?;
            let sql = "insert into agency_file (tenant, digest, content_type, content) \
                 values ($1, $2, $3, $4) on conflict do nothing";
            tx.execute(sql, &[&tenant, &one.file.digest, &one.content_type, &one.content]).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

const fn attribute(kind: FileKind) -> &'static str {
    match kind {
        FileKind::LogoFull => "logo_full",
        FileKind::LogoIcon => "logo_icon",
        FileKind::TermsOfUse => "terms_of_use",
    }
}

fn accept(
    kind: FileKind,
    base64: &str,
    file_name: &str,
    now: Timestamp,
) -> Result<Upload, identity_domain::Problem> {
    let attribute = attribute(kind);
    let problem = |code| {
        let message = match kind {
            FileKind::LogoFull => "errors.models.agency.logo_full",
            FileKind::LogoIcon => "errors.models.agency.logo_icon",
            FileKind::TermsOfUse => "errors.models.agency.terms_of_use",
        };
        identity_domain::Problem::new(attribute, message, code)
    };
    let encoded = base64.split_once("base64,").map_or(base64, |(_, encoded)| encoded);
    let content = BASE64_STANDARD.decode(encoded.trim()).map_err(|_| problem("not_base64"))?;
    let (content_type, most) = match kind {
        FileKind::LogoFull | FileKind::LogoIcon => ("image/png", LOGO_BYTES),
        FileKind::TermsOfUse => ("application/pdf", TERMS_BYTES),
    };
    if content.len() > most {
        return Err(problem("too_large"));
    }
    let good = match kind {
        FileKind::LogoFull => is_png_within(&content, 512),
        FileKind::LogoIcon => is_png_within(&content, 100),
        FileKind::TermsOfUse => content.starts_with(PDF),
    };
    if !good {
        return Err(problem("wrong_file_type"));
    }
    let digest = hex(&Sha256::digest(&content));
    let uploaded_at = now.to_string();
    let file = AgencyFile { digest, file_name: tidy_file_name(file_name, kind), uploaded_at };
    Ok(Upload { attribute, file, content_type, content })
}

/// A PNG by its first bytes, at most so many pixels high and wide by its header.
fn is_png_within(content: &[u8], most: u32) -> bool {
    let Some(header) = content.strip_prefix(PNG).and_then(|rest| rest.get(..16)) else {
        return false;
    };
    let side = |at: usize| {
        header[at..at + 4].iter().fold(0_u32, |number, byte| (number << 8) | u32::from(*byte))
    };
    &header[4..8] == b"IHDR" && (1..=most).contains(&side(8)) && (1..=most).contains(&side(12))
}

/// A name that is safe in a path.
fn tidy_file_name(name: &str, kind: FileKind) -> String {
    let tidy: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
        .take(100)
        .collect();
    let fallback = match kind {
        FileKind::LogoFull | FileKind::LogoIcon => "logo.png",
        FileKind::TermsOfUse => "terms.pdf",
    };
    if tidy.trim_matches('.').is_empty() { fallback.to_owned() } else { tidy }
}

/// Where clients find the file.
pub(crate) fn path(file: &AgencyFile) -> String {
    format!("{PATH}{}/{}", file.digest, file.file_name)
}

/// The file behind a path of [`path`].
pub(crate) async fn find(store: &Store, tenant: Uuid, path: &str) -> Result<File, Refusal> {
    let missing = || Refusal::not_found("Couldn't find File");
    let (digest, name) =
        path.strip_prefix(PATH).and_then(|rest| rest.split_once('/')).ok_or_else(missing)?;
    let tx = store.read(tenant).await.map_err(stored)?;
    let sql = "select content_type, content from agency_file where tenant = $1 and digest = $2";
    let row = tx.query_opt(sql, &[&tenant, &digest]).await.map_err(stored)?;
    let row = row.ok_or_else(missing)?;
    let content: Vec<u8> = row.try_get(1).map_err(Refusal::internal)?;
    Ok(File {
        content: content.into(),
        content_type: row.try_get(0).map_err(Refusal::internal)?,
        file_name: name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = PNG.to_vec();
        bytes.extend([0, 0, 0, 13]);
        bytes.extend(b"IHDR");
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes
    }

    #[test]
    fn a_logo_is_a_png_of_at_most_its_size() {
        assert!(is_png_within(&png(512, 512), 512));
        assert!(!is_png_within(&png(513, 10), 512));
        assert!(!is_png_within(b"<svg/>", 512));
        assert!(!is_png_within(PNG, 512));
    }

    #[test]
    fn file_names_cannot_climb() {
        assert_eq!(tidy_file_name("../../etc/passwd", FileKind::LogoFull), "....etcpasswd");
        assert_eq!(tidy_file_name("..", FileKind::LogoFull), "logo.png");
    }
}
