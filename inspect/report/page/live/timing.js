// When what happened: the steps of one exchange as bars, and the exchanges of its connection.
import { el, facts } from "./dom.js";
import { clock, duration, pathOf } from "./format.js";

const mostShared = 60;

// A bar from..to of a scale of `whole` milliseconds. Its numbers stand beside it.
function bar(kind, from, to, whole) {
    const element = el("span", { class: `bar ${kind}` });
    element.style.setProperty("left", `min(${100 * Math.max(0, from) / whole}%, 100% - 2px)`);
    element.style.setProperty("width", `${100 * Math.max(0, to - from) / whole}%`);
    return element;
}

// [label, kind, from, to] in milliseconds since the request's first byte.
function segments(document) {
    const timing = document.timing ?? {};
    const opened = document.server?.opened_ms ?? 0;
    const list = [];
    let at = Math.max(0, opened);
    if (document.server && opened > -1) {
        for (const [key, label, kind] of [["dns", "name look-up (DNS)", "dns"], ["connect", "connect (TCP)", "tcp"], ["handshake", "TLS with the server", "tls"], ["client_handshake", "TLS with the client", "tls"]]) {
            if (timing[key] === undefined) continue;
            list.push([label, kind, at, at + timing[key]]);
            at += timing[key];
        }
    }
    if (timing.first_byte !== undefined) {
        list.push(["until the first byte", "wait", Math.min(at, timing.first_byte), timing.first_byte]);
        list.push(["body", "body", timing.first_byte, Math.max(timing.first_byte, timing.total ?? 0)]);
    }
    return list;
}

const row = (label, bars, ...cells) => el("tr", {}, el("th", { scope: "row" }, label), el("td", { class: "track" }, bars ? el("div", { "aria-hidden": "true" }, bars) : null), cells.map(each => el("td", { class: "number" }, each)));

function exchange(document) {
    const list = segments(document);
    const whole = Math.max(document.timing?.total ?? 0, ...list.map(([, , , to]) => to), 0.001);
    return el("table", { class: "times" }, el("caption", {}, `This exchange, from ${clock(document.time)} on`),
              el("thead", {}, el("tr", {}, ["step", "", "from", "took"].map(each => each ? el("th", { scope: "col" }, each) : el("td")))),
              el("tbody", {}, list.map(([label, kind, from, to]) => row(label, bar(kind, from, to, whole), duration(from), duration(to - from))),
                 row(el("b", {}, "in all"), null, "", duration(document.timing?.total ?? 0))));
}

// The requests of one connection to the server, on one scale of time.
function connection(document, shared, open) {
    if (shared.length < 2) return null;
    const list = shared.slice(-mostShared);
    const begin = Date.parse(list[0].time);
    const end = Math.max(...list.map(each => Date.parse(each.time) + (each.total_ms ?? 0)));
    const whole = Math.max(end - begin, 0.001);
    return el("table", { class: "times" }, el("caption", {}, `The connection's ${shared.length} requests${shared.length > list.length ? `, the last ${list.length}` : ""}`),
              el("thead", {}, el("tr", {}, ["request", "", "from", "took"].map(each => each ? el("th", { scope: "col" }, each) : el("td")))),
              el("tbody", {}, list.map(each => {
                  const from = Date.parse(each.time) - begin;
                  const first = from + (each.first_byte_ms ?? each.total_ms ?? 0);
                  const label = el("button", { type: "button", class: "link", ...(each.id === document.id ? { "aria-current": "true" } : {}), onclick: () => open(each.id) },
                                   `${each.method ?? ""} ${pathOf(each.url)}`);
                  return row(label, [bar("wait", from, first, whole), bar("body", first, from + (each.total_ms ?? 0), whole)], duration(from), duration(each.total_ms));
              })));
}

export function timing(document, shared, open) {
    const opened = document.server?.opened_ms;
    const before = document.server && opened <= -1 ? el("p", { class: "note" }, `The connection to the server was open already, since ${duration(-opened)} before: names, TCP and TLS cost this request nothing. `
        + `They had taken ${["dns", "connect", "handshake"].map(each => duration(document.timing?.[each] ?? 0)).join(", ")}.`) : null;
    return [exchange(document), before, connection(document, shared, open),
            document.server ? facts([["connection", document.server.connection], ["address", document.server.address], ["through", document.parent]], "The connection") : null];
}
