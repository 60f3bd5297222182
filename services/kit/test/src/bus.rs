//! NATS for a test: a corner of the shared server, or a server that may be harmed.

use std::path::PathBuf;

use crate::{fresh_id, servers};

/// A NATS address of one test's own.
pub struct TestBus {
    url: String,
    private: Option<Private>,
}

struct Private {
    dir: PathBuf,
    port: u16,
    watcher: u32,
}

impl TestBus {
    /// A namespace of its own on the shared server: nobody else's streams are seen.
    pub async fn new() -> Self {
        let url = tokio::task::spawn_blocking(servers::nats_url).await.expect("not cancelled");
        let namespace = fresh_id().simple();
        Self {
            url: format!("{}?namespace=t{namespace}", url.expect("a NATS server")),
            private: None,
        }
    }

    /// A server of its own, which the test may stop, wipe and start again.
    pub async fn private() -> Self {
        Self::with_flags(&[]).await
    }

    /// A server of its own that lets nobody in without user and password.
    pub async fn guarded() -> Self {
        let mut this = Self::with_flags(&["--user", "amparo", "--pass", "secret"]).await;
        this.url = this.url.replace("nats://", "nats://amparo:secret@");
        this
    }

    /// A server of its own with further flags.
    pub async fn with_flags(flags: &[&str]) -> Self {
        let port = servers::free_port().expect("a port");
        let private = Some(Private::start(port, flags).await);
        Self { url: format!("nats://127.0.0.1:{port}"), private }
    }

    /// The address, as settings take it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops the private server and loses all that it had on disk; then starts it again.
    pub async fn lose_disk(&mut self) {
        self.start_anew(&[]).await;
    }

    /// The same, with other flags.
    pub async fn start_anew(&mut self, flags: &[&str]) {
        let private = self.private.as_mut().expect("only a private server may be harmed");
        private.stop();
        *private = Private::start(private.port, flags).await;
    }
}

impl Private {
    async fn start(port: u16, flags: &[&str]) -> Self {
        let flags: Vec<_> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        tokio::task::spawn_blocking(move || {
            let dir = servers::folder("nats").expect("a folder");
            let flags: Vec<_> = flags.iter().map(String::as_str).collect();
            let watcher = servers::start_nats(&dir, port, &flags).expect("a NATS server");
            Self { dir, port, watcher }
        })
        .await
        .expect("not cancelled")
    }

    /// Removing the folder tells the watching shell to end the server.
    fn stop(&self) {
        let _ = std::process::Command::new("kill").arg(self.watcher.to_string()).status();
        let _ = std::fs::remove_dir_all(&self.dir);
        for _ in 0..500 {
            if std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        let _ = std::process::Command::new("kill").arg(self.watcher.to_string()).status();
    }
}
