//! Unsent work on a wiped device: its person gets the key back that their device had sealed.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kit_proto::common::v1::{GetRequest, Reply, WriteRequest};
use kit_serve::{Call, FieldProblem, Refusal};
use serde_json::json;

use crate::recovery::{PURPOSE, RecoveryKey};
use crate::shell::{Shell, answer, body_of, kept};

impl Shell {
    pub(super) async fn get_recovery_key(
        &self,
        call: &Call,
        _message: GetRequest,
    ) -> Result<Reply, Refusal> {
        self.directory(call).await?;
        let key = self.recovery_key(call).await?;
        answer(&json!({"id": key.id(), "public_key": BASE64_STANDARD.encode(key.public())}))
    }

    pub(super) async fn recover_key(
        &self,
        call: &Call,
        message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let caller = self.caller(call, &directory)?;
        self.must_be_proven(call)?;
        let body = body_of(&message)?;
        let wrapped = body.text("wrapped").flatten().unwrap_or_default();
        let id = body.text("key_id").flatten().unwrap_or_default();
        body.finish()?;
        let key = self.recovery_key(call).await?;
        let wrong =
            |field: &str| Refusal::invalid_record(vec![FieldProblem::new(field, "invalid")]);
        if id != key.id() {
            return Err(wrong("/key_id"));
        }
        let wrapped = BASE64_STANDARD.decode(wrapped).map_err(|_| wrong("/wrapped"))?;
        let opened = key.open(caller.user_id, &wrapped).ok_or_else(|| wrong("/wrapped"))?;
        answer(&json!({"key": BASE64_STANDARD.encode(&*opened)}))
    }

    async fn recovery_key(&self, call: &Call) -> Result<RecoveryKey, Refusal> {
        let secret = kept(self.store.keys().index(call.tenant()?, PURPOSE).await)?;
        RecoveryKey::of(&secret).ok_or_else(|| Refusal::internal("no recovery key"))
    }
}
