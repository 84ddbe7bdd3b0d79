import { type PrometheusServer, startPrometheus } from './prometheus-server.ts'

/** A real Prometheus that is asked. */
export type AskedPrometheus = PrometheusServer & {
  /** The samples of an instant query; throws what Prometheus says against it. */
  query(expression: string): Promise<readonly PromSample[]>
  /** The values of a label of the series that match. */
  labelValues(series: string, label: string): Promise<readonly string[]>
}

export type PromSample = {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [second: number, text: string]
}

/** It scrapes the target, a URL, once a second. */
export async function startAskedPrometheus(target: string): Promise<AskedPrometheus> {
  const server = await startPrometheus([new URL(target).host])

  async function ask<Data>(pathAndQuery: string): Promise<Data> {
    const response = await fetch(new URL(pathAndQuery, server.url))
    const answer: { readonly status: string; readonly error?: string; readonly data: Data } = JSON.parse(
      await response.text(),
    )
    if (answer.status !== 'success') throw new Error(answer.error)
    return answer.data
  }

  return {
    ...server,
    async query(expression) {
      const data = await ask<{ readonly result: readonly PromSample[] }>(
        `/api/v1/query?query=${encodeURIComponent(expression)}`,
      )
      return data.result
    },
    labelValues: (series, label) =>
      ask(`/api/v1/label/${label}/values?match[]=${encodeURIComponent(series)}`),
  }
}
