//! How far something has been told: a place in each stream of facts. Clients give it back as it is.

use sha2::{Digest, Sha256};

use super::SOURCES;

const COUNT: usize = SOURCES.len();
/// Longer texts are no one's.
const LONGEST: usize = 160;

/// A place in all streams; the same at every gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// Tells the streams from others of the same name, should NATS have lost them.
    born: u32,
    at: [u64; COUNT],
}

impl Place {
    /// At these places of streams that were made at these times.
    pub fn new(born: [i64; COUNT], at: [u64; COUNT]) -> Self {
        let mut digest = Sha256::new();
        for one in born {
            digest.update(one.to_be_bytes());
        }
        let digest = digest.finalize();
        let born = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        Self { born, at }
    }

    /// As a client gave it back.
    pub fn parse(text: &str) -> Option<Self> {
        let text = Some(text).filter(|text| text.len() <= LONGEST)?.strip_prefix("1-")?;
        let (born, places) = text.split_once('-')?;
        let born = u32::from_str_radix(born, 16).ok()?;
        let mut at = [0; COUNT];
        let mut places = places.split('.');
        for one in &mut at {
            *one = places.next()?.parse().ok()?;
        }
        places.next().is_none().then_some(Self { born, at })
    }

    /// Whether what came after the other place is all after this one too, or this one itself.
    pub fn reaches(&self, other: &Self) -> bool {
        self.born == other.born && self.at.iter().zip(&other.at).all(|(mine, its)| mine >= its)
    }

    /// Whether a fact is told already.
    pub fn is_past(&self, source: usize, sequence: u64) -> bool {
        self.at[source] >= sequence
    }

    /// Goes on to a fact of a stream.
    pub fn advance(&mut self, source: usize, sequence: u64) {
        self.at[source] = self.at[source].max(sequence);
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at: Vec<String> = self.at.iter().map(u64::to_string).collect();
        write!(f, "1-{:08x}-{}", self.born, at.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_as_it_was_told() {
        let mut place = Place::new([5; COUNT], [7, 0, 9, 1, 2]);
        assert_eq!(Place::parse(&place.to_string()), Some(place));
        let before = place;
        place.advance(1, 4);
        place.advance(1, 3);
        assert!(place.is_past(1, 4) && !place.is_past(1, 5));
        assert!(place.reaches(&before) && !before.reaches(&place));
        assert!(!Place::new([6; COUNT], [99; COUNT]).reaches(&before), "other streams");
    }

    #[test]
    fn what_is_no_place_is_none() {
        let long = format!("1-00000000-{}", "9".repeat(200));
        for text in ["", "1", "1-zz-1.2.3.4.5", "1-0-1.2.3.4", "1-0-1.2.3.4.5.6", "2-0-1.2.3.4.5"] {
            assert_eq!(Place::parse(text), None, "{text}");
        }
        assert_eq!(Place::parse(&long), None);
    }
}
