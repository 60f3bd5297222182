kube_context    = "production"
domain          = "protection.example.org"
size            = "medium"
image           = { registry = "registry.example.org", repository = "amparo", digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000" }
storage_classes = { block = "fast", shared = "shared" }
certificates = {
  server = "https://acme-v02.api.letsencrypt.org/directory"
  email  = "operations@example.org"
  solver = { dns01 = { rfc2136 = { nameserver = "10.0.0.53", tsigKeyName = "amparo", tsigAlgorithm = "HMACSHA512", tsigSecretSecretRef = { name = "tsig", key = "key" } } } }
}
dns     = { provider = "rfc2136", secret = "credentials" }
backups = { endpoint = "https://s3.example.org", bucket = "amparo-backups" }
