//! An installation under test: servers, services and their folder.

use crate::binary::{amparo, start_up};
use crate::guard::Guarded;
use anyhow::{Context as _, Result, bail};
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Services that run as processes of their own, in the order in which they start.
pub const SERVICES: [&str; 8] = [
    "keyring",
    "identity",
    "configuration",
    "cases",
    "incidents",
    "tracing",
    "reporting",
    "gateway",
];
/// Services behind the gateway, each with a database of its own.
pub const BACK: [&str; 7] =
    ["keyring", "identity", "configuration", "cases", "incidents", "tracing", "reporting"];
/// Services that decide: each keeps a log of events.
pub const WITH_LOG: [&str; 5] = ["identity", "configuration", "cases", "incidents", "tracing"];
/// The process of `amparo up`, as it is named beside the services.
pub const UP: &str = "up";

/// What services stand on, and the flag for its address.
const SERVERS: [(&str, &str); 2] = [("postgres", "postgres-url"), ("nats", "nats-url")];

/// Given what listens at a port, says at which port a service shall look for it.
pub type Detour<'a> = &'a mut dyn FnMut(&str, u16) -> u16;

/// Everything that runs for a test; ended and removed when dropped.
pub struct Installation {
    // Dropped in this order: services first, then what they stand on, then the folder.
    services: Vec<Service>,
    main: Option<Guarded>,
    flags: Vec<String>,
    /// What `amparo up` does not know of services that run beside it.
    addresses: String,
    folder: PathBuf,
    /// Where processes log.
    logs: PathBuf,
    /// None: the folder is somebody's, and stays.
    temporary: Option<tempfile::TempDir>,
    pub port: u16,
}

struct Service {
    name: &'static str,
    port: u16,
    admin: u16,
    arguments: Vec<String>,
    process: Option<Guarded>,
}

impl Installation {
    /// All services in one process with demonstration organisations, as `deploy/up` runs them.
    pub fn together(tenants: u16) -> Result<Self> {
        Self::together_logging(tenants, "info")
    }

    /// The same with a log filter of one's own.
    pub fn together_logging(tenants: u16, log: &str) -> Result<Self> {
        Self::together_with(&["--tenants", &tenants.to_string(), "--log", log])
    }

    /// The same with any flags of `amparo up`.
    pub fn together_with(flags: &[&str]) -> Result<Self> {
        let port = free_port()?;
        Self::up(port, &[&["--demo", "--port", &port.to_string()], flags].concat())
    }

