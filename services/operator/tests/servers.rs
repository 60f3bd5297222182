//! Real API servers, where `KUBE_TESTENV` names the folder with their programs: kube-apiserver
//! keeps what all clusters have; apiextensions-apiserver, which is newer, keeps Tenants. On
//! loopback, on an etcd of their own, ended with the test.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use http::Request;
use kube::client::Body;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::json;
use tests::{Guarded, free_port};

const ADMINISTRATOR: &str = "the-administrators-token";
const OPERATOR: &str = "the-operators-token";

/// Where the programs are unless `KUBE_TESTENV` says otherwise.
const USUAL: &str = "/var/cache/kube-testenv";

/// Both servers.
pub struct Servers {
    // Dropped in this order: who stands on another first.
    processes: Vec<Guarded>,
    folder: tempfile::TempDir,
    programs: PathBuf,
    core: u16,
    own: u16,
}

impl Servers {
    /// None where there are no programs.
    pub async fn start() -> Result<Option<Self>> {
        let Some(programs) = programs() else { return Ok(None) };
        let folder = tempfile::tempdir()?;
        let (core, own) = (free_port()?, free_port()?);
        let mut this = Self { processes: vec![], folder, programs, core, own };
        let mut processes = this.start_core()?;
        wait_for(&this.client_of(core, ADMINISTRATOR).await?).await.context("kube-apiserver")?;
        processes.push(this.start_own()?);
        wait_for(&this.client_of(own, ADMINISTRATOR).await?).await.context("apiextensions")?;
        processes.reverse();
        this.processes = processes;
        Ok(Some(this))
    }

    /// A client of both, who may do everything.
    pub async fn administrator(&self) -> Result<Client> {
        self.client(ADMINISTRATOR).await
    }

    /// A client of both with the name of the chart's `ServiceAccount`.
    pub async fn operator(&self) -> Result<Client> {
        self.client(OPERATOR).await
    }

    async fn client(&self, token: &str) -> Result<Client> {
        let core = self.client_of(self.core, token).await?;
        let own = self.client_of(self.own, token).await?;
        let service = tower::service_fn(move |request: Request<Body>| {
            let path = request.uri().path();
            let ours = path.starts_with("/apis/amparo.dev")
                || path.starts_with("/apis/apiextensions.k8s.io");
            let to = if ours { own.clone() } else { core.clone() };
            async move { to.send(request).await }
        });
        Ok(Client::new(service, "default"))
    }

    async fn client_of(&self, port: u16, token: &str) -> Result<Client> {
        let config: Kubeconfig = serde_json::from_value(kubeconfig(port, token))?;
        let config = Config::from_custom_kubeconfig(config, &KubeConfigOptions::default()).await?;
        Ok(Client::try_from(config)?)
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn run(&self, program: &str, arguments: &[String]) -> Result<Guarded> {
        let log = self.folder.path().join(format!("{program}.log"));
        Guarded::start(&self.programs.join(program), arguments, &log)
    }

    fn start_core(&mut self) -> Result<Vec<Guarded>> {
        let (store, peer) = (free_port()?, free_port()?);
        let etcd = self.run(
            "etcd",
            &[
                format!("--data-dir={}", self.path("etcd")),
                format!("--listen-client-urls=http://127.0.0.1:{store}"),
                format!("--advertise-client-urls=http://127.0.0.1:{store}"),
                format!("--listen-peer-urls=http://127.0.0.1:{peer}"),
                "--unsafe-no-fsync".into(),
            ],
        )?;
        let (key, tokens) = (self.path("accounts.key"), self.path("tokens.csv"));
        let made = Command::new("openssl").args(["genrsa", "-out", &key, "2048"]).output()?;
        anyhow::ensure!(made.status.success(), "openssl");
        let account = "system:serviceaccount:protection:amparo-operator";
        let known = format!(
            "{ADMINISTRATOR},tester,tester,\"system:masters\"\n\
             {OPERATOR},{account},operator,\"system:serviceaccounts\"\n"
        );
        std::fs::write(&tokens, known)?;
        std::fs::write(self.path("store"), format!("http://127.0.0.1:{store}"))?;
        let config = kubeconfig(self.core, ADMINISTRATOR).to_string();
        std::fs::write(self.path("kubeconfig"), config)?;
        let api = self.run(
            "kube-apiserver",
            &[
                format!("--etcd-servers=http://127.0.0.1:{store}"),
                format!("--token-auth-file={tokens}"),
                format!("--secure-port={}", self.core),
                "--bind-address=127.0.0.1".into(),
                format!("--cert-dir={}", self.path("core")),
                "--authorization-mode=RBAC".into(),
                "--anonymous-auth=false".into(),
                "--service-cluster-ip-range=10.0.0.0/24".into(),
                "--service-account-issuer=https://tests".into(),
                format!("--service-account-key-file={key}"),
                format!("--service-account-signing-key-file={key}"),
                "--disable-admission-plugins=ServiceAccount".into(),
            ],
        )?;
        Ok(vec![etcd, api])
    }

    fn start_own(&self) -> Result<Guarded> {
        let (store, config) =
            (std::fs::read_to_string(self.path("store"))?, self.path("kubeconfig"));
        self.run(
            "apiextensions-apiserver",
            &[
                format!("--etcd-servers={store}"),
                "--etcd-prefix=/own".into(),
                format!("--secure-port={}", self.own),
                "--bind-address=127.0.0.1".into(),
                format!("--cert-dir={}", self.path("own")),
                format!("--kubeconfig={config}"),
                format!("--authentication-kubeconfig={config}"),
                format!("--authorization-kubeconfig={config}"),
                "--authentication-skip-lookup".into(),
                "--enable-priority-and-fairness=false".into(),
                "--disable-admission-plugins=NamespaceLifecycle,MutatingAdmissionWebhook,\
                 ValidatingAdmissionWebhook,ValidatingAdmissionPolicy,MutatingAdmissionPolicy"
                    .into(),
            ],
        )
    }
}

fn programs() -> Option<PathBuf> {
    let given = std::env::var_os("KUBE_TESTENV").unwrap_or_else(|| USUAL.into());
    let given = PathBuf::from(given);
    let folder = if given.join("bin").is_dir() { given.join("bin") } else { given };
    let all = ["etcd", "kube-apiserver", "apiextensions-apiserver"];
    let there = all.iter().all(|name| Path::exists(&folder.join(name)));
    there.then_some(folder)
}

fn kubeconfig(port: u16, token: &str) -> serde_json::Value {
    let server = format!("https://127.0.0.1:{port}");
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "core",
        "clusters": [{"name": "core",
                      "cluster": {"server": server, "insecure-skip-tls-verify": true}}],
        "users": [{"name": "tester", "user": {"token": token}}],
        "contexts": [{"name": "core", "context": {"cluster": "core", "user": "tester"}}],
    })
}

async fn wait_for(client: &Client) -> Result<()> {
    let deadline = Instant::now() + Duration::from_mins(1);
    while Instant::now() < deadline {
        let request = Request::get("/readyz").body(Vec::new())?;
        if client.request_text(request).await.is_ok_and(|text| text == "ok") {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("it is not ready")
}
