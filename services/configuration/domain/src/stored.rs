//! How each kind of stream is kept. Only what names people is sealed: a configuration is no
//! personal data, and thousands of places must not each cost a key.

use kit_decider::Stored;

use crate::{Contact, Form, Lookup, Module, Place, Report, Settings, Snapshot};

impl Stored for Form {
    const SEALED: bool = false;
}

impl Stored for Lookup {
    const SEALED: bool = false;
}

impl Stored for Place {
    const SEALED: bool = false;
}

impl Stored for Module {
    const SEALED: bool = false;
}

impl Stored for Settings {
    const SEALED: bool = false;
}

impl Stored for Report {
    const SEALED: bool = false;
}

impl Stored for Contact {}

impl Stored for Snapshot {}
