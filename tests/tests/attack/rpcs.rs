//! Every rpc of the contracts over gRPC itself, past the gateway: without a token, with the
//! wrong kind of token, with altered, expired and foreign ones.

use super::examples::{self, Objects};
use super::fingerprint;
use super::town::{ADMIN_HERE, THEIRS, Town, scrubbed, town, unknown};
use anyhow::{Context as _, Result};
use bytes::{Buf, BufMut, Bytes};
use kit_access::{Principal, Scope};
use kit_proto::common::v1::{DeleteRequest, GetRequest, ListRequest, WriteRequest};
use kit_serve::{SigningKey, sign_principal};
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use tests::BACK;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::{AsciiMetadataValue, BinaryMetadataValue, MetadataMap};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

/// Rpcs that both people and services may call.
const BOTH: [&str; 1] = ["/amparo.configuration.v1.Configuration/GetLocationFile"];
/// What is served by everyone who keeps something of an organisation.
const TAKEOUT: &str = "/amparo.common.v1.Takeout/ReadTenant";
const KEEPERS: [&str; 6] =
    ["identity", "configuration", "cases", "incidents", "tracing", "reporting"];
/// Rpcs that anyone inside may call.
const OPEN: [&str; 1] = ["/amparo.common.v1.Health/CheckHealth"];
/// Rpcs of people that no route of the table names, with the kind of object that they are about.
const APART: [(&str, &str); 14] = [
    ("/amparo.records.v1.Records/RequestErasure", ""),
    ("/amparo.records.v1.Records/ApproveErasure", ""),
    ("/amparo.records.v1.Records/RefuseErasure", ""),
    ("/amparo.records.v1.Records/ListErasures", ""),
    ("/amparo.records.v1.Records/GetErasure", ""),
    ("/amparo.records.v1.Records/ListFlags", ""),
    ("/amparo.records.v1.Records/CountAlerts", ""),
    ("/amparo.records.v1.Records/ListOpenConflicts", ""),
    ("/amparo.records.v1.Records/SyncRecords", ""),
    ("/amparo.configuration.v1.Configuration/GetFormsWorkbook", ""),
    ("/amparo.reporting.v1.Reporting/ListAccessLog", "child/$case.id"),
    ("/amparo.reporting.v1.Reporting/ListAccessUsers", "child/$case.id"),
    ("/amparo.identity.v1.Identity/SignOutEverywhere", ""),
    ("/amparo.identity.v1.Identity/RegisterDevice", ""),
];

/// What the gateway asks the keeper of a record before it shows who saw it, and who can.
const CHECKS: [&str; 2] =
    ["/amparo.records.v1.Records/CheckAccessLog", "/amparo.records.v1.Records/ListVisibility"];

/// One rpc of the contracts; those of `Records` once for each type that is kept.
#[derive(Clone)]
struct Rpc {
    path: String,
    service: String,
    /// Empty for all but those of `Records`.
    record_type: String,
    /// Its request, with package.
    request: String,
    /// Names and types of the request's fields.
    fields: Vec<(String, i32, i32)>,
}

