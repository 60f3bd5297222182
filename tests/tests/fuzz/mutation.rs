//! Dice, and what they do to an input: to its bytes, or to the tree that it is.

use serde_json::{Map, Value, json};

/// Inputs don't grow beyond this.
const LARGEST: usize = 128 << 10;

/// `SplitMix64`: the same numbers for the same seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// From 0 to `end`, without it; 0 when there is nothing to choose.
    pub fn below(&mut self, end: usize) -> usize {
        let end = end.max(1) as u64;
        usize::try_from(self.word() % end).unwrap()
    }

    pub fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Pieces that parsers stumble over.
const PIECES: [&str; 40] = [
    "",
    "\0",
    "\u{feff}",
    "\u{200f}",
    "\u{202e}",
    "\u{301}",
    "é",
    "محمد",
    "ቤተ",
    "😀",
    "İ",
    "ß",
    "ﷺ",
    "-0",
    "1e999",
    "-1e-999",
    "9223372036854775808",
    "18446744073709551616",
    "0.1",
    "NaN",
    "null",
    "true",
    "2026-02-30",
    "-9999-01-01",
    "9999-12-31T23:59:59.999Z",
    "[",
    "]",
    "{}",
    "[]",
    "[][]",
    "%",
    "%00",
    "%ff",
    "&",
    "=",
    ",",
    "\"",
    "../",
    "_destroy",
    "unique_id",
];

/// The next input: one of the seeds, changed a few times.
pub fn input(dice: &mut Dice, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = dice.pick(seeds).clone();
    for _ in 0..=dice.below(4) {
        bytes = match serde_json::from_slice::<Value>(&bytes) {
            Ok(mut tree) if !dice.one_in(8) => {
                let other = serde_json::from_slice(dice.pick::<Vec<u8>>(seeds)).unwrap_or_default();
                change_tree(dice, &mut tree, &other);
                tree.to_string().into_bytes()
            }
            _ => change_bytes(dice, bytes, seeds),
        };
        bytes.truncate(LARGEST);
    }
    bytes
}

fn change_bytes(dice: &mut Dice, mut bytes: Vec<u8>, seeds: &[Vec<u8>]) -> Vec<u8> {
    let at = dice.below(bytes.len() + 1);
    let to = (at + dice.below(16)).min(bytes.len());
    match dice.below(8) {
        0 => drop(bytes.drain(at..to)),
        1 => drop(bytes.splice(at..to, dice.pick(&PIECES).bytes())),
        2 => bytes.insert(at, u8::try_from(dice.below(256)).unwrap()),
        3 => bytes.truncate(at),
        4 => {
            let other = dice.pick(seeds);
            let from = dice.below(other.len() + 1);
            let piece = other[from..(from + dice.below(64)).min(other.len())].to_vec();
            drop(bytes.splice(at..at, piece));
        }
        5 => {
            let piece = bytes[at..to].to_vec();
            let times = 1 << dice.below(14);
            drop(bytes.splice(at..at, piece.repeat(times)));
        }
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
    }
    bytes
}

/// Changes one node of a tree.
fn change_tree(dice: &mut Dice, tree: &mut Value, other: &Value) {
    let mut place = dice.below(count(tree));
    let donor = nth(other, &mut dice.below(count(other))).cloned().unwrap_or_default();
    if let Some(node) = nth_mut(tree, &mut place) {
        change_node(dice, node, donor);
    }
}

fn change_node(dice: &mut Dice, node: &mut Value, donor: Value) {
    match dice.below(7) {
        0 => *node = donor,
        1 => *node = leaf(dice),
        2 => *node = json!([node.take()]),
        3 => {
            // Deep, but not deeper than a body may be.
            for _ in 0..dice.below(30) {
                *node = json!({ *dice.pick(&["and", "or", "not", "x"]): node.take() });
            }
        }
        _ => match node {
            Value::Array(items) => change_list(dice, items, donor),
            Value::Object(fields) => change_object(dice, fields, donor),
            Value::String(text) => {
                let bytes = change_bytes(dice, text.clone().into_bytes(), &[vec![]]);
                *text = String::from_utf8_lossy(&bytes).into_owned();
            }
            _ => *node = leaf(dice),
        },
    }
}

fn change_list(dice: &mut Dice, items: &mut Vec<Value>, donor: Value) {
    let at = dice.below(items.len());
    match dice.below(4) {
        0 if !items.is_empty() => drop(items.remove(at)),
        1 if !items.is_empty() => {
            let copies = vec![items[at].clone(); 1 << dice.below(8)];
            items.extend(copies);
        }
        2 => items.reverse(),
        _ => items.push(donor),
    }
}

fn change_object(dice: &mut Dice, fields: &mut Map<String, Value>, donor: Value) {
    let name = fields.keys().nth(dice.below(fields.len())).cloned().unwrap_or_default();
    match dice.below(4) {
        0 => drop(fields.shift_remove(&name)),
        1 => {
            let value = fields.shift_remove(&name).unwrap_or_default();
            fields.insert((*dice.pick(&PIECES)).to_owned(), value);
        }
        2 => {
            if let Value::Object(more) = donor {
                fields.extend(more);
            }
        }
        _ => drop(fields.insert(name, donor)),
    }
}

fn leaf(dice: &mut Dice) -> Value {
    match dice.below(8) {
        0 => Value::Null,
        1 => dice.one_in(2).into(),
        2 => i64::from_ne_bytes(dice.word().to_ne_bytes()).into(),
        3 => json!(f64::from_bits(dice.word())),
        4 => json!(dice.below(200)),
        5 => json!([]),
        6 => json!({}),
        _ => (*dice.pick(&PIECES)).into(),
    }
}

fn count(tree: &Value) -> usize {
    1 + match tree {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum::<usize>(),
        _ => 0,
    }
}

fn nth<'a>(tree: &'a Value, left: &mut usize) -> Option<&'a Value> {
    if *left == 0 {
        return Some(tree);
    }
    *left -= 1;
    match tree {
        Value::Array(items) => items.iter().find_map(|item| nth(item, left)),
        Value::Object(fields) => fields.values().find_map(|value| nth(value, left)),
        _ => None,
    }
}

fn nth_mut<'a>(tree: &'a mut Value, left: &mut usize) -> Option<&'a mut Value> {
    if *left == 0 {
        return Some(tree);
    }
    *left -= 1;
    match tree {
        Value::Array(items) => items.iter_mut().find_map(|item| nth_mut(item, left)),
        Value::Object(fields) => fields.values_mut().find_map(|value| nth_mut(value, left)),
        _ => None,
    }
}
