//! Fuzzing without coverage: seeds are mutated by dice, every target says what must hold of
//! whatever comes out. A few seconds of each are ordinary tests; `tests/fuzz` runs them longer.

mod folding;
mod imports;
mod mutation;
mod records;
mod requests;
mod runner;
mod sealing;

use runner::{Target, run};

macro_rules! targets {
    ($($name:ident: $room:ident;)*) => {
        $(#[test]
        fn $name() {
            run(&Target { name: stringify!($name), seeds: $room::$name::seeds, feed: $room::$name::feed });
        })*
    };
}

targets! {
    query: records;
    patch: records;
    merge: records;
    expression: records;
    hxl: imports;
    snapshot: imports;
    sealed: sealing;
    token: sealing;
    head: requests;
    body: requests;
    names: folding;
}
