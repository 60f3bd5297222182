# What is to be there, worked out without asking any cluster: values of charts, and objects.

locals {
  replicas = { small = 1, medium = 3, large = 3 }[var.size]
  storage  = { small = "10Gi", medium = "100Gi", large = "500Gi" }[var.size]
  memory   = { small = "1Gi", medium = "4Gi", large = "16Gi" }[var.size]
  cpu      = { small = "1", medium = "2", large = "8" }[var.size]

  postgres = "postgres"
  nats     = "nats"

  # The owner makes tables, `amparo_<service>` uses them, `amparo_<service>_relay` reads the log.
  roles = concat(
    ["amparo_owner"],
    [for service in var.services : "amparo_${service}"],
    [for service in var.services : "amparo_${service}_relay"],
  )

  postgres_address = "postgres-rw.${var.namespaces.data}.svc:5432"
  nats_address     = "nats.${var.namespaces.data}.svc:4222"
}

# === the chart of Amparo, over its value file of that size ===

locals {
  amparo = {
    image = var.image
    postgres = {
      existingSecret = "amparo-postgres"
      owner          = { existingSecret = "amparo-postgres-owner" }
      network        = [{ namespaceSelector = { matchLabels = { "kubernetes.io/metadata.name" = var.namespaces.data } } }]
    }
    nats = {
      existingSecret = "amparo-nats"
      network        = [{ namespaceSelector = { matchLabels = { "kubernetes.io/metadata.name" = var.namespaces.data } } }]
    }
    services = {
      keyring = { journal = merge(
        { size = "1Gi" },
        var.size == "small" ? { storageClass = var.storage_classes.block } : { storageClass = var.storage_classes.shared },
      ) }
    }
    gateway = {
      hosts = ["*.${var.domain}"]
      ingress = {
        enabled     = true
        className   = var.ingress_class
        annotations = { "nginx.ingress.kubernetes.io/proxy-body-size" = "16m" }
        tls         = [{ secretName = "amparo-tls", hosts = ["*.${var.domain}"] }]
      }
    }
    commands = { enabled = true }
    networkPolicy = {
      ingressFrom    = [{ namespaceSelector = { matchLabels = { "kubernetes.io/metadata.name" = var.namespaces.ingress } } }]
      monitoringFrom = [{ namespaceSelector = { matchLabels = { "kubernetes.io/metadata.name" = var.namespaces.monitoring } } }]
    }
    monitoring = {
      serviceMonitor = { enabled = true, labels = { release = "prometheus" } }
      prometheusRule = { enabled = true, labels = { release = "prometheus" } }
      dashboards     = { enabled = true }
    }
  }
}

# === the chart of nats-io ===

locals {
  nats_values = {
    fullnameOverride = local.nats
    config = {
      cluster = { enabled = local.replicas > 1, replicas = local.replicas }
      jetstream = {
        enabled   = true
        fileStore = { pvc = { size = local.storage, storageClassName = var.storage_classes.block } }
        # Postgres holds the history; what a crash loses here is published again.
        merge = { sync_interval = "1s" }
      }
      merge = {
        max_payload   = "<< 8MB >>"
        authorization = { user = "amparo", password = "<< $NATS_PASSWORD >>" }
      }
    }
    container = {
      env = { NATS_PASSWORD = { valueFrom = { secretKeyRef = { name = "nats-password", key = "password" } } } }
      merge = {
        resources = {
          requests = { cpu = "250m", memory = local.memory }
          limits   = { cpu = local.cpu, memory = local.memory }
        }
      }
    }
    podDisruptionBudget = { enabled = local.replicas > 1 }
    promExporter        = { enabled = true, podMonitor = { enabled = true } }
    natsBox             = { enabled = false }
  }
}

# === objects of the operators ===

