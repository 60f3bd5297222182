//! The sealed stream: a head with the locks, then pieces, each sealed by itself and bound to the
//! head, to its number and to whether it is the last, so that none can be moved, left out, added
//! or taken from another parcel, and an end that is missing is noticed.

use std::io::{self, ErrorKind, Read, Write};

use kit_seal::{OVERHEAD, SecretKey, associated};

use crate::lock::LENGTH;
use crate::{Lock, Opener, Unopenable};

const MAGIC: &[u8; 14] = b"amparo parcel\n";
const FORMAT: u8 = 1;
const MOST_LOCKS: usize = 64;
const PIECE: usize = 64 << 10;

/// Writes a parcel. What is not finished opens for nobody.
pub struct Sealing<W: Write> {
    to: W,
    bound: Bound,
    piece: Vec<u8>,
}

/// Reads a parcel: an error of kind `InvalidData` or `UnexpectedEof` holds an [`Unopenable`].
pub struct Opened<R: Read> {
    from: R,
    bound: Bound,
    piece: Vec<u8>,
    at: usize,
    ended: bool,
}

/// What each piece is sealed with and bound to.
struct Bound {
    key: SecretKey,
    head: Vec<u8>,
    number: u64,
}

impl Bound {
    fn new(key: &SecretKey, head: Vec<u8>) -> Self {
        Self { key: key.derive("amparo parcel pieces"), head, number: 0 }
    }

    fn place(&mut self, last: bool) -> Vec<u8> {
        let place = associated(&[&self.head, &self.number.to_be_bytes(), &[u8::from(last)]]);
        self.number += 1;
        place
    }
}

/// Starts a parcel that any of the locks opens.
pub fn seal<W: Write>(locks: &[Lock], mut to: W) -> io::Result<Sealing<W>> {
    let key = SecretKey::random();
    let mut head = MAGIC.to_vec();
    head.push(FORMAT);
    let count = u8::try_from(locks.len()).ok().filter(|count| (1..=64).contains(count));
    head.push(count.ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "1 to 64 locks"))?);
    for lock in locks {
        head.extend_from_slice(&lock.close(&key));
    }
    to.write_all(&head)?;
    Ok(Sealing { to, bound: Bound::new(&key, head), piece: Vec::with_capacity(PIECE) })
}

impl<W: Write> Sealing<W> {
    /// Writes what is left and the mark of the end.
    pub fn finish(mut self) -> io::Result<W> {
        self.write_piece(true)?;
        self.to.flush()?;
        Ok(self.to)
    }

