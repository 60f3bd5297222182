//! `ReplaceForm`: a form becomes what a snapshot says.

use kit_decider::Command;

use crate::{Attributes, Field, Form, FormEvent, Refusal};

/// Makes the form, or turns it into the given one. Fields keep their numbers by name.
///
/// The snapshot was checked as a whole before (`check_snapshot`).
#[derive(Debug, Clone)]
pub struct ReplaceForm {
    /// Number for a form that does not exist yet.
    pub id: i64,
    pub attributes: Attributes,
    pub fields: Vec<Attributes>,
    /// Numbers for new fields, as many as there are fields.
    pub new_ids: Vec<i64>,
}

impl Command for ReplaceForm {
    type Of = Form;
    type Refusal = Refusal;

    fn decide(self, form: &Form) -> Result<Vec<FormEvent>, Refusal> {
        let mut new_ids = self.new_ids.into_iter();
        let fields = self.fields.into_iter().map(|attributes| {
            let known = form.field(attributes.str("name")).filter(|_| form.exists);
            let id = known.map_or_else(|| new_ids.next().unwrap_or_default(), |one| one.id);
            Field { id, attributes }
        });
        let fields: Vec<Field> = fields.collect();
        if form.exists {
            return Ok(form.events_to(&self.attributes, &fields));
        }
        Ok(vec![FormEvent::Created { id: self.id, attributes: self.attributes, fields }])
    }
}
