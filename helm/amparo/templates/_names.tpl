{{- define "amparo.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* Short enough that `-configuration` and a hash still fit into a label. */}}
{{- define "amparo.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "amparo.name" .) .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "amparo.name" .) | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "amparo.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{/* Frozen for ever: selectors of Deployments cannot change. */}}
{{- define "amparo.selectorLabels" -}}
app.kubernetes.io/name: {{ include "amparo.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "amparo.labels" -}}
{{ include "amparo.selectorLabels" . }}
app.kubernetes.io/part-of: amparo
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Of pods: nothing that changes with the chart's version, or every release would restart all. */}}
{{- define "amparo.podLabels" -}}
{{ include "amparo.selectorLabels" . }}
app.kubernetes.io/part-of: amparo
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* name, namespace, labels and annotations of one object. Takes root, component, and optionally
suffix (of the name, the component otherwise), labels and annotations. */}}
{{- define "amparo.metadata" -}}
name: {{ include "amparo.fullname" .root }}-{{ default .component .suffix }}
namespace: {{ include "amparo.namespace" .root }}
labels:
  {{- include "amparo.labels" . | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- $annotations := merge dict (default dict .annotations) .root.Values.commonAnnotations }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "amparo.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "amparo.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* A digest wins over a tag. Takes image and, for the tag, appVersion. */}}
{{- define "amparo.image" -}}
{{- $name := .image.repository }}
{{- with .image.registry }}{{ $name = printf "%s/%s" . $name }}{{ end }}
{{- if .image.digest }}
{{- printf "%s@%s" $name .image.digest }}
{{- else }}
{{- printf "%s:%s" $name (default .appVersion .image.tag) }}
{{- end }}
{{- end }}

{{/* A number as it was written: large ones would turn into 1e+06. */}}
{{- define "amparo.scalar" -}}
{{- if kindIs "float64" . }}{{ if eq (floor .) . }}{{ int64 . }}{{ else }}{{ . }}{{ end }}{{ else }}{{ . }}{{ end }}
{{- end }}

{{/* `url` or `{service}-url` for one service. */}}
{{- define "amparo.keyFor" -}}
{{- .key | replace "{service}" .service }}
{{- end }}

{{/* A quantity as a number of bytes. */}}
{{- define "amparo.bytes" -}}
{{- $units := dict "" 1 "m" 0.001 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 }}
{{- $number := regexFind "^[0-9.]+" . }}
{{- mulf (float64 $number) (get $units (trimPrefix $number .)) | int64 }}
{{- end }}
