{{/* Values that contradict one another are refused here, with what to do instead. */}}
{{- define "amparo.validate" -}}
{{- $values := .Values }}
{{- $names := include "amparo.services" . | fromYaml | keys }}
{{- range $name, $_ := $values.services }}
{{- if not (has $name $names) }}
{{- fail (printf "services.%s: the program has no such service" $name) }}
{{- end }}
{{- end }}
{{- $keyring := mergeOverwrite (deepCopy $values.defaults) (deepCopy $values.services.keyring) }}
{{- $shared := or (eq $keyring.journal.accessMode "ReadWriteMany") (not $keyring.journal.enabled) $keyring.journal.existingClaim }}
{{- if and (not $shared) (or (gt (int $keyring.replicas) 1) (ne $keyring.autoscaling.kind "none")) }}
{{- fail "services.keyring.replicas: several keyrings share one journal of destroyed keys; set services.keyring.journal.accessMode to ReadWriteMany, or keep one replica" }}
{{- end }}
{{- $spool := $values.services.gateway.spool }}
{{- if and (eq $spool.kind "existingClaim") (not $spool.existingClaim) }}
{{- fail "services.gateway.spool.existingClaim: name the claim (ReadWriteMany when there are several gateways)" }}
{{- end }}
{{- if and (or $values.gateway.ingress.enabled $values.gateway.httpRoute.enabled) (not $values.gateway.hosts) }}
{{- fail "gateway.hosts: name the hosts that the route is for, such as app.example.org or *.example.org" }}
{{- end }}
{{- if and $values.gateway.httpRoute.enabled (not $values.gateway.httpRoute.parentRefs) }}
{{- fail "gateway.httpRoute.parentRefs: name the Gateway that the route belongs to" }}
{{- end }}
{{- if and $values.postgres.cnpg.enabled (eq $values.migrate.kind "hook") }}
{{- fail "migrate.kind: a hook runs before the bundled Postgres is made; set migrate.kind to job" }}
{{- end }}
{{- if and $values.nats.bundled.enabled (not (has (int $values.nats.bundled.replicas) (list 1 3 5))) }}
{{- fail "nats.bundled.replicas: 1, 3 or 5; an even number tolerates no more than one less" }}
{{- end }}
{{- if and $values.nats.bundled.tlsExistingSecret (not $values.nats.ca.existingSecret) }}
{{- fail "nats.ca.existingSecret: name who vouches for the servers of nats.bundled.tlsExistingSecret; without it nobody could connect" }}
{{- end }}
{{- if and $values.nats.bundled.enabled $values.nats.ca.existingSecret (not $values.nats.bundled.tlsExistingSecret) }}
{{- fail "nats.bundled.tlsExistingSecret: nats.ca asks for TLS; give the servers a certificate for their name" }}
{{- end }}
{{- if and $values.nats.bundled.enabled $values.nats.credentials.existingSecret }}
{{- fail "nats.credentials: the servers of nats.bundled know a name and a password, no credentials" }}
{{- end }}
{{- if and $values.tls.internal.existingSecret $values.tls.internal.issuerRef.name }}
{{- fail "tls.internal: name a Secret or an issuer, not both" }}
{{- end }}
{{- $operator := $values.operator }}
{{- if $operator.enabled }}
{{- if or (not $operator.tenantsNamespace) (eq $operator.tenantsNamespace (include "amparo.namespace" .)) }}
{{- fail "operator.tenantsNamespace: name a namespace of its own for Tenants; the operator reads Secrets there, and those of this installation are not for it" }}
{{- end }}
{{- if and (eq $operator.route.kind "http-route") (not $operator.route.parentRefs) }}
{{- fail "operator.route.parentRefs: name the Gateway that routes of tenants belong to" }}
{{- end }}
{{- if ne (empty $operator.exports.existingClaim) (empty $operator.exports.recipients) }}
{{- fail "operator.exports: name a claim and the public keys that exports are sealed for, or neither" }}
{{- end }}
{{- if and $values.networkPolicy.enabled (not $operator.kubernetesApi.network) }}
{{- fail "operator.kubernetesApi.network: say where the API server is (an ipBlock); without it any address would be open" }}
{{- end }}
{{- end }}
{{- $traced := list $values.platform (default dict $values.defaults.platform) }}
{{- range $name, $service := $values.services }}
{{- $traced = append $traced (default dict $service.platform) }}
{{- end }}
{{- range $traced }}
{{- if and $values.networkPolicy.enabled .otlpEndpoint (not $values.networkPolicy.otlpTo.network) }}
{{- fail "networkPolicy.otlpTo.network: say where the receiver of platform.otlpEndpoint is; nothing else lets traces out" }}
{{- end }}
{{- end }}
{{- if $values.networkPolicy.enabled }}
{{- if and (not $values.postgres.cnpg.enabled) (not $values.postgres.network) }}
{{- fail "postgres.network: say where Postgres is (a namespaceSelector or an ipBlock); without it any address would be open" }}
{{- end }}
{{- if and (not $values.nats.bundled.enabled) (not $values.nats.network) }}
{{- fail "nats.network: say where NATS is (a namespaceSelector or an ipBlock); without it any address would be open" }}
{{- end }}
{{- range $key := list "ingressFrom" "monitoringFrom" "dns" }}
{{- if not (get $values.networkPolicy $key) }}
{{- fail (printf "networkPolicy.%s: an empty list would let everybody in or out; name who may" $key) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
