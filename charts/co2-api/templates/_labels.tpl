{{/* What selects the pods of this release. It must never change: a workload's selector cannot. */}}
{{- define "co2-api.selector" -}}
app: co2-api
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "co2-api.labels" -}}
{{ include "co2-api.selector" . }}
app.kubernetes.io/name: co2-api
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
