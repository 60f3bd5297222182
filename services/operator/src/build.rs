//! Third step, no client required: the objects that shall be there.

use std::marker::PhantomData;

use serde_json::{Map, Value, json};

use crate::settings::{RouteKind, Routing};

/// Names the tenant on everything that is made for it.
pub const TENANT_LABEL: &str = "amparo.dev/tenant";

/// Objects that are not sent yet.
#[derive(Debug, Clone, Copy)]
pub struct Prepared;
/// Objects that the API server has taken.
#[derive(Debug, Clone, Copy)]
pub struct Applied;

/// Objects of one tenant; only what was applied counts for the status.
#[derive(Debug, Clone)]
pub struct Resources<S> {
    pub route: Option<Value>,
    stage: PhantomData<S>,
}

impl Resources<Prepared> {
    /// Objects that nobody has sent.
    pub const fn new(route: Option<Value>) -> Self {
        Self { route, stage: PhantomData }
    }

    /// Says that they were sent and taken.
    pub fn applied(self) -> Resources<Applied> {
        Resources { route: self.route, stage: PhantomData }
    }
}

/// What a route is called.
pub fn route_name(tenant: &str) -> String {
    format!("amparo-tenant-{tenant}")
}

/// The route of a tenant's host names.
pub fn build(tenant: &str, hosts: &[String], routing: &Routing) -> Resources<Prepared> {
    let (version, kind, spec) = match routing.kind {
        RouteKind::None => return Resources::new(None),
        RouteKind::Ingress => ("networking.k8s.io/v1", "Ingress", ingress(tenant, hosts, routing)),
        RouteKind::HttpRoute => {
            ("gateway.networking.k8s.io/v1", "HTTPRoute", http_route(hosts, routing))
        }
    };
    let labels = json!({
        "app.kubernetes.io/part-of": "amparo",
        "app.kubernetes.io/managed-by": crate::office::MANAGER,
        TENANT_LABEL: tenant,
    });
    let mut metadata = Map::new();
    metadata.insert("name".into(), route_name(tenant).into());
    metadata.insert("namespace".into(), routing.namespace.clone().into());
    metadata.insert("labels".into(), labels);
    if !routing.annotations.is_empty() {
        metadata.insert("annotations".into(), routing.annotations.clone().into());
    }
    let route = json!({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec});
    Resources::new(Some(route))
}

fn ingress(tenant: &str, hosts: &[String], routing: &Routing) -> Value {
    let backend = json!({"service": {"name": routing.service, "port": {"number": routing.port}}});
    let rules: Vec<Value> = hosts
        .iter()
        .map(|host| {
            let path = json!({"path": "/", "pathType": "Prefix", "backend": backend});
            json!({"host": host, "http": {"paths": [path]}})
        })
        .collect();
    let mut spec = json!({"rules": rules});
    if let Some(class) = &routing.ingress_class {
        spec["ingressClassName"] = class.clone().into();
    }
    if routing.tls {
        let secret = format!("{}-tls", route_name(tenant));
        spec["tls"] = json!([{"hosts": hosts, "secretName": secret}]);
    }
    spec
}

fn http_route(hosts: &[String], routing: &Routing) -> Value {
    json!({
        "parentRefs": routing.parents,
        "hostnames": hosts,
        "rules": [{
            "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
            // Streams of events last a quarter of an hour; the gateway itself ends what takes long.
            "timeouts": {"request": "0s"},
            "backendRefs": [{"name": routing.service, "port": routing.port}],
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routing(kind: RouteKind) -> Routing {
        Routing {
            kind,
            namespace: "protection".into(),
            service: "amparo-gateway".into(),
            port: 80,
            ingress_class: Some("nginx".into()),
            tls: true,
            parents: vec![json!({"name": "public"})],
            annotations: Map::new(),
        }
    }

    fn built(kind: RouteKind) -> Option<Value> {
        build("coast", &["coast.example.org".into(), "c.example.org".into()], &routing(kind)).route
    }

    #[test]
    fn an_ingress_has_a_rule_for_every_host() {
        let route = built(RouteKind::Ingress).unwrap();
        assert_eq!(route["metadata"]["name"], "amparo-tenant-coast");
        assert_eq!(route["metadata"]["labels"][TENANT_LABEL], "coast");
        assert_eq!(route["spec"]["rules"][1]["host"], "c.example.org");
        assert_eq!(route["spec"]["tls"][0]["secretName"], "amparo-tenant-coast-tls");
        assert_eq!(route["spec"]["ingressClassName"], "nginx");
    }

    #[test]
    fn an_http_route_belongs_to_its_gateways() {
        let route = built(RouteKind::HttpRoute).unwrap();
        assert_eq!(route["spec"]["hostnames"], json!(["coast.example.org", "c.example.org"]));
        assert_eq!(route["spec"]["parentRefs"], json!([{"name": "public"}]));
        assert_eq!(route["spec"]["rules"][0]["backendRefs"][0]["port"], 80);
    }

    #[test]
    fn nothing_is_made_where_one_route_serves_all() {
        assert!(built(RouteKind::None).is_none());
    }
}
