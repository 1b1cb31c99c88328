{{- define "callboard.name" -}}
{{- if contains "callboard" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-callboard{{ end }}
{{- end }}

{{- define "callboard.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* Labels that select pods; they never change. */}}
{{- define "callboard.selector" -}}
app.kubernetes.io/name: callboard
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "callboard.labels" -}}
{{ include "callboard.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{/* The settings of every process: secrets by name, never as a value. */}}
{{- define "callboard.env" -}}
{{- $secret := .Values.secretName -}}
{{- range list "SECRET_KEY" "DATABASE_URL" "REDIS_URL" }}
- name: {{ . }}
  valueFrom: { secretKeyRef: { name: {{ $secret | quote }}, key: {{ . }} } }
{{- end }}
{{- range list "PLATFORM_API_KEY" "SMTP_URL" "DELIVERY_PROXY" "OIDC_CLIENT_SECRET" }}
- name: {{ . }}
  valueFrom: { secretKeyRef: { name: {{ $secret | quote }}, key: {{ . }}, optional: true } }
{{- end }}
- { name: PUBLIC_URL, value: {{ .Values.publicUrl | quote }} }
- { name: WEB_WORKERS, value: {{ .Values.web.workers | quote }} }
- { name: TRUSTED_PROXIES, value: {{ .Values.web.trustedProxies | quote }} }
- { name: MAX_IN_FLIGHT, value: {{ .Values.worker.maxInFlight | quote }} }
- { name: MAX_WEBHOOKS, value: {{ int .Values.quotas.webhooks | quote }} }
- { name: MAX_DELIVERIES_PER_EVENT, value: {{ int .Values.quotas.deliveriesPerEvent | quote }} }
- { name: MAX_REQUESTS_PER_HOST, value: {{ int .Values.quotas.requestsPerHost | quote }} }
{{- with .Values.redisTls }}
{{- if .caKey }}
- { name: REDIS_CA_FILE, value: {{ printf "/redis-tls/%s" .caKey | quote }} }
{{- end }}
{{- if .certKey }}
- { name: REDIS_CERT_FILE, value: {{ printf "/redis-tls/%s" .certKey | quote }} }
- { name: REDIS_KEY_FILE, value: {{ printf "/redis-tls/%s" .keyKey | quote }} }
{{- end }}
{{- end }}
{{- range $name, $value := .Values.settings }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- end }}

{{/* What every pod has in common: no privilege, no token of the cluster, a read-only root. */}}
{{- define "callboard.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: { type: RuntimeDefault }
volumes:
  - { name: data, emptyDir: {} }
  - { name: tmp, emptyDir: { sizeLimit: 256Mi } }
  {{- with .Values.redisTls.secretName }}
  - { name: redis-tls, secret: { secretName: {{ . | quote }}, defaultMode: 0440 } }
  {{- end }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{- define "callboard.container" -}}
image: {{ include "callboard.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
volumeMounts:
  - { name: data, mountPath: /data }
  - { name: tmp, mountPath: /tmp }
  {{- if .Values.redisTls.secretName }}
  - { name: redis-tls, mountPath: /redis-tls, readOnly: true }
  {{- end }}
env: {{- include "callboard.env" . | nindent 2 }}
{{- end }}

{{- define "callboard.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "callboard.selector" . | nindent 8 }}
{{- end }}
