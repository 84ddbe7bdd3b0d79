import { readFileSync } from 'node:fs'
import path from 'node:path'

/** A query of a panel or of a variable, and where it stands. */
export type DashboardQuery = {
  readonly where: string
  readonly text: string
  readonly legend: string
  /** What Grafana makes of the answer. */
  readonly format: 'time_series' | 'table' | 'variable'
}

type Panel = {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly datasource?: { readonly type: string; readonly uid: string }
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number }
  readonly targets?: readonly {
    readonly datasource: { readonly type: string; readonly uid: string }
    readonly expr?: string
    readonly rawSql?: string
    readonly legendFormat?: string
    readonly format?: 'time_series' | 'table'
  }[]
}

export type Dashboard = {
  readonly uid: string
  readonly title: string
  readonly schemaVersion: number
  readonly panels: readonly Panel[]
  readonly templating: {
    readonly list: readonly {
      readonly name: string
      readonly type: string
      readonly query: string | { readonly query: string }
    }[]
  }
}

export function readDashboard(name: 'co2-api-prometheus' | 'co2-api-postgresql'): Dashboard {
  const file = path.join(import.meta.dirname, '../../grafana', `${name}.json`)
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** Every query of a dashboard, those that fill its variables included. */
export function queriesOf({ panels, templating }: Dashboard): readonly DashboardQuery[] {
  const ofPanels = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, rawSql, legendFormat = '', format = 'time_series' }) => ({
      where: `panel "${title}"`,
      text: expr ?? rawSql ?? '',
      legend: legendFormat,
      format,
    })),
  )
  const ofVariables = templating.list.flatMap(({ name, type, query }) =>
    type === 'query'
      ? [
          {
            where: `variable "${name}"`,
            text: typeof query === 'string' ? query : query.query,
            legend: '',
            format: 'variable' as const,
          },
        ]
      : [],
  )
  return [...ofPanels, ...ofVariables]
}
