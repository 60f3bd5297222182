//! What is to be counted: fields with the values of each, and the list that they are counted in.

use std::collections::BTreeSet;

use kit_records::query::{self, Filter};
use kit_records::{Code, FieldType, Options, Violation, pointer};
use kit_serve::Refusal;

use crate::office::Asking;
use crate::refusals;

/// Fields, and values of all of them, that one call counts.
const FIELDS: usize = 8;
const VALUES: usize = 120;

/// The query of a list by name and value.
pub type Pairs = Vec<(String, String)>;

/// What a call asks for.
#[derive(Debug)]
pub struct Wish {
    /// The list's query.
    pub pairs: Pairs,
    pub fields: Vec<Field>,
}

/// A filter whose values are counted.
#[derive(Debug)]
pub struct Field {
    /// As in the query: a field, or `loc:` and one.
    pub name: String,
    pub values: Vec<Counted>,
}

/// A value, and the filter that it makes.
#[derive(Debug)]
pub struct Counted {
    pub text: String,
    pub filter: Filter,
}

impl Wish {
    /// Reads the parameters of a call.
    pub fn read(asking: &Asking, all: Pairs) -> Result<Self, Refusal> {
        let (of, pairs): (Pairs, Pairs) = all.into_iter().partition(|(name, _)| head(name) == "of");
        let readable = asking.permitted(None).readable();
        let reading = Reading { asking, readable };
        let mut fields: Vec<Field> = Vec::new();
        for (name, value) in of {
            for (field, values) in reading.named(&name, &value)? {
                let values = reading.counted(&field, values)?;
                match fields.iter_mut().find(|one| one.name == field) {
                    Some(known) => known.values.extend(values),
                    None => fields.push(Field { name: field, values }),
                }
            }
        }
        let wish = Self { pairs, fields };
        if wish.fields.is_empty() || wish.fields.len() > FIELDS || wish.values() > VALUES {
            let wrong = Violation::new("/of".to_owned(), Code::InvalidParameter);
            return Err(refusals::unreadable(vec![wrong.with("max", VALUES)]));
        }
        Ok(wish)
    }

    /// The list's query without what it says of one filter itself.
    pub fn without(&self, field: &str) -> Pairs {
        self.pairs.iter().filter(|(name, _)| head(name) != field).cloned().collect()
    }

    /// How many values are counted.
    pub fn values(&self) -> usize {
        self.fields.iter().map(|field| field.values.len()).sum()
    }
}

/// A parameter's name before its brackets.
fn head(name: &str) -> &str {
    name.split_once('[').map_or(name, |(head, _)| head)
}

/// Which filters there are for a caller.
struct Reading<'a> {
    asking: &'a Asking,
    readable: BTreeSet<String>,
}

impl Reading<'_> {
    /// The fields of one parameter, each with its values as they are written in a filter:
    /// `of=sex,status` with all options, `of[age]=0..5,6..11` with these.
    fn named(&self, name: &str, value: &str) -> Result<Vec<(String, Vec<String>)>, Refusal> {
        let parts = value.split(',').map(str::trim).filter(|part| !part.is_empty());
        let inner = name.strip_prefix("of[").and_then(|rest| rest.strip_suffix(']'));
        match inner.filter(|inner| !inner.is_empty() && inner.parse::<u32>().is_err()) {
            Some(field) => Ok(vec![(field.to_owned(), parts.map(str::to_owned).collect())]),
            None => parts.map(|field| Ok((field.to_owned(), self.options(field)?))).collect(),
        }
    }

    /// The options of a field as its definition names them.
    fn options(&self, name: &str) -> Result<Vec<String>, Refusal> {
        let (asking, index) = (self.asking, &self.asking.index);
        let field = index.field(asking.record_type, name).filter(|_| self.readable.contains(name));
        let field = field.ok_or_else(|| no_filter(name))?;
        if field.field_type == FieldType::TickBox {
            return Ok(vec!["true".to_owned(), "false".to_owned()]);
        }
        let Options::Listed(listed) = index.options(field) else { return Err(no_filter(name)) };
        let mut ids: Vec<String> = listed.ids().map(str::to_owned).collect();
        // A lookup's ids come in no order; the answer's should not change from call to call.
        ids.sort_unstable();
        Ok(ids)
    }

    fn counted(&self, field: &str, values: Vec<String>) -> Result<Vec<Counted>, Refusal> {
        let is_filter = |name: &str| name == "id" || self.readable.contains(name);
        let counted = |text: String| {
            let pair = [(field.to_owned(), text.clone())];
            let read = query::parse(&pair, &is_filter).map_err(refusals::unreadable)?;
            match <[Filter; 1]>::try_from(read.filters) {
                Ok([filter]) => Ok(Counted { text, filter }),
                Err(_) => Err(no_filter(field)),
            }
        };
        values.into_iter().map(counted).collect()
    }
}

/// 422: not a filter of this caller's, or not one with a list of options.
fn no_filter(name: &str) -> Refusal {
    refusals::unreadable(vec![Violation::new(pointer("", name), Code::InvalidParameter)])
}
