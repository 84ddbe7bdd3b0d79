import type { LedgerBatch, LedgerPage } from '../../energy/ledger-page.ts'
import type { SetAside, WriteOutcome } from '../../energy/measurement-store.ts'
import { acceptedOf } from '../../energy/page-chain.ts'
import type { Instant } from '../../units.ts'
import { type BatchPlan, type PlannedContainer, type PlannedRow, planBatch, refOf } from './batch-plan.ts'
import type { ContainerRefs, Resolution } from './container-refs.ts'
import { asciiJson, digestOf } from './digest.ts'
import { isRefusedRow, isUnsupported } from './failure.ts'
import { insertGaps } from './gaps.ts'
import { allowUnpacking, copyRows, insertRows, renameRows } from './measurement-rows.ts'
import { lockStates, upsertStates } from './node-states.ts'
import { noteForSums, sumsMakingUntil } from './outdated-sums.ts'
import type { Layout } from './schema.ts'
import type { Session } from './session.ts'
import { inSavepoint, inTransaction, unlessConflicting } from './transaction.ts'

const rowsPerStatement = 10_000

/**
 * Writes a batch in one transaction, in the fastest way that the batch allows. At first as if all of it were new. If
 * it was delivered before, again, passing over what is there. If the server refuses a row for a reason that was not
 * foreseen, again with care: what is refused is halved until the row is found, and that row alone is set aside.
 */
export async function writeBatch(
  session: Session,
  batch: LedgerBatch,
  { refs, layout }: { readonly refs: ContainerRefs; readonly layout: Layout },
): Promise<WriteOutcome> {
  const plan = planBatch(batch)
  const write = (ways: Pick<WritingPlan, 'portion' | 'addRows'>) =>
    unlessConflicting(() => writePlan(session, refs, { batch, plan, layout, ...ways }))
  try {
    return await write({ portion: atOnce, addRows: addNewRows })
  } catch (error) {
    if (!isRefusedRow(error) && !isUnsupported(error)) throw error
  }
  try {
    return await write({ portion: atOnce, addRows: insertRows })
  } catch (error) {
    if (!isRefusedRow(error)) throw error
  }
  return write({ portion: carefully(session), addRows: insertRows })
}

type WritingPlan = {
  readonly batch: LedgerBatch
  readonly layout: Layout
  readonly plan: BatchPlan
  readonly portion: InPortions
  /** Returns how many were new. */
  readonly addRows: (session: Session, rows: readonly PlannedRow[]) => Promise<number>
}

async function addNewRows(session: Session, rows: readonly PlannedRow[]): Promise<number> {
  await copyRows(session, rows)
  return rows.length
}

/** What the server refused of a portion, and in which words. */
type Refused<T> = readonly { readonly item: T; readonly reason: string }[]
type InPortions = <T>(
  items: readonly T[],
  write: (portion: readonly T[]) => Promise<void>,
) => Promise<Refused<T>>

const atOnce: InPortions = async (items, write) => {
  for (let at = 0; at < items.length; at += rowsPerStatement) {
    await write(items.slice(at, at + rowsPerStatement))
  }
  return []
}

function carefully(session: Session): InPortions {
  return async function writeOrHalve<T>(
    items: readonly T[],
    write: (portion: readonly T[]) => Promise<void>,
  ): Promise<Refused<T>> {
    const [item] = items
    if (item === undefined) return []
    if (items.length <= rowsPerStatement) {
      try {
        await inSavepoint(session, () => write(items))
        return []
      } catch (error) {
        if (!isRefusedRow(error)) throw error
        if (items.length === 1) return [{ item, reason: `is refused by PostgreSQL: ${error.message}` }]
      }
    }
    const middle = Math.ceil(items.length / 2)
    return [
      ...(await writeOrHalve(items.slice(0, middle), write)),
      ...(await writeOrHalve(items.slice(middle), write)),
    ]
  }
}

