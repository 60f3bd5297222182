//! How a command reaches the installation that it is meant for: by flags and
//! environment, or by what `amparo up` left in its data folder.

use anyhow::{Context as _, Result, bail};
use clap::{Args, Parser};
use kit_serve::{Clock, Ids, Platform, Process, Service, Shared};
use std::path::{Path, PathBuf};

/// The file in the data folder with the flags that reach what runs there, one a line.
pub const CONNECTION: &str = "connection";

/// Where the installation is.
#[derive(Debug, Args)]
pub struct Reach {
    /// Data folder of a running `amparo up`; other addresses are then found there.
    #[arg(long, env = "AMPARO_DATA", global = true)]
    data: Option<PathBuf>,
    #[command(flatten)]
    platform: Platform,
}

#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
struct Connection {
    #[command(flatten)]
    platform: Platform,
}

impl Reach {
    /// The settings of the installation, from the data folder when one is given or lies here.
    pub fn platform(self) -> Result<Platform> {
        let internal = &self.platform.internal;
        let told = internal.internal_token.is_some() || internal.internal_token_file.is_some();
        match self.data {
            Some(data) => read_connection(&data),
            None if !told && Path::new(".data").join(CONNECTION).exists() => {
                read_connection(Path::new(".data"))
            }
            None => Ok(self.platform),
        }
    }

    /// A process that calls services and runs none.
    pub fn process(self) -> Result<Process> {
        let clock = Clock::system();
        let platform = self.platform()?;
        crate::migrate::trust(&platform)?;
        Process::try_new(platform, clock.clone(), Ids::system(clock))
    }

    /// What one service's maintenance needs.
    pub fn shared(self, service: Service) -> Result<Shared> {
        Ok(self.process()?.share(service))
    }
}

fn read_connection(data: &Path) -> Result<Platform> {
    connection(&data.join(CONNECTION))
}

/// The settings that a running installation wrote down.
pub fn connection(path: &Path) -> Result<Platform> {
    let data = path.parent().unwrap_or(path);
    let text = std::fs::read_to_string(path).with_context(|| {
        format!("nothing runs in {} ({} is missing)", data.display(), CONNECTION)
    })?;
    match Connection::try_parse_from(text.lines()) {
        Ok(connection) => Ok(connection.platform),
        Err(error) => bail!("{}: {error}", path.display()),
    }
}
