//! The definition of Tenant as Kubernetes keeps it. `helm/amparo/crds/` is made from these types;
//! a test holds the two to be equal.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{CustomResource, CustomResourceExt, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const HOST: &str = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$";

/// What the organisation is to be like.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[kube(
    group = "amparo.dev",
    version = "v1alpha1",
    kind = "Tenant",
    plural = "tenants",
    singular = "tenant",
    shortname = "tn",
    category = "amparo",
    namespaced,
    status = "TenantStatus",
    derive = "PartialEq",
    doc = "An organisation on this installation.",
    label("app.kubernetes.io/part-of", "amparo"),
    printcolumn(name = "Display name", type_ = "string", json_path = ".spec.displayName"),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].status"#
    ),
    printcolumn(
        name = "Reason",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].reason"#
    ),
    printcolumn(name = "Suspended", type_ = "boolean", json_path = ".spec.suspended"),
    printcolumn(name = "Hosts", type_ = "string", json_path = ".spec.hosts", priority = "1"),
    printcolumn(name = "Cell", type_ = "string", json_path = ".spec.cell", priority = "1"),
    printcolumn(
        name = "Catalog",
        type_ = "integer",
        json_path = ".status.configuration.catalogVersion",
        priority = "1"
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    validation = Rule::new("self.metadata.name.matches('^[a-z][a-z0-9-]{0,38}[a-z0-9]$')").message(
        "the name is the tenant's; 2 to 40 small letters, digits and dashes, beginning with a letter"
    ),
    validation = Rule::new(
        "!has(self.spec.deletion) || self.spec.deletion.policy != 'Destroy' || \
         (has(self.spec.deletion.confirm) && self.spec.deletion.confirm == self.metadata.name)"
    )
    .message(
        "deletion.policy Destroy makes everything unreadable for ever; write the tenant's name into deletion.confirm"
    ),
    validation = Rule::new(
        "!has(self.spec.deletion) || !has(self.spec.deletion.confirm) || \
         self.spec.deletion.confirm == self.metadata.name"
    )
    .message("deletion.confirm is the tenant's name, or not there")
)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("self.cell == oldSelf.cell").message(
        "cell is where the data lies and cannot be changed; export and import instead"
    )
)]
pub struct TenantSpec {
    /// What people call the organisation.
    #[schemars(length(min = 1, max = 200))]
    #[x_kube(validation = Rule::new("self.trim() == self").message("displayName has spaces around it"))]
    pub display_name: String,
    /// Host names of its users' requests, the first one for links in mails.
    #[schemars(
        length(min = 1, max = 16),
        inner(length(max = 253), regex(pattern = HOST)),
        extend("x-kubernetes-list-type" = "set")
    )]
    pub hosts: Vec<String>,
    /// Languages, the first one by default.
    #[serde(default = "english")]
    #[schemars(
        length(min = 1, max = 40),
        inner(length(max = 35), regex(pattern = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")),
        extend("x-kubernetes-list-type" = "atomic")
    )]
    #[x_kube(
        validation = Rule::new("self.all(one, self.exists_one(other, other == one))")
            .message("a language is named twice")
    )]
    pub locales: Vec<String>,
    /// Who may enter first. Later changes are made by people, in the program.
    pub administrator: Administrator,
    /// Forms, lookups and settings to begin with. A later change is refused, as the status says.
    #[serde(default)]
    pub configuration: Configuration,
    /// What the organisation may use. The status names limits that this version does not keep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// The part of the platform, and so the country, where the data lies.
    #[serde(default = "one_cell")]
    #[schemars(length(min = 1, max = 63), regex(pattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"))]
    pub cell: String,
    /// Nobody signs in and no request is answered; all data stays.
    #[serde(default)]
    pub suspended: bool,
    /// What happens to the data when this object is deleted.
    #[serde(default)]
    pub deletion: Deletion,
}

/// Who may enter first.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("self.userName == oldSelf.userName")
        .message("userName is that of the first administrator and cannot be changed")
)]
pub struct Administrator {
    /// User name of the first administrator.
    #[serde(default = "admin")]
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[^\s]+$"))]
    pub user_name: String,
    /// A Secret in this namespace with the first password; it may go once the tenant is open.
    pub password_secret_ref: PasswordRef,
}

/// A key of a Secret.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct PasswordRef {
    /// Name of the Secret.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Key in it.
    #[serde(default = "password")]
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
}

/// What the tenant's records look like: a bundle or a snapshot.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("has(self.bundle) != has(self.snapshot)")
        .message("name either a bundle or a snapshot")
)]
pub struct Configuration {
    /// A configuration that the program ships.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<Bundle>,
    /// A configuration snapshot in JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotRef>,
    /// This version installs a configuration once, and does not act on this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub reapply: Option<String>,
}

impl Default for Configuration {
    fn default() -> Self {
        Self { bundle: Some(Bundle::Standard), snapshot: None, reapply: None }
    }
}

/// Configurations that the program ships.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Bundle {
    Standard,
}

/// Where a snapshot is.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotRef {
    /// A `ConfigMap` in this namespace.
    pub config_map_ref: ConfigMapRef,
}