async function writePlan(session: Session, refs: ContainerRefs, given: WritingPlan): Promise<WriteOutcome> {
  const { portion, layout } = given
  const written = await inTransaction(session, async () => {
    const makingUntil = await sumsMakingUntil(session)
    if (layout.kind === 'hypertable') await allowUnpacking(session)
    const { plan, batch, repeated, superseded } = await stillToWrite(session, given)
    const writing = { ...given, plan, batch }
    const containers = await resolveContainers(session, refs, writing)
    const notRenamed = await portion(containers.renamed, (some) => renameRows(session, some))
    const rows = await insertMeasurements(session, { ...writing, ...containers, makingUntil })
    const noGaps = await portion(plan.gaps, (some) => insertGaps(session, some))
    const noStates = await portion(plan.states, (some) => upsertStates(session, some))
    const setAside = inOrderOf(batch.pages, [...plan.setAside, ...rows.setAside])
    await insertSetAside(session, [
      ...setAside.map(({ node, measurement, reason }) => ({ what: { node, measurement }, reason })),
      ...plan.lost,
      ...notRenamed.map(({ item, reason }) => ({ what: { renamedRef: item }, reason })),
      ...noGaps.map(({ item, reason }) => ({ what: { gap: item }, reason })),
      ...noStates.map(({ item, reason }) => ({ what: { state: item }, reason })),
    ])
    return { ...rows, repeated: rows.repeated + repeated, setAside, superseded, learned: containers.learned }
  })
  // Only now do the numbers exist for others.
  refs.remember(written.learned)
  const { added, repeated, setAside, superseded } = written
  const outcome = { written: added, repeated, setAside }
  return superseded.length === 0 ? outcome : { ...outcome, superseded }
}

/**
 * What of a batch is written: not what was written before, nor what another process has counted meanwhile. Pages that
 * tell of no other process are all written.
 */
async function stillToWrite(session: Session, { batch, plan }: WritingPlan) {
  if (batch.pages.every(({ link }) => link === undefined)) return { plan, batch, repeated: 0, superseded: [] }
  const still = acceptedOf(
    batch,
    await lockStates(
      session,
      plan.states.map(({ node }) => node),
    ),
  )
  return { ...still, plan: still.batch === batch ? plan : planBatch(still.batch) }
}

type Containers = Resolution & { readonly refused: ReadonlyMap<PlannedContainer, string> }

async function resolveContainers(
  session: Session,
  refs: ContainerRefs,
  { plan, portion }: WritingPlan,
): Promise<Containers> {
  const parts: Resolution[] = []
  const refused = await portion(plan.containers, async (some) => {
    parts.push(await refs.resolve(session, some))
  })
  return {
    renamed: parts.flatMap(({ renamed }) => renamed),
    learned: parts.flatMap(({ learned }) => learned),
    refused: new Map(refused.map(({ item, reason }) => [item, reason])),
  }
}

async function insertMeasurements(
  session: Session,
  {
    plan,
    portion,
    addRows,
    refused,
    makingUntil,
  }: WritingPlan & Containers & { readonly makingUntil: Instant },
): Promise<{ readonly added: number; readonly repeated: number; readonly setAside: readonly SetAside[] }> {
  // In one order, so that two writers of the same rows wait for each other and not each for the other.
  const rows = plan.rows
    .filter(({ container }) => container.numbered !== undefined)
    .sort((a, b) => refOf(a) - refOf(b) || a.measurement.during.to - b.measurement.during.to)
  const setAside =
    refused.size === 0
      ? []
      : plan.rows.flatMap((row) => {
          const reason = refused.get(row.container)
          return reason === undefined ? [] : [asideOf(row, reason)]
        })
  let added = 0
  const refusedRows = await portion(rows, async (some) => {
    added += await addRows(session, some)
    await noteForSums(session, some, makingUntil)
  })
  setAside.push(...refusedRows.map(({ item, reason }) => asideOf(item, reason)))
  return { added, repeated: rows.length - refusedRows.length - added, setAside }
}

function asideOf({ container, measurement }: PlannedRow, reason: string): SetAside {
  return { node: container.node, measurement, reason }
}

/** As they stood in the batch. */
function inOrderOf(pages: readonly LedgerPage[], setAside: readonly SetAside[]): readonly SetAside[] {
  if (setAside.length < 2) return setAside
  const places = new Map(
    pages.flatMap(({ measurements }) => measurements).map((measurement, place) => [measurement, place]),
  )
  return setAside.toSorted((a, b) => (places.get(a.measurement) ?? 0) - (places.get(b.measurement) ?? 0))
}

async function insertSetAside(
  session: Session,
  records: readonly { readonly what: unknown; readonly reason: string }[],
): Promise<void> {
  if (records.length === 0) return
  const byDigest = new Map(records.map((record) => [digestOf(record), record]))
  const kept = [...byDigest.values()]
  await session.rows(
    `insert into set_aside_measurements (digest, reason, row)
     select * from unnest($1::uuid[], $2::text[], $3::text[]) order by 1
     on conflict (digest) do nothing`,
    [
      [...byDigest.keys()],
      kept.map(({ reason }) => reason.replaceAll(/[^\x20-\x7e]/g, '?')),
      kept.map(({ what }) => asciiJson(what)),
    ],
  )
}
