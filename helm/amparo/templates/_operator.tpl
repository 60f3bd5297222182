{{/* Whom the operator of tenants calls; all who keep something when it exports. */}}
{{- define "amparo.operatorCalls" -}}
calls: [identity, configuration{{ if .Values.operator.exports.existingClaim }}, cases, incidents, tracing, reporting{{ end }}]
{{- end }}

{{/* How it was told to route, as the program reads it. */}}
{{- define "amparo.operatorEnv" -}}
{{- $root := . }}{{ $operator := .Values.operator }}{{ $route := $operator.route }}
- name: AMPARO_OPERATOR_TENANTS_NAMESPACE
  value: {{ $operator.tenantsNamespace }}
- name: AMPARO_OPERATOR_NAMESPACE
  value: {{ include "amparo.namespace" $root }}
- name: AMPARO_OPERATOR_REPLICA
  valueFrom:
    fieldRef: {fieldPath: metadata.name}
- name: AMPARO_OPERATOR_LEASE
  value: {{ include "amparo.fullname" $root }}-operator
- name: AMPARO_OPERATOR_LEASE_SECONDS
  value: {{ $operator.leaseSeconds | quote }}
- name: AMPARO_OPERATOR_CELL
  value: {{ $operator.cell }}
- name: AMPARO_OPERATOR_RESYNC_SECONDS
  value: {{ $operator.resyncSeconds | quote }}
{{- if $operator.exports.existingClaim }}
- name: AMPARO_OPERATOR_EXPORT_FOLDER
  value: /var/lib/amparo/exports
- name: AMPARO_OPERATOR_EXPORT_RECIPIENTS
  value: {{ join "," $operator.exports.recipients }}
{{- end }}
- name: AMPARO_OPERATOR_ROUTE
  value: {{ $route.kind }}
- name: AMPARO_OPERATOR_ROUTE_SERVICE
  value: {{ include "amparo.fullname" $root }}-gateway
- name: AMPARO_OPERATOR_ROUTE_PORT
  value: {{ $root.Values.gateway.service.port | quote }}
{{- with $route.ingressClassName }}
- name: AMPARO_OPERATOR_ROUTE_INGRESS_CLASS
  value: {{ . }}
{{- end }}
- name: AMPARO_OPERATOR_ROUTE_TLS
  value: {{ $route.tls | quote }}
- name: AMPARO_OPERATOR_ROUTE_PARENTS
  value: {{ toJson $route.parentRefs | quote }}
- name: AMPARO_OPERATOR_ROUTE_ANNOTATIONS
  value: {{ toJson $route.annotations | quote }}
- name: AMPARO_ADMIN_LISTEN
  value: 0.0.0.0:{{ include "amparo.adminPort" $root }}
- name: AMPARO_LOG
  value: {{ $root.Values.platform.log }}
- name: AMPARO_LOG_FORMAT
  value: {{ $root.Values.platform.logFormat }}
{{ include "amparo.peerEnv" (dict "root" $root "calls" (include "amparo.operatorCalls" $root | fromYaml).calls) | trim }}
{{ include "amparo.secretEnv" (dict "root" $root "name" "operator" "facts" dict "owner" false) | trim }}
{{- end }}

{{/* What it may do in its own namespace: one lease, routes of the kind that is set. */}}
{{- define "amparo.operatorOwnRules" -}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [{{ include "amparo.fullname" . }}-operator]
  verbs: [get, update]
{{- $kinds := dict "ingress" (list "networking.k8s.io" "ingresses") "http-route" (list "gateway.networking.k8s.io" "httproutes") }}
{{- with get $kinds .Values.operator.route.kind }}
- apiGroups: [{{ index . 0 }}]
  resources: [{{ index . 1 }}]
  verbs: [get, list, watch, create, patch, delete]
{{- end }}
{{- end }}

{{/* What it may do where the Tenants are. */}}
{{- define "amparo.operatorTenantRules" -}}
- apiGroups: [amparo.dev]
  resources: [tenants]
  verbs: [get, list, watch, patch]
- apiGroups: [amparo.dev]
  resources: [tenants/status]
  verbs: [patch]
- apiGroups: [""]
  resources: [secrets]
  verbs: [get]
# A configuration that changes is applied at once.
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list, watch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}