    fn write_piece(&mut self, last: bool) -> io::Result<()> {
        let place = self.bound.place(last);
        let sealed = kit_seal::seal(&self.bound.key, &place, &self.piece);
        let length = u32::try_from(sealed.len()).map_err(io::Error::other)?;
        self.to.write_all(&[u8::from(last)])?;
        self.to.write_all(&length.to_be_bytes())?;
        self.to.write_all(&sealed)?;
        self.piece.clear();
        Ok(())
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.piece.len() == PIECE {
            self.write_piece(false)?;
        }
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Reads the head and opens one of its locks.
pub fn open<R: Read>(opener: &Opener, mut from: R) -> io::Result<Opened<R>> {
    let mut head = vec![0; MAGIC.len() + 2];
    let read = read_up_to(&mut from, &mut head)?;
    if !head[..read].starts_with(MAGIC) {
        return Err(unopenable(Unopenable::Foreign));
    }
    let (format, count) = (head[MAGIC.len()], usize::from(head[MAGIC.len() + 1]));
    if read < head.len() {
        return Err(unopenable(Unopenable::Truncated));
    }
    if format != FORMAT {
        return Err(unopenable(Unopenable::Newer));
    }
    if count > MOST_LOCKS {
        return Err(unopenable(Unopenable::Altered));
    }
    let mut locks = Vec::with_capacity(count);
    for _ in 0..count {
        let mut lock = [0; LENGTH];
        fill(&mut from, &mut lock)?;
        head.extend_from_slice(&lock);
        locks.push(lock);
    }
    let key = opener.open(&locks).map_err(unopenable)?;
    Ok(Opened { from, bound: Bound::new(&key, head), piece: vec![], at: 0, ended: false })
}

impl<R: Read> Opened<R> {
    fn next_piece(&mut self) -> io::Result<()> {
        let mut frame = [0; 5];
        fill(&mut self.from, &mut frame)?;
        let last = frame[0] == 1;
        let length = u32::from_be_bytes([frame[1], frame[2], frame[3], frame[4]]) as usize;
        if frame[0] > 1 || length > PIECE + OVERHEAD {
            return Err(unopenable(Unopenable::Altered));
        }
        let mut sealed = vec![0; length];
        fill(&mut self.from, &mut sealed)?;
        let place = self.bound.place(last);
        let opened = kit_seal::open(&self.bound.key, &place, &sealed);
        self.piece = opened.map_err(|_| unopenable(Unopenable::Altered))?;
        self.at = 0;
        if last {
            self.ended = true;
            if read_up_to(&mut self.from, &mut [0])? > 0 {
                return Err(unopenable(Unopenable::Altered));
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Opened<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() && !self.ended {
            self.next_piece()?;
        }
        let count = to.len().min(self.piece.len() - self.at);
        to[..count].copy_from_slice(&self.piece[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

fn unopenable(why: Unopenable) -> io::Error {
    let kind = match why {
        Unopenable::Truncated => ErrorKind::UnexpectedEof,
        _ => ErrorKind::InvalidData,
    };
    io::Error::new(kind, why)
}

fn fill(from: &mut impl Read, to: &mut [u8]) -> io::Result<()> {
    if read_up_to(from, to)? < to.len() {
        return Err(unopenable(Unopenable::Truncated));
    }
    Ok(())
}

fn read_up_to(from: &mut impl Read, to: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < to.len() {
        match from.read(&mut to[read..]) {
            Ok(0) => break,
            Ok(count) => read += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::KeyPair;

    fn sealed(locks: &[Lock], plain: &[u8]) -> Vec<u8> {
        let mut sealing = seal(locks, Vec::new()).unwrap();
        sealing.write_all(plain).unwrap();
        sealing.finish().unwrap()
    }

    fn opened(opener: &Opener, parcel: &[u8]) -> Result<Vec<u8>, Unopenable> {
        let mut plain = Vec::new();
        let read = open(opener, parcel).and_then(|mut it| it.read_to_end(&mut plain));
        let inner =
            |error: io::Error| error.into_inner().unwrap().downcast::<Unopenable>().unwrap();
        read.map(|_| plain).map_err(|error| *inner(error))
    }

    /// Three pieces and a bit.
    fn long() -> Vec<u8> {
        (0..3 * PIECE + 77).map(|at| u8::try_from(at % 251).unwrap()).collect()
    }

    #[test]
    fn either_lock_opens_and_no_other_key_does() {
        let pair = KeyPair::random();
        let text = "correct horse battery";
        let parcel = sealed(&[Lock::passphrase(text).unwrap(), Lock::Public(pair.public())], b"in");
        assert_eq!(opened(&Opener::passphrase(text), &parcel), Ok(b"in".to_vec()));
        assert_eq!(opened(&Opener::Secret(pair), &parcel), Ok(b"in".to_vec()));
        for wrong in [Opener::Secret(KeyPair::random()), Opener::passphrase("correct horse")] {
            assert_eq!(opened(&wrong, &parcel), Err(Unopenable::WrongKey));
        }
    }

    #[test]
    fn any_length_is_read_back() {
        let pair = KeyPair::random();
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 77] {
            let plain = &long()[..length];
            let parcel = sealed(&[Lock::Public(pair.public())], plain);
            assert_eq!(opened(&Opener::Secret(pair.clone()), &parcel).unwrap(), plain);
        }
    }

    #[test]
    fn pieces_cannot_be_left_out_moved_or_added() {
        let pair = KeyPair::random();
        let parcel = sealed(&[Lock::Public(pair.public())], &long());
        let opener = Opener::Secret(pair);
        let (head, frame) = (MAGIC.len() + 2 + LENGTH, 5 + PIECE + OVERHEAD);
        let [first, second, third] = [0, 1, 2].map(|n| &parcel[head + n * frame..][..frame]);
        let (start, end) = (&parcel[..head], &parcel[head + 3 * frame..]);
        for odd in [
            [start, first, third, end].concat(),
            [start, second, first, third, end].concat(),
            [start, first, second, third, end, end].concat(),
            [start, end].concat(),
            [&parcel, b"x".as_slice()].concat(),
        ] {
            assert_eq!(opened(&opener, &odd), Err(Unopenable::Altered));
        }
        for cut in [start, &[start, first].concat(), &parcel[..parcel.len() - 1]] {
            assert_eq!(opened(&opener, cut), Err(Unopenable::Truncated));
        }
    }

    #[test]
    fn what_is_no_parcel_is_told() {
        let opener = Opener::Secret(KeyPair::random());
        assert_eq!(opened(&opener, b""), Err(Unopenable::Foreign));
        assert_eq!(opened(&opener, b"PGDMP something"), Err(Unopenable::Foreign));
        let mut newer = sealed(&[Lock::Public(KeyPair::random().public())], b"");
        newer[MAGIC.len()] = 2;
        assert_eq!(opened(&opener, &newer), Err(Unopenable::Newer));
    }

    proptest! {
        #[test]
        fn any_flipped_bit_is_noticed(at: prop::sample::Index, bit in 0u8..8) {
            let pair = KeyPair::random();
            let mut parcel = sealed(&[Lock::Public(pair.public())], b"some text");
            let at = at.index(parcel.len());
            parcel[at] ^= 1 << bit;
            prop_assert!(opened(&Opener::Secret(pair), &parcel).is_err());
        }

        #[test]
        fn strangers_bytes_are_refused_without_panic(bytes: Vec<u8>) {
            let strange = [MAGIC.as_slice(), &[FORMAT, 0], &bytes].concat();
            prop_assert!(opened(&Opener::Secret(KeyPair::random()), &strange).is_err());
        }
    }
}
