//! Search by name, with reasons: which records bear a name like the one asked for, in which field,
//! and how close each word is.

use serde::Serialize;
use uuid::Uuid;

use crate::candidates::candidates;
use crate::index::Index;
use crate::lexicon::TokenId;
use crate::prepare::Prepared;
use crate::profile::Profile;
use crate::question::{Memory, Question};
use crate::rank::Desk;
use crate::reason::Closeness;
use crate::record::View;
use crate::sound::{Likeness, SAME};

/// Records that a search looks at.
const SEARCHED: usize = 400;
/// From here on a word was found.
const FOUND: Likeness = 152;
/// What a word loses that stands with somebody else of the family, or in a nickname.
const NICKNAME: Likeness = 6;
const OF_FAMILY: Likeness = 20;

/// A record whose names are like the one asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    pub id: Uuid,
    /// 0 to 1: how much of the name was found, rare words counting more.
    pub score: f32,
    /// For each word asked for that was found: its place in the question, where, how close.
    pub words: Vec<Found>,
}

/// A word that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Found {
    pub word: usize,
    pub bearer: Bearer,
    pub closeness: Closeness,
    pub two_scripts: bool,
}

/// Whose name it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bearer {
    Child,
    Nickname,
    Father,
    Mother,
    Sibling,
    Relative,
}

impl Index {
    /// Records with a name like this one, the closest first.
    pub fn search(&self, name: &str, most: usize, desk: &mut Desk) -> Vec<Hit> {
        let profile = Profile { name: name.to_owned(), ..Profile::default() };
        let ready = Prepared::new(&profile);
        let question = Question::new(self, &ready);
        desk.memory.clear();
        let found = candidates(&question, SEARCHED, &mut desk.tally);
        let mut hits: Vec<Hit> = found
            .into_iter()
            .filter_map(|one| {
                let (score, words) = hit(&question, self.records.get(one.slot), &mut desk.memory)?;
                Some(Hit { id: self.ids[one.slot as usize], score, words })
            })
            .collect();
        hits.sort_by(|one, other| {
            other.score.total_cmp(&one.score).then_with(|| one.id.cmp(&other.id))
        });
        hits.truncate(most);
        hits
    }
}

fn hit(question: &Question<'_>, view: View<'_>, memory: &mut Memory) -> Option<(f32, Vec<Found>)> {
    let (mut got, mut asked, mut words) = (0.0, 0.0, Vec::new());
    for (at, word) in question.ready.roles.name.iter().enumerate() {
        let rarity = question.words[usize::from(*word)].rarity.max(0.5);
        asked += rarity;
        if let Some((likeness, found)) = best(question, at, *word, view, memory) {
            got += rarity * f32::from(likeness) / f32::from(SAME);
            words.push(found);
        }
    }
    (!words.is_empty()).then(|| (got / asked, words))
}

fn best(
    question: &Question<'_>,
    at: usize,
    word: u8,
    view: View<'_>,
    memory: &mut Memory,
) -> Option<(Likeness, Found)> {
    let bearers: [(Bearer, &[TokenId], Likeness); 6] = [
        (Bearer::Child, view.name(), 0),
        (Bearer::Nickname, view.nicknames(), NICKNAME),
        (Bearer::Father, view.father(), OF_FAMILY),
        (Bearer::Mother, view.mother(), OF_FAMILY),
        (Bearer::Sibling, view.siblings(), OF_FAMILY),
        (Bearer::Relative, view.relatives(), OF_FAMILY),
    ];
    let mut best: Option<(Likeness, Found)> = None;
    for (bearer, tokens, loses) in bearers {
        for token in tokens {
            let likeness = memory.alike(question, word, *token);
            let worth = likeness.saturating_sub(loses);
            if likeness >= FOUND && best.is_none_or(|(most, _)| worth > most) {
                let script = question.index.lexicon.heard(*token).shape.script;
                let two_scripts = question.ready.words[usize::from(word)].shape.script != script;
                let closeness = closeness(likeness);
                best = Some((worth, Found { word: at, bearer, closeness, two_scripts }));
            }
        }
    }
    best
}

const fn closeness(likeness: Likeness) -> Closeness {
    match likeness {
        SAME => Closeness::Spelling,
        194.. => Closeness::Sound,
        166.. => Closeness::Near,
        _ => Closeness::Like,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        let mut index = Index::default();
        for (id, name, father, mother) in [
            (1, "Mohammed Hassan Ali", "Hassan Ali", "Fatima Omar"),
            (2, "محمد حسن علي", "حسن علي", ""),
            (3, "Sara Khalil", "Khalil Mansour", "Mariam Hassan"),
            (4, "Juan Pérez", "", ""),
        ] {
            let profile = Profile {
                name: name.into(),
                father: father.into(),
                mother: mother.into(),
                ..Profile::default()
            };
            index.put(Uuid::from_u128(id), &profile);
        }
        index
    }

    #[test]
    fn names_are_found_across_scripts_and_say_why() {
        let hits = index().search("Muhammad Hasan", 10, &mut Desk::default());
        let ids: Vec<u128> = hits.iter().map(|it| it.id.as_u128()).collect();
        assert_eq!(&ids[..2].iter().sum::<u128>(), &3, "{hits:?}");
        let arabic = hits.iter().find(|it| it.id.as_u128() == 2).unwrap();
        assert!(arabic.words.iter().all(|it| it.two_scripts && it.bearer == Bearer::Child));
        assert_eq!(arabic.words.len(), 2);
        let mother = hits.iter().find(|it| it.id.as_u128() == 3).unwrap();
        assert_eq!((mother.words.len(), mother.words[0].bearer), (1, Bearer::Mother));
        assert!(mother.score < arabic.score);
    }

    #[test]
    fn the_very_spelling_comes_first_and_nothing_finds_nothing() {
        let index = index();
        let hits = index.search("Mohammed Hassan", 1, &mut Desk::default());
        assert_eq!(hits[0].id.as_u128(), 1);
        assert!((hits[0].score - 1.0).abs() < 0.01);
        assert!(index.search("Xiomara", 5, &mut Desk::default()).is_empty());
        assert!(index.search("", 5, &mut Desk::default()).is_empty());
    }
}
