//! Places from a table with an HXL tag row such as `#country+code,#adm1+name+en,#adm1+type`.
//! Each row is a whole path from the top down.

use std::collections::HashMap;

use kit_records::Text;

use crate::Place;
use crate::commands::ImportPlace;
use crate::place::{LEVELS, is_code};

/// What a column holds of which level.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Code,
    Name(String),
    Type,
}

/// The columns of a table, by its tag row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HxlSheet {
    columns: Vec<(usize, usize, Part)>,
}

/// One place of a row, from the top down.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlaceRow {
    pub code: String,
    pub placename: Text,
    pub place_type: String,
}

/// Why a row was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFailure {
    /// Line of the table, the first being 1.
    pub row: usize,
    /// The column by its meaning, such as `code` of which level.
    pub column: String,
    /// In the vocabulary of field errors.
    pub code: &'static str,
}

impl HxlSheet {
    /// Reads a tag row; nothing when no column says anything about places.
    pub fn read(tags: &[String]) -> Option<Self> {
        let column = |(position, tag): (usize, &String)| {
            let (level, part) = column(tag)?;
            Some((position, level, part))
        };
        let columns: Vec<_> = tags.iter().enumerate().filter_map(column).collect();
        columns.iter().any(|(_, _, part)| *part == Part::Code).then_some(Self { columns })
    }

    /// Whether a row is a tag row.
    pub fn is_tag_row(row: &[String]) -> bool {
        row.iter().any(|cell| cell.trim_start().starts_with('#'))
    }

    /// The places of one row, from the top down.
    pub fn path(&self, number: usize, row: &[String]) -> Result<Vec<PlaceRow>, RowFailure> {
        let mut levels: [Option<PlaceRow>; LEVELS] = Default::default();
        for (position, level, part) in &self.columns {
            let cell = row.get(*position).map(|cell| cell.trim()).unwrap_or_default();
            if cell.is_empty() {
                continue;
            }
            let place = levels[*level].get_or_insert_default();
            match part {
                Part::Code => cell.clone_into(&mut place.code),
                Part::Type => cell.clone_into(&mut place.place_type),
                Part::Name(language) => {
                    place.placename.insert(language.clone(), cell.to_owned());
                }
            }
        }
        let fail = |level: usize, part: &str, code| {
            Err(RowFailure { row: number, column: format!("{} {part}", tag(level)), code })
        };
        let top = levels.iter().position(Option::is_some).unwrap_or_default();
        let mut path = Vec::new();
        for (level, place) in levels.into_iter().enumerate().skip(top) {
            match place {
                Some(_) if path.len() != level - top => return fail(level, "code", "no_parent"),
                Some(place) if place.code.is_empty() => return fail(level, "code", "required"),
                Some(place) if !is_code(&place.code) => return fail(level, "code", "invalid"),
                Some(place) => path.push(place),
                None => {}
            }
        }
        if path.is_empty() { fail(top, "code", "required") } else { Ok(path) }
    }
}

fn tag(level: usize) -> String {
    if level == 0 { "#country".to_owned() } else { format!("#adm{level}") }
}

/// `#adm1+name+fr`, in whatever order the attributes come.
fn column(tag: &str) -> Option<(usize, Part)> {
    let tag = tag.trim().to_lowercase();
    let mut parts = tag.strip_prefix('#')?.split('+').map(str::trim);
    let level = match parts.next()? {
        "country" => 0,
        level => level.strip_prefix("adm")?.parse().ok().filter(|one| (1..LEVELS).contains(one))?,
    };
    let attributes: Vec<&str> = parts.filter(|one| !one.is_empty()).collect();
    let part = if attributes.contains(&"code") {
        Part::Code
    } else if attributes.contains(&"type") {
        Part::Type
    } else if attributes.contains(&"name") || attributes.is_empty() {
        let language = attributes.iter().find(|one| **one != "name").unwrap_or(&"en");
        Part::Name((*language).to_owned())
    } else {
        return None;
    };
    Some((level, part))
}

/// What an import of many rows comes to.
#[derive(Debug, Default)]
pub struct ImportPlan {
    entries: Vec<Entry>,
    at: HashMap<String, usize>,
    pub total: usize,
    pub failures: Vec<RowFailure>,
    place_types: Vec<String>,
}

#[derive(Debug)]
struct Entry {
    known: Option<Place>,
    hierarchy: Vec<String>,
    place_type: String,
    placename: Text,
    touched: bool,
}

impl ImportPlan {
    /// A plan that knows the tenant's places, and how levels are called where no row says.
    pub fn new(known: Vec<Place>, place_types: Vec<String>) -> Self {
        let mut plan = Self { place_types, ..Self::default() };
        for place in known {
            plan.at.insert(place.code().to_owned(), plan.entries.len());
            plan.entries.push(Entry {
                hierarchy: place.hierarchy.clone(),
                place_type: place.place_type.clone(),
                placename: place.placename.clone(),
                known: Some(place),
                touched: false,
            });
        }
        plan
    }

    /// Takes one row in, as a whole or not at all.
    pub fn take(&mut self, number: usize, path: Result<Vec<PlaceRow>, RowFailure>) {
        self.total += 1;
        if let Err(failure) = path.and_then(|path| self.take_path(number, path)) {
            self.failures.push(failure);
        }
    }

