//! The code of conduct (contract 8.8).

use identity_domain::PublishCodeOfConduct;
use kit_proto::common::v1::{GetRequest, Reply, WriteRequest};
use kit_serve::{Call, Refusal};

use crate::documents::code_of_conduct_document;
use crate::shell::{Shell, answer_about, body_of, kept};

const KIND: &str = "CodeOfConduct";
/// All codes of conduct of a tenant are one stream.
const STREAM: i64 = 0;

impl Shell {
    pub(super) async fn get_code_of_conduct(
        &self,
        call: &Call,
        _message: GetRequest,
    ) -> Result<Reply, Refusal> {
        let directory = self.directory(call).await?;
        let code = directory
            .code_of_conduct
            .as_ref()
            .ok_or_else(|| Refusal::not_found("Couldn't find CodeOfConduct"))?;
        answer_about(code.number, &code_of_conduct_document(code), false)
    }

    pub(super) async fn create_code_of_conduct(
        &self,
        call: &Call,
        message: WriteRequest,
    ) -> Result<Reply, Refusal> {
        let meta = self.meta(call, &message.command_id)?;
        let directory = self.directory(call).await?;
        let by = self.authority(call, &directory)?;
        if !by.may("code_of_conduct", "manage") {
            return Err(Refusal::forbidden());
        }
        let body = body_of(&message)?;
        let title = body.text("title").flatten().unwrap_or_default();
        let content = body.text("content").flatten().unwrap_or_default();
        body.finish()?;
        let number = kept(self.store.next_number(meta.tenant, "code_of_conduct").await)?;
        let (on, author) = (meta.now.to_string(), meta.actor.clone());
        let publish = PublishCodeOfConduct { by, number, title, content, on, author };
        let outcome = self.change(&meta, STREAM, publish, KIND).await?;
        let code = &outcome.state;
        answer_about(code.number, &code_of_conduct_document(code), false)
    }
}
