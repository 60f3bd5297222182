# terraform test: what the plan is for certain inputs, without any cluster.

variables {
  domain          = "protection.example.org"
  image           = { registry = "registry.example.org", repository = "amparo", digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000" }
  storage_classes = { block = "fast", shared = "shared" }
  certificates    = { server = "https://acme.example.org/directory", email = "operations@example.org", solver = { dns01 = {} } }
  backups         = { endpoint = "https://s3.example.org", bucket = "amparo", secret = "backups", retain_days = 30, schedule = "0 0 2 * * *" }
}

run "every_service_has_its_roles_and_its_database" {
  command = plan

  assert {
    condition     = length(output.roles) == 1 + 2 * length(var.services) && contains(output.roles, "amparo_cases_relay")
    error_message = "An owner, and two roles for each service."
  }
  assert {
    condition     = length([for one in output.objects : one if one.kind == "Database"]) == length(var.services)
    error_message = "One database for each service."
  }
  assert {
    condition     = alltrue([for role in output.objects[0].spec.managed.roles : !role.superuser && !role.bypassrls])
    error_message = "No role passes row-level security."
  }
}

run "a_commit_is_on_two_machines_where_there_are_two" {
  command = plan

  assert {
    condition     = output.objects[0].spec.minSyncReplicas == 1
    error_message = "Replication has to be synchronous."
  }
}

run "small_is_one_of_each" {
  command = plan
  variables { size = "small" }

  assert {
    condition     = output.nats_replicas == 1 && !can(output.objects[0].spec.minSyncReplicas)
    error_message = "Nobody is there to replicate to."
  }
}

run "a_tag_is_not_enough" {
  command = plan
  variables { image = { registry = "registry.example.org", repository = "amparo", digest = "latest" } }
  expect_failures = [var.image]
}

run "backups_stay_a_week_or_more" {
  command = plan
  variables { backups = { endpoint = "", bucket = "b", secret = "s", retain_days = 1, schedule = "@daily" } }
  expect_failures = [var.backups]
}
