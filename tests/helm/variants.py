"""The values that the chart is rendered with, and those that it refuses."""

from rig import Variant

EVERYTHING = {
    "commonLabels": {"team": "protection"},
    "commonAnnotations": {"example.org/owner": "operations"},
    "image": {
        "registry": "registry.example.org",
        "repository": "protection/amparo",
        "digest": "sha256:" + "ab" * 32,
        "pullSecrets": [{"name": "pull"}],
    },
    "secrets": {"revision": "2"},
    "postgres": {
        "cnpg": {"enabled": True, "backup": {"objectStore": "backups"}},
        "owner": {"giveToServices": True},
        "ca": {"existingSecret": "amparo-postgres-ca"},
    },
    "nats": {
        "ca": {"existingSecret": "amparo-nats-tls"},
        "bundled": {"enabled": True, "tlsExistingSecret": "amparo-nats-tls"},
    },
    "tls": {"internal": {"issuerRef": {"name": "amparo-services"}}},
    "migrate": {"kind": "job"},
    "commands": {"enabled": True},
    "platform": {"otlpEndpoint": "http://collector.monitoring:4317"},
    "networkPolicy": {
        "otlpTo": {
            "network": [
                {
                    "namespaceSelector": {
                        "matchLabels": {"kubernetes.io/metadata.name": "monitoring"}
                    }
                }
            ]
        }
    },
    "gateway": {
        "hosts": ["*.example.org", "app.example.net"],
        "ingress": {
            "enabled": True,
            "className": "nginx",
            "annotations": {"nginx.ingress.kubernetes.io/proxy-body-size": "16m"},
            "tls": [{"secretName": "amparo-tls", "hosts": ["*.example.org"]}],
        },
        "httpRoute": {"enabled": True, "parentRefs": [{"name": "public", "namespace": "gateways"}]},
    },
    "defaults": {
        "autoscaling": {"kind": "hpa"},
        "podAnnotations": {"linkerd.io/inject": "enabled"},
        "tolerations": [{"key": "dedicated", "operator": "Exists"}],
        "priorityClassName": "protection",
    },
    "services": {
        "keyring": {"replicas": 2, "journal": {"accessMode": "ReadWriteMany"}},
        "reporting": {
            "autoscaling": {
                "kind": "keda",
                "keda": {"prometheusAddress": "http://prometheus.monitoring:9090"},
            }
        },
        "gateway": {"spool": {"kind": "existingClaim", "existingClaim": "spool"}},
        "cases": {"platform": {"postgresPool": 16, "log": "info,cases=debug"}},
    },
    "operator": {
        "enabled": True,
        "tenantsNamespace": "protection-tenants",
        "cell": "eu-1",
        "route": {
            "kind": "ingress",
            "ingressClassName": "nginx",
            "tls": True,
            "annotations": {"cert-manager.io/cluster-issuer": "public"},
        },
        "exports": {"existingClaim": "exports", "recipients": ["amparo-public-4Yw0lTyrpqjGRzBGGbyvDQ"]},
        "kubernetesApi": {"network": [{"ipBlock": {"cidr": "10.1.0.1/32"}}]},
    },
    "monitoring": {
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
        "prometheusRule": {"enabled": True, "disabled": ["AmparoGuessing"]},
        "dashboards": {"enabled": True},
    },
    "extraObjects": [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{ .Release.Name }}-more"}}
    ],
}

DEFAULT = Variant("default")
FULL = Variant("everything", EVERYTHING)
SIZES = [Variant(size, files=[f"values-{size}.yaml"]) for size in ("small", "medium", "large")]

ALL = [
    DEFAULT,
    FULL,
    *SIZES,
    Variant("argo", {"migrate": {"kind": "job"}}),
    Variant("by-hand", {"migrate": {"kind": "none"}, "serviceAccount": {"create": False}}),
    Variant("long-name", release="as-long-as-helm-allows-" + "n" * 30),
    Variant("other-name", {"fullnameOverride": "protection", "namespaceOverride": "elsewhere"}),
    Variant("no-policies", {"networkPolicy": {"enabled": False}}),
    Variant("no-journal", {"services": {"keyring": {"journal": {"enabled": False}, "replicas": 3}}}),
    Variant(
        "outside",
        {
            "postgres": {
                "urlKey": "{service}-url",
                "network": [{"ipBlock": {"cidr": "10.1.2.0/24"}}],
            },
            "nats": {"network": [{"ipBlock": {"cidr": "10.1.3.4/32"}}]},
        },
    ),
    Variant("nats-small", {"nats": {"bundled": {"enabled": True}}}, files=["values-small.yaml"]),
    Variant("nats-large", {"nats": {"bundled": {"enabled": True}}}, files=["values-large.yaml"]),
    Variant("budgets", {"defaults": {"podDisruptionBudget": {"minAvailable": "50%"}}}),
    Variant("no-budgets", {"defaults": {"podDisruptionBudget": {"enabled": False}}}),
    Variant(
        "tenants",
        {
            "operator": {
                "enabled": True,
                "tenantsNamespace": "tenants",
                "route": {"kind": "http-route", "parentRefs": [{"name": "public"}]},
                "kubernetesApi": {"network": [{"ipBlock": {"cidr": "10.1.0.1/32"}}]},
            }
        },
    ),
    Variant(
        "own-certificates",
        {
            "tls": {"internal": {"existingSecret": "amparo-tls"}},
            "nats": {
                "ca": {"existingSecret": "nats-ca"},
                "credentials": {"existingSecret": "nats-user"},
            },
        },
    ),
    Variant("no-spool", {"services": {"gateway": {"spool": {"kind": "none"}}}}),
]

