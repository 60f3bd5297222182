//! What others may know: that there is a newer catalog, and where places are.

use configuration_domain::{
    Form, FormEvent, Lookup, LookupEvent, Module, ModuleEvent, Place, PlaceEvent, Settings,
    SettingsEvent,
};
use kit_bus::{Facts, Kind};
use kit_proto::facts::v1::{CatalogChanged, Location, LocationsChanged};
use kit_store::{DataKey, Recorded, StoreError};

/// The facts of this service.
pub struct Public;

/// The event carries no version of the catalog: 0 says "newer than what you have".
fn catalog_changed() -> (String, Kind) {
    ("catalog".to_owned(), Kind::CatalogChanged(CatalogChanged { version: 0 }))
}

impl Facts<Form> for Public {
    const NEEDS_STATE: bool = false;

    fn fact(
        &self,
        recorded: &Recorded<FormEvent>,
        _after: &Form,
        _key: Option<&DataKey>,
    ) -> Result<Option<(String, Kind)>, StoreError> {
        Ok(Some(match recorded.event {
            FormEvent::Created { .. }
            | FormEvent::Revised { .. }
            | FormEvent::FieldPut { .. }
            | FormEvent::FieldRemoved { .. }
            | FormEvent::FieldsArranged { .. }
            | FormEvent::Removed {} => catalog_changed(),
        }))
    }
}

impl Facts<Lookup> for Public {
    const NEEDS_STATE: bool = false;

    fn fact(
        &self,
        recorded: &Recorded<LookupEvent>,
        _after: &Lookup,
        _key: Option<&DataKey>,
    ) -> Result<Option<(String, Kind)>, StoreError> {
        Ok(Some(match recorded.event {
            LookupEvent::Created { .. } | LookupEvent::Revised { .. } | LookupEvent::Removed {} => {
                catalog_changed()
            }
        }))
    }
}

impl Facts<Module> for Public {
    const NEEDS_STATE: bool = false;

    fn fact(
        &self,
        recorded: &Recorded<ModuleEvent>,
        _after: &Module,
        _key: Option<&DataKey>,
    ) -> Result<Option<(String, Kind)>, StoreError> {
        Ok(Some(match recorded.event {
            ModuleEvent::Installed { .. } | ModuleEvent::Revised { .. } => catalog_changed(),
        }))
    }
}

impl Facts<Settings> for Public {
    const NEEDS_STATE: bool = false;

    fn fact(
        &self,
        recorded: &Recorded<SettingsEvent>,
        _after: &Settings,
        _key: Option<&DataKey>,
    ) -> Result<Option<(String, Kind)>, StoreError> {
        Ok(match recorded.event {
            SettingsEvent::Installed { .. } | SettingsEvent::EpochBegan { .. } => {
                Some(catalog_changed())
            }
            SettingsEvent::Delivered { .. } => None,
        })
    }
}

impl Facts<Place> for Public {
    fn fact(
        &self,
        recorded: &Recorded<PlaceEvent>,
        after: &Place,
        _key: Option<&DataKey>,
    ) -> Result<Option<(String, Kind)>, StoreError> {
        Ok(match recorded.event {
            PlaceEvent::Added { .. }
            | PlaceEvent::Retyped { .. }
            | PlaceEvent::Disabled {}
            | PlaceEvent::Enabled {}
            | PlaceEvent::Removed {} => Some((after.id.to_string(), location_changed(after))),
            // Records hold codes; names are asked for where they are shown.
            PlaceEvent::Renamed { .. } => None,
        })
    }
}

fn location_changed(place: &Place) -> Kind {
    let location = Location {
        code: place.code().to_owned(),
        hierarchy: place.hierarchy.clone(),
        r#type: place.place_type.clone(),
        disabled: place.disabled,
        deleted: !place.exists,
    };
    Kind::LocationsChanged(LocationsChanged { locations: vec![location] })
}
