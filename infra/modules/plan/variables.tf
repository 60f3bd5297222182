variable "domain" {
  description = "Tenants are reached at names below this domain."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([-a-z0-9]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "A domain such as protection.example.org."
  }
}

variable "size" {
  description = "Which value file of the chart fits: small, medium or large."
  type        = string
  default     = "medium"

  validation {
    condition     = contains(["small", "medium", "large"], var.size)
    error_message = "small, medium or large."
  }
}

variable "services" {
  description = "Services that keep a database."
  type        = list(string)
  default     = ["keyring", "identity", "configuration", "cases", "incidents", "tracing", "reporting"]
}

variable "namespaces" {
  description = "Where things run."
  type = object({
    program    = string
    data       = string
    monitoring = string
    ingress    = string
  })
  default = {
    program    = "protection"
    data       = "amparo-data"
    monitoring = "monitoring"
    ingress    = "ingress-nginx"
  }
}

variable "image" {
  description = "The image that deploy/Dockerfile made, by digest."
  type = object({
    registry   = string
    repository = string
    digest     = string
  })

  validation {
    condition     = can(regex("^sha256:[0-9a-f]{64}$", var.image.digest))
    error_message = "Name the image by its digest: sha256: and 64 digits."
  }
}

variable "storage_classes" {
  description = "Storage classes: `block` for databases, `shared` (ReadWriteMany) for the journal of destroyed keys."
  type = object({
    block  = string
    shared = string
  })
}

variable "ingress_class" {
  description = "Class of the Ingress."
  type        = string
  default     = "nginx"
}

variable "certificates" {
  description = "Who gives out certificates, and how it is shown that the domain is ours (a DNS-01 solver of cert-manager)."
  type = object({
    server = string
    email  = string
    solver = any
  })
}

variable "backups" {
  description = "Object storage that speaks S3: where backups of Postgres go and how long they stay."
  type = object({
    endpoint    = string
    bucket      = string
    secret      = string
    retain_days = number
    schedule    = string
  })

  validation {
    condition     = var.backups.retain_days >= 7
    error_message = "At least a week."
  }
}
