//! Where a user counts in reports: their place, or the one above it on the level of reporting.

use std::collections::BTreeSet;

use kit_serve::{Call, Refusal};
use serde_json::Value;

use crate::shell::Shell;

impl Shell {
    /// Puts the place of reporting into users' documents.
    pub(super) async fn tell_reporting_places(
        &self,
        call: &Call,
        documents: &mut [Value],
    ) -> Result<(), Refusal> {
        let codes: BTreeSet<&str> =
            documents.iter().filter_map(|one| Some(place_and_level(one)?.0)).collect();
        if codes.is_empty() {
            return Ok(());
        }
        let codes = codes.into_iter().map(str::to_owned).collect();
        let paths = self.catalogs.paths(call, codes).await?;
        for document in documents {
            let Some((place, level)) = place_and_level(document) else { continue };
            if let Some(above) = paths.get(place).and_then(|path| path.get(level)) {
                document["reporting_location_code"] = above.as_str().into();
            }
        }
        Ok(())
    }
}

/// The user's own place, and how many levels below the top reports are made.
fn place_and_level(document: &Value) -> Option<(&str, usize)> {
    let level = document["reporting_location_config"]["admin_level"].as_u64()?;
    Some((document["location"].as_str()?, usize::try_from(level).ok()?))
}
