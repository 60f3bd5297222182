//! `Debug` of messages that hold secrets or a person's words: names and sizes only.

use std::fmt::{Debug, Formatter, Result};

use crate::{
    cases::v1 as cases, common::v1 as common, configuration::v1 as configuration,
    identity::v1 as identity, keyring::v1 as keyring,
};

/// Shows only the listed fields of a message.
macro_rules! discreet {
    ($($message:path { $($field:ident),* })*) => {$(
        impl Debug for $message {
            fn fmt(&self, f: &mut Formatter<'_>) -> Result {
                f.debug_struct(stringify!($message))$(.field(stringify!($field), &self.$field))*
                    .finish_non_exhaustive()
            }
        }
    )*};
}

discreet! {
    common::Parameter { name }
    common::WriteRequest { id, command_id, record_type, record_action, base_version }
    common::Reply { no_content, version, record_ids }
    identity::OpenTenantRequest { name, hosts, command_id }
    identity::SignInRequest { tenant }
    identity::SignInReply { }
    identity::SignOutRequest { tenant }
    identity::AuthenticateRequest { tenant }
    identity::AuthenticateReply { token_expires_at, user_id, directory_version }
    identity::DirectoryUser { id, version, disabled }
    keyring::Key { key_id, destroyed }
    keyring::IndexKey { }
    configuration::LocationFile { etag }
    cases::CaseStep { at_unix_us, record_action }
}
