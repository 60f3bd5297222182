//! amparo-operator: keeps tenants as objects of Kubernetes say. A program of its own, so that the
//! program of the services knows nothing of Kubernetes.

use clap::{Parser, Subcommand};
use kit_serve::{Shutdown, init_telemetry};
use operator::definition::definition_yaml;
use operator::settings::Settings;

/// Opens, routes, configures and closes tenants as objects of Kubernetes say.
#[derive(Debug, Parser)]
#[command(name = "amparo-operator", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs until told to stop.
    Run(Box<Settings>),
    /// Prints the definition of Tenant for `kubectl apply`.
    Definition,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // A core dump would hold first passwords in clear.
    nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_CORE, 0, 0)?;
    match Cli::parse().command {
        Command::Run(settings) => {
            init_telemetry(&settings.log)?;
            let shutdown = Shutdown::on_signals()?;
            let client = kube::Client::try_default().await?;
            operator::run(*settings, client, shutdown).await
        }
        Command::Definition => {
            print!("{}", definition_yaml()?);
            Ok(())
        }
    }
}
