//! Whole tracing requests, taken over under the call that was there before one served all types.

use family_tracing_domain::TracingKind;
use kit_cabinet::Cabinet;
use kit_proto::records::v1::{ImportRecordsReply, ImportRecordsRequest, ImportedRecord};
use kit_proto::tracing::v1::{FiledRequest, ImportRequestsReply, ImportRequestsRequest};
use kit_records::RecordType;
use kit_serve::{Call, Refusal};

use crate::Tracing;

impl Tracing {
    /// Stores requests that are not known yet.
    pub async fn import(
        &self,
        call: &Call,
        request: ImportRequestsRequest,
    ) -> Result<ImportRequestsReply, Refusal> {
        let cabinet = Cabinet::<TracingKind>::new(self.office.clone());
        let record_type = RecordType::TracingRequest.as_str().to_owned();
        let records = request.requests.into_iter().map(imported).collect();
        let request = ImportRecordsRequest { record_type, records };
        let ImportRecordsReply { stored, known, refused } =
            cabinet.import_records(call, &request).await?;
        Ok(ImportRequestsReply { stored, known, refused })
    }
}

fn imported(filed: FiledRequest) -> ImportedRecord {
    let FiledRequest { id, at_unix_us, user_name, data } = filed;
    ImportedRecord { id, at_unix_us, user_name, data }
}
