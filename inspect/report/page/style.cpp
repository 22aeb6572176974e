#include "inspect/report/page/style.h"

namespace inspect::report {

std::string_view stylesheet() {
    return R"css(
:root{color-scheme:light dark;--page:#f5f6f8;--card:#fff;--ink:#16191d;--soft:#59626e;--line:#dfe3e8;--code:#eef1f4;
--bad:#b3261e;--bad-soft:#fdeceb;--warn:#8a5300;--warn-soft:#fff3df;--good:#17693a;--good-soft:#e6f4ec;--link:#0b57b8}
@media (prefers-color-scheme:dark){:root{--page:#101317;--card:#181c22;--ink:#e7eaee;--soft:#a3adb9;--line:#2c333c;--code:#222830;
--bad:#ff8a80;--bad-soft:#3a1d1c;--warn:#ffbe5c;--warn-soft:#38290f;--good:#7fd6a0;--good-soft:#15301f;--link:#83b8ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
main,footer,.top{max-width:60rem;margin:0 auto;padding:0 1.25rem}
.top{padding-top:1.1rem;color:var(--soft);font-size:.9rem}
.top b{color:var(--ink);letter-spacing:.01em}
a{color:var(--link)}
h1{font-size:1.72rem;line-height:1.26;margin:.1rem 0 .6rem;letter-spacing:-.012em;font-weight:680;text-wrap:balance}
h2{font-size:1.08rem;margin:0 0 .75rem}
h3{font-size:1rem;margin:1.1rem 0 .3rem}
p{margin:.5rem 0}
section,.hero{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.15rem 1.35rem;margin:.95rem 0}
.hero{border-top:4px solid var(--soft)}
.hero.failed{border-top-color:var(--bad)}.hero.warning{border-top-color:var(--warn)}.hero.ok{border-top-color:var(--good)}
.where{color:var(--soft);font-size:.92rem;margin:0 0 .35rem}
.sent{display:inline-block;margin:.55rem 0 .1rem;padding:.28rem .7rem;border-radius:8px;background:var(--good-soft);color:var(--good);font-weight:600;font-size:.94rem}
.sent.went{background:var(--warn-soft);color:var(--warn)}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.875em}
.tag{display:inline-block;padding:.06rem .5rem;border-radius:6px;background:var(--code);font-size:.84rem;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;color:var(--ink)}
pre{margin:.45rem 0 .2rem;padding:.6rem .8rem;background:var(--code);border-radius:8px;white-space:pre-wrap;overflow-wrap:anywhere;user-select:all;-webkit-user-select:all}
table{border-collapse:collapse;width:100%}
caption{text-align:left;font-weight:680;font-size:1.08rem;padding-bottom:.5rem}
th,td{text-align:left;vertical-align:top;padding:.38rem .7rem .38rem 0;border-top:1px solid var(--line)}
tr:first-child>th,tr:first-child>td{border-top:0}
th{font-weight:500;color:var(--soft);width:13.5rem}
td ul{margin:0;padding:0;list-style:none}
.note{color:var(--soft);font-size:.92rem}
.names{overflow-x:auto;margin-top:1rem;border-top:1px solid var(--line);padding-top:.8rem}
.names table{width:auto}
.names caption{font-weight:500;font-size:1rem;color:var(--soft)}
.names th{width:auto;padding-right:1.2rem;white-space:nowrap}
.names td{text-align:center;border:0;padding:.22rem .18rem}.names th{border:0}
.names span{display:block;padding:.2rem .6rem;border-radius:7px;background:var(--good-soft);color:var(--good);white-space:nowrap;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.92rem}
.names .differs span{background:var(--bad-soft);color:var(--bad);font-weight:700}
.names .verdict td{font-size:.8rem;color:var(--soft);padding-top:0}.names .verdict .differs{color:var(--bad);font-weight:600}
.names .none span{background:none;border:1px dashed currentColor}
ol.fixes{margin:0;padding:0;list-style:none;counter-reset:fix}
ol.fixes>li{counter-increment:fix;position:relative;padding:.1rem 0 .75rem 2.3rem}
ol.fixes>li:last-child{padding-bottom:0}
ol.fixes>li::before{content:counter(fix);position:absolute;left:0;top:.12rem;width:1.55rem;height:1.55rem;border-radius:50%;background:var(--code);color:var(--ink);font-size:.86rem;font-weight:650;text-align:center;line-height:1.55rem}
ol.fixes>li:first-child::before{background:var(--ink);color:var(--card)}
.who{color:var(--soft);font-weight:600;font-size:.92rem}
.steps td:first-child{width:4.4rem;padding-right:.6rem}.steps td:nth-child(2){width:11.5rem}
.pill{display:inline-block;min-width:3.1rem;text-align:center;padding:.02rem .45rem;border-radius:6px;font-size:.8rem;font-weight:700;background:var(--code);color:var(--soft)}
.pill.pass{background:var(--good-soft);color:var(--good)}.pill.warn{background:var(--warn-soft);color:var(--warn)}.pill.fail{background:var(--bad-soft);color:var(--bad)}
.steps .skip td{color:var(--soft)}
.steps .fail td:nth-child(n+2){font-weight:600}
pre span{display:inline-block;max-width:100%}
.copy{position:relative}.copy button{position:absolute;top:.45rem;right:.45rem;padding:.1rem .6rem;border:1px solid var(--line);border-radius:6px;background:var(--card);color:var(--ink);font:inherit;font-size:.8rem;cursor:pointer}
.copy:has(button) pre{padding-right:4.9rem}.copy button:hover{border-color:var(--soft)}
details pre{max-height:20rem;overflow:auto}
a:focus-visible,button:focus-visible,pre:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.hero pre,.steps pre{margin:0}
figure{margin:1.1rem 0 0}
.picture{display:block;width:100%;max-width:24rem;height:auto}
.picture text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:var(--soft)}
.picture .name{font-size:14.5px;font-weight:620;fill:var(--ink)}
.picture .what{text-anchor:middle;font-weight:700;fill:var(--card)}
.picture rect{fill:var(--card);stroke:var(--line);stroke-width:1.5}
.picture .absent rect,.picture .unknown rect{stroke-dasharray:5 4}
.picture .host rect{fill:var(--code);stroke:none}
.picture .sign{fill:none;stroke:var(--card);stroke-width:2.2;stroke-linecap:round;stroke-linejoin:round}
.picture .disc,.picture .dot{fill:var(--soft)}.picture .line{fill:none;stroke:var(--soft);stroke-width:1.6}
.picture .good .disc{fill:var(--good)}.picture .bad .disc{fill:var(--bad)}
.picture .bad rect{stroke:var(--bad)}.picture .bad .line{stroke:var(--bad);stroke-dasharray:4 4}
.picture .bad .words,.picture .bad .about{fill:var(--bad);font-weight:620}
@media (min-width:56rem){.with-picture{display:grid;grid-template-columns:minmax(0,1fr) 20.5rem;gap:1.6rem;align-items:start}.with-picture figure{margin:0}.with-picture th{width:9.5rem}}
details{margin:.35rem 0 0}summary{cursor:pointer;color:var(--soft);font-size:.92rem}
details ul{margin:.2rem 0;padding-left:1.1rem;font-size:.92rem}
ol.chain{margin:0;padding:0;list-style:none}
ol.chain>li{border-left:3px solid var(--line);padding:.1rem 0 .9rem 1rem;margin-left:.35rem}
ol.chain>li:last-child{padding-bottom:0}
ol.chain>li.bad{border-left-color:var(--bad)}
ol.chain h3{margin:.1rem 0 .2rem}
ol.chain th{width:7rem}
ol.chain th,ol.chain td{padding-top:.16rem;padding-bottom:.16rem;border:0;font-size:.92rem}
.links{display:flex;flex-wrap:wrap;gap:.6rem;margin:.7rem 0 .2rem;padding:0;list-style:none}
.links a{display:inline-block;padding:.45rem .95rem;border-radius:8px;background:var(--ink);color:var(--card);text-decoration:none;font-weight:600}
footer{color:var(--soft);font-size:.86rem;padding-bottom:2rem}
@media (max-width:40rem){main,footer,.top{padding-left:.8rem;padding-right:.8rem}h1{font-size:1.34rem}section,.hero{padding:.95rem 1rem;border-radius:10px}
table.facts th,table.facts td{display:block;width:auto;border:0;padding:.04rem 0}table.facts th{padding-top:.5rem;font-size:.86rem;border-top:1px solid var(--line)}table.facts tr:first-child th{border-top:0;padding-top:0}table.facts td{padding-bottom:.4rem}
.copy:has(button) pre{padding:2.3rem .8rem .6rem}
.steps td{display:inline-block;border:0;padding:.1rem .5rem .1rem 0}.steps td:nth-child(2){width:auto;font-weight:600}.steps td:nth-child(3){display:block;padding-bottom:.4rem}.steps tr{display:block;border-top:1px solid var(--line);padding-top:.35rem}
.names span{padding:.2rem .34rem;font-size:.84rem}.names th{display:block;padding:.3rem 0 0}.names tr{display:block}.names td{display:inline-block;padding:.1rem .08rem}.names .verdict{display:none}}
@media print{:root{--page:#fff;--card:#fff;--ink:#000;--soft:#444}section,.hero{break-inside:avoid;border-color:#bbb}pre{border:1px solid #bbb}.pill,.sent,.names span{border:1px solid currentColor}}
)css";
}

}  // namespace inspect::report
