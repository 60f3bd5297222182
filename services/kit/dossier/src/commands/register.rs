//! A record is registered.

use jiff::{Timestamp, ToSpan};
use kit_decider::{Command, fold};
use kit_records::patch::changed;
use kit_records::values::parse_time;
use kit_records::{Code, Record, Violation};
use serde_json::Value;
use uuid::Uuid;

use crate::commands::{Close, Disable};
use crate::dossier::{CLOSED, IDENTIFIED, OPEN, TRANSFERRED};
use crate::{
    Context, Dossier, Event, Kind, Named, Names, Refusal, Registered, Rights, Save, fields, save,
};

/// Registers a record.
///
/// The id may come from the client, made offline; `created_at` and `owned_by` may be in the body.
/// The registering user owns it unless the body names another.
#[derive(Debug, Clone)]
pub struct Register<K: Kind> {
    pub kind: K,
    pub context: Context,
    pub id: Uuid,
    /// Validated against `context.schema`.
    pub body: Record,
    pub rights: Rights,
    /// What the directory says of the body's `owned_by`.
    pub owner: Named,
    /// Whether another record is this author's own already; asked for identified authors only.
    pub identified: Named,
}

impl<K: Kind> Command for Register<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if dossier.is_registered() {
            return Err(Refusal::AlreadyRegistered);
        }
        let mut events = vec![Event::Registered(self.registered(dossier)?)];
        let registered: Dossier<K> = fold(&events);
        events.extend(self.closed(&registered)?);
        events.extend(self.disabled(&registered)?);
        Ok(events)
    }
}

impl<K: Kind> Register<K> {
    fn registered(&self, none: &Dossier<K>) -> Result<Registered, Refusal> {
        let module = self.module()?;
        let owner = self.owned_by()?;
        let created_at = self.created_at()?;
        let identified_by = self.identified_by()?;
        let values = save::prepared(none, &self.context, &self.body);
        let values = fields::patched(&Record::new(), &values);
        let computed = self.computed(module.as_deref(), &values)?;
        let mut whole = values.clone();
        whole.extend(computed.clone());
        let Names { code, display_id } = K::names(&self.context, &whole, self.id);
        let author = &self.context.author;
        Ok(Registered {
            stamp: self.context.stamp(),
            id: self.id,
            module,
            status: self.status().to_owned(),
            owner,
            created_at,
            organization: author.agency.clone(),
            agency_office: author.agency_office.clone(),
            groups: author.groups.clone(),
            code,
            display_id,
            identified_by,
            values,
            computed,
        })
    }

    /// What a new record starts with, and what the rules make of it.
    fn computed(&self, module: Option<&str>, values: &Record) -> Result<Record, Refusal> {
        let context = &self.context;
        let mut started = values.clone();
        for (name, value) in K::defaults(context, module) {
            started.entry(name).or_insert(value);
        }
        K::settle(&mut started);
        save::check::<K>(context, module, None, values, &started)?;
        let mut computed = changed(values, &started);
        // A new record starts at the beginning, whatever came with it.
        let first = Save { module, changes: values, moves_on: false };
        computed.extend(save::computed::<K>(context, first, &started));
        Ok(computed)
    }

    fn module(&self) -> Result<Option<String>, Refusal> {
        let module = fields::text(&self.body, "module_id");
        if module.is_some_and(|module| self.context.index.module(module).is_none()) {
            return Err(invalid("/module_id", Code::NotFound));
        }
        Ok(module.map(str::to_owned))
    }

    fn owned_by(&self) -> Result<String, Refusal> {
        let author = &self.context.author.user_name;
        match fields::text(&self.body, "owned_by") {
            Some(owner) if owner == author => Ok(author.clone()),
            Some(owner) if self.owner == Named::Known => Ok(owner.to_owned()),
            Some(_) => Err(Refusal::OwnerUnknown),
            None => Ok(author.clone()),
        }
    }

    fn registers_own(&self) -> bool {
        K::SELF_REGISTERED && self.context.author.identified
    }

    fn identified_by(&self) -> Result<Option<String>, Refusal> {
        if !self.registers_own() {
            return Ok(None);
        }
        if self.identified == Named::Taken {
            return Err(Refusal::IdentifiedByTaken);
        }
        Ok(Some(self.context.author.user_name.clone()))
    }

    /// The record's own time; a device's clock may be a day ahead, not more.
    fn created_at(&self) -> Result<Timestamp, Refusal> {
        let Some(sent) = fields::text(&self.body, "created_at") else {
            return Ok(self.context.now);
        };
        let created = parse_time(sent).ok_or_else(|| invalid("/created_at", Code::NotATime))?;
        let latest = self.context.now.checked_add(24.hours()).unwrap_or(Timestamp::MAX);
        if created > latest { Err(invalid("/created_at", Code::FutureDate)) } else { Ok(created) }
    }

    fn status(&self) -> &str {
        if self.registers_own() {
            return IDENTIFIED;
        }
        match fields::text(&self.body, "status") {
            None | Some(OPEN | CLOSED | TRANSFERRED | IDENTIFIED) => OPEN,
            Some(other) if self.rights.close => other,
            Some(_) => OPEN,
        }
    }

    fn closed(&self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if fields::text(&self.body, "status") != Some(CLOSED) || !self.rights.close {
            return Ok(vec![]);
        }
        Close {
            kind: self.kind,
            stamp: self.context.stamp(),
            date: None,
            today: self.context.today,
        }
        .decide(dossier)
    }

    fn disabled(&self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        let off = self.body.get("record_state") == Some(&Value::Bool(false));
        if !(off && self.rights.enable_disable) {
            return Ok(vec![]);
        }
        Disable { kind: self.kind, stamp: self.context.stamp() }.decide(dossier)
    }
}

fn invalid(pointer: &str, code: Code) -> Refusal {
    Refusal::Invalid(vec![Violation::new(pointer, code)])
}
