{{/*
The services of the program: where each listens, whom it calls, whether it keeps a database and
whether it reads or writes facts. Deployments, Services and NetworkPolicies are all made from this
one table; tests/helm compares it with the sources of the program.
*/}}
{{- define "amparo.services" -}}
keyring:
  port: 7101
  calls: []
  postgres: true
  nats: false
identity:
  port: 7102
  calls: [keyring, configuration, reporting]
  postgres: true
  nats: true
configuration:
  port: 7103
  calls: [keyring, identity]
  postgres: true
  nats: true
cases:
  port: 7104
  calls: [keyring, identity, configuration]
  postgres: true
  nats: true
incidents:
  port: 7106
  calls: [keyring, identity, configuration, cases]
  postgres: true
  nats: true
tracing:
  port: 7107
  calls: [keyring, identity, configuration, cases]
  postgres: true
  nats: true
reporting:
  port: 7105
  calls: [keyring, identity, configuration]
  postgres: true
  nats: true
gateway:
  port: 7100
  calls: [keyring, identity, configuration, cases, incidents, tracing, reporting]
  postgres: false
  nats: true
{{- end }}

{{/* Components whose figures are collected. */}}
{{- define "amparo.scraped" -}}
{{- $names := include "amparo.services" . | fromYaml | keys }}
{{- if .Values.operator.enabled }}{{ $names = append $names "operator" }}{{ end }}
{{- $names | sortAlpha | join ", " }}
{{- end }}

{{/* What answers /livez, /readyz and /metrics, in every service. */}}
{{- define "amparo.adminPort" -}}7190{{- end }}

{{/* Whom an operator's commands (verify, rebuild) call. */}}
{{- define "amparo.commandCalls" -}}
calls: [keyring, identity, configuration]
{{- end }}
