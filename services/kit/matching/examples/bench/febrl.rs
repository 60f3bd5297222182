//! FEBRL data set 4: five thousand people and a misspelt copy of each; what a tracing request can
//! carry of them (names, date of birth, suburb, state).

use std::fs;
use std::path::Path;

use kit_matching::{Ask, Birth, Desk, Profile, Tier, day};
use uuid::Uuid;

use crate::build::index_of;
use crate::figures::Figures;
use crate::sets::{Entry, id};

/// Hit at 1 and F1 at the engine's own cut, of copies asked among originals.
pub fn measure(folder: &Path) -> Figures {
    let originals = read(&folder.join("dataset4a.csv"));
    let copies = read(&folder.join("dataset4b.csv"));
    let index = index_of(&originals);
    let mut desk = Desk::default();
    let (mut first, mut right, mut wrong) = (0, 0, 0);
    for copy in &copies {
        let found = index.matches(&copy.profile, Ask::first(10), &mut desk);
        first += u32::from(found.first().is_some_and(|it| it.id == copy.id));
        for one in found.iter().filter(|it| matches!(it.tier, Tier::Strong | Tier::Probable)) {
            if one.id == copy.id { right += 1 } else { wrong += 1 }
        }
    }
    let of = copies.len() as f64;
    let (precision, recall) =
        (f64::from(right) / f64::from((right + wrong).max(1)), f64::from(right) / of);
    let f1 = 2.0 * precision * recall / (precision + recall).max(1e-9);
    Figures::from([("febrl_1", f64::from(first) / of), ("febrl_f1", f1)])
}

fn read(file: &Path) -> Vec<Entry> {
    let text = fs::read_to_string(file).expect("the data set is there");
    text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(person).collect()
}

/// `rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state, ...`
fn person(line: &str) -> Entry {
    let cells: Vec<&str> = line.split(',').map(str::trim).collect();
    let born = cells[9];
    let part = |from: usize, to: usize| born.get(from..to).and_then(|it| it.parse().ok());
    let on = || day(part(0, 4)?, u8::try_from(part(4, 6)?).ok()?, u8::try_from(part(6, 8)?).ok()?);
    let place = ["au", cells[8], cells[6]].into_iter().take_while(|it| !it.is_empty());
    let profile = Profile {
        name: format!("{} {}", cells[1], cells[2]),
        birth: on().map(|day| Birth { from: day, to: day }),
        last_place: place.map(str::to_owned).collect(),
        ..Profile::default()
    };
    Entry { id: person_id(cells[0]), profile }
}

/// The number in `rec-17-org` and `rec-17-dup-0`, which is the person's.
fn person_id(text: &str) -> Uuid {
    id(text.split('-').nth(1).unwrap_or_default())
}
