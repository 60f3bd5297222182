//! The index: records that may be matched, filed under words, places and keys. A function of what
//! was put in and taken out, and of nothing else.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::chains::{Chains, tight};
use crate::keys::{Sources, keys};
use crate::lexicon::{Lexicon, TokenId, number};
use crate::prepare::{Prepared, Roles};
use crate::profile::Profile;
use crate::record::{Entry, Records, View};
use crate::symbols::{Symbol, Symbols, Trait};
use crate::table::{Table, hash};

/// Provinces lie within countries.
pub const PROVINCE: u8 = 2;

/// Records to be matched with.
#[derive(Debug, Clone, Default)]
pub struct Index {
    pub(crate) lexicon: Lexicon,
    pub(crate) places: Symbols,
    pub(crate) values: Symbols,
    pub(crate) records: Records,
    pub(crate) ids: Vec<Uuid>,
    by_id: Table,
    free: Vec<u32>,
    /// Slots by class of word.
    pub(crate) by_class: Vec<Vec<u32>>,
    /// Slots by smallest known place.
    pub(crate) by_place: Vec<Vec<u32>>,
    pub(crate) by_key: Chains,
}

impl Index {
    /// Files a record, in place of what was known of it.
    pub fn put(&mut self, id: Uuid, profile: &Profile) {
        self.remove(id);
        let entry = self.entry(&Prepared::new(profile));
        let slot = self.slot(id);
        self.records.put(slot, &entry);
        self.file(slot);
    }

