//! An installation, and an operator over a cluster that is given.

use std::sync::Arc;

use clap::Parser;
use kit_proto::identity::v1::{ListTenantsRequest, Tenant as Opened};
use kit_serve::{Clock, Ids, Process};
use kube::Client;
use operator::office::Office;
use operator::settings::Settings;
use tests::Installation;

/// Where the objects of tests are.
pub const TENANTS: &str = "protection-tenants";
/// Where routes are made.
pub const OWN: &str = "protection";

#[derive(Parser)]
#[command(no_binary_name = true)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
}

/// Settings of an operator of an installation.
pub fn settings(installation: &Installation, more: &[&str]) -> Settings {
    let connection = installation.data().join("connection");
    let connection = std::fs::read_to_string(connection).unwrap();
    let wanted = [
        "--internal-token",
        "--identity-url",
        "--configuration-url",
        "--keyring-url",
        "--cases-url",
        "--incidents-url",
        "--tracing-url",
        "--reporting-url",
    ];
    let known = connection.lines().filter(|line| wanted.iter().any(|it| line.starts_with(it)));
    let own = ["--operator-tenants-namespace", TENANTS, "--operator-namespace", OWN];
    let flags = known.chain(own).chain(more.iter().copied());
    Cli::try_parse_from(flags).unwrap().settings
}

/// An operator of an installation, without its watch.
pub fn office(client: Client, settings: &Settings) -> Arc<Office> {
    let clock = Clock::system();
    let process = Process::try_new(settings.platform(), clock.clone(), Ids::system(clock)).unwrap();
    Arc::new(Office::try_new(client, settings, &process).unwrap())
}

/// What identity says of a tenant.
pub async fn opened(office: &Office, name: &str) -> Option<Opened> {
    let request = office.shared.internal_call(None).request(ListTenantsRequest {});
    let reply = office.shared.peers.identity().list_tenants(request).await.unwrap();
    reply.into_inner().tenants.into_iter().find(|tenant| tenant.name == name)
}
