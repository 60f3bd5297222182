//! Who requests are counted by: whatever is claimed, a network until somebody has shown who they
//! are; then the user.

use std::net::{IpAddr, Ipv6Addr};

use uuid::Uuid;

use crate::people::Person;
use crate::visit::Visit;

/// The network of an IPv6 address: one customer usually has all of it.
const NETWORK: u128 = !0 << 64;

/// Someone whose requests are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Caller {
    Network(IpAddr),
    User(Uuid, i64),
}

impl Caller {
    /// Nobody known yet.
    pub fn stranger(visit: &Visit) -> Self {
        Self::Network(match visit.remote_ip.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & NETWORK).into(),
            address @ IpAddr::V4(_) => address,
        })
    }
}

impl From<&Person> for Caller {
    fn from(person: &Person) -> Self {
        Self::User(person.principal.tenant, person.principal.user_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visit::tests::visit;

    #[test]
    fn a_network_of_ipv6_is_one_caller() {
        let stranger =
            |address| Caller::stranger(&visit("GET", "/", &[("x-forwarded-for", address)]));
        assert_eq!(stranger("2001:db8::1"), stranger("2001:db8::2:3:4:5"));
        assert_ne!(stranger("2001:db8::1"), stranger("2001:db8:0:1::1"));
        assert_eq!(stranger("::ffff:192.0.2.1"), stranger("192.0.2.1"));
        assert_ne!(stranger("192.0.2.2"), stranger("192.0.2.1"));
    }
}