    /// Forgets a record; says whether it was known.
    pub fn remove(&mut self, id: Uuid) -> bool {
        let Some(slot) = self.slot_of(id) else { return false };
        self.unfile(slot);
        self.records.clear(slot);
        self.by_id.remove(id_hash(id), slot);
        self.ids[slot as usize] = Uuid::nil();
        self.free.push(slot);
        true
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.ids.len() - self.free.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a record may be matched.
    pub fn contains(&self, id: Uuid) -> bool {
        self.slot_of(id).is_some()
    }

    pub(crate) fn slot_of(&self, id: Uuid) -> Option<u32> {
        self.by_id.find(id_hash(id), |slot| self.ids[slot as usize] == id)
    }

    fn slot(&mut self, id: Uuid) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            tight(&mut self.ids);
            self.ids.push(Uuid::nil());
            number(self.ids.len() - 1)
        });
        self.ids[slot as usize] = id;
        let ids = &self.ids;
        self.by_id.insert(id_hash(id), slot, |one| id_hash(ids[one as usize]));
        slot
    }

    fn entry(&mut self, ready: &Prepared) -> Entry {
        let tokens: Vec<TokenId> =
            ready.words.iter().map(|word| self.lexicon.intern(word)).collect();
        let each = |list: &Vec<u8>| list.iter().map(|at| tokens[usize::from(*at)]).collect();
        let roles = &ready.roles;
        let traits = Trait::ALL.map(|of| self.values.intern_trait(of, ready.traits[of as usize]));
        Entry {
            roles: Roles {
                name: each(&roles.name),
                nicknames: each(&roles.nicknames),
                father: each(&roles.father),
                mother: each(&roles.mother),
                siblings: each(&roles.siblings),
                relatives: each(&roles.relatives),
                given: roles.given,
            },
            sex: ready.sex,
            birth: ready.birth,
            separation_day: ready.separation_day,
            last_place: self.places.intern_place(&ready.last_place),
            separation_place: self.places.intern_place(&ready.separation_place),
            phones: ready.phones.clone(),
            traits,
        }
    }

    fn file(&mut self, slot: u32) {
        self.by_class.resize_with(self.lexicon.classes(), Vec::new);
        self.by_place.resize_with(self.places.len() + 1, Vec::new);
        for class in self.classes(slot) {
            let list = &mut self.by_class[class as usize];
            tight(list);
            list.push(slot);
        }
        for place in self.smallest_places(slot) {
            let list = &mut self.by_place[place as usize];
            tight(list);
            list.push(slot);
        }
        for key in keys(&self.sources(self.records.get(slot))) {
            self.by_key.push(key, slot);
        }
        self.count(slot, true);
    }

    fn unfile(&mut self, slot: u32) {
        for class in self.classes(slot) {
            withdraw(&mut self.by_class[class as usize], slot);
        }
        for place in self.smallest_places(slot) {
            withdraw(&mut self.by_place[place as usize], slot);
        }
        for key in keys(&self.sources(self.records.get(slot))) {
            self.by_key.remove(key, slot);
        }
        self.count(slot, false);
    }

    /// What weights are made of: how often each name, place and value occurs.
    fn count(&mut self, slot: u32, up: bool) {
        let view = self.records.get(slot);
        for token in [view.name(), view.father(), view.mother()].into_iter().flatten() {
            self.lexicon.count(*token, up);
        }
        for place in [view.head.last_place(), view.head.separation_place()] {
            self.places.count(place, up);
        }
        view.head.traits().into_iter().for_each(|value| self.values.count(value, up));
    }

    fn classes(&self, slot: u32) -> Vec<u32> {
        let tokens = self.records.get(slot).tokens();
        let mut classes: Vec<u32> = tokens.iter().map(|it| self.lexicon.class_of(*it)).collect();
        classes.sort_unstable();
        classes.dedup();
        classes
    }

    fn smallest_places(&self, slot: u32) -> Vec<Symbol> {
        let view = self.records.get(slot);
        let mut places = vec![view.head.last_place(), view.head.separation_place()];
        places.retain(|place| self.places.depth(*place) > PROVINCE);
        places.dedup();
        places
    }

    fn sources(&self, view: View<'_>) -> Sources {
        let class = |token: &TokenId| self.lexicon.class_hash(*token);
        let name: Vec<u64> = view.name().iter().map(class).collect();
        let own = |at: &usize| view.head.given() >> at & 1 == 1;
        let provinces = [view.head.last_place(), view.head.separation_place()];
        let traits = view.head.traits();
        Sources {
            given: (0..name.len()).filter(own).map(|at| name[at]).collect(),
            name,
            father: view.father().first().map(class),
            mother: view.mother().first().map(class),
            provinces: provinces_of(&self.places, provinces),
            day: view.head.separation_day().map(|day| (day, self.values.hash_of(traits[0]))),
            phones: view.phones().to_vec(),
        }
    }

    /// Bytes held, by part.
    pub fn bytes(&self) -> [(&'static str, usize); 6] {
        let lists = |lists: &Vec<Vec<u32>>| {
            let each = lists.iter().map(|list| list.capacity() * 4).sum::<usize>();
            each + lists.capacity() * size_of::<Vec<u32>>()
        };
        [
            ("records", self.records.bytes()),
            ("ids", self.ids.capacity() * 16 + self.by_id.bytes() + self.free.capacity() * 4),
            ("words", self.lexicon.bytes()),
            ("places and values", self.places.bytes() + self.values.bytes()),
            ("lists", lists(&self.by_class) + lists(&self.by_place)),
            ("keys", self.by_key.bytes()),
        ]
    }

    /// What the index holds, in 32 bytes: equal for equal records, in whatever order they came,
    /// whatever was there in between, on whatever machine.
    pub fn digest(&self) -> [u8; 32] {
        let mut slots: Vec<u32> =
            (0..number(self.records.slots())).filter(|it| self.records.is_taken(*it)).collect();
        slots.sort_unstable_by_key(|slot| self.ids[*slot as usize]);
        let mut sum = Sha256::new();
        for slot in slots {
            sum.update(self.ids[slot as usize]);
            self.digest_record(slot, &mut sum);
        }
        for counts in [
            sorted(self.lexicon.counts()),
            sorted(self.places.counts()),
            sorted(self.values.counts()),
        ] {
            for (hash, count) in counts {
                sum.update(hash.to_le_bytes());
                sum.update(count.to_le_bytes());
            }
        }
        sum.finalize().into()
    }

    fn digest_record(&self, slot: u32, sum: &mut Sha256) {
        let view = self.records.get(slot);
        let lists = [
            view.name(),
            view.nicknames(),
            view.father(),
            view.mother(),
            view.siblings(),
            view.relatives(),
        ];
        for list in lists {
            sum.update([u8::try_from(list.len()).unwrap_or(u8::MAX)]);
            for token in list {
                sum.update(self.lexicon.spelling(*token).to_le_bytes());
            }
        }
        let birth = view.head.birth().map_or(0, |it| u32::from(it.from) << 16 | u32::from(it.to));
        sum.update([view.head.given(), view.head.sex().map_or(0, |it| it as u8 + 1)]);
        sum.update(birth.to_le_bytes());
        sum.update(view.head.separation_day().unwrap_or_default().to_le_bytes());
        for place in [view.head.last_place(), view.head.separation_place()] {
            sum.update(self.places.hash_of(place).to_le_bytes());
        }
        view.head.traits().iter().for_each(|it| sum.update(self.values.hash_of(*it).to_le_bytes()));
        view.phones().iter().for_each(|phone| sum.update(phone.to_le_bytes()));
        for key in keys(&self.sources(view)) {
            sum.update(key.to_le_bytes());
        }
    }
}

/// The hashes of the provinces of two places, each once.
pub(crate) fn provinces_of(places: &Symbols, of: [Symbol; 2]) -> Vec<u64> {
    let mut provinces: Vec<u64> = of
        .map(|place| places.hash_of(places.at_depth(place, PROVINCE)))
        .into_iter()
        .filter(|hash| *hash != 0)
        .collect();
    provinces.dedup();
    provinces
}

fn id_hash(id: Uuid) -> u64 {
    hash(0x60, id.as_bytes())
}

fn withdraw(list: &mut Vec<u32>, slot: u32) {
    if let Some(at) = list.iter().position(|one| *one == slot) {
        list.swap_remove(at);
    }
}

fn sorted(counts: impl Iterator<Item = (u64, u32)>) -> Vec<(u64, u32)> {
    let mut all: Vec<_> = counts.collect();
    all.sort_unstable();
    all
}
