output "amparo_values" {
  description = "Values of the chart helm/amparo, over its value file of the size."
  value       = local.amparo
}

output "nats_values" {
  description = "Values of the chart of nats-io."
  value       = local.nats_values
}

output "objects" {
  description = "Objects of the operators, and who reaches the data."
  value       = concat([local.cluster], local.databases, local.backup_objects, local.certificate_objects, local.data_policies)
}

output "roles" {
  description = "Roles of Postgres that need a password."
  value       = local.roles
}

output "postgres_address" {
  description = "Host and port of Postgres."
  value       = local.postgres_address
}

output "nats_address" {
  description = "Host and port of NATS."
  value       = local.nats_address
}

output "nats_replicas" {
  description = "Servers that hold each stream."
  value       = local.replicas
}
