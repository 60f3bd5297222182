output "hosts" {
  description = "Where tenants are reached."
  value       = "https://NAME.${var.domain}"
}

output "namespaces" {
  description = "Where things run."
  value       = local.namespaces
}

output "next" {
  description = "What to do next."
  value       = "helm -n ${local.namespaces.program} get notes amparo"
}
