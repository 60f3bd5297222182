//! The devices on which people keep records: registered when they sign in, listed, told to wipe
//! themselves.

use identity_domain::{ConfirmWipe, Device, DeviceState, OrderWipe, RegisterDevice};
use kit_proto::common::v1::{GetRequest, ListRequest, Reply, WriteRequest};
use kit_proto::identity::v1::DeviceRequest;
use kit_serve::{Call, FieldProblem, Refusal};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::devices::{self, Listed, device_id, key_hash};
use crate::directory::Directory;
use crate::refused::refused;
use crate::shell::{Shell, answer, body_of, kept, missing, number_in_path};
use crate::tenant_of;

const KIND: &str = "Device";
const USER: &str = "User";
/// More than anybody has; wiped ones do not count.
const MOST: usize = 50;

impl Shell {
    pub(super) async fn register_device(
        &self,
        call: &Call,
        message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, "")?;
        let directory = self.directory(call).await?;
        let caller = self.caller(call, &directory)?;
        let body = body_of(&message)?;
        let label = body.text("label").flatten().unwrap_or_default();
        let secret = body.text("secret").flatten().unwrap_or_default();
        body.finish()?;
        let (tenant, user) = (meta.tenant, caller.user_id);
        let hash = key_hash(tenant, &secret);
        let id = device_id(tenant, &hash, user);
        let others = kept(devices::of_user(&self.store, tenant, user).await)?;
        let counted = |one: &&Listed| one.id != id && one.device.state != DeviceState::Wiped;
        if others.iter().filter(counted).count() >= MOST {
            let problem = FieldProblem::new("/label", "too_many").with("max", MOST);
            return Err(Refusal::invalid_record(vec![problem]));
        }
        let today = self.shared.clock.today();
        let register = RegisterDevice { user, label, key_hash: hash, on: today.to_string() };
        let done = self.store.execute(&meta, id, register).await;
        let device = Device::clone(&done.map_err(|error| refused(error, KIND))?.state);
        kept(devices::used(&self.store, tenant, caller.session, id, today).await)?;
        answer(&shown(&Listed { id, device, seen_on: Some(today) }, None))
    }

    pub(super) async fn list_devices(
        &self,
        call: &Call,
        _message: ListRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let caller = self.caller(call, &directory)?;
        let tenant = call.tenant()?;
        let this = match caller.session {
            Some(session) => kept(devices::of_session(&self.store, tenant, session).await)?,
            None => None,
        };
        let devices = kept(devices::of_user(&self.store, tenant, caller.user_id).await)?;
        answer(&devices.iter().map(|one| shown(one, Some(Some(one.id) == this))).collect())
    }

    pub(super) async fn list_user_devices(
        &self,
        call: &Call,
        message: GetRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let user = number_in_path(&message.id, USER)?;
        self.must_write(call, &directory, user)?;
        let devices = kept(devices::of_user(&self.store, call.tenant()?, user).await)?;
        answer(&devices.iter().map(|one| shown(one, None)).collect())
    }

    pub(super) async fn order_wipe(
        &self,
        call: &Call,
        message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let user = self.caller(call, &directory)?.user_id;
        self.order(call, &directory, user, &message.id, &message.command_id).await
    }

    pub(super) async fn order_user_wipe(
        &self,
        call: &Call,
        message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let user = number_in_path(&message.id, USER)?;
        self.must_write(call, &directory, user)?;
        self.order(call, &directory, user, &message.part_id, &message.command_id).await
    }

    /// Whether the device with this secret has to wipe what it keeps, and of whom: because of an
    /// order, or because the user may not sign in any more.
    pub(super) async fn get_device_order(
        &self,
        _call: &Call,
        message: DeviceRequest,
    ) -> Result<Reply, Refusal> {
        let tenant = tenant_of(&message.tenant)?;
        let directory = kept(self.directories.now(tenant).await)?;
        let tx = kept(self.store.read(tenant).await)?;
        let hash = key_hash(tenant, &message.secret);
        let known = kept(devices::by_key(&tx, tenant, &hash).await)?;
        drop(tx);
        let is_out =
            |user: i64| directory.users.get(&user).is_none_or(|user| user.disabled || user.deleted);
        let wiped = known.iter().filter(|one| one.ordered || (!one.wiped && is_out(one.user)));
        let users: Vec<Value> = wiped
            .map(|one| {
                let name = directory.users.get(&one.user).map(|user| user.user_name.as_str());
                json!({"id": one.user, "user_name": name})
            })
            .collect();
        answer(&json!({"wipe": !users.is_empty(), "users": users}))
    }

    pub(super) async fn confirm_wipe(
        &self,
        call: &Call,
        message: DeviceRequest,
    ) -> Result<Reply, Refusal> {
        let tenant = tenant_of(&message.tenant)?;
        let tx = kept(self.store.read(tenant).await)?;
        let hash = key_hash(tenant, &message.secret);
        let known = kept(devices::by_key(&tx, tenant, &hash).await)?;
        drop(tx);
        let mut wiped: Vec<Value> = Vec::new();
        let named = |user: i64| message.user_id == 0 || message.user_id == user;
        for one in known.iter().filter(|one| named(one.user)) {
            let mut meta = self.meta_in(call, tenant, "")?;
            "device".clone_into(&mut meta.actor);
            let done = self.store.execute(&meta, one.id, ConfirmWipe).await;
            done.map_err(|error| refused(error, KIND))?;
            kept(devices::end_sessions(&self.store, tenant, one.id).await)?;
            wiped.push(one.user.into());
        }
        if wiped.is_empty() {
            return Err(Refusal::not_found("Couldn't find Device"));
        }
        answer(&json!({"state": DeviceState::Wiped.name(), "user_ids": wiped}))
    }

    /// Refused unless the caller may change this user.
    fn must_write(&self, call: &Call, directory: &Directory, user: i64) -> Result<(), Refusal> {
        let found = directory.users.get(&user).ok_or_else(|| missing(USER, user))?;
        let by = self.authority(call, directory)?;
        if by.writes_user(&directory.standing_of(found)) {
            Ok(())
        } else {
            Err(Refusal::forbidden())
        }
    }

    async fn order(
        &self,
        call: &Call,
        directory: &Directory,
        user: i64,
        device: &str,
        command_id: &str,
    ) -> Result<Reply, Refusal> {
        let found = directory.users.get(&user).ok_or_else(|| missing(USER, user))?;
        self.must_be_proven(call)?;
        let id: Uuid = device.parse().map_err(|_| no_device())?;
        let meta = self.meta(call, command_id)?;
        let by = self.authority(call, directory)?;
        let order = OrderWipe { by, user: directory.standing_of(found) };
        let done = self.store.execute(&meta, id, order).await;
        let device = Device::clone(&done.map_err(|error| refused(error, KIND))?.state);
        let mut reply = answer(&shown(&Listed { id, device, seen_on: None }, None))?;
        reply.record_ids = vec![id.to_string()];
        Ok(reply)
    }
}

fn no_device() -> Refusal {
    Refusal::not_found("Couldn't find Device")
}

/// A device as its user, or their administrator, sees it.
fn shown(one: &Listed, this: Option<bool>) -> Value {
    let Device { label, registered_on, state, .. } = &one.device;
    let mut shown = json!({
        "id": one.id,
        "label": label,
        "registered_on": registered_on,
        "state": state.name(),
        "wipe": *state == DeviceState::WipeOrdered,
    });
    if let Some(day) = one.seen_on {
        shown["last_seen_on"] = json!(day.to_string());
    }
    if let Some(this) = this {
        shown["this"] = json!(this);
    }
    shown
}
