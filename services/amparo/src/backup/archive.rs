//! What is in a backup: a tar archive, compressed, in a parcel. First the manifest, so that a
//! restore knows whether it can go on before it writes anything.

use anyhow::{Context as _, Result, bail, ensure};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use kit_parcel::{Lock, Opened, Opener, Sealing};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Component, Path};
use tar::{Archive, Builder, EntryType, Header};

/// Of the archive.
pub const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";
/// The folders that a backup may hold, and nothing beside them.
const FOLDERS: [&str; 4] = ["secrets", "postgres", "gateway", "journal"];

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// The version of Amparo that made it.
    pub amparo: String,
    /// The release of Postgres whose files it holds.
    pub postgres: u32,
    pub made_at: Timestamp,
    /// The room that it needs, about.
    pub bytes: u64,
    /// Names the root key without telling anything of it.
    pub root_key: String,
    pub holds_root_key: bool,
}

/// An archive that is being written.
pub struct Packing(Builder<GzEncoder<Sealing<BufWriter<File>>>>);

impl Packing {
    /// Starts one in a new file that only its owner reads.
    pub fn create(path: &Path, locks: &[Lock], manifest: &Manifest) -> Result<Self> {
        let _ = std::fs::remove_file(path);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        let sealing = kit_parcel::seal(locks, BufWriter::with_capacity(1 << 18, file))?;
        // Most of it is sealed already and does not get shorter: little time is spent on it.
        let mut packing = Self(Builder::new(GzEncoder::new(sealing, Compression::fast())));
        packing.file(MANIFEST, &serde_json::to_vec(manifest)?)?;
        Ok(packing)
    }

    /// Adds one file.
    pub fn file(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let mut header = Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        Ok(self.0.append_data(&mut header, name, bytes)?)
    }

    /// Adds all of another archive, below a folder.
    pub fn tree(&mut self, folder: &str, from: impl Read) -> Result<()> {
        let mut archive = Archive::new(from);
        for entry in archive.entries()? {
            let entry = entry?;
            let (mut header, path) = (entry.header().clone(), entry.path()?.into_owned());
            let kind = header.entry_type();
            ensure!(
                matches!(kind, EntryType::Regular | EntryType::Directory),
                "{} is neither a file nor a folder",
                path.display()
            );
            self.0.append_data(&mut header, Path::new(folder).join(path), entry)?;
        }
        Ok(())
    }

    /// Ends it; on the disk when this answers.
    pub fn finish(self) -> Result<()> {
        let sealing = self.0.into_inner()?.finish()?;
        let file = sealing.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(file.sync_all()?)
    }
}

/// Unpacks a backup into a folder, if `accept` takes what it says of itself. What was unpacked is
/// what was packed only when this answers well: the caller throws it away otherwise.
pub fn unpack(
    file: &Path,
    opener: &Opener,
    to: &Path,
    accept: impl FnOnce(&Manifest) -> Result<()>,
) -> Result<Manifest> {
    let from = File::open(file).with_context(|| format!("cannot open {}", file.display()))?;
    let parcel = kit_parcel::open(opener, BufReader::with_capacity(1 << 18, from))?;
    let mut archive = Archive::new(GzDecoder::new(parcel));
    archive.set_preserve_permissions(true);
    archive.set_preserve_mtime(false);
    let mut entries = archive.entries()?;
    let first = entries.next().context("it is empty")??;
    ensure!(first.path()? == Path::new(MANIFEST), "it does not begin with its manifest");
    let manifest = read_manifest(first)?;
    accept(&manifest)?;
    for entry in entries {
        let mut entry = entry?;
        check_place(&entry.path()?, entry.header().entry_type())?;
        ensure!(entry.unpack_in(to)?, "something in it lies outside of it");
    }
    drain(archive)?;
    nix::unistd::sync();
    Ok(manifest)
}

/// Only what a whole parcel holds is known to be what was sealed.
fn drain(archive: Archive<GzDecoder<Opened<BufReader<File>>>>) -> Result<()> {
    let mut compressed = archive.into_inner();
    io::copy(&mut compressed, &mut io::sink())?;
    io::copy(&mut compressed.into_inner(), &mut io::sink())?;
    Ok(())
}

fn read_manifest(mut from: impl Read) -> Result<Manifest> {
    let mut text = String::new();
    from.read_to_string(&mut text)?;
    let format = serde_json::from_str::<serde_json::Value>(&text)?["format"].as_u64();
    if format != Some(FORMAT.into()) {
        bail!("made by another version of Amparo, in a format that this one does not know");
    }
    Ok(serde_json::from_str(&text)?)
}

fn check_place(path: &Path, kind: EntryType) -> Result<()> {
    let mut parts = path.components();
    let known = matches!(parts.next(), Some(Component::Normal(first))
        if FOLDERS.iter().any(|folder| first == *folder));
    let plain = parts.all(|part| matches!(part, Component::Normal(_)));
    if !known || !plain || !matches!(kind, EntryType::Regular | EntryType::Directory) {
        bail!("it holds something that no backup of Amparo does");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kit_parcel::KeyPair;

    fn manifest() -> Manifest {
        Manifest {
            format: FORMAT,
            amparo: "0.1.0".into(),
            postgres: 18,
            made_at: Timestamp::UNIX_EPOCH,
            bytes: 7,
            root_key: "local:1".into(),
            holds_root_key: false,
        }
    }

    fn packed(path: &Path, names: &[&str]) -> Opener {
        let pair = KeyPair::random();
        let mut packing =
            Packing::create(path, &[Lock::Public(pair.public())], &manifest()).unwrap();
        for name in names {
            packing.file(name, b"text").unwrap();
        }
        packing.finish().unwrap();
        Opener::Secret(pair)
    }

    #[test]
    fn what_was_packed_is_unpacked_unless_it_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("b");
        let opener = packed(&file, &["secrets/one", "postgres/base/1/2"]);
        let to = dir.path().join("to");
        std::fs::create_dir(&to).unwrap();
        assert!(unpack(&file, &opener, &to, |_| bail!("no")).is_err());
        assert!(std::fs::read_dir(&to).unwrap().next().is_none());
        assert_eq!(unpack(&file, &opener, &to, |_| Ok(())).unwrap(), manifest());
        assert_eq!(std::fs::read(to.join("postgres/base/1/2")).unwrap(), b"text");
    }

    #[test]
    fn a_cut_is_noticed_at_any_byte() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("b");
        let opener = packed(&file, &["secrets/one"]);
        let whole = std::fs::read(&file).unwrap();
        let to = dir.path().join("to");
        std::fs::create_dir(&to).unwrap();
        for length in (0..whole.len()).step_by(7) {
            std::fs::write(&file, &whole[..length]).unwrap();
            assert!(unpack(&file, &opener, &to, |_| Ok(())).is_err(), "{length}");
        }
    }

    #[test]
    fn it_writes_nowhere_else() {
        assert!(check_place(Path::new("postgres/base/1"), EntryType::Regular).is_ok());
        for odd in
            ["postgres/../../etc/passwd", "/etc/passwd", "tools/bin/nats-server", "connection"]
        {
            assert!(check_place(Path::new(odd), EntryType::Regular).is_err(), "{odd}");
        }
        assert!(check_place(Path::new("postgres/x"), EntryType::Symlink).is_err());
    }
}
