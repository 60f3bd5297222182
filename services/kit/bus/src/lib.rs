//! Facts: what other services may know, carried by JetStream.
//!
//! The relay publishes a service's log, the consumers apply other services' facts. Postgres
//! holds the history; NATS may lose everything and gets it again.

mod bus;
mod checkpoint;
mod consume;
mod consumer;
mod cursor;
mod error;
mod facts;
mod follow;
mod keep;
mod leader;
mod listen;
mod outgoing;
mod parked;
mod partition;
mod publish;
mod pull;
mod relay;
mod subject;
mod way;

pub use bus::{Bus, Overheard};
pub use consume::{Consuming, PartitionStatus, skip};
pub use consumer::{Consumer, Delivered};
pub use error::BusError;
pub use facts::Facts;
pub use follow::{Following, Heard, Parts};
pub use keep::Kept;
pub use kit_proto::facts::v1::{Fact, fact::Kind};
pub use leader::{Leader, Progress};
pub use relay::{Relay, RelayBuilder, RelayStatus};
pub use subject::{PARTITIONS, RECORD_ERASED, TENANT_CHANGED, kind_name, partition_of};
pub use way::Way;
