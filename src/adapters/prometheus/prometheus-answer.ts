import { HistoryError, type RecordedSeries } from '../../flows/series-history.ts'

/** What stands in `data` of a whole answer. Throws HistoryError when the answer is of another shape, or partial. */
export function dataIn(body: unknown, address: string): unknown {
  if (!isObject(body) || body['status'] !== 'success') throw unexpected(address, 'no "status": "success"')
  const { warnings } = body
  // A store that was away is a hole in the history, which would look like containers that have ended.
  if (Array.isArray(warnings) && warnings.length > 0)
    throw new HistoryError('server-error', `${address} answered in part only: ${String(warnings[0])}`)
  return body['data']
}

export function textsIn(data: unknown, address: string): readonly string[] {
  if (!Array.isArray(data)) throw unexpected(address, 'no list of values')
  return data.map((value: unknown) => {
    if (typeof value !== 'string') throw unexpected(address, 'a value that is no text')
    return value
  })
}

/**
 * The series of a matrix, with the samples after `after` alone: whether the beginning of a range belongs to it depends
 * on the version (it does up to Prometheus 2, and does not from 3 on).
 */
export function seriesIn(data: unknown, after: number, address: string): readonly RecordedSeries[] {
  if (!isObject(data) || data['resultType'] !== 'matrix' || !Array.isArray(data['result']))
    throw unexpected(address, 'no matrix')
  return data['result'].map((entry: unknown) => {
    if (!isObject(entry)) throw unexpected(address, 'a series that is no object')
    const labels = labelsIn(entry['metric'], address)
    const times: number[] = []
    const values: number[] = []
    for (const pair of samplesIn(entry['values'], address)) {
      const [seconds, value] = pair
      if (typeof seconds !== 'number' || typeof value !== 'string')
        throw unexpected(address, 'a sample that is no pair of time and value')
      const time = Math.round(seconds * 1000)
      if (time <= after) continue
      times.push(time)
      values.push(Number(value))
    }
    const name = labels.get('__name__') ?? ''
    labels.delete('__name__')
    return { name, labels, times, values }
  })
}

function labelsIn(metric: unknown, address: string): Map<string, string> {
  if (!isObject(metric)) throw unexpected(address, 'a series without labels')
  const labels = new Map<string, string>()
  for (const [label, value] of Object.entries(metric)) {
    if (typeof value !== 'string') throw unexpected(address, `a label ${label} that is no text`)
    labels.set(label, value)
  }
  return labels
}

function samplesIn(values: unknown, address: string): readonly (readonly unknown[])[] {
  if (Array.isArray(values) && values.every(Array.isArray)) return values
  throw unexpected(address, 'a series without samples')
}

function unexpected(address: string, what: string): HistoryError {
  return new HistoryError(
    'unexpected-answer',
    `${address} answered with ${what}: is it the API of Prometheus?`,
  )
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
