//! Files: all places for clients to keep, and what agencies have uploaded.

use std::io::Read;

use bytes::Bytes;
use flate2::read::GzDecoder;
use http::HeaderValue;
use http::header::{ACCEPT_ENCODING, CONTENT_DISPOSITION, CONTENT_ENCODING, ETAG, VARY};
use kit_proto::common::v1::{ListRequest, Parameter};
use kit_proto::configuration::v1::{GetLocationFileRequest, LocationFile};
use kit_proto::identity::v1::GetFileRequest;

use crate::answer::Answer;
use crate::dispatch::Call;
use crate::problem::Problem;

/// 100,000 places with names in four languages have about 40 MB.
const MAX_FILE: u64 = 256 << 20;
const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// `GET /api/amparo/v1/location_file`
pub(super) async fn locations(call: &Call<'_>) -> Result<Answer, Problem> {
    let context = call.gateway.as_gateway(call.visit, &call.tenant);
    let known = call.visit.header("if-none-match").unwrap_or("").trim_start_matches("W/");
    let request = GetLocationFileRequest {
        tenant: call.tenant.id.to_string(),
        known_etag: known.trim_matches('"').to_owned(),
    };
    let mut configuration = call.gateway.shared.peers.configuration();
    let file = configuration.get_location_file(context.request(request)).await?.into_inner();
    let tag = HeaderValue::from_str(&format!("W/\"{}\"", file.etag.trim_matches('"')))
        .map_err(|_odd| Problem::internal())?;
    let mut answer = content(call, file)?;
    answer.headers.push((ETAG, tag));
    answer.headers.push((VARY, HeaderValue::from_static("accept-encoding")));
    Ok(answer)
}

/// As it is for clients that take gzip, opened for the others.
fn content(call: &Call<'_>, file: LocationFile) -> Result<Answer, Problem> {
    if file.gzip.is_empty() {
        // The client has this very file; the answer becomes a 304.
        return Ok(Answer::json(Bytes::new()));
    }
    let takes_gzip = call
        .visit
        .header(ACCEPT_ENCODING.as_str())
        .is_some_and(|list| list.split(',').any(|one| one.trim().starts_with("gzip")));
    if takes_gzip {
        let mut answer = Answer::json(file.gzip);
        answer.headers.push((CONTENT_ENCODING, HeaderValue::from_static("gzip")));
        return Ok(answer);
    }
    let mut json = Vec::new();
    let read = GzDecoder::new(file.gzip.as_ref()).take(MAX_FILE).read_to_end(&mut json);
    read.map_err(|_broken| Problem::internal())?;
    Ok(Answer::json(Bytes::from(json)))
}

/// `GET /rails/active_storage/blobs/…`
pub(super) async fn agency(call: &Call<'_>) -> Result<Answer, Problem> {
    let context = call.gateway.as_gateway(call.visit, &call.tenant);
    let request =
        GetFileRequest { tenant: call.tenant.id.to_string(), path: call.visit.path.clone() };
    let mut identity = call.gateway.shared.peers.identity();
    let file = identity.get_file(context.request(request)).await?.into_inner();
    let mut answer = Answer::file(file.content, content_type(&file.content_type));
    answer.headers.push((CONTENT_DISPOSITION, HeaderValue::from_static("inline")));
    Ok(answer)
}

/// `GET /rails/active_storage/blobs/forms/…`: made anew by configuration for whoever may have it.
pub(super) async fn forms(call: &Call<'_>) -> Result<Answer, Problem> {
    let request = ListRequest { parameters: named(call), ..Default::default() };
    let mut configuration = call.gateway.shared.peers.configuration();
    let asked = configuration.get_forms_workbook(call.context()?.request(request));
    let file = asked.await?.into_inner();
    let mut answer = Answer::file(file.content, WORKBOOK);
    let disposition = format!("attachment; filename*=UTF-8''{}", file.file_name);
    let disposition = HeaderValue::from_str(&disposition);
    let disposition = disposition.map_err(|_odd| Problem::internal())?;
    answer.headers.push((CONTENT_DISPOSITION, disposition));
    Ok(answer)
}

/// The query with the file's name, which stands in the path.
fn named(call: &Call<'_>) -> Vec<Parameter> {
    let name = Parameter { name: "file_name".to_owned(), value: call.found.id().to_owned() };
    call.visit.parameters.iter().cloned().chain([name]).collect()
}

/// Only what agencies may upload is shown by browsers; anything else is bytes.
fn content_type(given: &str) -> &'static str {
    match given {
        "image/png" => "image/png",
        "image/jpeg" => "image/jpeg",
        "application/pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}
