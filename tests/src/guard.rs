//! A process that ends when the test process does, however that ends.

use anyhow::{Context as _, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

/// Runs a program for as long as its standard input, held by us, is open. When nobody said
/// `stop` before it closed, we are no more, and a folder of ours goes, too.
const UNTIL_INPUT_ENDS: &str = r#"folder=$1; shift
"$@" </dev/null & pid=$!
read -r word
kill -TERM "$pid" 2>/dev/null
wait "$pid"; status=$?
[ "$word" = stop ] || [ -z "$folder" ] || rm -rf "$folder"
exit "$status""#;

/// A guarded process. Dropping it asks the process to end and waits.
pub struct Guarded {
    shell: Child,
    lifeline: Option<ChildStdin>,
}

impl Guarded {
    /// Starts a program; what it prints goes to `log`.
    pub fn start(program: &Path, arguments: &[String], log: &Path) -> Result<Self> {
        Self::start_in(Path::new(""), program, arguments, log)
    }

    /// The same, for a program whose folder is to be removed when this process just ends.
    pub fn start_in(
        folder: &Path,
        program: &Path,
        arguments: &[String],
        log: &Path,
    ) -> Result<Self> {
        let log = File::options().create(true).append(true).open(log)?;
        let mut shell = Command::new("/bin/sh")
            .args(["-c", UNTIL_INPUT_ENDS, "sh"])
            .arg(folder)
            .arg(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("cannot start a shell")?;
        let lifeline = shell.stdin.take();
        Ok(Self { shell, lifeline })
    }

    /// The guarded process itself, while it runs.
    pub fn pid(&self) -> Option<i32> {
        let shell = self.shell.id();
        let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children"));
        children.ok()?.split_whitespace().next()?.parse().ok()
    }

    /// Ends the process without a word (SIGKILL).
    pub fn kill(mut self) -> Result<()> {
        let pid = self.pid().context("it does not run")?;
        kill(Pid::from_raw(pid), Signal::SIGKILL).context("cannot kill it")?;
        self.stop().map(drop)
    }

    /// Asks the process to end (SIGTERM) and tells whether it ended well.
    pub fn stop(&mut self) -> Result<bool> {
        if let Some(mut lifeline) = self.lifeline.take() {
            // The shell may be gone already.
            let _ = lifeline.write_all(b"stop\n");
        }
        Ok(self.shell.wait()?.success())
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}
