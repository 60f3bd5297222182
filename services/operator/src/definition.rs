//! The definition of Tenant as Kubernetes keeps it. The chart's template of it is made from these
//! types; a test holds the two to be equal.

mod configuration;
mod ending;
mod status;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{CustomResource, CustomResourceExt, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use configuration::{Bundle, ConfigMapRef, Configuration, ConfigurationStatus, SnapshotRef};
pub use ending::{Deletion, DeletionPolicy, ExportStatus};
pub use status::{Condition, TenantStatus, Truth};

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
    /// Forms, lookups and the organisation. What changes here, or in what it refers to, takes the
    /// place of what was, unless people changed that in the program.
    #[serde(default)]
    pub configuration: Configuration,
    /// What the organisation may use.
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

/// What a tenant may use. What there is beyond a limit stays.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Users that are not disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub users: Option<i32>,
    /// Requests that all of its users may keep up, instead of what every organisation may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000))]
    pub requests_per_second: Option<i32>,
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
