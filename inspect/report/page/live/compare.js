// Two flows side by side: heads, and bodies that are text, with the lines that differ marked.
import * as api from "./api.js";
import { el, tabs, unseen } from "./dom.js";
import { difference, paired } from "./diff.js";
import { clock } from "./format.js";
import { indented } from "./json_text.js";

const mostLines = 20_000;
const around = 3;  // equal lines shown before and after those that differ

// What of a body can be compared, and words where it cannot.
async function bodyText(id, side, content, pin) {
    if (!content?.size) return "";
    const view = pin?.views[side] ?? await api.view(id, side);
    if (view.text === undefined) return `(${view.form}, ${content.size} bytes)`;
    if (view.form !== "json" || view.cut) return view.text;
    try { return indented(view.text); } catch { return view.text; }
}

function head(document, side) {
    const message = document[side];
    if (!message) return side === "request" ? `(no request: ${document.kind})` : `(no response: ${document.code ?? "none came"})`;
    const first = side === "request" ? `${message.method} ${document.url ?? message.target} ${message.version}` : `${message.version} ${message.status} ${message.reason ?? ""}`.trim();
    return [first, ...(message.headers ?? []).map(([name, value]) => `${name}: ${value}`), ...(message.trailers ?? []).map(([name, value]) => `(trailer) ${name}: ${value}`)].join("\n");
}

const linesOf = text => text === "" ? [] : text.split("\n").slice(0, mostLines);

function side(line, differs, kind) {
    return el("td", { class: `mono pre ${line === null ? "absent" : differs ? kind : ""}` },
              differs && line !== null ? unseen(kind === "less" ? "only left: " : "only right: ") : null, line ?? "");
}

const partly = content => content && !content.whole ? `${content.kept} of ${content.size} bytes` : "all";

// A table of both; runs of equal lines are folded. `kept`: how much of each there is to compare, where that is not all.
function beside(label, one, other, kept = "") {
    const rows = paired(difference(linesOf(one), linesOf(other)));
    const near = rows.map(() => false);
    rows.forEach(([, , differs], at) => {
        if (!differs) return;
        for (let each = Math.max(0, at - around); each <= Math.min(rows.length - 1, at + around); ++each) near[each] = true;
    });
    const body = el("tbody");
    let skipped = [];
    const drawn = ([left, right, differs]) => el("tr", {}, side(left, differs, "less"), side(right, differs, "more"));
    const flush = () => {
        if (skipped.length === 0) return;
        const hidden = skipped;
        skipped = [];
        const row = el("tr", { class: "fold" }, el("td", { colspan: "2" }, el("button", {
            type: "button", class: "small", onclick: () => row.replaceWith(...hidden.slice(0, 5000).map(drawn)),
        }, `${hidden.length} equal line${hidden.length === 1 ? "" : "s"}`)));
        body.append(row);
    };
    rows.forEach((row, at) => {
        if (!near[at]) return skipped.push(row);
        flush();
        body.append(drawn(row));
    });
    flush();
    const count = rows.filter(([, , differs]) => differs).length;
    return el("section", {}, el("h3", {}, label, " ", el("span", { class: `tag ${count ? "differs" : ""}` }, count ? `${count} differ` : kept ? "equal as far as kept" : "equal")),
              kept ? el("p", { class: "warning" }, `Compared is what is kept: ${kept}.`) : null,
              rows.length ? el("table", { class: "beside", "aria-label": label }, body) : el("p", { class: "note" }, "Empty in both."));
}

// Opens the dialog for two ids. `flows` has what is pinned.
export async function compare(dialog, flows, one, other) {
    const load = id => flows.pinned.get(id)?.document ?? api.flow(id);
    const [left, right] = await Promise.all([load(one), load(other)]);
    const part = async name => {
        const bodies = await Promise.all([[one, left], [other, right]].map(([id, document]) => bodyText(id, name, document[name]?.content, flows.pinned.get(id))));
        const contents = [left[name]?.content, right[name]?.content];
        const kept = contents.some(each => each && !each.whole) ? contents.map((each, at) => `${at ? "right" : "left"} ${partly(each)}`).join(", ") : "";
        return [beside("Head", head(left, name), head(right, name)), beside("Body", ...bodies, kept)];
    };
    const holder = (name, label) => {
        const place = el("div", { "aria-busy": "true" }, "Loading …");
        part(name).then(sections => place.replaceChildren(...sections), error => place.replaceChildren(el("p", { class: "warning" }, error.message)))
            .finally(() => place.removeAttribute("aria-busy"));
        return [label, () => place];
    };
    const title = document => el("td", {}, el("b", {}, `#${document.id} `), `${document.method ?? document.kind} ${document.url ?? document.host ?? ""}`, " ", el("span", { class: "note" }, clock(document.time)));
    dialog.querySelector(".content").replaceChildren(
        el("table", { class: "beside", "aria-label": "What is compared" }, el("tbody", {}, el("tr", {}, title(left), title(right)))),
        ...tabs("Parts", [holder("response", "Responses"), holder("request", "Requests")], "Responses"));
    dialog.showModal();
}