/// A key of a `ConfigMap`.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ConfigMapRef {
    /// Name of the `ConfigMap`.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// Key in it.
    #[serde(default = "configuration_json")]
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
}

/// What a tenant may use.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Users that are not disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub users: Option<i64>,
    /// Files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub storage_gigabytes: Option<i64>,
    /// Requests that all of its users may keep up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000))]
    pub requests_per_second: Option<i64>,
    /// Exports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100_000))]
    pub exports_per_day: Option<i64>,
}

/// What happens to the data in the end.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new(
        "self.policy != 'Destroy' || (has(self.withoutExport) && self.withoutExport)"
    )
    .message("Destroy exports nothing: agree with withoutExport, or take ExportThenDestroy")
)]
pub struct Deletion {
    /// Retain closes the tenant and keeps its data; Destroy closes it and destroys its keys;
    /// `ExportThenDestroy` closes and exports it, and destroys its keys once `confirm` names it.
    pub policy: DeletionPolicy,
    /// Agrees that nothing is exported before keys are destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_export: Option<bool>,
    /// The tenant's name, written by whoever agrees that it is destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 40))]
    pub confirm: Option<String>,
}

/// Whether data outlives the object.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DeletionPolicy {
    #[default]
    Retain,
    Destroy,
    ExportThenDestroy,
}

/// What has come of it.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct TenantStatus {
    /// The version of spec that this is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub observed_generation: Option<i64>,
    /// What the services call the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "uuid"))]
    pub tenant_id: Option<String>,
    /// The configuration that is in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<ConfigurationStatus>,
    /// Where its data went before its keys were destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export: Option<ExportStatus>,
    /// Ready, Open, Routed, Configured, Suspended, Limited and, at its end, Exported and Destroyed.
    #[serde(default)]
    #[schemars(
        length(max = 16),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"])
    )]
    pub conditions: Vec<Condition>,
}

/// The configuration that is in force.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ConfigurationStatus {
    /// Its number.
    #[schemars(range(min = 0))]
    pub catalog_version: i64,
    /// What was applied last.
    #[schemars(length(max = 71))]
    pub digest: String,
    /// What was let through with a warning.
    #[schemars(range(min = 0))]
    pub warnings: i64,
}

/// An export that is whole.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ExportStatus {
    /// Its name in the operator's folder of exports.
    #[schemars(length(max = 253))]
    pub file: String,
    /// How many lines it has.
    #[schemars(range(min = 0))]
    pub lines: i64,
    /// Of its lines, as hex.
    #[schemars(length(max = 64))]
    pub sha256: String,
}

/// One thing about a tenant, as conditions are in Kubernetes.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// What it is about.
    #[schemars(length(max = 316), regex(pattern = "^[A-Z][A-Za-z]*$"))]
    pub r#type: String,
    /// Whether it is so.
    pub status: Truth,
    /// Why, in a word.
    #[schemars(
        length(min = 1, max = 1024),
        regex(pattern = "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")
    )]
    pub reason: String,
    /// Why, in a sentence.
    #[schemars(length(max = 32_768))]
    pub message: String,
    /// Since when.
    #[schemars(extend("format" = "date-time"))]
    pub last_transition_time: String,
    /// The version of spec that this is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub observed_generation: Option<i64>,
}

/// As in every condition.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    True,
    False,
    Unknown,
}

fn english() -> Vec<String> {
    vec!["en".to_owned()]
}

fn one_cell() -> String {
    "default".to_owned()
}

fn admin() -> String {
    "admin".to_owned()
}

fn password() -> String {
    "password".to_owned()
}

fn configuration_json() -> String {
    "configuration.json".to_owned()
}

/// The definition as Kubernetes wants it.
pub fn definition() -> Value {
    let mut made = json!(Tenant::crd());
    tidy(&mut made);
    made
}

/// The definition as types of the API.
pub fn custom_resource_definition() -> Result<CustomResourceDefinition, serde_json::Error> {
    serde_json::from_value(definition())
}

/// The definition as the chart has it.
pub fn definition_yaml() -> anyhow::Result<String> {
    let body = serde_saphyr::to_string(&definition())?;
    Ok(format!("{HEADER}{body}"))
}

const HEADER: &str = "\
# An organisation on this installation, as Kubernetes keeps it. Its operator opens and closes the
# tenant through identity; what people of the organisation record is never in here.
# Made from services/operator/src/definition.rs: `amparo-operator definition`.
";

/// Absent is how a value is left out here, never null; and Kubernetes knows few formats.
fn tidy(node: &mut Value) {
    match node {
        Value::Object(object) => {
            object.remove("nullable");
            if object.get("format").and_then(Value::as_str).is_some_and(|it| it.starts_with("uint"))
            {
                object.remove("format");
            }
            object.values_mut().for_each(tidy);
        }
        Value::Array(list) => list.iter_mut().for_each(tidy),
        Value::Number(number) => {
            // Bounds of whole numbers are whole.
            if let Ok(whole) = format!("{number:.0}").trim_end_matches(".0").parse::<i64>() {
                *node = whole.into();
            }
        }
        _ => {}
    }
}
