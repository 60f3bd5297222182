{{/* Rules out of a pod, one per destination: names first, then those it calls, its database, NATS.
Takes root and facts (calls, postgres, nats). */}}
{{- define "amparo.egress" -}}
{{- $root := .root }}{{ $values := .root.Values }}
{{- $table := include "amparo.services" $root | fromYaml }}
- to:
    {{- toYaml $values.networkPolicy.dns | nindent 4 }}
  ports:
    - {port: 53, protocol: UDP}
    - {port: 53, protocol: TCP}
{{- range .facts.calls }}
- to:
    - podSelector:
        matchLabels:
          {{- include "amparo.selectorLabels" (dict "root" $root "component" .) | nindent 10 }}
  ports:
    - {port: {{ get (get $table .) "port" }}, protocol: TCP}
{{- end }}
{{- if .facts.postgres }}
- to:
    {{- if $values.postgres.cnpg.enabled }}
    - podSelector:
        matchLabels:
          cnpg.io/cluster: {{ include "amparo.fullname" $root }}-postgres
    {{- else }}
    {{- toYaml $values.postgres.network | nindent 4 }}
    {{- end }}
  ports:
    - {port: {{ $values.postgres.port }}, protocol: TCP}
{{- end }}
{{- if .facts.nats }}
- to:
    {{- if $values.nats.bundled.enabled }}
    - podSelector:
        matchLabels:
          {{- include "amparo.selectorLabels" (dict "root" $root "component" "nats") | nindent 10 }}
    {{- else }}
    {{- toYaml $values.nats.network | nindent 4 }}
    {{- end }}
  ports:
    - {port: {{ $values.nats.port }}, protocol: TCP}
{{- end }}
{{- end }}

{{/* A rule in from components of this release. Takes root, from (names) and ports. */}}
{{- define "amparo.ingressFrom" -}}
{{- $root := .root }}
- from:
    {{- range .from }}
    - podSelector:
        matchLabels:
          {{- include "amparo.selectorLabels" (dict "root" $root "component" .) | nindent 10 }}
    {{- end }}
  ports:
    {{- range .ports }}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
{{- end }}

{{/* Who calls a service. Takes root and name; gives {callers: [...]}. */}}
{{- define "amparo.callers" -}}
{{- $name := .name }}{{ $callers := list }}
{{- range $caller, $facts := include "amparo.services" .root | fromYaml }}
{{- if has $name $facts.calls }}{{ $callers = append $callers $caller }}{{ end }}
{{- end }}
{{- if and .root.Values.commands.enabled (has $name (include "amparo.commandCalls" .root | fromYaml).calls) }}
{{- $callers = append $callers "commands" }}
{{- end }}
{{- if and .root.Values.operator.enabled (has $name (include "amparo.operatorCalls" .root | fromYaml).calls) }}
{{- $callers = append $callers "operator" }}
{{- end }}
{{- dict "callers" $callers | toJson }}
{{- end }}
