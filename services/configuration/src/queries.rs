//! Questions to the read models.

pub mod places;
pub mod snapshots;
