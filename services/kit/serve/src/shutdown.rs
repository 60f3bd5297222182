//! The word to stop, which every task of a process can wait for.

use tokio::sync::watch;

/// Says stop; dropped unsaid, it says stop too.
#[derive(Debug)]
pub struct Trigger(watch::Sender<bool>);

/// Waits for the word to stop.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Receiver<bool>);

impl Shutdown {
    /// A word to stop, and who may say it.
    pub fn new() -> (Trigger, Self) {
        let (sender, receiver) = watch::channel(false);
        (Trigger(sender), Self(receiver))
    }

    /// Says stop when the process gets SIGTERM or SIGINT.
    pub fn on_signals() -> anyhow::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let (trigger, shutdown) = Self::new();
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            tracing::info!("stopping");
            trigger.stop();
        });
        Ok(shutdown)
    }

    /// Returns once the word was said.
    pub async fn wait(&self) {
        let mut receiver = self.0.clone();
        // An error means that the trigger is gone, which is the word too.
        let _gone = receiver.wait_for(|stop| *stop).await;
    }

    /// Whether the word was said.
    pub fn is_stopping(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}

impl Trigger {
    /// Says stop.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn reaches_every_listener() {
        let (trigger, shutdown) = Shutdown::new();
        let other = shutdown.clone();
        assert!(!shutdown.is_stopping());
        trigger.stop();
        other.wait().await;
        assert!(shutdown.is_stopping());
    }

    #[tokio::test]
    async fn a_lost_trigger_stops() {
        let (trigger, shutdown) = Shutdown::new();
        drop(trigger);
        shutdown.wait().await;
        assert!(shutdown.is_stopping());
    }
}
