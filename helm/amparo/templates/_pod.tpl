{{/* Settings as environment variables: prefix AMPARO_CASES and snapshotEvery make
AMPARO_CASES_SNAPSHOT_EVERY. Takes prefix and settings. */}}
{{- define "amparo.settings" -}}
{{- $prefix := .prefix }}
{{- range $key, $value := .settings }}
{{- if not (kindIs "invalid" $value) }}
- name: {{ $prefix }}_{{ $key | snakecase | upper }}
  value: {{ include "amparo.scalar" $value | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* Where the other services are; only those that are called. Takes root and calls. */}}
{{- define "amparo.peerEnv" -}}
{{- $root := .root }}
{{- $table := include "amparo.services" $root | fromYaml }}
{{- range .calls }}
- name: AMPARO_{{ upper . }}_URL
  value: {{ include "amparo.tlsSecret" (dict "root" $root "name" "any") | empty | ternary "http" "https" }}://{{ include "amparo.fullname" $root }}-{{ . }}.{{ include "amparo.namespace" $root }}.svc:{{ get (get $table .) "port" }}
{{- end }}
{{- end }}

{{/* The Secret with the certificate by which a component is known to services; none where they speak
in clear. Takes root and name. */}}
{{- define "amparo.tlsSecret" -}}
{{- $tls := .root.Values.tls.internal }}
{{- if $tls.issuerRef.name }}{{ include "amparo.fullname" .root }}-{{ .name }}-tls{{ else }}{{ $tls.existingSecret }}{{ end }}
{{- end }}

{{/* Secrets come as files, never as environment. Takes root, name, facts (postgres, nats),
and owner: whether the address of the owner's role is given. */}}
{{- define "amparo.secretEnv" -}}
- name: AMPARO_INTERNAL_TOKEN_FILE
  value: /run/secrets/amparo/internal/token
{{- if include "amparo.tlsSecret" . }}
- name: AMPARO_TLS_CERTIFICATE_FILE
  value: /run/secrets/amparo/tls/tls.crt
- name: AMPARO_TLS_KEY_FILE
  value: /run/secrets/amparo/tls/tls.key
- name: AMPARO_TLS_CA_FILE
  value: /run/secrets/amparo/tls/ca.crt
{{- end }}
{{- if .facts.postgres }}
- name: AMPARO_POSTGRES_URL_FILE
  value: /run/secrets/amparo/postgres/url
{{- end }}
{{- if and (or .facts.postgres .owner) .root.Values.postgres.ca.existingSecret }}
- name: AMPARO_POSTGRES_CA_FILE
  value: /run/secrets/amparo/postgres-ca/ca.crt
{{- end }}
{{- if .owner }}
- name: AMPARO_POSTGRES_OWNER_URL_FILE
  value: /run/secrets/amparo/postgres-owner/url
{{- end }}
{{- if .facts.nats }}
- name: AMPARO_NATS_URL_FILE
  value: /run/secrets/amparo/nats/url
{{- if .root.Values.nats.ca.existingSecret }}
- name: AMPARO_NATS_CA_FILE
  value: /run/secrets/amparo/nats-ca/ca.crt
{{- end }}
{{- if .root.Values.nats.credentials.existingSecret }}
- name: AMPARO_NATS_CREDENTIALS_FILE
  value: /run/secrets/amparo/nats-credentials/user.creds
{{- end }}
{{- end }}
{{- end }}

{{- define "amparo.secretMounts" -}}
- {name: internal, mountPath: /run/secrets/amparo/internal, readOnly: true}
{{- if include "amparo.tlsSecret" . }}
- {name: tls, mountPath: /run/secrets/amparo/tls, readOnly: true}
{{- end }}
{{- if .facts.postgres }}
- {name: postgres, mountPath: /run/secrets/amparo/postgres, readOnly: true}
{{- end }}
{{- if and (or .facts.postgres .owner) .root.Values.postgres.ca.existingSecret }}
- {name: postgres-ca, mountPath: /run/secrets/amparo/postgres-ca, readOnly: true}
{{- end }}
{{- if .owner }}
- {name: postgres-owner, mountPath: /run/secrets/amparo/postgres-owner, readOnly: true}
{{- end }}
{{- if .facts.nats }}
- {name: nats, mountPath: /run/secrets/amparo/nats, readOnly: true}
{{- if .root.Values.nats.ca.existingSecret }}
- {name: nats-ca, mountPath: /run/secrets/amparo/nats-ca, readOnly: true}
{{- end }}
{{- if .root.Values.nats.credentials.existingSecret }}
- {name: nats-credentials, mountPath: /run/secrets/amparo/nats-credentials, readOnly: true}
{{- end }}
{{- end }}
{{- end }}

