//! Signing in and out, for the gateway.

use kit_proto::common::v1::{ListRequest, Reply};
use kit_proto::identity::v1::{
    AuthenticateReply, AuthenticateRequest, GetSigningKeysRequest, SignInReply, SignInRequest,
    SignOutReply, SignOutRequest, SigningKeys,
};
use kit_serve::{Call, Refusal};
use serde_json::json;
use tonic::Status;
use tonic::metadata::MetadataValue;

use crate::sessions;
use crate::shell::{Shell, answer, answer_list, kept};
use crate::sign_in::Shown;
use crate::tenant_of;

/// Marks a refusal of a user's name, for the gateway's audit entry; no client gets to see it.
const KNOWN_USER: &str = "amparo-known-user";

impl Shell {
    pub(super) async fn sign_in(
        &self,
        _call: &Call,
        message: SignInRequest,
    ) -> Result<SignInReply, Status> {
        let tenant = tenant_of(&message.tenant)?;
        match self.door.sign_in(tenant, shown(&message)).await {
            Ok((session, caller)) => Ok(SignInReply { session, caller: Some(caller) }),
            Err(refusal) => {
                // Asked whatever the name, so that the time it takes tells nothing.
                let known = self.door.knows(tenant, &message.user_name).await;
                let mut refused = Status::from(refusal);
                if known {
                    refused.metadata_mut().insert(KNOWN_USER, MetadataValue::from_static("1"));
                }
                Err(refused)
            }
        }
    }

    pub(super) async fn sign_out(
        &self,
        _call: &Call,
        message: SignOutRequest,
    ) -> Result<SignOutReply, Refusal> {
        let ended = self.door.sign_out(tenant_of(&message.tenant)?, &message.session).await?;
        Ok(SignOutReply { user_name: ended.unwrap_or_default() })
    }

    pub(super) async fn sign_out_everywhere(
        &self,
        call: &Call,
        _message: ListRequest,
    ) -> Result<Reply, Refusal> {
        let user = call.principal()?.user_id;
        kept(sessions::end_all(&self.store, call.tenant()?, user).await)?;
        answer(&json!({}))
    }

    pub(super) async fn authenticate(
        &self,
        _call: &Call,
        message: AuthenticateRequest,
    ) -> Result<AuthenticateReply, Refusal> {
        let tenant = tenant_of(&message.tenant)?;
        if message.session.is_empty() {
            let AuthenticateRequest { user_name, password, otp, .. } = &message;
            return self.door.by_password(tenant, Shown { user_name, password, otp }).await;
        }
        if message.watching {
            return self.door.watched(tenant, &message.session).await;
        }
        self.door.by_session(tenant, &message.session).await
    }

    #[expect(clippy::unused_async, reason = "every rpc has this shape")]
    pub(super) async fn get_signing_keys(
        &self,
        _call: &Call,
        _message: GetSigningKeysRequest,
    ) -> Result<SigningKeys, Refusal> {
        let key = self.door.public_key().to_bytes().to_vec();
        Ok(SigningKeys { public_keys: vec![key.into()] })
    }

    /// There are none yet: people sign in with a password of ours.
    #[expect(clippy::unused_async, reason = "every rpc has this shape")]
    pub(super) async fn list_identity_providers(
        &self,
        _call: &Call,
        _message: ListRequest,
    ) -> Result<Reply, Refusal> {
        answer_list(&[], &json!({"use_identity_provider": false}))
    }
}

fn shown(message: &SignInRequest) -> Shown<'_> {
    let SignInRequest { user_name, password, otp, .. } = message;
    Shown { user_name, password, otp }
}
