//! What a session's filters and columns depend on.

use identity_domain::{Authority, User};
use kit_access::Principal;
use kit_records::{Catalog, Field, Module};

use crate::directory::{Directory, Versioned};

/// The user whose session data are asked for, with everything they depend on.
pub(crate) struct Session<'a> {
    pub directory: &'a Directory,
    pub user: &'a Versioned<User>,
    pub principal: Principal,
    pub catalog: &'a Catalog,
}

impl Session<'_> {
    /// Modules of the user's role that there are.
    pub fn modules(&self) -> impl Iterator<Item = &Module> {
        let mine = &self.principal.modules;
        self.catalog.modules.iter().filter(|module| mine.contains(&module.unique_id))
    }

    /// Whether the user works only with modules whose id ends like this (`-gbv`, `-mrm`).
    pub fn works_only_with(&self, ending: &str) -> bool {
        let mine = &self.principal.modules;
        !mine.is_empty() && mine.iter().all(|module| module.ends_with(ending))
    }

    pub fn works_with(&self, ending: &str) -> bool {
        self.principal.modules.iter().any(|module| module.ends_with(ending))
    }

    /// Whether any module has this option switched on.
    pub fn module_option(&self, option: &str) -> bool {
        self.modules().any(|one| one.options.get(option).is_some_and(|value| value == true))
    }

    /// The names that the modules list under `option` for a record type; `None` when a module
    /// leaves it open.
    pub fn listed(&self, option: &str, record_type: &str) -> Option<Vec<String>> {
        let mut all = Vec::new();
        for module in self.modules() {
            let names = module.options.get(option)?.get(record_type)?.as_array()?;
            all.extend(names.iter().filter_map(|name| name.as_str().map(str::to_owned)));
        }
        Some(all).filter(|names| !names.is_empty())
    }

    /// A field of this name on a visible top form of the record type.
    pub fn field(&self, record_type: &str, name: &str) -> Option<&Field> {
        self.catalog
            .forms
            .iter()
            .filter(|form| form.parent_form == record_type && form.visible && !form.is_nested)
            .flat_map(|form| &form.fields)
            .find(|field| field.name == name && field.visible)
    }

    /// Users that the session's user manages, by name.
    pub fn managed_users(&self) -> Vec<&Versioned<User>> {
        let by = Authority::Person(Box::new(self.principal.clone()));
        let mut users: Vec<_> = self
            .directory
            .users
            .values()
            .map(AsRef::as_ref)
            .filter(|user| by.reaches_user(&self.directory.standing_of(user)))
            .collect();
        users.sort_by(|a, b| a.user_name.cmp(&b.user_name));
        users
    }
}
