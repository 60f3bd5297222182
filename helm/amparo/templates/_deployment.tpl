{{/* The Deployment of one service. Takes root, name, facts (its line of the table of services)
and config (its values over the defaults). */}}
{{- define "amparo.deployment" -}}
{{- $root := .root }}{{ $name := .name }}{{ $config := .config }}{{ $values := .root.Values }}
{{- $platform := mergeOverwrite (deepCopy $values.platform) (deepCopy (default dict $config.platform)) }}
{{- $owner := and .facts.postgres (ne $name "keyring") $values.postgres.owner.giveToServices }}
{{- $needs := dict "root" $root "name" $name "facts" .facts "owner" $owner }}
{{- $journal := default dict $config.journal }}
{{- $spool := default dict $config.spool }}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "amparo.metadata" (dict "root" $root "component" $name) | nindent 2 }}
spec:
  {{- if eq $config.autoscaling.kind "none" }}
  replicas: {{ $config.replicas }}
  {{- end }}
  revisionHistoryLimit: {{ $values.rollout.revisionHistoryLimit }}
  progressDeadlineSeconds: {{ $values.rollout.progressDeadlineSeconds }}
  minReadySeconds: {{ $values.rollout.minReadySeconds }}
  strategy:
    {{- if and $journal.enabled (ne $journal.accessMode "ReadWriteMany") (not $journal.existingClaim) }}
    # Its volume is on one node at a time: the old pod goes before the new one comes.
    type: Recreate
    {{- else }}
    type: RollingUpdate
    rollingUpdate:
      maxSurge: {{ $values.rollout.maxSurge }}
      maxUnavailable: {{ $values.rollout.maxUnavailable }}
    {{- end }}
  selector:
    matchLabels:
      {{- include "amparo.selectorLabels" (dict "root" $root "component" $name) | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "amparo.podLabels" (dict "root" $root "component" $name) | nindent 8 }}
        {{- with $config.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        kubectl.kubernetes.io/default-container: {{ $name }}
        {{- with $values.secrets.revision }}
        amparo.dev/secrets-revision: {{ . | quote }}
        {{- end }}
        {{- with $config.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- include "amparo.podBase" (dict "root" $root "config" $config) | nindent 6 }}
      terminationGracePeriodSeconds: {{ include "amparo.gracePeriod" (dict "root" $root "platform" $platform) }}
      {{- with include "amparo.topologySpread" (dict "root" $root "component" $name "spread" $config.topologySpread) }}
      topologySpreadConstraints:
        {{- . | trim | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ $name }}
          image: {{ include "amparo.image" (dict "image" $values.image "appVersion" $root.Chart.AppVersion) }}
          imagePullPolicy: {{ $values.image.pullPolicy }}
          args: [serve, {{ $name }}]
          env:
            {{- if eq $name "gateway" }}
            - name: AMPARO_GATEWAY_LISTEN
              value: 0.0.0.0:{{ .facts.port }}
            {{- else }}
            - name: AMPARO_LISTEN
              value: 0.0.0.0:{{ .facts.port }}
            {{- end }}
            - name: AMPARO_ADMIN_LISTEN
              value: 0.0.0.0:{{ include "amparo.adminPort" $root }}
            {{- with .facts.calls }}
            {{- include "amparo.peerEnv" (dict "root" $root "calls" .) | trim | nindent 12 }}
            {{- end }}
            {{- include "amparo.secretEnv" $needs | trim | nindent 12 }}
            {{- if eq $name "keyring" }}
            - name: AMPARO_KEYRING_ROOT_KEY_FILE
              value: /run/secrets/amparo/keyring/root-key
            {{- end }}
            {{- if $journal.enabled }}
            - name: AMPARO_KEYRING_JOURNAL_FILE
              value: /var/lib/amparo/journal/destroyed-keys
            {{- end }}
            {{- if eq $name "identity" }}
            - name: AMPARO_IDENTITY_SIGNING_SECRET_FILE
              value: /run/secrets/amparo/signing/secret
            {{- end }}
            {{- if and $spool.kind (ne $spool.kind "none") }}
            - name: AMPARO_GATEWAY_SPOOL
              value: /var/lib/amparo/spool
            {{- end }}
            {{- if $platform.otlpEndpoint }}
            - name: AMPARO_OTLP_SERVICE
              value: amparo-{{ $name }}
            {{- end }}
            {{- include "amparo.settings" (dict "prefix" "AMPARO" "settings" $platform) | trim | nindent 12 }}
            {{- with $config.settings }}
            {{- include "amparo.settings" (dict "prefix" (printf "AMPARO_%s" (upper $name)) "settings" .) | trim | nindent 12 }}
            {{- end }}
            {{- with $config.extraEnv }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          ports:
            - {name: {{ eq $name "gateway" | ternary "http" "grpc" }}, containerPort: {{ .facts.port }}, protocol: TCP}
            - {name: admin, containerPort: {{ include "amparo.adminPort" $root }}, protocol: TCP}
          {{- range $kind := list "startup" "readiness" "liveness" }}
          {{- $probe := get $values.probes $kind }}
          {{ $kind }}Probe:
            httpGet:
              path: {{ $probe.path }}
              port: admin
            periodSeconds: {{ $probe.periodSeconds }}
            timeoutSeconds: 5
            failureThreshold: {{ $probe.failureThreshold }}
          {{- end }}
          lifecycle:
            preStop:
              # The endpoint is taken out of use meanwhile; SIGTERM then drains what is under way.
              sleep: {seconds: {{ $values.drain.preStopSeconds }}}
          resources:
            {{- toYaml $config.resources | nindent 12 }}
          securityContext:
            {{- toYaml $values.securityContext | nindent 12 }}
          volumeMounts:
            {{- include "amparo.secretMounts" $needs | trim | nindent 12 }}
            {{- if eq $name "keyring" }}
            - {name: keyring, mountPath: /run/secrets/amparo/keyring, readOnly: true}
            {{- end }}
            {{- if eq $name "identity" }}
            - {name: signing, mountPath: /run/secrets/amparo/signing, readOnly: true}
            {{- end }}
            {{- if $journal.enabled }}
            - {name: journal, mountPath: /var/lib/amparo/journal}
            {{- end }}
            {{- if and $spool.kind (ne $spool.kind "none") }}
            - {name: spool, mountPath: /var/lib/amparo/spool}
            {{- end }}
            {{- with $config.extraVolumeMounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
      volumes:
        {{- include "amparo.secretVolumes" $needs | trim | nindent 8 }}
        {{- if eq $name "keyring" }}
        {{- include "amparo.secretVolume" (dict "name" "keyring" "secret" $values.secrets.keyring.existingSecret "key" $values.secrets.keyring.key "path" "root-key") | trim | nindent 8 }}
        {{- end }}
        {{- if eq $name "identity" }}
        {{- include "amparo.secretVolume" (dict "name" "signing" "secret" $values.secrets.signing.existingSecret "key" $values.secrets.signing.key "path" "secret") | trim | nindent 8 }}
        {{- end }}
        {{- if $journal.enabled }}
        - name: journal
          persistentVolumeClaim:
            claimName: {{ default (printf "%s-keyring-journal" (include "amparo.fullname" $root)) $journal.existingClaim }}
        {{- end }}
        {{- if eq (default "none" $spool.kind) "emptyDir" }}
        - name: spool
          emptyDir: {sizeLimit: {{ $spool.size }}}
        {{- else if eq (default "none" $spool.kind) "existingClaim" }}
        - name: spool
          persistentVolumeClaim:
            claimName: {{ $spool.existingClaim }}
        {{- end }}
        {{- with $config.extraVolumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
{{- end }}
