/** The look of a report: on a screen, light or dark, from a phone to a wall, and on paper. */
export const reportStyle = `
:root {
  color-scheme: light dark;
  --page: #f6f7f5; --card: #ffffff; --ink: #1b211d; --soft: #5b665f; --rule: #dfe4e0; --faint: #eef1ee;
  --accent: #0f766e; --accent-soft: #0f766e1f; --warn: #8a5a00; --warn-page: #fff6e0; --warn-rule: #f0d9a0;
  --measured: #0f766e; --configured: #6d5bb8; --estimated: #4c9aa8; --forecast: #3f7fc4; --annual: #c98a1b; --none: #9aa39d;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #111513; --card: #191e1b; --ink: #e8ede9; --soft: #9ba7a0; --rule: #2c3430; --faint: #222925;
    --accent: #4fd1bd; --accent-soft: #4fd1bd26; --warn: #f0c977; --warn-page: #2a2416; --warn-rule: #4d4122;
    --measured: #2fb5a2; --configured: #a091ea; --estimated: #79c3d0; --forecast: #7db2ee; --annual: #e2ad4e; --none: #6d7771;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; -webkit-text-size-adjust: 100%; }
main { max-width: 1080px; margin: 0 auto; padding: 48px 24px 64px; }
h1, h2, h3, p, dl, dd, figure, ul { margin: 0; padding: 0; }
a { color: var(--accent); text-underline-offset: 2px; }
.defs { position: absolute; }
header .kind { color: var(--accent); font-weight: 650; font-size: 13px; letter-spacing: .08em; text-transform: uppercase; }
h1 { font-size: clamp(27px, 4.4vw, 40px); line-height: 1.15; letter-spacing: -.02em; font-weight: 680; margin-top: 6px; text-wrap: balance; }
header .when { color: var(--soft); margin-top: 10px; }
h2 { font-size: 20px; letter-spacing: -.01em; font-weight: 650; }
h2 + .lead { color: var(--soft); margin-top: 4px; max-width: 72ch; }
h3 { font-size: 15px; font-weight: 650; }
section { margin-top: 44px; }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 14px; padding: 20px 22px; margin-top: 16px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(168px, 1fr)); gap: 14px; margin-top: 28px; }
.tile { background: var(--card); border: 1px solid var(--rule); border-radius: 14px; padding: 16px 18px; }
.tile.first { background: var(--accent-soft); border-color: transparent; }
.tile dt { color: var(--soft); font-size: 13.5px; }
.tile dd { font-size: 26px; line-height: 1.2; font-weight: 650; letter-spacing: -.01em; font-variant-numeric: tabular-nums; margin-top: 4px; white-space: nowrap; }
.tile dd small { font-size: 15px; font-weight: 500; letter-spacing: 0; }
.tile .note { color: var(--soft); font-size: 13px; margin-top: 4px; line-height: 1.4; }
.warnings { background: var(--warn-page); border: 1px solid var(--warn-rule); color: var(--warn); border-radius: 14px; padding: 14px 18px; margin-top: 20px; }
.warnings ul { padding-left: 18px; }
figure h3 { margin-bottom: 6px; }
figure + figure { margin-top: 18px; padding-top: 18px; border-top: 1px solid var(--rule); }
.drawing { overflow-x: auto; }
svg[role=img] { display: block; width: 100%; min-width: 560px; height: auto; font-size: 12px; }
svg .bar { fill: var(--accent); }
svg .line { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; }
svg .unknown { fill: url(#hatch); }
svg .hatch { fill: var(--rule); }
svg .rule { stroke: var(--rule); }
svg text { fill: var(--soft); font-variant-numeric: tabular-nums; }
svg .y { text-anchor: end; dominant-baseline: middle; }
figcaption { color: var(--soft); font-size: 13px; margin-top: 6px; }
.scroll { overflow-x: auto; margin: 0 -22px; padding: 0 22px; }
table { border-collapse: collapse; width: 100%; font-size: 14.5px; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: 13px; padding: 0 14px 8px 0; vertical-align: bottom; white-space: nowrap; }
td { padding: 9px 14px 9px 0; border-top: 1px solid var(--rule); vertical-align: top; }
td:last-child, th:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; }
td.name { overflow-wrap: anywhere; min-width: 12ch; } .short { white-space: nowrap; }
td .likely { display: block; color: var(--soft); font-size: 12.5px; }
td.bar-cell { width: 18%; min-width: 90px; }
.bar-cell i { display: block; height: 8px; border-radius: 4px; background: var(--accent); min-width: 2px; margin-top: 7px; }
tr.rest td { color: var(--soft); }
tr.sum td { border-top: 2px solid var(--ink); font-weight: 650; }
tr.sum .likely { font-weight: 400; }
.flag { display: inline-block; font-size: 12px; line-height: 1.5; padding: 0 7px; border-radius: 99px; background: var(--faint); color: var(--soft); margin: 0 4px 2px 0; }
.stack { display: flex; height: 16px; border-radius: 8px; overflow: hidden; gap: 2px; margin: 10px 0 8px; }
.stack i { display: block; min-width: 3px; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 14px; }
.legend i { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 7px; }
.measured { background: var(--measured); } .configured { background: var(--configured); } .estimated { background: var(--estimated); }
.forecast { background: var(--forecast); } .annual-average { background: var(--annual); } .none { background: var(--none); }
.zone + .zone { margin-top: 20px; padding-top: 18px; border-top: 1px solid var(--rule); }
.zone .about { color: var(--soft); font-size: 14px; margin-top: 6px; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 8px 24px; font-size: 14.5px; }
.facts dt { color: var(--soft); }
.facts dd { overflow-wrap: anywhere; }
.prose p + p, .prose ul { margin-top: 10px; }
.prose { font-size: 15px; } .prose > * { max-width: 80ch; }
.prose ul { padding-left: 20px; }
.formula { font-family: ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace; font-size: 14px; background: var(--faint); border-radius: 8px; padding: 10px 14px; overflow-x: auto; }
footer { color: var(--soft); font-size: 13px; margin-top: 48px; border-top: 1px solid var(--rule); padding-top: 16px; }
@media (max-width: 560px) {
  main { padding: 28px 16px 40px; }
  .card { padding: 16px; } .scroll { margin: 0 -16px; padding: 0 16px; }
  .tiles { grid-template-columns: 1fr 1fr; gap: 10px; } .tile { padding: 12px 14px; } .tile dd { font-size: 21px; }
  .tile.first { grid-column: 1 / -1; }
  .facts { grid-template-columns: 1fr; gap: 0; } .facts dd { margin-bottom: 10px; }
}
@media print {
  @page { size: A4; margin: 16mm 14mm; }
  :root { --page: #ffffff; --card: #ffffff; }
  body { font-size: 10.5pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  section { margin-top: 24pt; }
  .card, .tile { border-radius: 6px; }
  .tiles { grid-template-columns: repeat(5, 1fr); gap: 6pt; } .tile { padding: 8pt; } .tile dd { font-size: 14pt; } .tile dt, .tile .note { font-size: 8pt; }
  table { font-size: 8.5pt; } th { font-size: 8pt; white-space: normal; } td, th { padding-right: 7pt; } td { padding-top: 4pt; padding-bottom: 4pt; }
  td.name { min-width: 9ch; } td.bar-cell { min-width: 44px; width: 10%; } td .likely { font-size: 7.5pt; } .flag { font-size: 7.5pt; padding: 0 5px; }
  .scroll, .drawing { overflow: visible; margin: 0; padding: 0; } svg[role=img] { min-width: 0; }
  h2 { break-after: avoid; } tr, figure, .tile, .zone { break-inside: avoid; } thead { display: table-header-group; }
  a { color: inherit; text-decoration: none; } td a::after { content: " " attr(href); color: var(--soft); font-size: 7pt; overflow-wrap: anywhere; }
}
`
