//! The gate that every test run passes: a small registry of our own making, in a debug build, in
//! seconds. The large sets are measured by `tests/matching/bench`.

mod gate;
mod people;
