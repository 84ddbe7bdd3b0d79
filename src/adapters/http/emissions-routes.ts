import type { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from './access.ts'
import { type AnswerFormat, answerFormatOf, mediaTypes } from './answer-format.ts'
import type { ApiPorts } from './api-ports.ts'
import { comparisonAnswer, ZoneComparison } from './compare-answer.ts'
import { CompareQuery, understandComparison } from './compare-query.ts'
import { emissionsText, type Reported } from './emissions-answer.ts'
import { EmissionsQuery, type UnderstoodEmissions, understandEmissions } from './emissions-query.ts'
import { EmissionsReport } from './emissions-schema.ts'
import { emissionsTable } from './emissions-table.ts'
import type { Asking } from './energy-question.ts'
import { refuseExcess, refuseLongSeries } from './excess-answer.ts'
import * as Type from './json-schema.ts'
import { bodyOf, streamOf } from './long-body.ts'
import { Problem } from './problem.ts'
import { questionSignal } from './question-signal.ts'
import { shiftAnswer, WorkShift } from './shift-answer.ts'
import { ShiftQuery, understandShift } from './shift-query.ts'
import { csvOf } from './table-as-csv.ts'

/** The answer is written by hand, piece by piece, so that it can be streamed; its shape is that of the schema. */
const textOfReport = Type.Unsafe<string | Readable>(EmissionsReport)
const problems = { 400: Problem, 403: Problem, 503: Problem }

/** What any containers emitted, what it would have been elsewhere, and when it would be least. */
export function emissionsRoutes(ports: ApiPorts): FastifyPluginAsyncTypebox {
  const askingOf = (request: FastifyRequest): Asking => ({
    zones: ports.zones,
    homeZone: ports.homeZone,
    now: ports.now(),
    caller: callerOf(request),
  })
  const nameOf = (zone: string) => {
    const found = ports.zones.directory.find(zone)
    return found.kind === 'known' ? found.name : zone
  }

  return async (server) => {
    for (const schema of [EmissionsReport, ZoneComparison, WorkShift]) server.addSchema(schema)

    server.get(
      '/api/v1/emissions',
      {
        config: { access: 'view', isHeavy: true },
        schema: {
          tags: ['emissions'],
          summary: 'What any containers used and emitted',
          description:
            'Totals, series and groups by namespace, workload, pod, container or node, for any number of zones at once. By default the totals of the last hour.',
          querystring: EmissionsQuery,
          response: {
            200: {
              description: 'As JSON, or one row for each group, step and zone as CSV or Parquet.',
              content: {
                [mediaTypes.json]: { schema: textOfReport },
                [mediaTypes.csv]: { schema: Type.Unsafe<string | Readable>(Type.String()) },
                [mediaTypes.parquet]: {
                  schema: Type.Unsafe<string | Readable>(Type.String({ format: 'binary' })),
                },
              },
            },
            ...problems,
            406: Problem,
          },
        },
      },
      async (request, reply) => {
        const format = answerFormatOf(request.query.format, request.headers.accept)
        const understood = understandEmissions(request.query, askingOf(request), format)
        const signal = questionSignal(reply, ports.queryTimeoutSeconds)
        const answer = await ports.reportGroupEmissions(understood.question, signal)
        if (answer.kind !== 'reported') return refuseExcess(answer)
        refuseLongSeries(understood, answer)
        // Before anything is said about it: a writer that cannot be loaded is a failure like any other.
        const body = await bodyIn(format, { understood, answer }, nameOf)
        addVary(reply, 'accept')
        void reply.type(format === 'parquet' ? mediaTypes.parquet : `${mediaTypes[format]}; charset=utf-8`)
        if (format !== 'json') addTableHeaders(request, reply, { understood, answer, format })
        return reply.send(body)
      },
    )

    server.get(
      '/api/v1/compare',
      {
        config: { access: 'view', isHeavy: true },
        schema: {
          tags: ['emissions'],
          summary: 'What the same energy would have emitted elsewhere',
          description:
            'Zones ranked by what the energy of any containers would have emitted there, with the saving against the home zone. By default every zone with figures, for the last hour.',
          querystring: CompareQuery,
          response: { 200: ZoneComparison, ...problems },
        },
      },
      async (request, reply) => {
        const understood = understandComparison(request.query, askingOf(request))
        const signal = questionSignal(reply, ports.queryTimeoutSeconds)
        const answer = await ports.compareZones(understood.question, signal)
        return answer.kind === 'compared'
          ? comparisonAnswer(understood, answer, nameOf)
          : refuseExcess(answer)
      },
    )

    server.get(
      '/api/v1/shift',
      {
        config: { access: 'view', isHeavy: true },
        schema: {
          tags: ['emissions'],
          summary: 'When and where the same work emits least',
          description:
            'The best start in each zone out of what is forecast, and the best hour of the day out of the last seven days. The work is what any containers use in that time at the mean power of the last day, or a given energy.',
          querystring: ShiftQuery,
          response: { 200: WorkShift, ...problems },
        },
      },
      async (request, reply) => {
        const understood = understandShift(request.query, askingOf(request))
        const signal = questionSignal(reply, ports.queryTimeoutSeconds)
        const answer = await ports.shiftWork(understood.question, signal)
        return answer.kind === 'shifted' ? shiftAnswer(understood, answer, nameOf) : refuseExcess(answer)
      },
    )
  }
}

async function bodyIn(
  format: AnswerFormat,
  { understood, answer }: { readonly understood: UnderstoodEmissions; readonly answer: Reported },
  nameOf: (zone: string) => string,
): Promise<string | Readable> {
  switch (format) {
    case 'json':
      return bodyOf(emissionsText(understood, answer, nameOf))
    case 'csv':
      return bodyOf(csvOf(emissionsTable(understood, answer)))
    case 'parquet': {
      const { parquetOf } = await import('./table-as-parquet.ts')
      return streamOf(parquetOf(emissionsTable(understood, answer)))
    }
  }
}

/** What has no room in a table: how to get the next page, and what the reader should know. */
function addTableHeaders(
  request: FastifyRequest,
  reply: FastifyReply,
  {
    understood,
    answer,
    format,
  }: { readonly understood: UnderstoodEmissions; readonly answer: Reported; readonly format: AnswerFormat },
): void {
  void reply.header('content-disposition', `attachment; filename="co2-api-emissions.${format}"`)
  if (answer.page.last !== undefined) {
    const next = new URL(request.url, 'http://here')
    next.searchParams.set('cursor', understood.cursorAfter(answer.page.last))
    void reply.header('link', `<${next.pathname}${next.search}>; rel="next"`)
  }
  if (answer.sum.warnings.length > 0) {
    const asAscii = JSON.stringify(answer.sum.warnings).replaceAll(
      /[^\x20-\x7e]/g,
      (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    void reply.header('co2-api-warnings', asAscii)
  }
}

/** Beside what others have said that the answer varies by. */
function addVary(reply: FastifyReply, name: string): void {
  const before = reply.getHeader('vary')
  void reply.header('vary', before === undefined ? name : `${String(before)}, ${name}`)
}
