//! A sheet before it is written: headings and rows of texts.

use rust_xlsxwriter::{Format, FormatAlign, Worksheet, XlsxError};

use super::words::Language;

/// What one cell can hold, in UTF-16 units.
const LONGEST: usize = 32_767;
const NARROWEST: usize = 8;
const WIDEST: usize = 60;

/// Headings and rows; a row is as long as the headings.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub headings: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Fills a new sheet. Everything is text, so nothing is taken for a formula.
    pub fn write(
        &self,
        sheet: &mut Worksheet,
        name: &str,
        language: Language,
    ) -> Result<(), XlsxError> {
        let bold = Format::new().set_bold().set_text_wrap();
        let plain = Format::new().set_text_wrap().set_align(FormatAlign::Top);
        sheet.set_name(name)?;
        sheet.set_right_to_left(language.reads_right_to_left());
        sheet.set_freeze_panes(1, 0)?;
        for (column, width) in (0..).zip(self.widths()) {
            sheet.set_column_width(column, width)?;
        }
        for (row, cells) in (0..).zip(std::iter::once(&self.headings).chain(&self.rows)) {
            let format = if row == 0 { &bold } else { &plain };
            for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
                sheet.write_string_with_format(row, column, cut(cell), format)?;
            }
        }
        Ok(())
    }

    /// As wide as the longest line, within reason.
    fn widths(&self) -> impl Iterator<Item = f64> {
        let longest = |column: usize| {
            let cells =
                self.rows.iter().chain([&self.headings]).filter_map(move |row| row.get(column));
            cells.flat_map(|cell| cell.lines()).map(|line| line.chars().count()).max()
        };
        let width = move |column| longest(column).unwrap_or_default().clamp(NARROWEST, WIDEST);
        (0..self.headings.len())
            .map(move |column| f64::from(u32::try_from(width(column)).unwrap_or_default()))
    }
}

fn cut(text: &str) -> String {
    let mut left = LONGEST;
    let fits = |sign: &char| {
        let fits = sign.len_utf16() <= left;
        left = left.saturating_sub(sign.len_utf16());
        fits
    };
    text.chars().filter(|sign| !sign.is_control() || *sign == '\n').take_while(fits).collect()
}
