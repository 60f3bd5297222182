//! Flags and alerts, as callers ask for them.

use kit_access::Principal;
use kit_proto::common::v1::{DeleteRequest, ListRequest, WriteRequest};
use serde_json::Value;

use super::{Answer, Asked, CASE, Rig, bytes, get, list};

impl Rig {
    /// Flags a record, or many of a list where there is no id.
    pub async fn flag_of(&self, record_type: &str, by: &Principal, id: &str, data: Value) -> Asked {
        self.clock.advance(jiff::SignedDuration::from_millis(1));
        let request = WriteRequest {
            id: id.to_owned(),
            data: bytes(&data),
            record_type: record_type.to_owned(),
            ..Default::default()
        };
        let request = self.call(by).request(request);
        let mut records = self.records();
        let reply = if id.is_empty() {
            records.flag_records(request).await?
        } else {
            records.create_flag(request).await?
        };
        Ok(reply.into_inner().into())
    }

    pub async fn change_flag(&self, by: &Principal, id: &str, flag: &Value, data: Value) -> Asked {
        self.clock.advance(jiff::SignedDuration::from_millis(1));
        let request = WriteRequest {
            id: id.to_owned(),
            data: bytes(&data),
            record_type: CASE.into(),
            part_id: flag.to_string(),
            ..Default::default()
        };
        let request = self.call(by).request(request);
        Ok(self.records().update_flag(request).await?.into_inner().into())
    }

    pub async fn flags(&self, by: &Principal, id: &str) -> Asked {
        let request = self.call(by).request(get(id, ""));
        Ok(self.records().list_record_flags(request).await?.into_inner().into())
    }

    pub async fn alerts(&self, by: &Principal, id: &str) -> Asked {
        let request = self.call(by).request(get(id, ""));
        Ok(self.records().list_record_alerts(request).await?.into_inner().into())
    }

    pub async fn dismiss_alert(&self, by: &Principal, id: &str, alert: &Value) -> Asked {
        self.clock.advance(jiff::SignedDuration::from_millis(1));
        let request = DeleteRequest {
            id: id.to_owned(),
            record_type: CASE.into(),
            part_id: alert.as_str().unwrap_or_default().to_owned(),
            ..Default::default()
        };
        let request = self.call(by).request(request);
        Ok(self.records().dismiss_alert(request).await?.into_inner().into())
    }

    /// How many records within reach have alerts.
    pub async fn alerted(&self, record_type: &str, by: &Principal) -> Value {
        let request = ListRequest { record_type: record_type.to_owned(), ..list("") };
        let counted = self.records().count_alerts(self.call(by).request(request)).await;
        Answer::from(counted.unwrap().into_inner()).data
    }

    pub async fn all_flags(&self, record_type: &str, by: &Principal, query: &str) -> Asked {
        let request = ListRequest { record_type: record_type.to_owned(), ..list(query) };
        let request = self.call(by).request(request);
        Ok(self.records().list_flags(request).await?.into_inner().into())
    }
}
