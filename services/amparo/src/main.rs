//! amparo: the one binary. It runs services, prepares what they stand on and
//! carries an operator's commands to them. No rule of any service lives here.

mod backup;
mod demo;
mod embedded;
mod erasures;
mod ground;
mod install;
mod migrate;
mod reach;
mod rebuild;
mod restore;
mod rotate_key;
mod seed;
mod serve;
mod skip_fact;
mod stores;
mod tenant;
mod up;
mod verify;

use clap::{Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Case management for the protection of children.
#[derive(Debug, Parser)]
#[command(name = "amparo", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts everything on this machine, with a private Postgres and nats-server.
    Up(up::Up),
    /// Runs one service, or all of them in one process.
    Serve(serve::Serve),
    /// Brings the databases to the shape that this version needs.
    Migrate(migrate::Migrate),
    /// Opens, changes, suspends, closes, exports, destroys or lists tenants.
    Tenant(tenant::TenantCommand),
    /// Loads the standard configuration, or a snapshot, into a tenant.
    InstallConfiguration(install::InstallConfiguration),
    /// Checks the hash chains of everything that was recorded.
    Verify(verify::Verify),
    /// Makes a service's read models anew from its events.
    Rebuild(rebuild::Rebuild),
    /// Gives a tenant a new key-encryption key.
    RotateKey(rotate_key::RotateKey),
    /// Leaves out a fact that stops a consumer.
    SkipFact(skip_fact::SkipFact),
    /// Keeps erased what was erased where a backup was restored.
    Erasures(erasures::Erasures),
    /// Seals all that a data folder holds, of one moment, into a file, and tries the file out.
    Backup(backup::Backup),
    /// Makes a data folder from such a file.
    Restore(restore::Restore),
    /// Fills a tenant with invented cases.
    Seed(seed::Seed),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // A core dump would hold keys and names in clear.
    nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_CORE, 0, 0)?;
    match Cli::parse().command {
        Command::Up(up) => up.run().await,
        Command::Serve(serve) => serve.run().await,
        Command::Migrate(migrate) => migrate.run().await,
        Command::Tenant(tenant) => tenant.run().await,
        Command::InstallConfiguration(install) => install.run().await,
        Command::Verify(verify) => verify.run().await,
        Command::Rebuild(rebuild) => rebuild.run().await,
        Command::RotateKey(rotate) => rotate.run().await,
        Command::SkipFact(skip) => skip.run().await,
        Command::Erasures(erasures) => erasures.run().await,
        Command::Backup(backup) => backup.run().await,
        Command::Restore(restore) => restore.run().await,
        Command::Seed(seed) => seed.run().await,
    }
}
