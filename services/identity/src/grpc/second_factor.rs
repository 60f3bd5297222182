//! The caller's own second factor, others' for their administrators, and showing again who one is.

use identity_domain::{
    OfferSecondFactor, RemoveSecondFactor, RenewRecoveryCodes, ResetSecondFactor, SetSecondFactor,
    TotpSecret, User,
};
use kit_access::{PROVEN_FOR, recently_proven};
use kit_proto::common::v1::{DeleteRequest, GetRequest, Reply, WriteRequest};
use kit_serve::{Call, FieldProblem, Refusal};
use serde_json::json;

use crate::directory::Directory;
use crate::documents::instant;
use crate::second_factor::{is_first_use, new_recovery_codes, new_secret, otpauth_url, step_of};
use crate::sessions;
use crate::shell::{Shell, answer, answer_about, body_of, kept, missing, number_in_path};
use crate::sign_in::{OTP, Shown};

const KIND: &str = "User";

impl Shell {
    pub(super) async fn get_second_factor(
        &self,
        call: &Call,
        _message: GetRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let user = self.own(call, &directory)?;
        let left = user.second_factor.as_ref().map_or(0, |factor| factor.recovery.len());
        answer(&json!({
            "enrolled": user.second_factor.is_some(),
            "required": is_demanded(&directory, user),
            "begun": user.offered_secret.is_some(),
            "recovery_codes_left": left,
        }))
    }

    pub(super) async fn begin_second_factor(
        &self,
        call: &Call,
        _message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let user = self.own(call, &directory)?;
        self.must_be_proven(call)?;
        let secret = new_secret()?;
        let offer = OfferSecondFactor { secret: secret.clone() };
        self.change(&self.meta(call, "")?, user.number, offer, KIND).await?;
        let url = otpauth_url(&secret, &user.user_name);
        let TotpSecret(secret) = secret;
        answer(&json!({"secret": secret, "otpauth_url": url}))
    }

    /// The recovery codes are told once, so a repeat under the same command id is none.
    pub(super) async fn confirm_second_factor(
        &self,
        call: &Call,
        message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, "")?;
        let directory = self.directory(call).await?;
        let user = self.own(call, &directory)?;
        let body = body_of(&message)?;
        let code = body.text("code").flatten().unwrap_or_default();
        body.finish()?;
        let secret = user.offered_secret.clone();
        if let Some(secret) = &secret {
            let step = step_of(secret, &code, meta.now)?.ok_or_else(wrong_code)?;
            kept(is_first_use(&self.store, meta.tenant, user.number, step).await)?;
        }
        let (codes, recovery) = new_recovery_codes(meta.tenant)?;
        let set = SetSecondFactor { secret: secret.unwrap_or_default(), recovery };
        let done = self.change(&meta, user.number, set, KIND).await?;
        self.keep_own_session(call, &done.state).await?;
        answer(&json!({"recovery_codes": codes}))
    }

    pub(super) async fn renew_recovery_codes(
        &self,
        call: &Call,
        _message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, "")?;
        let directory = self.directory(call).await?;
        let user = self.own(call, &directory)?;
        self.must_be_proven(call)?;
        let (codes, recovery) = new_recovery_codes(meta.tenant)?;
        self.change(&meta, user.number, RenewRecoveryCodes { recovery }, KIND).await?;
        answer(&json!({"recovery_codes": codes}))
    }

    pub(super) async fn remove_second_factor(
        &self,
        call: &Call,
        message: DeleteRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let user = self.own(call, &directory)?;
        self.must_be_proven(call)?;
        let remove = RemoveSecondFactor { demanded: is_demanded(&directory, user) };
        let meta = self.meta(call, &message.command_id)?;
        let done = self.change(&meta, user.number, remove, KIND).await?;
        self.keep_own_session(call, &done.state).await?;
        answer(&json!({}))
    }

    pub(super) async fn reset_second_factor(
        &self,
        call: &Call,
        message: DeleteRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let number = number_in_path(&message.id, KIND)?;
        let user = directory.users.get(&number).ok_or_else(|| missing(KIND, number))?;
        let by = self.authority(call, &directory)?;
        // Whoever may not do it at all need not hear that they should prove who they are.
        if by.writes_user(&directory.standing_of(user)) {
            self.must_be_proven(call)?;
        }
        let reset = ResetSecondFactor { by, rank: directory.rank_of(user) };
        let meta = self.meta(call, &message.command_id)?;
        self.change(&meta, number, reset, KIND).await?;
        kept(sessions::end_all(&self.store, meta.tenant, number).await)?;
        answer_about(number, &json!({"id": number}), false)
    }

    /// Wrong passwords and codes count here as they do when signing in.
    pub(super) async fn reauthenticate(
        &self,
        call: &Call,
        message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let (tenant, caller) = (call.tenant()?, call.principal()?);
        let body = body_of(&message)?;
        let password = body.text("password").flatten().unwrap_or_default();
        let otp = body.text("code").flatten().unwrap_or_default();
        body.finish()?;
        let shown = Shown { user_name: &caller.user_name, password: &password, otp: &otp };
        self.door.prove(tenant, shown).await.map_err(within_the_body)?;
        let now = self.shared.clock.now();
        if let Some(session) = caller.session {
            kept(sessions::prove(&self.store, tenant, session, now).await)?;
        }
        let until = now + jiff::SignedDuration::from_secs(PROVEN_FOR);
        answer(&json!({"proven_until": instant(until)}))
    }

    /// The caller's account.
    fn own<'a>(&self, call: &Call, directory: &'a Directory) -> Result<&'a User, Refusal> {
        let caller = self.caller(call, directory)?;
        let user = directory.users.get(&caller.user_id);
        user.map(|user| &user.state).ok_or_else(|| missing(KIND, caller.user_id))
    }

    /// Refused unless the caller has just shown who they are.
    pub(super) fn must_be_proven(&self, call: &Call) -> Result<(), Refusal> {
        let now = self.shared.clock.now().as_second();
        if recently_proven(call.principal()?, now) { Ok(()) } else { Err(Refusal::not_proven()) }
    }

    /// The session that this was asked in goes on; the user's others are over.
    async fn keep_own_session(&self, call: &Call, user: &User) -> Result<(), Refusal> {
        let tenant = call.tenant()?;
        let Some(id) = call.principal()?.session else {
            return kept(sessions::end_all(&self.store, tenant, user.number).await);
        };
        kept(sessions::keep_one(&self.store, tenant, user, id).await)
    }
}

fn is_demanded(directory: &Directory, user: &User) -> bool {
    directory.role_of(user).is_some_and(|role| role.attributes.second_factor_required)
}

fn wrong_code() -> Refusal {
    Refusal::invalid_record(vec![FieldProblem::new("/code", OTP.wrong)])
}

/// A failed proof is no reason to sign the client out, which is what 401 tells it.
fn within_the_body(refusal: Refusal) -> Refusal {
    if refusal.code != kit_serve::Code::Unauthenticated {
        return refusal;
    }
    let about_code = refusal.errors.iter().flat_map(|error| &error.fields).next();
    let field = match about_code {
        Some(field) => FieldProblem::new("/code", field.code.clone()),
        None => FieldProblem::new("/password", "wrong_password"),
    };
    Refusal::invalid_record(vec![field])
}