    fn take_path(&mut self, number: usize, path: Vec<PlaceRow>) -> Result<(), RowFailure> {
        let codes: Vec<String> = path.iter().map(|one| one.code.clone()).collect();
        for (level, place) in path.iter().enumerate() {
            let fail = |part: &str, code| {
                Err(RowFailure { row: number, column: format!("{} {part}", tag(level)), code })
            };
            match self.at.get(&place.code).map(|position| &self.entries[*position]) {
                Some(entry) if entry.hierarchy != codes[..=level] => return fail("code", "moved"),
                None if place.placename.get("en").is_none_or(String::is_empty) => {
                    return fail("name+en", "required");
                }
                _ => {}
            }
        }
        for (level, place) in path.into_iter().enumerate() {
            self.put(&codes[..=level], place);
        }
        Ok(())
    }

    fn put(&mut self, hierarchy: &[String], place: PlaceRow) {
        let position = *self.at.entry(place.code).or_insert_with(|| {
            let place_type = self.place_types.get(hierarchy.len() - 1).cloned().unwrap_or_default();
            let (hierarchy, placename) = (hierarchy.to_vec(), Text::new());
            self.entries.push(Entry {
                known: None,
                hierarchy,
                place_type,
                placename,
                touched: true,
            });
            self.entries.len() - 1
        });
        let entry = &mut self.entries[position];
        entry.touched = true;
        entry.placename.extend(place.placename);
        if !place.place_type.is_empty() {
            entry.place_type = place.place_type;
        }
    }

    /// How many places are new.
    pub fn new_places(&self) -> usize {
        self.entries.iter().filter(|one| one.known.is_none()).count()
    }

    /// What to ask of which place, parents before children. New places are numbered from `first`.
    pub fn commands(self, first: i64) -> Vec<(bool, ImportPlace)> {
        let mut next = first;
        let touched = self.entries.into_iter().filter(Entry::differs);
        let command = touched.map(|entry| {
            let new = entry.known.is_none();
            let id = entry.known.map_or(next, |place| place.id);
            next += i64::from(new);
            let Entry { hierarchy, place_type, placename, .. } = entry;
            (new, ImportPlace { id, hierarchy, place_type, placename })
        });
        command.collect()
    }
}

impl Entry {
    fn differs(&self) -> bool {
        let same = |place: &Place| {
            place.placename == self.placename && place.place_type == self.place_type
        };
        self.touched && !self.known.as_ref().is_some_and(same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(row: &str) -> Vec<String> {
        row.split(',').map(str::to_owned).collect()
    }

    fn plan(rows: &[&str], known: Vec<Place>) -> ImportPlan {
        let tags = "#country+name+en,#country+code,#adm1+name+fr,#adm1+name,#adm1+code,#adm1+type";
        let sheet = HxlSheet::read(&cells(tags)).unwrap();
        let types = ["country", "province"].map(str::to_owned).to_vec();
        let mut plan = ImportPlan::new(known, types);
        for (number, row) in rows.iter().enumerate() {
            plan.take(number + 3, sheet.path(number + 3, &cells(row)));
        }
        plan
    }

    #[test]
    fn every_row_is_a_path() {
        let plan =
            plan(&["Andorra,AD,,Canillo,AD02,parish", "Andorra,AD,Encamp,Encamp,AD03,"], vec![]);
        assert_eq!((plan.total, plan.new_places(), plan.failures.len()), (2, 3, 0));
        let commands = plan.commands(10);
        let told: Vec<_> = commands
            .iter()
            .map(|(_, one)| (one.id, one.hierarchy.join("."), one.place_type.as_str()))
            .collect();
        let expected = [
            (10, "AD".to_owned(), "country"),
            (11, "AD.AD02".into(), "parish"),
            (12, "AD.AD03".into(), "province"),
        ];
        assert_eq!(told, expected);
        assert_eq!(commands[2].1.placename.len(), 2);
    }

    #[test]
    fn broken_rows_are_left_out_and_named() {
        let rows = [
            "Andorra,AD,,Canillo,,",
            ",,,,,",
            ",AD,,X,AD02,",
            "Andorra,A/D,,X,AD02,",
            "Spain,ES,,Y,ES01,",
            "Andorra,AD,,Y,ES01,",
            ",,,Z,Z1,",
        ];
        let plan = plan(&rows, vec![]);
        let told: Vec<_> =
            plan.failures.iter().map(|one| (one.row, one.column.as_str(), one.code)).collect();
        let expected = [
            (3, "#adm1 code", "required"),
            (4, "#country code", "required"),
            (5, "#country name+en", "required"),
            (6, "#country code", "invalid"),
            (8, "#adm1 code", "moved"),
        ];
        assert_eq!(told, expected);
        assert_eq!((plan.total, plan.new_places()), (7, 3));
    }

    #[test]
    fn known_places_are_only_touched_when_they_differ() {
        let known = Place {
            id: 5,
            hierarchy: vec!["AD".into()],
            place_type: "country".into(),
            placename: [("en".to_owned(), "Andorra".to_owned()), ("es".into(), "A".into())].into(),
            disabled: true,
            exists: true,
        };
        assert_eq!(plan(&["Andorra,AD,,,,"], vec![known.clone()]).commands(9), []);
        let commands = plan(&["Principality,AD,,,,"], vec![known]).commands(9);
        assert_eq!((commands[0].0, commands[0].1.id, commands[0].1.placename.len()), (false, 5, 2));
    }
}
