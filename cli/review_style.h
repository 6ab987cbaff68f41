// How the page of a review looks: light and dark, wide and narrow, on a screen and on paper.
#pragma once

#include <string_view>

namespace claviger::cli {

inline constexpr std::string_view kReviewStyle = R"(
:root { color-scheme: light dark; --back: #f6f7f9; --card: #fff; --ink: #1a1f26; --soft: #59636e; --line: #d5dae0;
  --plain: #2f6fb5; --attention: #b26a00; --bad: #c0312b; --good: #23713a; --code: #eef1f4; }
@media (prefers-color-scheme: dark) {
  :root { --back: #12161b; --card: #1b2128; --ink: #e6eaee; --soft: #9aa5b1; --line: #343d47;
    --plain: #5aa2ec; --attention: #e0a03a; --bad: #f07068; --good: #6cc283; --code: #262e37; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; background: var(--back); color: var(--ink);
  font: 1rem/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2rem 0 .75rem; } h3 { font-size: 1rem; margin: 0; }
p { margin: .25rem 0; } .soft { color: var(--soft); }
.verdict { font-weight: 600; } .verdict.good, .good { color: var(--good); } .verdict.attention { color: var(--attention); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: .75rem; margin: 1rem 0 0;
  padding: 0; list-style: none; }
.cards li, article, figure, .panel { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: .75rem 1rem; margin: 0; }
.cards b { display: block; font-size: 1.5rem; line-height: 1.2; }
article { margin: 0 0 .75rem; border-left: .3rem solid var(--line); } article.attention { border-left-color: var(--attention); }
code { background: var(--code); border-radius: .25rem; padding: .1rem .35rem; font-size: .9em; }
.commands { list-style: none; margin: .4rem 0; padding: 0; } .commands li { margin: .25rem 0; }
table { border-collapse: collapse; width: 100%; } caption, figcaption { text-align: left; font-weight: 600; padding-bottom: .5rem; }
th, td { text-align: left; padding: .3rem .75rem .3rem 0; vertical-align: top; font-weight: inherit; }
thead th { color: var(--soft); font-size: .85rem; white-space: nowrap; } tbody tr { border-top: 1px solid var(--line); }
.number { text-align: right; white-space: nowrap; width: 1%; font-variant-numeric: tabular-nums; padding-right: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: .75rem; }
.bars th { width: 35%; } .bars tbody tr { border: 0; } .bar { display: block; width: 100%; height: 1.1rem; }
.columns { display: block; width: 100%; max-width: 34rem; height: auto; margin: 0 auto; }
.columns text { font-size: 10px; fill: var(--soft); } .columns .total { text-anchor: middle; fill: var(--ink); }
.columns .label { text-anchor: end; } .axis { stroke: var(--line); }
rect.plain, i.plain { fill: var(--plain); background: var(--plain); }
rect.attention, i.attention { fill: var(--attention); background: var(--attention); }
rect.bad, i.bad { fill: var(--bad); background: var(--bad); }
.legend i { display: inline-block; width: .7rem; height: .7rem; border-radius: .15rem; margin: 0 .25rem 0 .6rem; }
.legend i:first-child { margin-left: 0; }
.keys td { white-space: nowrap; } .keys td.text { white-space: normal; } .keys .text { min-width: 8rem; }
@media screen and (max-width: 48rem) { body { padding: .75rem; }
  .keys thead { display: none; } .keys tr { display: block; padding: .4rem 0; }
  .keys td { display: grid; grid-template-columns: 6rem 1fr; padding: .1rem 0; }
  .keys td, .keys td.text { white-space: normal; min-width: 0; } .keys td:empty { display: none; } .keys td::before { content: attr(data-label); color: var(--soft); font-size: .85rem; } }
@media print { :root { color-scheme: light; --back: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb;
    --plain: #2f6fb5; --attention: #b26a00; --bad: #c0312b; --good: #23713a; --code: #f2f2f2; }
  body { max-width: none; padding: 0; font-size: 10pt; } tr, figure, .panel, .cards li { break-inside: avoid; }
  h2, h3 { break-after: avoid; } rect, i, article { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
)";

}  // namespace claviger::cli
