//! Nobody reads from a restored database what was erased since the backup: before a process answers
//! its first call of a tenant, it asks the keyring what was destroyed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, Weak};

use kit_serve::Refusal;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::Erasures;
use crate::cabinet::{Drawer, Drawers};
use crate::office::Office;
use crate::refusals;

/// The tenants whose destroyed keys this process has asked for.
#[derive(Default)]
pub struct Restored {
    /// What is kept here; the drawers hold the office, and the office this.
    drawers: OnceLock<Weak<[Arc<dyn Drawer>]>>,
    asked: Mutex<HashMap<Uuid, Arc<OnceCell<()>>>>,
}

impl Restored {
    /// Whose records are erased again.
    pub fn keep(&self, drawers: &Drawers) {
        // Said once, when the house is opened.
        let _ = self.drawers.set(Arc::downgrade(&drawers.0));
    }

    fn of(&self, tenant: Uuid) -> Arc<OnceCell<()>> {
        let mut asked = self.asked.lock().expect("not poisoned");
        Arc::clone(asked.entry(tenant).or_default())
    }
}

impl Office {
    /// Waits until what was erased is erased here too.
    pub async fn erased_again(&self, tenant: Uuid) -> Result<(), Refusal> {
        let asked = self.restored.of(tenant);
        let again = async || {
            let Some(drawers) = self.restored.drawers.get().and_then(Weak::upgrade) else {
                return Ok(());
            };
            let erasures = Erasures { office: self.clone(), drawers: Drawers(drawers) };
            erasures.again(tenant).await.map(drop)
        };
        asked.get_or_try_init(again).await.map_err(refusals::store).copied()
    }
}
