//! A detour between a process and what it calls, which can be cut or held up.

use anyhow::Result;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// One detour: a loopback port of its own that leads to another.
#[derive(Debug, Clone)]
pub struct Proxy(Arc<State>);

#[derive(Debug)]
struct State {
    port: u16,
    target: AtomicU16,
    held: AtomicBool,
    /// Counts cuts: connections of an earlier count end.
    cuts: watch::Sender<u64>,
}

impl Proxy {
    /// Leads to `target` until told otherwise. Ends with the runtime.
    pub async fn start(target: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let state = State {
            port: listener.local_addr()?.port(),
            target: AtomicU16::new(target),
            held: AtomicBool::new(false),
            cuts: watch::Sender::new(0),
        };
        let this = Self(Arc::new(state));
        tokio::spawn(this.clone().listen(listener));
        Ok(this)
    }

    /// Where callers shall call.
    pub fn port(&self) -> u16 {
        self.0.port
    }

    /// Leads elsewhere from now on.
    pub fn lead_to(&self, target: u16) {
        self.0.target.store(target, Ordering::Relaxed);
    }

    /// Ends all connections at once, in the middle of whatever they say.
    pub fn cut(&self) {
        self.0.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Lets nothing pass for a while, then all that was said meanwhile.
    pub async fn hold(&self, time: Duration) {
        self.0.held.store(true, Ordering::Relaxed);
        tokio::time::sleep(time).await;
        self.0.held.store(false, Ordering::Relaxed);
    }

    async fn listen(self, listener: TcpListener) {
        while let Ok((caller, _)) = listener.accept().await {
            tokio::spawn(self.clone().lead(caller));
        }
    }

    async fn lead(self, caller: TcpStream) {
        let mut cuts = self.0.cuts.subscribe();
        let target = ("127.0.0.1", self.0.target.load(Ordering::Relaxed));
        let Ok(there) = TcpStream::connect(target).await else { return };
        let _ = (caller.set_nodelay(true), there.set_nodelay(true));
        let (from_caller, to_caller) = caller.into_split();
        let (from_there, to_there) = there.into_split();
        tokio::select! {
            () = self.pass(from_caller, to_there) => {}
            () = self.pass(from_there, to_caller) => {}
            _ = cuts.changed() => {}
        }
    }

    async fn pass(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(size) = from.read(&mut buffer).await {
            while self.0.held.load(Ordering::Relaxed) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            if size == 0 || to.write_all(&buffer[..size]).await.is_err() {
                return;
            }
        }
    }
}

/// The detours of an installation, by what they lead to.
#[derive(Debug, Clone, Default)]
pub struct Proxies(Arc<Mutex<BTreeMap<String, Proxy>>>);

impl Proxies {
    /// The detour to `name`; made when there is none yet.
    pub fn detour(&self, name: &str, target: u16) -> u16 {
        let mut all = self.0.lock().expect("no panic while held");
        if let Some(known) = all.get(name) {
            known.lead_to(target);
            return known.port();
        }
        let made = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(Proxy::start(target))
        });
        let made = made.expect("a loopback port");
        let port = made.port();
        all.insert(name.to_owned(), made);
        port
    }

    /// A detour that there is.
    pub fn get(&self, name: &str) -> Option<Proxy> {
        self.0.lock().expect("no panic while held").get(name).cloned()
    }
}
