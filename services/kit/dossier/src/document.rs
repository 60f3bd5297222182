//! The record as the REST contract shows it, without what other services own.
//!
//! The shell adds what it projects from the directory: full names, groups, agencies, places and
//! offices of the owner, the previous owner, the creator and the associated users.

use jiff::Timestamp;
use kit_records::Record;
use kit_records::values::format_time;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::dossier::GIVEN;
use crate::{Dossier, Kind};

impl<K: Kind> Dossier<K> {
    /// The whole record at this moment, under the tenant's settings.
    pub fn document(&self, settings: &Record) -> Record {
        let mut document = self.own_fields();
        document.extend(K::shown(self, settings));
        document
    }

    /// What the history tells: the record without what is only computed for reading.
    pub fn own_fields(&self) -> Record {
        let mut document = self.values.clone();
        document.extend(self.derived.clone());
        identity(self, &mut document);
        ownership(self, &mut document);
        stamps(self, &mut document);
        document.insert("status".into(), json!(self.status));
        document.insert("record_state".into(), json!(self.record_state));
        document.insert("flagged".into(), json!(self.open_flags() > 0));
        document.insert("flag_count".into(), json!(self.open_flags()));
        if !self.incidents.is_empty() {
            document.insert("has_incidents".into(), json!(true));
            document.insert("incident_ids".into(), json!(self.incidents));
        }
        document.insert("alert_count".into(), json!(self.alerts.len()));
        document.insert("current_alert_types".into(), json!(self.alert_types()));
        merge(self, &mut document);
        if !self.reopenings.is_empty() {
            document.insert("reopened_logs".into(), reopened_logs(self));
        }
        document
    }
}

/// The ids, under the names of all kinds and under those of this one.
fn identity<K: Kind>(dossier: &Dossier<K>, document: &mut Record) {
    let id = dossier.id.to_string();
    document.insert("short_id".into(), json!(dossier.short_id()));
    for name in ["id", "unique_identifier"] {
        document.insert(name.into(), json!(id));
    }
    for &name in K::RECORD_TYPE.own_id_fields() {
        let value = if name.ends_with("_display") {
            json!(dossier.display_id)
        } else if name.ends_with("_code") {
            let Some(code) = &dossier.code else { continue };
            json!(code)
        } else {
            json!(id)
        };
        document.insert(name.into(), value);
    }
    if let Some(module) = &dossier.module {
        document.insert("module_id".into(), json!(module));
    }
}

fn ownership<K: Kind>(dossier: &Dossier<K>, document: &mut Record) {
    document.insert("owned_by".into(), json!(dossier.owner));
    document.insert("assigned_user_names".into(), json!(dossier.assigned));
    document.insert("associated_user_names".into(), json!(dossier.associated()));
    document.insert("not_edited_by_owner".into(), json!(dossier.last_updated.by != dossier.owner));
    if let Some(previous) = &dossier.previous_owner {
        document.insert("previously_owned_by".into(), json!(previous));
    }
    if let Some(given) = dossier.given {
        document.insert(GIVEN.into(), time(given));
    }
    if let Some(identified) = &dossier.identified {
        document.insert("identified_by".into(), json!(identified.by));
        document.insert("identified_at".into(), time(identified.at));
    }
}

fn stamps<K: Kind>(dossier: &Dossier<K>, document: &mut Record) {
    document.insert("created_at".into(), time(dossier.created_at));
    document.insert("posted_at".into(), time(dossier.registered.at));
    document.insert("created_by".into(), json!(dossier.registered.by));
    document.insert("created_by_groups".into(), json!(dossier.created_by_groups));
    if let Some(agency) = &dossier.created_organization {
        document.insert("created_organization".into(), json!(agency));
    }
    if let Some(office) = &dossier.created_agency_office {
        document.insert("created_agency_office".into(), json!(office));
    }
    document.insert("last_updated_at".into(), time(dossier.last_updated.at));
    document.insert("last_updated_by".into(), json!(dossier.last_updated.by));
}

/// Where the work on a merged record goes on; `duplicate...` are the reference's names for it.
fn merge<K: Kind>(dossier: &Dossier<K>, document: &mut Record) {
    if !dossier.absorbed.is_empty() {
        let from = dossier.absorbed.iter();
        let from = from.map(|one| json!({"id": one.other, "display_id": one.other_display_id}));
        document.insert("merged_from".into(), from.collect());
    }
    let Some(merge) = &dossier.merged else { return };
    document.insert("merged_into".into(), json!(merge.other));
    document.insert("merged_into_display_id".into(), json!(merge.other_display_id));
    document.insert("merged_into_owned_by".into(), json!(merge.other_owner));
    document.insert("duplicate".into(), json!(true));
    document.insert("duplicate_case_id".into(), json!(merge.other));
}

fn reopened_logs<K: Kind>(dossier: &Dossier<K>) -> Value {
    let log = dossier.reopenings.iter().enumerate().map(|(at, stamp)| {
        json!({
            "unique_id": Uuid::new_v5(&dossier.id, &at.to_be_bytes()),
            "reopened_date": time(stamp.at),
            "reopened_user": stamp.by,
        })
    });
    log.collect()
}

fn time(moment: Timestamp) -> Value {
    json!(format_time(moment))
}