fn rpcs() -> Vec<Rpc> {
    let set = prost_types::FileDescriptorSet::decode(kit_proto::FILE_DESCRIPTOR_SET).unwrap();
    let mut messages = BTreeMap::new();
    for file in &set.file {
        for message in &file.message_type {
            let field = |one: &prost_types::FieldDescriptorProto| {
                (one.name().to_owned(), one.number(), one.r#type)
            };
            let fields: Vec<_> = message.field.iter().map(field).collect();
            let fields: Vec<_> = fields
                .into_iter()
                .map(|(name, number, kind)| (name, number, kind.unwrap_or(0)))
                .collect();
            messages.insert(format!(".{}.{}", file.package(), message.name()), fields);
        }
    }
    let mut all = Vec::new();
    for file in &set.file {
        for service in &file.service {
            for method in &service.method {
                let package = file.package();
                all.push(Rpc {
                    path: format!("/{package}.{}/{}", service.name(), method.name()),
                    service: package.split('.').nth(1).unwrap().to_owned(),
                    record_type: String::new(),
                    request: method.input_type().to_owned(),
                    fields: messages[method.input_type()].clone(),
                });
            }
        }
    }
    assert!(all.len() > 80, "only {} rpcs", all.len());
    let each = all.into_iter().filter(|rpc| !OPEN.contains(&rpc.path.as_str()));
    each.flat_map(Rpc::of_each_keeper).collect()
}

impl Rpc {
    /// Itself, or as each service that keeps records serves it for its types.
    fn of_each_keeper(self) -> Vec<Self> {
        if self.path == TAKEOUT {
            return KEEPERS.map(|service| Self { service: service.into(), ..self.clone() }).into();
        }
        if self.service != "records" {
            return vec![self];
        }
        let kept = gateway::probe::kept().into_iter();
        kept.map(|(record_type, service)| Self {
            service: service.to_owned(),
            record_type: record_type.to_owned(),
            ..self.clone()
        })
        .collect()
    }

    /// The request: one of the four kinds about these objects, or any other with the tenant
    /// that it names and nothing else.
    fn message(&self, objects: &Objects, tenant: &str) -> Bytes {
        let (id, data) = self.about(objects);
        let record_type = self.record_type.clone();
        let bytes = match self.request.as_str() {
            ".amparo.common.v1.ListRequest" => {
                ListRequest { record_type, ..ListRequest::default() }.encode_to_vec()
            }
            ".amparo.common.v1.GetRequest" => {
                GetRequest { id, record_type, ..GetRequest::default() }.encode_to_vec()
            }
            ".amparo.common.v1.WriteRequest" => {
                WriteRequest { id, data, record_type, ..WriteRequest::default() }.encode_to_vec()
            }
            ".amparo.common.v1.DeleteRequest" => {
                DeleteRequest { id, record_type, ..DeleteRequest::default() }.encode_to_vec()
            }
            _ => self.naming(tenant),
        };
        bytes.into()
    }

    /// Only the field `tenant`, where there is one.
    fn naming(&self, tenant: &str) -> Vec<u8> {
        const TEXT: i32 = 9;
        let mut bytes = Vec::new();
        for (name, number, kind) in &self.fields {
            if name == "tenant" && *kind == TEXT {
                bytes.put_u8(u8::try_from(number << 3 | 2).unwrap());
                bytes.put_u8(u8::try_from(tenant.len()).unwrap());
                bytes.put_slice(tenant.as_bytes());
            }
        }
        bytes
    }

    /// The id and the data that the rpc's route sends.
    fn about(&self, objects: &Objects) -> (String, Bytes) {
        let lines = gateway::probe::table();
        let is_own = |line: &&gateway::probe::Line| {
            line.rpc == Some(&self.path) && line.record_type == self.record_type
        };
        let line = lines.iter().find(is_own);
        if let Some(line) = line {
            let name = format!("{} {}", line.method, line.path);
            let example = examples::all().into_iter().find(|one| one.name() == name).unwrap();
            let filled = example.fill(objects, "x");
            let data = filled.body.map(|body| body["data"].to_string()).unwrap_or_default();
            return (filled.id, data.into());
        }
        let text = APART.iter().find(|(path, _)| *path == self.path).map_or("", |(_, text)| text);
        let checked = format!("${}.id", self.record_type);
        let text = if CHECKS.contains(&self.path.as_str()) { checked.as_str() } else { text };
        let id = examples::fill(&text.into(), objects, "x");
        (id.as_str().unwrap_or_default().to_owned(), Bytes::new())
    }

    /// Whether its id or data name an object of somebody's.
    fn is_about_someone(&self, objects: &Objects) -> bool {
        self.about(objects) != self.about(&unknown(objects)) && !self.path.contains("Module")
    }
}

/// Bytes as they are.
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let length = buffer.remaining();
        Ok(Some(buffer.copy_to_bytes(length)))
    }
}

