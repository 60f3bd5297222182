//! Events and state on their way from storage. Yesterday's event shapes become today's here,
//! the only place that knows them.

use kit_decider::Stored;

use crate::Case;

impl Stored for Case {}
