//! Given a record with a history, when a command is decided, then these events: for the tests of
//! kinds, whose own crates tell only what differs.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::date;
use kit_decider::{Aggregate, Command};
use kit_records::{
    Catalog, CatalogIndex, Field, FieldType, Form, Module, Record, RecordType, Schema,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Author, Context, Dossier, Event, Kind, Named, Refusal, Register, Rights, Stamp, Update,
};

/// The record that tests are about.
pub const ID: Uuid = Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_04c1_d2ab);

/// A record that computes nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Plain;

impl Kind for Plain {
    const RECORD_TYPE: RecordType = RecordType::RegistryRecord;
}

/// A JSON object as a record.
///
/// # Panics
///
/// When it is no object.
pub fn record(value: Value) -> Record {
    match value {
        Value::Object(record) => record,
        other => panic!("no record: {other}"),
    }
}

/// A subform by name, with its fields.
pub type Subform<'a> = (&'a str, &'a [(&'a str, FieldType)]);

/// A field of this name that people see.
pub fn field(name: &str, field_type: FieldType) -> Field {
    Field { name: name.into(), field_type, visible: true, ..Field::default() }
}

/// One form of `record_type` with these fields and subforms, in one module.
pub fn catalog(
    record_type: RecordType,
    module: &str,
    mut fields: Vec<Field>,
    subforms: &[Subform<'_>],
) -> Catalog {
    let form = |id: i64, name: &str, is_nested: bool, fields: Vec<Field>| Form {
        id,
        unique_id: name.into(),
        parent_form: record_type.as_str().into(),
        module_ids: vec![module.into()],
        visible: true,
        is_nested,
        fields,
        ..Form::default()
    };
    let mut forms = Vec::new();
    for (at, (name, inner)) in (100..).zip(subforms) {
        fields.push(Field { subform_section_id: Some(at), ..field(name, FieldType::Subform) });
        let inner = inner.iter().map(|(name, kind)| field(name, *kind)).collect();
        forms.push(form(at, name, true, inner));
    }
    forms.push(form(1, "basic", false, fields));
    let module = Module { unique_id: module.into(), ..Module::default() };
    Catalog { version: 1, modules: vec![module], forms, ..Catalog::default() }
}

/// Ann of agency A, at nine on the last day of January 2026, who may write every field.
pub fn context<K: Kind>(index: CatalogIndex) -> Context {
    let module = index.modules.first().map(|module| module.unique_id.clone());
    Context {
        schema: Arc::new(Schema::of_type(&index, K::RECORD_TYPE, module.as_deref())),
        index: Arc::new(index),
        author: Author {
            user_name: "ann".into(),
            agency: Some("agency-a".into()),
            agency_office: None,
            groups: vec!["group-a".into()],
            identified: false,
        },
        now: "2026-01-31T09:05:07.123Z".parse().unwrap_or_default(),
        today: date(2026, 1, 31),
        seed: Uuid::from_u128(7),
        places: BTreeMap::new(),
        chains: BTreeMap::new(),
    }
}

/// A record and its history; each command happens a minute after the one before.
#[derive(Debug, Clone)]
pub struct Given<K: Kind> {
    pub context: Context,
    pub events: Vec<Event>,
    pub record: Dossier<K>,
}

impl<K: Kind> Given<K> {
    /// Nothing has happened.
    pub fn nothing(context: Context) -> Self {
        Self { context, events: Vec::new(), record: Dossier::default() }
    }

    /// Ann registered a record with these values.
    pub fn registered(context: Context, values: Value) -> Self {
        let mut given = Self::nothing(context);
        let command = given.register(values);
        given.done(command);
        given
    }

    /// Ann, now.
    pub fn stamp(&self) -> Stamp {
        self.context.stamp()
    }

    /// Registers a record with these values, in the first module unless they say another.
    pub fn register(&self, values: Value) -> Register<K> {
        let mut body = record(values);
        if let Some(module) = self.context.index.modules.first() {
            body.entry("module_id").or_insert_with(|| module.unique_id.clone().into());
        }
        Register {
            kind: K::default(),
            context: self.context.clone(),
            id: ID,
            body,
            rights: Rights::ALL,
            owner: Named::Known,
            identified: Named::Nobody,
        }
    }

    /// An update with all rights.
    pub fn patch(&self, body: Value) -> Update<K> {
        Update {
            kind: K::default(),
            context: self.context.clone(),
            body: record(body),
            base: None,
            seen: None,
            action: None,
            rights: Rights::ALL,
            owner: Named::Known,
            identified: Named::Known,
        }
    }

    /// Decides, records, and moves on by a minute.
    pub fn when<C>(&mut self, command: C) -> Result<Vec<Event>, Refusal>
    where
        C: Command<Of = Dossier<K>, Refusal = Refusal>,
    {
        let events = command.decide(&self.record)?;
        for event in &events {
            self.record.evolve(event);
        }
        self.events.extend(events.clone());
        let minute = Timestamp::from_second(self.context.now.as_second() + 60);
        self.context.now = minute.unwrap_or(self.context.now);
        self.context.seed = Uuid::from_u128(self.context.seed.as_u128() + 1);
        Ok(events)
    }

    /// The same for what cannot be refused.
    ///
    /// # Panics
    ///
    /// When it is refused.
    pub fn done<C>(&mut self, command: C) -> Vec<Event>
    where
        C: Command<Of = Dossier<K>, Refusal = Refusal>,
    {
        self.when(command).unwrap_or_else(|refusal| panic!("refused: {refusal:?}"))
    }

    /// Ann changes the record.
    pub fn update(&mut self, body: Value) -> Vec<Event> {
        let command = self.patch(body);
        self.done(command)
    }

    /// Ann changes the record as she saw it at a version.
    pub fn update_from(&mut self, base: u64, body: Value) -> Vec<Event> {
        let command = Update { base: Some(base), ..self.patch(body) };
        self.done(command)
    }
}
