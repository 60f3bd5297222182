//! What a record shows beside its own document: of other records, asked for when it is read.

use futures_util::future::BoxFuture;
use kit_records::RecordType;
use kit_serve::Refusal;

use crate::office::{Asking, Office};
use crate::stored::Opened;

/// A service's own addition to documents on their way to a reader. Readers see of it what they may
/// read: it is added before the document is cut to permitted fields.
pub trait Beside: Send + Sync + 'static {
    /// Fields that a row keeps readable and that lead to the others: a document of these alone is
    /// enough for [`Beside::add`] to show what they say. A device is told when that changes.
    fn links(&self, _record_type: RecordType) -> &'static [&'static str] {
        &[]
    }

    /// Adds to the documents of one type, `asking.record_type`.
    fn add<'a>(
        &'a self,
        office: &'a Office,
        asking: &'a Asking,
        records: &'a mut [Opened],
    ) -> BoxFuture<'a, Result<(), Refusal>>;
}

impl Office {
    /// The fields by which records of a type show others.
    pub(crate) fn links(&self, record_type: RecordType) -> Vec<String> {
        let links = self.beside.as_ref().map_or(&[][..], |beside| beside.links(record_type));
        links.iter().map(|field| (*field).to_owned()).collect()
    }

    /// Adds what other records say.
    pub(crate) async fn add_beside(
        &self,
        asking: &Asking,
        records: &mut [Opened],
    ) -> Result<(), Refusal> {
        match &self.beside {
            Some(beside) => beside.add(self, asking, records).await,
            None => Ok(()),
        }
    }
}