    /// With any flags of `amparo up`, in a folder that stays, with what lies in it from before.
    pub fn kept_in(folder: &Path, flags: &[&str]) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let port = free_port()?;
        let named = port.to_string();
        let flags = [&["--port", &named], flags].concat();
        Self::up_in(folder.canonicalize()?, None, port, &flags)
    }

    /// Each service as a process of its own, against one Postgres and one NATS.
    pub fn apart() -> Result<Self> {
        Self::apart_by(&mut |_, port| port)
    }

    /// The same, where services reach the servers and each other by detours.
    pub fn apart_by(detour: Detour<'_>) -> Result<Self> {
        let mut this = Self::servers_only()?;
        this.serve(detour)?;
        Ok(this)
    }

    /// Postgres and NATS, and nobody yet who uses them.
    pub fn servers_only() -> Result<Self> {
        Self::up(free_port()?, &["--servers-only", "--log", "info"])
    }

    /// Starts each service as a process of its own.
    pub fn serve(&mut self, detour: Detour<'_>) -> Result<()> {
        self.prepare_services(detour)?;
        self.start_services()
    }

    /// Starts every service, and waits until each can be asked.
    pub fn start_services(&mut self) -> Result<()> {
        SERVICES.into_iter().try_for_each(|name| self.start(name))?;
        self.services.iter().try_for_each(|service| self.wait_for_port(service.port))
    }

    /// Tells services that start from now on where the servers are now: elsewhere, once those
    /// were started again.
    pub fn lead_anew(&self) -> Result<()> {
        for (server, url) in SERVERS {
            self.detoured_url(server, url, &mut |_, port| port)?;
        }
        Ok(())
    }

    fn up(port: u16, flags: &[&str]) -> Result<Self> {
        let temporary = tempfile::tempdir()?;
        Self::up_in(temporary.path().to_owned(), Some(temporary), port, flags)
    }

    fn up_in(
        folder: PathBuf,
        temporary: Option<tempfile::TempDir>,
        port: u16,
        flags: &[&str],
    ) -> Result<Self> {
        let logs = logs_of(&folder)?;
        let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let mut this = Self {
            services: vec![],
            main: None,
            flags,
            addresses: String::new(),
            folder,
            logs,
            temporary,
            port,
        };
        this.start(UP)?;
        Ok(this)
    }

    /// Ends everything and starts it again on the same data.
    pub fn restart(&mut self) -> Result<()> {
        if !self.stop()? {
            bail!("it did not end well:\n{}", self.log("up.log"));
        }
        self.start(UP)
    }

    /// Decides where each service listens and what it is told of the others; starts none.
    pub fn prepare_services(&mut self, detour: Detour<'_>) -> Result<()> {
        let connection = std::fs::read_to_string(self.data().join("connection"))?;
        let mut common: Vec<String> = connection.lines().map(String::from).collect();
        for (server, url) in SERVERS {
            common.push(self.detoured_url(server, url, detour)?);
        }
        let mut ports = Vec::new();
        for name in SERVICES {
            let port = if name == "gateway" { self.port } else { free_port()? };
            ports.push(port);
            if name != "gateway" {
                let _ = writeln!(self.addresses, "--{name}-url=http://127.0.0.1:{port}");
                common.push(format!("--{name}-url=http://127.0.0.1:{}", detour(name, port)));
            }
        }
        let root_key = self.data().join("secrets/root-key");
        common.push(format!("--keyring-root-key-file={}", root_key.display()));
        let journal = self.data().join("destroyed-keys");
        common.push(format!("--keyring-journal-file={}", journal.display()));
        common.push(format!("--gateway-listen=127.0.0.1:{}", self.port));
        common.push(format!("--gateway-spool={}", self.data().join("gateway").display()));
        // Attacks guess a lot; that guesses are limited is for the gateway's own tests.
        common
            .extend(["--gateway-guesses=1000000", "--gateway-sign-ins=1000000"].map(String::from));
        for (name, port) in SERVICES.into_iter().zip(ports) {
            let mut arguments = vec!["serve".into(), name.into()];
            arguments.extend(common.iter().filter(|flag| !is_told_twice(flag)).cloned());
            if name != "gateway" {
                arguments.push(format!("--listen=127.0.0.1:{port}"));
            }
            let admin = free_port()?;
            arguments.push(format!("--admin-listen=127.0.0.1:{admin}"));
            arguments.push(format!("--otlp-service={name}"));
            self.services.push(Service { name, port, admin, arguments, process: None });
        }
        self.append_addresses()
    }

    /// The flag for a file with the address of a server, as services are told it.
    fn detoured_url(&self, server: &str, url: &str, detour: Detour<'_>) -> Result<String> {
        let port = self.server_port(server)?;
        let text = self.secret(url)?;
        let told = text.replace(&format!(":{port}"), &format!(":{}", detour(server, port)));
        let path = self.folder.join(format!("{url}-told"));
        std::fs::write(&path, told)?;
        Ok(format!("--{url}-file={}", path.display()))
    }

    fn append_addresses(&self) -> Result<()> {
        let file = std::fs::File::options().append(true).open(self.data().join("connection"));
        file?.write_all(self.addresses.as_bytes()).context("connection")
    }

    /// Ends a process without a word (SIGKILL): one of [`SERVICES`], or [`UP`] with its servers.
    pub fn kill(&mut self, name: &str) -> Result<()> {
        self.process(name)?.take().map_or(Ok(()), Guarded::kill)
    }

    /// Starts a process that was ended, and waits until it can be asked.
    pub fn start(&mut self, name: &str) -> Result<()> {
        if name == UP {
            let log = self.set_aside_log()?;
            let gone = self.temporary.as_ref().map(tempfile::TempDir::path);
            self.main = Some(start_up(&self.folder, gone, &self.flags, &log)?);
            self.wait_for_text("up.log", &["is ready at", "are ready"])?;
            return if self.addresses.is_empty() { Ok(()) } else { self.append_addresses() };
        }
        let log = self.logs.join(format!("{name}.log"));
        let service = self.services.iter_mut().find(|it| it.name == name);
        let service = service.context("no such service")?;
        service.process = Some(Guarded::start(amparo(), &service.arguments, &log)?);
        if name == "gateway" { self.wait_for_port(self.port) } else { Ok(()) }
    }

    fn process(&mut self, name: &str) -> Result<&mut Option<Guarded>> {
        if name == UP {
            return Ok(&mut self.main);
        }
        let service = self.services.iter_mut().find(|it| it.name == name);
        Ok(&mut service.context("no such service")?.process)
    }

    /// What earlier runs printed stays, elsewhere.
    fn set_aside_log(&self) -> Result<PathBuf> {
        let log = self.logs.join("up.log");
        let mut earlier =
            std::fs::File::options().create(true).append(true).open(self.logs.join("ran.log"))?;
        earlier.write_all(&std::fs::read(&log).unwrap_or_default())?;
        std::fs::write(&log, "")?;
        Ok(log)
    }

    /// Gives every service more flags, before they are started.
    pub fn tell_services(&mut self, flags: &[String]) {
        for service in &mut self.services {
            service.arguments.extend_from_slice(flags);
        }
    }

    /// Gives every service, and the operator's commands, more flags; before they are started.
    pub fn tell(&mut self, flags: &[String]) -> Result<()> {
        self.tell_services(flags);
        let lines = flags.join("\n") + "\n";
        self.addresses.push_str(&lines);
        let connection = self.data().join("connection");
        let mut file = std::fs::File::options().append(true).open(connection)?;
        Ok(file.write_all(lines.as_bytes())?)
    }

    /// Where a service answers others.
    pub fn url(&self, name: &str) -> Result<String> {
        let service = self.services.iter().find(|it| it.name == name);
        Ok(format!("http://127.0.0.1:{}", service.context("no such service")?.port))
    }

    /// The port at which a service's process tells how it is.
    pub fn admin_port(&self, name: &str) -> Result<u16> {
        let service = self.services.iter().find(|it| it.name == name);
        Ok(service.context("no such service")?.admin)
    }

    /// Asks one service's process to end; tells whether it ended well.
    pub fn stop_service(&mut self, name: &str) -> Result<bool> {
        self.process(name)?.take().context("it does not run")?.stop()
    }

    /// Asks the main process to end; tells whether it ended well.
    pub fn stop(&mut self) -> Result<bool> {
        self.main.take().context("it does not run")?.stop()
    }

    /// The processes of Amparo itself that run now, by name.
    pub fn pids(&self) -> Vec<(&'static str, i32)> {
        let main = self.main.iter().map(|process| (UP, process.pid()));
        let services = self.services.iter().filter_map(|it| Some((it.name, it.process.as_ref()?)));
        let all = main.chain(services.map(|(name, process)| (name, process.pid())));
        all.filter_map(|(name, pid)| Some((name, pid?))).collect()
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The folder with the data folder in it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What a process has printed so far.
    pub fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.logs.join(name)).unwrap_or_default()
    }

    /// The loopback port of `postgres` or `nats`.
    pub fn server_port(&self, server: &str) -> Result<u16> {
        let url = self.secret(&format!("{server}-url"))?;
        let after = url.rsplit_once("127.0.0.1:").context("servers listen on loopback")?.1;
        let digits = after.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        digits.parse().context("no port")
    }

    /// The address of one database for the superuser.
    pub fn superuser_url(&self, database: &str) -> Result<String> {
        let (password, port) = (self.secret("postgres-password")?, self.server_port("postgres")?);
        Ok(format!("postgres://postgres:{password}@127.0.0.1:{port}/{database}"))
    }

    fn secret(&self, name: &str) -> Result<String> {
        let path = self.data().join("secrets").join(name);
        std::fs::read_to_string(&path).with_context(|| format!("{}", path.display()))
    }

    /// Runs an operator's command against this installation and gives what it printed.
    pub fn amparo(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new(amparo())
            .args(arguments)
            .arg("--data")
            .arg(self.data())
            .env("AMPARO_ADMINISTRATOR_PASSWORD", "First-entry-1")
            .output()?;
        if !output.status.success() {
            let said = [output.stdout, output.stderr].concat();
            bail!("{arguments:?}: {}", String::from_utf8_lossy(&said));
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    fn wait_for_text(&self, log: &str, wanted: &[&str]) -> Result<()> {
        let deadline = Instant::now() + Duration::from_mins(5);
        while Instant::now() < deadline {
            let text = self.log(log);
            if wanted.iter().any(|wanted| text.contains(wanted)) {
                return Ok(());
            }
            if text.contains("Error: ") {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("{log} never said {wanted:?}:\n{}", self.log(log))
    }

    fn wait_for_port(&self, port: u16) -> Result<()> {
        let deadline = Instant::now() + Duration::from_mins(5);
        while Instant::now() < deadline {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let logs: Vec<_> = SERVICES.iter().map(|name| self.log(&format!("{name}.log"))).collect();
        bail!("nobody listens at {port}:\n{}", logs.join("\n"))
    }
}

/// Where an installation logs: in its folder, or in a part of `AMPARO_TEST_LOGS`, so that the logs
/// of a whole run are still there at its end.
fn logs_of(folder: &Path) -> Result<PathBuf> {
    let (Some(kept), Some(name)) = (std::env::var_os("AMPARO_TEST_LOGS"), folder.file_name())
    else {
        return Ok(folder.to_owned());
    };
    let logs = Path::new(&kept).join(name);
    std::fs::create_dir_all(&logs)?;
    Ok(logs)
}

/// What `connection` says and a service is told otherwise.
fn is_told_twice(flag: &str) -> bool {
    (flag.starts_with("--postgres-url-file") || flag.starts_with("--nats-url-file"))
        && !flag.ends_with("-told")
}

/// Below the ports that the kernel gives to whoever calls somebody, or asks for any.
const OURS: std::ops::Range<u16> = 20_000..32_000;

/// A loopback port that nobody listens at, and that nobody else is given meanwhile.
pub fn free_port() -> Result<u16> {
    static DRAWN: AtomicU32 = AtomicU32::new(0);
    let span = u32::from(OURS.end - OURS.start);
    // Programs that run beside one another begin in different places.
    let first = std::process::id().wrapping_mul(997) % span;
    for _ in 0..span {
        let at = (first + DRAWN.fetch_add(1, Ordering::Relaxed)) % span;
        let port = OURS.start + u16::try_from(at)?;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no port is free between {} and {}", OURS.start, OURS.end)
}
