/** The style of a report: no font, image or script from elsewhere; light and dark as the reader's system has it. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2333; --soft: #5b6478; --line: #dfe3ec; --page: #f6f7fa; --card: #ffffff;
  --all: #5b6478; --relevant: #2563c9; --explored: #c2560c; --estimate: #2563c9; --band: #2563c91a; --warn: #8a4b00; --warnback: #fff4e0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9f0; --soft: #9aa3b5; --line: #2e3546; --page: #12151d; --card: #1b202c;
  --all: #9aa3b5; --relevant: #7aa7f7; --explored: #f2a25c; --estimate: #7aa7f7; --band: #7aa7f726; --warn: #f3c88a; --warnback: #3a2c15; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 920px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 1.6rem; margin: 0 0 4px; } h2 { font-size: 1.15rem; margin: 0 0 6px; } h3 { font-size: 1rem; margin: 20px 0 6px; }
p { margin: 0 0 12px; } .soft { color: var(--soft); overflow-wrap: anywhere; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px 22px; margin-top: 20px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin-top: 20px; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 12px 16px; }
.tile b { display: block; font-size: 1.5rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: .85rem; }
svg { width: 100%; height: auto; display: block; font: 13px system-ui, sans-serif; }
.grid { stroke: var(--line); } .tick, .axis { fill: var(--soft); } .label { fill: var(--ink); } .refused { fill: var(--warn); font-style: italic; }
.band { fill: var(--band); } .reference { stroke: var(--estimate); stroke-dasharray: 4 4; }
.estimate line { stroke: var(--estimate); stroke-width: 2; } .estimate circle { fill: var(--estimate); }
.series line { stroke-width: 2; } .all line { stroke: var(--all); } .all circle { fill: var(--all); }
.relevant line { stroke: var(--relevant); } .relevant circle { fill: var(--relevant); }
.explored line { stroke: var(--explored); } .explored circle { fill: var(--explored); }
.legend { display: flex; gap: 18px; font-size: .85rem; color: var(--soft); margin-bottom: 4px; }
.key::before { content: ''; display: inline-block; width: 10px; height: 10px; border-radius: 50%; margin-right: 6px; background: currentColor; }
.key.all { color: var(--all); } .key.relevant { color: var(--relevant); } .key.explored { color: var(--explored); }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .88rem; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 6px 10px; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; } thead th { color: var(--soft); font-weight: 500; } th:first-child, td.text { text-align: left; }
tbody th { font-weight: 400; } .interval { color: var(--soft); white-space: nowrap; } .first { font-weight: 700; }
.refusal { background: var(--warnback); color: var(--warn); border-radius: 8px; padding: 8px 12px; margin: 6px 0 0; }
ul { margin: 0; padding-left: 20px; } li { margin-bottom: 6px; } dl { margin: 0; display: grid; grid-template-columns: max-content 1fr; gap: 4px 14px; font-size: .9rem; }
dt { font-weight: 600; } dd { margin: 0; color: var(--soft); }
`;
