//! `InstallModule`: a module of a new tenant.

use kit_decider::Command;

use crate::module::check_module;
use crate::{Attributes, Module, ModuleEvent, Refusal};

/// Makes a module; an installed one stays as it is.
#[derive(Debug, Clone)]
pub struct InstallModule {
    pub id: i64,
    pub attributes: Attributes,
}

impl Command for InstallModule {
    type Of = Module;
    type Refusal = Refusal;

    fn decide(self, module: &Module) -> Result<Vec<ModuleEvent>, Refusal> {
        if module.exists {
            return Ok(vec![]);
        }
        let mut problems = Vec::new();
        check_module(&self.attributes, &mut problems);
        Refusal::unless_empty(problems)?;
        Ok(vec![ModuleEvent::Installed { id: self.id, attributes: self.attributes }])
    }
}