{{- define "amparo.secretVolumes" -}}
{{- $values := .root.Values }}
{{ include "amparo.secretVolume" (dict "name" "internal" "secret" $values.secrets.internal.existingSecret "key" $values.secrets.internal.key "path" "token") }}
{{- with include "amparo.tlsSecret" . }}
- name: tls
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    items:
      {{- range $file := list "tls.crt" "tls.key" "ca.crt" }}
      - {key: {{ $file }}, path: {{ $file }}}
      {{- end }}
{{- end }}
{{- if .facts.postgres }}
{{ include "amparo.secretVolume" (dict "name" "postgres" "secret" $values.postgres.existingSecret "key" (include "amparo.keyFor" (dict "key" $values.postgres.urlKey "service" .name)) "path" "url") }}
{{- end }}
{{- if and (or .facts.postgres .owner) $values.postgres.ca.existingSecret }}
{{ include "amparo.secretVolume" (dict "name" "postgres-ca" "secret" $values.postgres.ca.existingSecret "key" $values.postgres.ca.key "path" "ca.crt") }}
{{- end }}
{{- if .owner }}
{{ include "amparo.secretVolume" (dict "name" "postgres-owner" "secret" $values.postgres.owner.existingSecret "key" $values.postgres.owner.urlKey "path" "url") }}
{{- end }}
{{- if .facts.nats }}
{{ include "amparo.secretVolume" (dict "name" "nats" "secret" $values.nats.existingSecret "key" $values.nats.urlKey "path" "url") }}
{{- with $values.nats.ca }}{{ if .existingSecret }}
{{ include "amparo.secretVolume" (dict "name" "nats-ca" "secret" .existingSecret "key" .key "path" "ca.crt") }}
{{- end }}{{ end }}
{{- with $values.nats.credentials }}{{ if .existingSecret }}
{{ include "amparo.secretVolume" (dict "name" "nats-credentials" "secret" .existingSecret "key" .key "path" "user.creds") }}
{{- end }}{{ end }}
{{- end }}
{{- end }}

{{/* One key of one Secret as a file that only our group reads. */}}
{{- define "amparo.secretVolume" -}}
- name: {{ .name }}
  secret:
    secretName: {{ .secret }}
    defaultMode: 0440
    items:
      - {key: {{ .key }}, path: {{ .path }}}
{{- end }}

{{/* What every pod of ours has in common. Takes root, component, config (merged values) and, for the
one that speaks with the API server, token. */}}
{{- define "amparo.podBase" -}}
serviceAccountName: {{ .serviceAccountName | default (include "amparo.serviceAccountName" .root) }}
automountServiceAccountToken: {{ .token | default false }}
enableServiceLinks: false
securityContext:
  {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .config.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .config.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- with .config.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .config.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .config.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Pods of one component apart from one another. Takes root, component and spread. */}}
{{- define "amparo.topologySpread" -}}
{{- $labels := include "amparo.selectorLabels" . }}
{{- $keys := dict "zone" "topology.kubernetes.io/zone" "host" "kubernetes.io/hostname" }}
{{- range $what, $when := .spread }}
{{- if $when }}
- maxSkew: 1
  topologyKey: {{ get $keys $what }}
  whenUnsatisfiable: {{ $when }}
  labelSelector:
    matchLabels:
      {{- $labels | nindent 6 }}
  matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end }}
{{- end }}

{{/* Seconds between the word to stop and the kill: leaving the endpoints, draining, a margin. */}}
{{- define "amparo.gracePeriod" -}}
{{- add .root.Values.drain.preStopSeconds (int .platform.drainTimeout) .root.Values.drain.marginSeconds }}
{{- end }}
