"""The style sheet of a report: one column, light and dark, tables that scroll by themselves."""

STYLE = """
:root { --ink: #1b1f24; --soft: #59636e; --line: #d8dee4; --paper: #fff; --tint: #f6f8fa; --link: #0550ae;
  --bar: #5b7fb4; --pass: #116329; --warn: #7d4e00; --fail: #b3151b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4af; --line: #343b44; --paper: #0f141a;
  --tint: #182028; --link: #79b8ff; --bar: #6f97cf; --pass: #56d364; --warn: #e3b341; --fail: #ff7b72; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 72rem;
  margin: 0 auto; padding: 1.25rem 1rem 3rem; }
h1 { font-size: 1.6rem; margin: 0; overflow-wrap: anywhere; } h2 { font-size: 1.25rem; margin: 2.2rem 0 0; }
h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
p { margin: .3rem 0 .7rem; } .about, .empty, header p, small { color: var(--soft); }
a { color: var(--link); } nav a { display: inline-block; padding: .35rem 0; margin-right: 1rem; }
code { font: .875em/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .6rem; margin: 1rem 0; }
.figures div { background: var(--tint); border: 1px solid var(--line); border-radius: 6px; padding: .5rem .8rem; }
dt { color: var(--soft); font-size: .8rem; } dd { margin: 0; font-size: 1.15rem; font-weight: 600; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { padding: .35rem .7rem; text-align: left; vertical-align: top; white-space: nowrap; }
thead { background: var(--tint); color: var(--soft); } tbody tr { border-top: 1px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.text { white-space: normal; min-width: 16rem; overflow-wrap: anywhere; }
td ul { margin: 0; padding: 0; list-style: none; } summary { cursor: pointer; color: var(--link); padding: .2rem 0; }
.status { font-weight: 600; } .status.pass { color: var(--pass); }
.status.warn, .status.accepted { color: var(--warn); }
.status.fail, .status.stop { color: var(--fail); }
.spark { width: 90px; height: 20px; display: block; fill: var(--bar); } .spark .bad { fill: var(--fail); }
.bar { height: 8px; margin-top: .45rem; }
@media (max-width: 40rem) { thead { position: absolute; left: -9999px; } table, tbody { display: block; }
  tbody tr { display: block; padding: .45rem 0; } tbody tr:first-child { border-top: 0; }
  td { display: grid; grid-template-columns: 6.5rem 1fr; gap: .6rem; padding: .12rem .8rem; white-space: normal; }
  td::before { content: attr(data-title); color: var(--soft); } .text { min-width: 0; } .number { text-align: left; }
  td > * { min-width: 0; } }
@media print { .scroll { overflow: visible; } nav { display: none; } }
"""
