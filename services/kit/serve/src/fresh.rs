//! What files say now. Secrets and certificates are renewed while processes run; whoever mounts
//! them changes the files, and nobody is told.

use std::fmt::{Debug, Formatter};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;

/// Between two looks at the files.
const LOOK: Duration = Duration::from_secs(1);

type Read<T> = Box<dyn Fn() -> anyhow::Result<T> + Send + Sync>;

/// A value made of files, and made anew when it is asked for and the last look was a second ago.
/// What is not fit to be used (half written, or wrong) leaves the value as it was.
pub struct Fresh<T>(Arc<Inner<T>>);

struct Inner<T> {
    what: &'static str,
    read: Option<Read<T>>,
    last: ArcSwap<T>,
    looked: Mutex<Instant>,
}

impl<T> Fresh<T> {
    /// Reads it for the first time. `what` is its name in the log.
    pub fn try_new(
        what: &'static str,
        read: impl Fn() -> anyhow::Result<T> + Send + Sync + 'static,
    ) -> anyhow::Result<Self> {
        Ok(Self::of(what, read()?, Some(Box::new(read))))
    }

    /// What stays as it is.
    pub fn fixed(value: T) -> Self {
        Self::of("", value, None)
    }

    fn of(what: &'static str, value: T, read: Option<Read<T>>) -> Self {
        let last = ArcSwap::from_pointee(value);
        Self(Arc::new(Inner { what, read, last, looked: Mutex::new(Instant::now()) }))
    }

    /// As the files have it now.
    pub fn now(&self) -> Arc<T> {
        let Inner { what, read, last, looked } = &*self.0;
        if let Some(read) = read.as_ref().filter(|_| is_due(looked)) {
            match read() {
                Ok(value) => last.store(Arc::new(value)),
                Err(error) => tracing::warn!("{what} stays as it was: {error:#}"),
            }
        }
        last.load_full()
    }
}

/// Whether it is time to look; who is told so looks, and nobody else meanwhile.
fn is_due(looked: &Mutex<Instant>) -> bool {
    let mut looked = looked.lock().unwrap_or_else(PoisonError::into_inner);
    let due = looked.elapsed() >= LOOK;
    if due {
        *looked = Instant::now();
    }
    due
}

impl<T> Clone for Fresh<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Debug for Fresh<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fresh(..)")
    }
}