/// Channels to every service.
struct Wires(BTreeMap<String, Channel>);

impl Wires {
    fn lay(town: &Town) -> Result<Self> {
        let mut wires = BTreeMap::new();
        for name in BACK {
            let endpoint = Endpoint::from_shared(town.address(name)?)?;
            wires.insert(name.to_owned(), endpoint.connect_lazy());
        }
        Ok(Self(wires))
    }

    async fn call(
        &self,
        rpc: &Rpc,
        message: Bytes,
        metadata: MetadataMap,
    ) -> Result<Bytes, Status> {
        let channel = self.0[&rpc.service].clone();
        let mut grpc = tonic::client::Grpc::new(channel).max_decoding_message_size(64 << 20);
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let mut request = Request::new(message);
        *request.metadata_mut() = metadata;
        let path = rpc.path.parse().expect("a path");
        grpc.unary(request, path, Raw).await.map(tonic::Response::into_inner)
    }
}

fn by_principal(token: &[u8]) -> MetadataMap {
    let mut metadata = MetadataMap::new();
    metadata.insert_bin("amparo-principal-bin", BinaryMetadataValue::from_bytes(token));
    metadata
}

fn by_service(token: &str) -> MetadataMap {
    let mut metadata = MetadataMap::new();
    let value = AsciiMetadataValue::try_from(format!("Bearer {token}")).unwrap();
    metadata.insert("authorization", value);
    metadata
}

/// The key that identity signs with, as it derives it.
fn signing_key(town: &Town) -> Result<SigningKey> {
    let digest = Sha256::digest(town.internal_token()?.as_bytes());
    let root = kit_seal::SecretKey::new(digest.into());
    Ok(SigningKey::from_bytes(root.derive("amparo identity signing 1").expose()))
}

fn principal(tenant: &str, user_name: &str) -> Result<Principal> {
    let everything = |resource: &str| (resource.to_owned(), vec!["manage".to_owned()]);
    let resources = [
        "case",
        "incident",
        "tracing_request",
        "potential_match",
        "family",
        "registry_record",
        "user",
        "role",
        "user_group",
        "agency",
        "metadata",
        "system",
        "audit_log",
        "primero_configuration",
        "code_of_conduct",
        "activity_log",
    ];
    let erasure = ("erasure".to_owned(), vec!["request".to_owned(), "approve".to_owned()]);
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed()?.as_secs();
    Ok(Principal {
        tenant: tenant.parse()?,
        user_id: 1,
        user_name: user_name.to_owned(),
        role: "role-superuser".into(),
        role_id: 1,
        scope: Scope::All,
        permissions: resources.into_iter().map(everything).chain([erasure]).collect(),
        proven_at: Some(i64::try_from(now)?),
        modules: vec!["primeromodule-cp".into()],
        epoch: 1,
        issued_at: i64::try_from(now)?,
        expires_at: i64::try_from(now)? + 600,
        ..Principal::default()
    })
}

