//! Keeps the committed code honest: generates it again from `proto/` and compares.
//! `AMPARO_BLESS=1 cargo test -p kit-proto` writes it.

use std::fs;
use std::path::{Path, PathBuf};

const FILES: [&str; 10] = [
    "cases",
    "common",
    "configuration",
    "facts",
    "identity",
    "incidents",
    "keyring",
    "records",
    "reporting",
    "tracing",
];

/// Messages whose `Debug` is written by hand in `src/discreet.rs`.
const DISCREET: [&str; 14] = [
    "amparo.common.v1.Parameter",
    "amparo.common.v1.WriteRequest",
    "amparo.common.v1.Reply",
    "amparo.identity.v1.OpenTenantRequest",
    "amparo.identity.v1.SignInRequest",
    "amparo.identity.v1.SignInReply",
    "amparo.identity.v1.SignOutRequest",
    "amparo.identity.v1.AuthenticateRequest",
    "amparo.identity.v1.AuthenticateReply",
    "amparo.identity.v1.DirectoryUser",
    "amparo.keyring.v1.Key",
    "amparo.keyring.v1.IndexKey",
    "amparo.configuration.v1.LocationFile",
    "amparo.cases.v1.CaseStep",
];

#[test]
fn committed_code_is_what_the_contracts_generate() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let committed = here.join("src/gen");
    let fresh = std::env::temp_dir().join(format!("amparo-proto-{}", std::process::id()));
    fs::create_dir_all(&fresh).unwrap();
    generate(&here.join("../../../proto"), &fresh);
    let stale: Vec<String> = names(&fresh)
        .into_iter()
        .filter(|name| fs::read(fresh.join(name)).unwrap() != read(&committed.join(name)))
        .collect();
    if std::env::var_os("AMPARO_BLESS").is_some() {
        for name in &stale {
            fs::copy(fresh.join(name), committed.join(name)).unwrap();
        }
    }
    let extra: Vec<String> =
        names(&committed).into_iter().filter(|name| !fresh.join(name).exists()).collect();
    fs::remove_dir_all(&fresh).unwrap();
    assert!(extra.is_empty(), "files that no contract makes: {extra:?}");
    assert!(
        stale.is_empty() || std::env::var_os("AMPARO_BLESS").is_some(),
        "differs from proto/ (bless with AMPARO_BLESS=1): {stale:?}"
    );
}

#[test]
fn every_contract_is_in_the_descriptor_set() {
    let rpcs = kit_proto::rpcs();
    assert!(rpcs.contains(&("amparo.records.v1.Records".into(), "SettleConflict".into())));
    assert!(rpcs.contains(&("amparo.common.v1.Health".into(), "CheckHealth".into())));
}

#[test]
fn secrets_are_not_shown() {
    let request = kit_proto::identity::v1::SignInRequest {
        tenant: "t".into(),
        user_name: "ann".into(),
        password: "Sesame-1".into(),
        ..Default::default()
    };
    let shown = format!("{request:?}");
    assert!(!shown.contains("ann") && !shown.contains("Sesame-1"), "{shown}");
}

fn generate(proto: &Path, out: &Path) {
    let files: Vec<PathBuf> =
        FILES.iter().map(|name| proto.join(format!("amparo/{name}/v1/{name}.proto"))).collect();
    let mut compiler = protox::Compiler::new([proto]).unwrap();
    compiler.include_imports(true).include_source_info(true).open_files(&files).unwrap();
    let descriptors = compiler.file_descriptor_set();
    tonic_prost_build::configure()
        .out_dir(out)
        .emit_rerun_if_changed(false)
        .bytes(".")
        .skip_debug(DISCREET)
        .compile_fds(descriptors)
        .unwrap();
    let bare = protox::Compiler::new([proto])
        .unwrap()
        .include_imports(true)
        .include_source_info(false)
        .open_files(&files)
        .unwrap()
        .encode_file_descriptor_set();
    fs::write(out.join("descriptors.bin"), bare).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_default()
}
