//! Whole-system tests of Amparo.