/// A token of somebody who may do everything in a tenant, signed as identity would.
pub fn token(town: &Town, tenant: &str, user_name: &str) -> Result<Bytes> {
    sign_principal(&signing_key(town)?, &principal(tenant, user_name)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_rpc_answers_a_stranger() -> Result<()> {
    let town = town();
    let (wires, before) = (Wires::lay(town)?, fingerprint::theirs(town).await?);
    let good = token(town, &town.there, "beta.admin")?;
    let mut flipped = good.to_vec();
    flipped[20] ^= 1;
    let mut past = principal(&town.there, "beta.admin")?;
    past.expires_at = past.issued_at - 1;
    let internal = town.internal_token()?;
    let mut short = internal.clone();
    short.pop();
    let ways = [
        ("nothing", MetadataMap::new()),
        ("an altered signature", by_principal(&flipped)),
        ("another key", by_principal(&sign_principal(&SigningKey::from_bytes(&[3; 32]), &past)?)),
        ("an expired token", by_principal(&sign_principal(&signing_key(town)?, &past)?)),
        ("half a token", by_principal(&good[..good.len() / 2])),
        ("an empty token", by_principal(b"")),
        ("a guessed token", by_service("secret")),
        ("most of a token", by_service(&short)),
        ("a longer token", by_service(&format!("{internal}x"))),
        ("an empty bearer", by_service("")),
    ];
    for rpc in rpcs() {
        for (name, metadata) in &ways {
            let message = rpc.message(&town.theirs, &town.there);
            let answer = wires.call(&rpc, message, metadata.clone()).await;
            let code = answer.as_ref().map_or_else(Status::code, |_| Code::Ok);
            assert_eq!(code, Code::Unauthenticated, "{} with {name}: {answer:?}", rpc.path);
        }
    }
    fingerprint::assert_unchanged(town, &before).await
}

/// Who is a person is no service, and the reverse.
#[tokio::test(flavor = "multi_thread")]
async fn every_rpc_is_for_people_or_for_services() -> Result<()> {
    let town = town();
    let (wires, internal) = (Wires::lay(town)?, town.internal_token()?);
    let before = fingerprint::theirs(town).await?;
    let token = token(town, &town.here, ADMIN_HERE)?;
    let routed = gateway::probe::table();
    let is_for_people = |path: &str| {
        routed.iter().any(|line| line.rpc == Some(path))
            || APART.iter().any(|(one, _)| *one == path)
            || CHECKS.contains(&path)
    };
    for rpc in rpcs().iter().filter(|rpc| !BOTH.contains(&rpc.path.as_str())) {
        let (wrong, who) = if is_for_people(&rpc.path) {
            let mut metadata = by_service(&internal);
            metadata.insert("amparo-tenant", town.there.parse()?);
            (metadata, "a service")
        } else {
            (by_principal(&token), "a person")
        };
        let answer = wires.call(rpc, rpc.message(&town.theirs, &town.there), wrong).await;
        let code = answer.as_ref().map_or_else(Status::code, |_| Code::Ok);
        assert_eq!(code, Code::Unauthenticated, "{} by {who}: {answer:?}", rpc.path);
    }
    fingerprint::assert_unchanged(town, &before).await
}

/// The tenant is the principal's, whatever the call says besides.
#[tokio::test(flavor = "multi_thread")]
async fn a_principal_reaches_nothing_next_door() -> Result<()> {
    let town = town();
    let (wires, before) = (Wires::lay(town)?, fingerprint::theirs(town).await?);
    let token = token(town, &town.here, ADMIN_HERE)?;
    let nobodys = unknown(&town.theirs);
    let mut claiming = by_principal(&token);
    claiming.insert("amparo-tenant", town.there.parse()?);
    let mut odd = Vec::new();
    for rpc in rpcs() {
        let theirs =
            wires.call(&rpc, rpc.message(&town.theirs, &town.there), claiming.clone()).await;
        if let Ok(bytes) = &theirs
            && String::from_utf8_lossy(bytes).contains(THEIRS)
        {
            odd.push(format!("{} tells", rpc.path));
        }
        if !rpc.is_about_someone(&town.theirs) {
            continue;
        }
        let nobody =
            wires.call(&rpc, rpc.message(&nobodys, &town.here), by_principal(&token)).await;
        let told = |answer: &Result<Bytes, Status>, sent: &Objects| match answer {
            Ok(_) => "well".to_owned(),
            Err(status) => {
                format!("{:?} {}", status.code(), scrubbed(status.details(), sent))
            }
        };
        let (theirs, nobody) = (told(&theirs, &town.theirs), told(&nobody, &nobodys));
        if theirs != nobody {
            odd.push(format!("{}: {theirs} is not {nobody}", rpc.path));
        }
    }
    assert!(odd.is_empty(), "{}", odd.join("\n"));
    fingerprint::assert_unchanged(town, &before).await.context("after all")
}