locals {
  cluster = {
    apiVersion = "postgresql.cnpg.io/v1"
    kind       = "Cluster"
    metadata   = { name = local.postgres, namespace = var.namespaces.data }
    spec = merge(
      {
        instances = local.replicas
        imageName = "ghcr.io/cloudnative-pg/postgresql:18"
        storage   = { size = local.storage, storageClass = var.storage_classes.block }
        resources = {
          requests = { cpu = local.cpu, memory = local.memory }
          limits   = { cpu = local.cpu, memory = local.memory }
        }
        postgresql = { parameters = { max_connections = "400" } }
        managed = { roles = [for role in local.roles : {
          name           = role
          ensure         = "present"
          login          = true
          superuser      = false
          createdb       = false
          createrole     = false
          bypassrls      = false
          passwordSecret = { name = replace("${local.postgres}-${role}", "_", "-") }
        }] }
        plugins = [{
          name          = "barman-cloud.cloudnative-pg.io"
          isWALArchiver = true
          parameters    = { barmanObjectName = "backups" }
        }]
        monitoring = { enablePodMonitor = true }
      },
      # A commit is on two machines before it is acknowledged.
      local.replicas > 1 ? { minSyncReplicas = 1, maxSyncReplicas = local.replicas - 1 } : {},
    )
  }

  databases = [for service in var.services : {
    apiVersion = "postgresql.cnpg.io/v1"
    kind       = "Database"
    metadata   = { name = service, namespace = var.namespaces.data }
    spec = {
      cluster               = { name = local.postgres }
      name                  = "amparo_${service}"
      owner                 = "amparo_owner"
      databaseReclaimPolicy = "retain"
    }
  }]

  backup_objects = [
    {
      apiVersion = "barmancloud.cnpg.io/v1"
      kind       = "ObjectStore"
      metadata   = { name = "backups", namespace = var.namespaces.data }
      spec = {
        retentionPolicy = "${var.backups.retain_days}d"
        configuration = {
          destinationPath = "s3://${var.backups.bucket}/postgres"
          endpointURL     = var.backups.endpoint
          s3Credentials = {
            accessKeyId     = { name = var.backups.secret, key = "access-key" }
            secretAccessKey = { name = var.backups.secret, key = "secret-key" }
          }
          wal  = { compression = "zstd" }
          data = { compression = "snappy" }
        }
      }
    },
    {
      apiVersion = "postgresql.cnpg.io/v1"
      kind       = "ScheduledBackup"
      metadata   = { name = "daily", namespace = var.namespaces.data }
      spec = {
        schedule             = var.backups.schedule
        backupOwnerReference = "self"
        cluster              = { name = local.postgres }
        method               = "plugin"
        pluginConfiguration  = { name = "barman-cloud.cloudnative-pg.io" }
      }
    },
  ]

  certificate_objects = [
    {
      apiVersion = "cert-manager.io/v1"
      kind       = "ClusterIssuer"
      metadata   = { name = "public" }
      spec = { acme = {
        server              = var.certificates.server
        email               = var.certificates.email
        privateKeySecretRef = { name = "public-issuer" }
        solvers             = [var.certificates.solver]
      } }
    },
    {
      apiVersion = "cert-manager.io/v1"
      kind       = "Certificate"
      metadata   = { name = "amparo", namespace = var.namespaces.program }
      spec = {
        secretName = "amparo-tls"
        issuerRef  = { name = "public", kind = "ClusterIssuer" }
        dnsNames   = ["*.${var.domain}"]
      }
    },
  ]

  # Only the program, the operator and those who watch reach the data.
  data_policies = [
    {
      apiVersion = "networking.k8s.io/v1"
      kind       = "NetworkPolicy"
      metadata   = { name = "data", namespace = var.namespaces.data }
      spec = {
        podSelector = {}
        policyTypes = ["Ingress"]
        ingress = [
          {
            from  = [{ namespaceSelector = { matchLabels = { "kubernetes.io/metadata.name" = var.namespaces.program } } }]
            ports = [{ port = 5432, protocol = "TCP" }, { port = 4222, protocol = "TCP" }]
          },
          {
            from = [{ podSelector = {} }, { namespaceSelector = { matchLabels = { "kubernetes.io/metadata.name" = "cnpg-system" } } }]
            ports = [
              { port = 5432, protocol = "TCP" }, { port = 8000, protocol = "TCP" },
              { port = 4222, protocol = "TCP" }, { port = 6222, protocol = "TCP" },
            ]
          },
          {
            from  = [{ namespaceSelector = { matchLabels = { "kubernetes.io/metadata.name" = var.namespaces.monitoring } } }]
            ports = [{ port = 9187, protocol = "TCP" }, { port = 7777, protocol = "TCP" }]
          },
        ]
      }
    },
  ]
}
