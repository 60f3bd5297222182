# A platform for Amparo in a cluster that is there already: namespaces, operators, Postgres, NATS,
# names, certificates, backups, monitoring, and the program.

module "plan" {
  source = "./modules/plan"

  domain          = var.domain
  size            = var.size
  image           = var.image
  storage_classes = var.storage_classes
  ingress_class   = var.ingress_class
  certificates    = var.certificates
  namespaces      = local.namespaces
  backups = {
    endpoint    = var.backups.endpoint
    bucket      = module.backups.bucket
    secret      = "backups"
    retain_days = var.backups.retain_days
    schedule    = var.backups.schedule
  }
}

module "backups" {
  source = "./modules/backups"

  bucket      = var.backups.bucket
  retain_days = var.backups.retain_days
}

locals {
  namespaces = {
    program    = "protection"
    data       = "amparo-data"
    monitoring = "monitoring"
    ingress    = "ingress-nginx"
  }
}

resource "kubernetes_namespace_v1" "program" {
  metadata {
    name   = local.namespaces.program
    labels = { "pod-security.kubernetes.io/enforce" = "restricted" }
  }
}

resource "kubernetes_namespace_v1" "data" {
  metadata {
    name   = local.namespaces.data
    labels = { "pod-security.kubernetes.io/enforce" = "baseline" }
  }
}

# === what others make ===

locals {
  charts = {
    cert-manager = {
      namespace  = "cert-manager"
      repository = "https://charts.jetstack.io"
      chart      = "cert-manager"
      version    = var.versions.cert_manager
      values     = { crds = { enabled = true } }
    }
    cnpg = {
      namespace  = "cnpg-system"
      repository = "https://cloudnative-pg.github.io/charts"
      chart      = "cloudnative-pg"
      version    = var.versions.cnpg
      values     = {}
    }
    barman-cloud = {
      namespace  = "cnpg-system"
      repository = "https://cloudnative-pg.github.io/charts"
      chart      = "plugin-barman-cloud"
      version    = var.versions.barman
      values     = {}
    }
    ingress-nginx = {
      namespace  = local.namespaces.ingress
      repository = "https://kubernetes.github.io/ingress-nginx"
      chart      = "ingress-nginx"
      version    = var.versions.ingress_nginx
      values     = { controller = { ingressClassResource = { name = var.ingress_class } } }
    }
    external-dns = {
      namespace  = "external-dns"
      repository = "https://kubernetes-sigs.github.io/external-dns"
      chart      = "external-dns"
      version    = var.versions.external_dns
      values = {
        provider      = { name = var.dns.provider }
        domainFilters = [var.domain]
        policy        = "upsert-only"
        envFrom       = [{ secretRef = { name = var.dns.secret } }]
      }
    }
    prometheus = {
      namespace  = local.namespaces.monitoring
      repository = "https://prometheus-community.github.io/helm-charts"
      chart      = "kube-prometheus-stack"
      version    = var.versions.prometheus
      values     = { grafana = { sidecar = { dashboards = { searchNamespace = "ALL" } } } }
    }
  }
}

resource "helm_release" "operators" {
  for_each = local.charts

  name             = each.key
  namespace        = each.value.namespace
  create_namespace = true
  repository       = each.value.repository
  chart            = each.value.chart
  version          = each.value.version
  values           = [yamlencode(each.value.values)]
  atomic           = true
  timeout          = 900
}

# === passwords: made in memory, written to the cluster, kept nowhere else ===

ephemeral "random_password" "of" {
  for_each = toset(["nats", "internal", "signing", "owner", "runtime"])
  length   = 48
  special  = false
}

resource "kubernetes_secret_v1" "roles" {
  for_each = toset(module.plan.roles)

  metadata {
    name      = replace("postgres-${each.key}", "_", "-")
    namespace = kubernetes_namespace_v1.data.metadata[0].name
    labels    = { "cnpg.io/reload" = "true" }
  }
  type = "kubernetes.io/basic-auth"
  data_wo = {
    username = each.key
    # All runtime roles share one, since one address with {service} in it leads to all of them.
    password = each.key == "amparo_owner" ? ephemeral.random_password.of["owner"].result : ephemeral.random_password.of["runtime"].result
  }
  data_wo_revision = var.passwords_revision
}

resource "kubernetes_secret_v1" "nats" {
  metadata {
    name      = "nats-password"
    namespace = kubernetes_namespace_v1.data.metadata[0].name
  }
  data_wo          = { password = "n${ephemeral.random_password.of["nats"].result}" }
  data_wo_revision = var.passwords_revision
}

resource "kubernetes_secret_v1" "program" {
  for_each = toset(["amparo-internal", "amparo-signing", "amparo-postgres", "amparo-postgres-owner", "amparo-nats"])

  metadata {
    name      = each.key
    namespace = kubernetes_namespace_v1.program.metadata[0].name
  }
  data_wo = {
    amparo-internal       = { token = ephemeral.random_password.of["internal"].result }
    amparo-signing        = { secret = ephemeral.random_password.of["signing"].result }
    amparo-postgres       = { url = "postgres://amparo_{service}:${ephemeral.random_password.of["runtime"].result}@${module.plan.postgres_address}/amparo_{service}" }
    amparo-postgres-owner = { url = "postgres://amparo_owner:${ephemeral.random_password.of["owner"].result}@${module.plan.postgres_address}/amparo_{service}" }
    amparo-nats           = { url = "nats://amparo:n${ephemeral.random_password.of["nats"].result}@${module.plan.nats_address}?replicas=${module.plan.nats_replicas}" }
  }[each.key]
  data_wo_revision = var.passwords_revision
}

# The root key is nobody's but yours: the Secret amparo-keyring has to be there, see README.md. It is
# not even looked at here, since what is read ends in the state.

# === what holds the data ===

resource "helm_release" "objects" {
  name       = "objects"
  namespace  = kubernetes_namespace_v1.data.metadata[0].name
  chart      = "${path.module}/charts/objects"
  values     = [yamlencode({ objects = module.plan.objects })]
  depends_on = [helm_release.operators, kubernetes_secret_v1.roles]
}

resource "helm_release" "nats" {
  name       = "nats"
  namespace  = kubernetes_namespace_v1.data.metadata[0].name
  repository = "https://nats-io.github.io/k8s/helm/charts"
  chart      = "nats"
  version    = var.versions.nats
  values     = [yamlencode(module.plan.nats_values)]
  atomic     = true
  depends_on = [helm_release.operators, kubernetes_secret_v1.nats]
}

# === the program ===

resource "helm_release" "amparo" {
  name      = "amparo"
  namespace = kubernetes_namespace_v1.program.metadata[0].name
  chart     = "${path.module}/../helm/amparo"
  values = [
    file("${path.module}/../helm/amparo/values-${var.size}.yaml"),
    yamlencode(module.plan.amparo_values),
  ]
  timeout = 1800
  depends_on = [
    helm_release.nats,
    helm_release.objects,
    kubernetes_secret_v1.program,
  ]
}