# What is refused, and a word of the reason.
REFUSED = {
    "two keyrings, one volume": ({"services": {"keyring": {"replicas": 2}}}, "journal"),
    "a scaled keyring, one volume": ({"defaults": {"autoscaling": {"kind": "hpa"}}}, "journal"),
    "a route to nowhere": ({"gateway": {"ingress": {"enabled": True}}}, "gateway.hosts"),
    "a route of no Gateway": (
        {"gateway": {"hosts": ["a.example.org"], "httpRoute": {"enabled": True}}},
        "parentRefs",
    ),
    "a hook before its database": ({"postgres": {"cnpg": {"enabled": True}}}, "migrate.kind"),
    "two nats-servers": ({"nats": {"bundled": {"enabled": True, "replicas": 2}}}, "replicas"),
    "Postgres anywhere": ({"postgres": {"network": []}}, "postgres.network"),
    "NATS anywhere": ({"nats": {"network": []}}, "nats.network"),
    "anybody in front": ({"networkPolicy": {"ingressFrom": []}}, "ingressFrom"),
    "anybody reads metrics": ({"networkPolicy": {"monitoringFrom": []}}, "monitoringFrom"),
    "all addresses": ({"nats": {"network": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}}, "pattern"),
    "all namespaces": ({"nats": {"network": [{"namespaceSelector": {}}]}}, "minProperties"),
    "a claim without a name": (
        {"services": {"gateway": {"spool": {"kind": "existingClaim"}}}},
        "existingClaim",
    ),
    "KEDA without Prometheus": (
        {"services": {"cases": {"autoscaling": {"kind": "keda"}}}},
        "prometheusAddress",
    ),
    "a tag that moves": ({"image": {"tag": "latest"}}, "image/tag"),
    "a digest that is none": ({"image": {"digest": "sha256:12"}}, "image/digest"),
    "a service that is none": ({"services": {"cloud": {}}}, "services"),
    "a setting that is none": ({"services": {"cases": {"settings": {"speed": 9}}}}, "settings"),
    "a misspelt key": ({"platform": {"drainTimout": 3}}, "platform"),
    "no replicas": ({"defaults": {"replicas": 0}}, "replicas"),
    "no limit": (
        {"services": {"cases": {"resources": {"limits": {"memory": None}}}}},
        "memory",
    ),
    "an operator among the installation's secrets": (
        {"operator": {"enabled": True, "tenantsNamespace": "protection"}},
        "tenantsNamespace",
    ),
    "an operator that reaches anybody": (
        {"operator": {"enabled": True, "tenantsNamespace": "tenants"}},
        "kubernetesApi",
    ),
    "exports that nobody could open": (
        {
            "operator": {
                "enabled": True,
                "tenantsNamespace": "tenants",
                "kubernetesApi": {"network": [{"ipBlock": {"cidr": "10.1.0.1/32"}}]},
                "exports": {"existingClaim": "exports"},
            }
        },
        "operator.exports",
    ),
    "tenants' routes of no Gateway": (
        {"operator": {"enabled": True, "tenantsNamespace": "tenants", "route": {"kind": "http-route"}}},
        "parentRefs",
    ),
    "traces that are not let out": (
        {"platform": {"otlpEndpoint": "http://collector.monitoring:4317"}},
        "otlpTo",
    ),
    "traces of one service that are not let out": (
        {"services": {"cases": {"platform": {"otlpEndpoint": "http://collector.monitoring:4317"}}}},
        "otlpTo",
    ),
    "an alert that is none": (
        {"monitoring": {"prometheusRule": {"enabled": True, "disabled": ["AmparoGesing"]}}},
        "AmparoGesing",
    ),
    "NATS over TLS that nobody vouches for": (
        {"nats": {"bundled": {"enabled": True, "tlsExistingSecret": "nats-tls"}}},
        "nats.ca",
    ),
    "NATS without a certificate over TLS": (
        {"nats": {"bundled": {"enabled": True}, "ca": {"existingSecret": "nats-tls"}}},
        "tlsExistingSecret",
    ),
    "credentials that the bundled NATS does not know": (
        {"nats": {"bundled": {"enabled": True}, "credentials": {"existingSecret": "nats-user"}}},
        "nats.credentials",
    ),
    "certificates from two places": (
        {"tls": {"internal": {"existingSecret": "a", "issuerRef": {"name": "b"}}}},
        "tls.internal",
    ),
    "a host that is none": ({"gateway": {"hosts": ["https://a.example.org"]}}, "hosts"),
}
