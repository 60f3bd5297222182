//! Who can read a record: everybody judged by the rule that judges a read.

use std::collections::BTreeMap;

use bytes::Bytes;
use identity_domain::User;
use kit_access::{Principal, Reach};
use kit_proto::identity::v1::{ListReadersRequest, Reader, ReaderRole, ReaderTerm, Readers};
use kit_records::{Record, RecordType};
use kit_serve::{Call, Refusal};

use crate::principal::principal;
use crate::shell::{Shell, kept};
use crate::tenant_of;

impl Shell {
    pub(super) async fn list_readers(
        &self,
        _call: &Call,
        message: ListReadersRequest,
    ) -> Result<Readers, Refusal> {
        let directory = kept(self.directories.now(tenant_of(&message.tenant)?).await)?;
        let record_type = RecordType::parse(&message.record_type)
            .ok_or_else(|| Refusal::invalid("there is no such record type"))?;
        let scope: Record = serde_json::from_slice(&message.scope)
            .map_err(|_| Refusal::invalid("the scope of a record is an object"))?;
        let now = self.shared.clock.now();
        let mut answer = Readers::default();
        let mut roles = BTreeMap::new();
        for user in directory.users.values() {
            let Some(one) = principal(&directory, user, None, now, self.token_seconds) else {
                continue;
            };
            if let Some(reader) = reader(user, &one, record_type, &scope) {
                answer.users.push(reader);
                roles.entry(one.role).or_insert(one.forms);
            }
        }
        for (unique_id, forms) in roles {
            let forms = serde_json::to_vec(&forms).map_err(Refusal::internal)?;
            answer.roles.push(ReaderRole { unique_id, forms: Bytes::from(forms) });
        }
        Ok(answer)
    }
}

/// Somebody who may read this record, with what leads them to it.
fn reader(
    user: &User,
    principal: &Principal,
    record_type: RecordType,
    scope: &Record,
) -> Option<Reader> {
    if !principal.may(record_type.as_str(), "read") {
        return None;
    }
    let reach = Reach::of(principal, record_type);
    if !reach.covers(scope) {
        return None;
    }
    let term = |term: &kit_access::Term| ReaderTerm {
        field: term.field.to_owned(),
        value: term.value.clone(),
    };
    Some(Reader {
        user_name: user.user_name.clone(),
        full_name: user.profile.full_name.clone(),
        role: principal.role.clone(),
        all: reach == Reach::All,
        through: reach.through(scope).map(term).collect(),
    })
}
