//! Writing SELECTs over a row `r`: conditions as text with their parameters beside them,
//! so that nothing a caller sent ever becomes SQL.

use jiff::Timestamp;
use serde_json::Value;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::tables::Tables;

/// A parameter's value, and its type for statements that are not kept prepared.
struct Param {
    value: Box<dyn ToSql + Sync + Send>,
    kind: Type,
}

/// A value that can be a parameter.
pub trait Bind: ToSql + Sync + Send + 'static {
    /// Its type in Postgres.
    const TYPE: Type;
}

/// Lets a test hear which statements are run; they hold no values.
pub fn told(sql: &str) {
    tracing::trace!(target: "cabinet::sql", sql);
}

/// SQL under construction. Its first parameter is the tenant.
pub struct Statement {
    pub text: String,
    params: Vec<Param>,
}

macro_rules! bind {
    ($($rust:ty => $postgres:ident),* $(,)?) => {
        $(impl Bind for $rust {
            const TYPE: Type = Type::$postgres;
        })*
    };
}

bind! {
    Uuid => UUID,
    Vec<Uuid> => UUID_ARRAY,
    String => TEXT,
    Vec<String> => TEXT_ARRAY,
    Vec<bool> => BOOL_ARRAY,
    i32 => INT4,
    i64 => INT8,
    Vec<i64> => INT8_ARRAY,
    Timestamp => TIMESTAMPTZ,
    Vec<Timestamp> => TIMESTAMPTZ_ARRAY,
    Value => JSONB,
}

impl std::fmt::Debug for Statement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Statement").field("text", &self.text).finish_non_exhaustive()
    }
}

/// How a value is held in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held<'a> {
    Id,
    Text(&'static str),
    Texts(&'static str),
    Time(&'static str),
    Bool(&'static str),
    /// Within `facets`, by field name.
    Facet(&'a str),
}

impl<'a> Held<'a> {
    /// Where a row of these tables holds a field.
    pub fn of(tables: &Tables, field: &'a str) -> Self {
        match field {
            "id" => Self::Id,
            "status" => Self::Text("status"),
            "workflow" => Self::Text("workflow"),
            "module_id" => Self::Text("module_id"),
            "owned_by" => Self::Text("owned_by"),
            "owned_by_agency_id" => Self::Text("owned_by_agency_id"),
            "owned_by_agency_office" => Self::Text("owned_by_agency_office"),
            "owned_by_location" => Self::Text("owned_by_location"),
            "identified_by" => Self::Text("identified_by"),
            "short_id" => Self::Text("short_id"),
            "associated_user_names" => Self::Texts("associated_user_names"),
            "associated_user_groups" => Self::Texts("associated_user_groups"),
            "associated_user_agencies" => Self::Texts("associated_user_agencies"),
            "owned_by_groups" => Self::Texts("owned_by_groups"),
            "created_at" => Self::Time("created_at"),
            "last_updated_at" => Self::Time("last_updated_at"),
            "record_state" => Self::Bool("record_state"),
            display if display == tables.display => Self::Text(tables.display),
            other => Self::Facet(other),
        }
    }
}

impl Statement {
    /// Starts with nothing but the tenant.
    pub fn of(tenant: Uuid) -> Self {
        let tenant = Param { value: Box::new(tenant), kind: Type::UUID };
        Self { text: String::new(), params: vec![tenant] }
    }

    /// Appends the tenant's placeholder.
    pub fn again(&mut self) -> &mut Self {
        self.push("$1")
    }

    /// Appends text.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends the placeholder of a new parameter.
    pub fn bind<B: Bind>(&mut self, value: B) -> &mut Self {
        self.params.push(Param { value: Box::new(value), kind: B::TYPE });
        let number = self.params.len().to_string();
        self.push("$").push(&number)
    }

    /// The parameters of a statement that is kept prepared.
    pub fn params(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.params.iter().map(|param| &*param.value as &(dyn ToSql + Sync)).collect()
    }

    /// The parameters as `query_typed` wants them.
    pub fn typed(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        self.params
            .iter()
            .map(|param| (&*param.value as &(dyn ToSql + Sync), param.kind.clone()))
            .collect()
    }
}
