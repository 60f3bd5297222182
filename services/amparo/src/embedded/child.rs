//! One server program as a child: started as an unprivileged account, ended
//! with its parent even when that is killed, started again when it dies.

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid, User};
use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command as StdCommand, Stdio};
use std::time::Duration;
use tokio::process::{Child as Process, Command};
use tracing::{info, warn};

/// How long a server may take to end before it is killed.
const PATIENCE: Duration = Duration::from_mins(1);

/// What to run, and how it likes to be asked to end.
#[derive(Clone, Debug)]
pub struct Program {
    pub name: &'static str,
    pub path: PathBuf,
    pub arguments: Vec<String>,
    pub data: PathBuf,
    pub log: PathBuf,
    pub stop_signal: Signal,
}

/// A running server.
pub struct Child {
    program: Program,
    process: Process,
}

impl Child {
    pub fn start(program: Program) -> Result<Self> {
        let process = spawn(&program)?;
        info!(server = program.name, pid = process.id(), "server started");
        Ok(Self { program, process })
    }

    /// Resolves when the server has ended by itself.
    pub async fn ended(&mut self) {
        let outcome = self.process.wait().await;
        warn!(server = self.program.name, ?outcome, "server ended");
    }

    /// Whether the server has ended already.
    pub fn is_over(&mut self) -> bool {
        !matches!(self.process.try_wait(), Ok(None))
    }

    /// Starts it again; patient, since Postgres refuses while processes of its
    /// predecessor are still leaving.
    pub async fn revive(&mut self) {
        tokio::time::sleep(Duration::from_millis(200)).await;
        match spawn(&self.program) {
            Ok(process) => self.process = process,
            Err(error) => {
                warn!(server = self.program.name, %error, "cannot start the server again");
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
        }
    }

    /// Asks it to end, waits, and kills it when it will not.
    pub async fn stop(mut self) {
        if let Some(pid) = self.process.id().and_then(|pid| i32::try_from(pid).ok()) {
            let _ = kill(Pid::from_raw(pid), self.program.stop_signal);
        }
        if tokio::time::timeout(PATIENCE, self.process.wait()).await.is_err() {
            warn!(server = self.program.name, "did not end in time; killing it");
            let _ = self.process.kill().await;
        }
        info!(server = self.program.name, "server stopped");
    }
}

fn spawn(program: &Program) -> Result<Process> {
    let log = File::options().create(true).append(true).open(&program.log)?;
    let mut command = as_account(&program.path, &program.data, Some(program.stop_signal));
    command
        .args(&program.arguments)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .process_group(0);
    let mut command = Command::from(command);
    command.spawn().with_context(|| format!("cannot start {}", program.path.display()))
}

/// A command that runs as the unprivileged account, without core dumps, and,
/// with a signal, ends when the thread that starts it does.
///
/// `setpriv` (util-linux) does what safe Rust cannot between fork and exec.
pub fn as_account(program: &Path, data: &Path, on_parents_death: Option<Signal>) -> StdCommand {
    let account = server_account();
    let mut command = StdCommand::new("setpriv");
    if let Some(signal) = on_parents_death {
        command.args(["--pdeathsig", signal.as_str().trim_start_matches("SIG")]);
    }
    if let Some(user) = &account {
        command.arg(format!("--reuid={}", user.uid)).arg(format!("--regid={}", user.gid));
        command.arg("--clear-groups");
        if others_can_reach(program) && others_can_reach(data) {
            command.arg("--inh-caps=-all");
        } else {
            // The folder lies below one that only root enters: let the server
            // pass through folders, and nothing else. The securebit makes access(2),
            // with which initdb looks for its programs, agree.
            command.args(["--inh-caps=-all,+dac_read_search", "--ambient-caps=+dac_read_search"]);
            command.arg("--securebits=+no_setuid_fixup");
        }
    }
    command.args(["/bin/sh", "-c", "ulimit -c 0; exec \"$0\" \"$@\""]).arg(program);
    command.env_clear().env("LC_ALL", "C.UTF-8").env("PATH", "/usr/local/bin:/usr/bin:/bin");
    command.env("HOME", "/nonexistent").current_dir("/");
    command
}

/// Servers never run as root; everyone else runs them as themselves.
pub fn server_account() -> Option<User> {
    if !Uid::effective().is_root() {
        return None;
    }
    ["amparo", "nobody"].iter().find_map(|name| User::from_name(name).ok().flatten())
}

fn others_can_reach(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.ancestors()
        .skip(1)
        .all(|dir| fs::metadata(dir).is_ok_and(|meta| meta.permissions().mode() & 0o001 != 0))
}

/// Ends a server that an earlier, killed run left behind. `pid_file` may be
/// stale, so the process must name `mark` in its command line to be ours.
pub async fn end_leftover(pid_file: &Path, mark: &str, signal: Signal) -> Result<()> {
    let Ok(text) = fs::read_to_string(pid_file) else { return Ok(()) };
    let Some(pid) = text.split_whitespace().next().and_then(|word| word.parse().ok()) else {
        return Ok(());
    };
    let is_ours = || command_line(pid).is_some_and(|line| line.contains(mark));
    for attempt in 0..600 {
        if !is_ours() {
            return Ok(());
        }
        // It may be leaving already, told so by the kernel when its parent died.
        if attempt % 50 == 20 {
            warn!(pid, "ending a server left behind by an earlier run");
            let _ = kill(Pid::from_raw(pid), signal);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("process {pid} of an earlier run does not end")
}

fn command_line(pid: i32) -> Option<String> {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    Some(String::from_utf8_lossy(&bytes).replace('\0', " "))
}
