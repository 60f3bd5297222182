variable "kubeconfig" {
  description = "How to reach the cluster, which is there already."
  type        = string
  default     = "~/.kube/config"
}

variable "kube_context" {
  description = "Context within that file."
  type        = string
}

variable "domain" {
  description = "Tenants are reached at names below this domain."
  type        = string
}

variable "size" {
  description = "small, medium or large: the value file of the chart."
  type        = string
  default     = "medium"
}

variable "image" {
  description = "The image that deploy/Dockerfile made, by digest."
  type = object({
    registry   = string
    repository = string
    digest     = string
  })
}

variable "storage_classes" {
  description = "Storage classes of the cluster: `block`, and `shared` (ReadWriteMany)."
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
  description = "ACME server, address for its mails, and a DNS-01 solver of cert-manager."
  type = object({
    server = string
    email  = string
    solver = any
  })
}

variable "dns" {
  description = "Provider of external-dns, and the Secret in the namespace external-dns with its credentials as environment."
  type = object({
    provider = string
    secret   = string
  })
}

variable "backups" {
  description = "Object storage that speaks S3. The Secret `backups` in the data namespace has access-key and secret-key."
  type = object({
    endpoint    = string
    region      = optional(string, "us-east-1")
    bucket      = string
    retain_days = optional(number, 30)
    schedule    = optional(string, "0 0 2 * * *")
  })
}

variable "passwords_revision" {
  description = "Another number makes all passwords anew. They are never in the state."
  type        = number
  default     = 1
}

variable "versions" {
  description = "Versions of the charts."
  type        = map(string)
  default = {
    cert_manager  = "v1.20.0"
    cnpg          = "0.28.0"
    barman        = "0.7.0"
    nats          = "2.15.0"
    prometheus    = "82.0.0"
    external_dns  = "1.20.0"
    ingress_nginx = "4.15.0"
  }
}
