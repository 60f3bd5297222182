//! Forms as a workbook: what each column means, all forms, a sheet for each, and the lists that
//! their options come from. Texts come in every language of the organisation.

mod headings;
mod sheet_names;
mod table;
mod tables;
mod words;

use configuration_domain::Form;
use jiff::Timestamp;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

pub use self::headings::UNKNOWN_EXPORT_TYPE;
use self::headings::{FORMS_SHEET, KEY_SHEET, LOOKUPS_SHEET};
use self::sheet_names::SheetNames;
pub use self::words::Language;
use crate::workspace::Workspace;

/// What goes into a workbook.
pub struct Selection<'a> {
    pub workspace: &'a Workspace,
    pub forms: Vec<&'a Form>,
    /// Leaves out fields that are not shown.
    pub visible_only: bool,
    /// Of headings and explanations.
    pub language: Language,
}

/// The workbook as the bytes of an XLSX file.
pub fn workbook(selection: &Selection<'_>, now: Timestamp) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_timestamp(now.as_second())?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let language = selection.language;
    let mut names = SheetNames::default();
    let [key, all, lookups] =
        [KEY_SHEET, FORMS_SHEET, LOOKUPS_SHEET].map(|word| names.take(word.of(language)));
    let forms = &selection.forms;
    let sheets: Vec<String> = forms.iter().map(|form| names.take(&selection.name(form))).collect();
    selection.key().write(book.add_worksheet(), &key, language)?;
    selection.all_forms(&sheets).write(book.add_worksheet(), &all, language)?;
    for (form, sheet) in forms.iter().zip(&sheets) {
        selection.fields_of(form).write(book.add_worksheet(), sheet, language)?;
    }
    selection.lookups().write(book.add_worksheet(), &lookups, language)?;
    book.save_to_buffer()
}
