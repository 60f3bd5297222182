//! What organisations bring along: tables of places and whole configurations.

/// An HXL table.
pub mod hxl {
    use configuration_domain::{HxlSheet, ImportPlan, RowFailure};
    use std::collections::BTreeSet;

    pub fn seeds() -> Vec<Vec<u8>> {
        [
            "#country+code,#country+name+en,#adm1+code,#adm1+name+en,#adm1+type\nAD,Andorra,AD-02,Canillo,parish\nAD,Andorra,AD-06,\"Sant Julià, de Lòria\",parish\n",
            "Code;Name\n#country+code;#country+name\nA;B\n",
            "#adm5+code,#adm1+code,#country+code,#country+name+fr,#country+name+en\nx,y,z,a,b\nz,y,z,a,b\n",
            "\u{feff}#country +code,#country +name +ar\n\"I\"\"Q\",العراق\n,\n",
        ]
        .map(|text| text.as_bytes().to_vec())
        .to_vec()
    }

    /// As the importer of configuration goes through a table.
    pub fn feed(bytes: &[u8]) {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        let mut plan = ImportPlan::new(Vec::new(), vec!["country".into(), "province".into()]);
        let mut sheet: Option<HxlSheet> = None;
        let mut rows = 0;
        for (position, record) in reader.byte_records().enumerate() {
            let row = record.ok().and_then(|one| csv::StringRecord::from_byte_record(one).ok());
            let row: Option<Vec<String>> = row.map(|row| row.iter().map(str::to_owned).collect());
            let number = position + 1;
            match (&sheet, row) {
                (None, Some(row)) if HxlSheet::is_tag_row(&row) => sheet = HxlSheet::read(&row),
                (None, _) => {}
                (Some(_), None) => {
                    let failure =
                        RowFailure { row: number, column: String::new(), code: "invalid" };
                    plan.take(number, Err(failure));
                    rows += 1;
                }
                (Some(sheet), Some(row)) => {
                    plan.take(number, sheet.path(number, &row));
                    rows += 1;
                }
            }
        }
        assert_eq!(plan.total, rows);
        assert!(plan.failures.len() <= rows);
        stands(plan);
    }

    /// Parents come first, every code once, and the numbers are those that were drawn.
    fn stands(plan: ImportPlan) {
        let new = plan.new_places();
        let commands = plan.commands(1_000);
        assert_eq!(commands.len(), new, "nothing was known before");
        let mut codes = BTreeSet::new();
        for (at, (is_new, place)) in commands.iter().enumerate() {
            assert!(*is_new && place.id == 1_000 + i64::try_from(at).unwrap());
            let (code, parents) = place.hierarchy.split_last().unwrap();
            assert!(parents.iter().all(|parent| codes.contains(parent)), "{:?}", place.hierarchy);
            assert!(codes.insert(code.clone()), "{code} twice");
        }
    }
}

/// A snapshot's data.
pub mod snapshot {
    use configuration_domain::{
        Configuration, Contact, FormEntry, LookupEntry, Refusal, ReplaceForm, ReplaceLookup,
        Settings, SnapshotData, check_snapshot, compile, export_snapshot,
    };
    use kit_decider::{Aggregate, Command};
    use kit_records::CatalogIndex;
    use serde_json::{Value, json};
    use std::sync::Arc;

    pub fn seeds() -> Vec<Vec<u8>> {
        let small = json!({
            "FormSection": [{"unique_id": "basic", "name_i18n": {"en": "Basic"}, "parent_form": "case",
                "module_ids": ["primeromodule-cp"], "fields_attributes": [
                    {"name": "age", "type": "numeric_field", "display_name_i18n": {"en": "Age"}},
                    {"name": "sex", "type": "select_box", "display_name_i18n": {"en": "Sex"},
                     "option_strings_source": "lookup lookup-sex",
                     "display_conditions_record": {"eq": {"age": 3}}},
                    {"name": "family", "type": "subform", "display_name_i18n": {"en": "F"},
                     "subform_unique_id": "family_section"}]},
                {"unique_id": "family_section", "name_i18n": {"en": "Family"}, "is_nested": true,
                 "fields_attributes": [{"name": "who", "type": "text_field", "display_name_i18n": {"en": "Who"}}]}],
            "Lookup": [{"unique_id": "lookup-sex", "name_i18n": {"en": "Sex"}, "lookup_values_i18n": [
                {"id": "female", "display_text": {"en": "Female"}}]}],
            "Agency": [{"unique_id": "UN", "agency_code": "UN", "name_i18n": {"en": "UN"}}],
            "Role": [{"unique_id": "role-a", "name": "A", "permissions": {"case": ["read"], "objects": {}},
                "form_section_read_write": {"basic": "rw"}, "module_unique_ids": ["primeromodule-cp"]}],
            "UserGroup": [{"unique_id": "g", "name": "G"}],
            "ContactInformation": [{"name": "N", "email": "e@x"}],
            "Report": [],
        });
        vec![small.to_string().into_bytes()]
    }

    pub fn feed(bytes: &[u8]) {
        let Ok(Value::Object(data)) = serde_json::from_slice::<Value>(bytes) else { return };
        let modules = ["primeromodule-cp".to_owned()];
        let findings = check_snapshot(&data, &modules, &Settings::default());
        assert_eq!(check_snapshot(&data, &modules, &Settings::default()), findings);
        let read = SnapshotData::read(&data);
        if findings.iter().any(|one| one.fatal) {
            return;
        }
        let configuration = apply(&read);
        let index = CatalogIndex::new(Arc::new(compile(&configuration)));
        assert!(index.catalog().forms.len() <= read.forms.len());
        stays_what_it_is(&configuration);
    }

    /// What the commands make of it in a tenant that has nothing.
    fn apply(read: &SnapshotData) -> Configuration {
        let form = |(entry, id): (&FormEntry, i64)| {
            let (attributes, fields) = (entry.attributes.clone(), entry.fields.clone());
            let new_ids = (0..).map(|n| id * 1_000_000 + n).take(fields.len()).collect();
            after(ReplaceForm { id, attributes, fields, new_ids })
        };
        let lookup = |(entry, id): (&LookupEntry, i64)| {
            after(ReplaceLookup { id, attributes: entry.attributes.clone() })
        };
        Configuration {
            forms: read.forms.iter().zip(1..).map(form).collect(),
            lookups: read.lookups.iter().zip(1..).map(lookup).collect(),
            ..Configuration::default()
        }
    }

    /// A snapshot without fatal findings is applied, so nothing may be refused any more.
    fn after<C: Command<Refusal = Refusal>>(command: C) -> C::Of {
        let mut state = C::Of::default();
        for event in command.decide(&state).expect("the whole was checked before") {
            state.evolve(&event);
        }
        state
    }

    /// Exported, read and applied again, it is the same.
    fn stays_what_it_is(configuration: &Configuration) {
        let export =
            |one: &Configuration| export_snapshot(one, &Contact::default(), Default::default());
        let exported = export(configuration);
        let again = apply(&SnapshotData::read(&exported));
        assert_eq!(export(&again), exported);
    }
}
