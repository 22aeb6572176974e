// The page: which view is shown, what keys do, and who tells whom.
import * as api from "./api.js";
import { compare } from "./compare.js";
import { Detail } from "./detail.js";
import { el } from "./dom.js";
import { Flows } from "./flows.js";
import { counted, told } from "./format.js";
import { Hosts } from "./hosts.js";
import { keys } from "./keys.js";
import { List } from "./list.js";
import { replay } from "./replay.js";
import { start } from "./start.js";
import { trust } from "./trust.js";

const find = selector => document.querySelector(selector);
const filterField = find("#filter");
const filterSays = find("#filter-says");
const notices = find("#notices");
let state = {};
let marked = 0;  // the id that is to be compared with another

// Says something to everyone, for a while.
let silence;
function say(text) {
    find("#says").textContent = text;
    clearTimeout(silence);
    silence = setTimeout(() => { find("#says").textContent = ""; }, 6000);
}

const attempt = task => async (...given) => {
    try { await task(...given); } catch (error) { say(error.message); }
};

const flows = new Flows(changed);
const list = new List(flows, open, () => marked);
find("#list").append(list.element);
const actions = {
    open,
    close,
    say,
    replay: attempt(id => replay(find("#replay"), id, open)),
    pin: attempt(async id => {
        const done = flows.pin(id);
        list.draw();
        detail.drawPin();
        await done;
    }),
    compare: attempt(async id => {
        if (marked === 0 || marked === id) {
            marked = marked === id ? 0 : id;
            list.draw();
            return drawNotices();
        }
        const first = marked;
        marked = 0;
        list.draw();
        drawNotices();
        await compare(find("#compare"), flows, first, id);
    }),
};
const detail = new Detail(find("#detail"), flows, actions);
const hosts = new Hosts(find("#hosts .content"), filter => {
    filterField.value = filter;
    chooseFilter();
    location.hash = "";
}, say);

// ---- what is shown: #hosts, #trust, #17 for a flow, else the list

function open(id) { location.hash = `#${id}`; }

function close() {
    if (detail.id) list.select(detail.id);
    location.hash = "#requests";
    list.element.focus();
}

function route() {
    const name = location.hash.slice(1);
    const id = /^[1-9]\d{0,14}$/.test(name) ? Number(name) : 0;
    const view = ["hosts", "trust"].includes(name) ? name : "requests";
    for (const each of ["requests", "hosts", "trust"]) {
        find(`#${each}`).hidden = each !== view;
        const link = find(`nav a[href="#${each}"]`);
        if (each === view) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    }
    document.title = { hosts: "Hosts – whytls", trust: "Trust the CA – whytls" }[view] ?? "Requests – whytls";
    if (view === "hosts") hosts.draw();
    if (view === "trust") find("#trust .content").replaceChildren(...trust(state));
    find("#panes").classList.toggle("with-detail", id !== 0);
    if (id) {
        list.selected = id;
        detail.open(id).then(() => {
            const at = flows.indexOf(id);
            if (at >= 0) list.reveal(at);
            list.draw();
            if (wantsFocus) detail.focus();
            wantsFocus = false;
        });
    } else detail.close();
    list.draw();
}

let wantsFocus = false;

// ---- what the list says about itself

function changed({ failures = [], rows = [], anew = false }) {
    list.refresh(anew);
    for (const row of rows) if (row.id === detail.id) detail.update(row);
    announce(failures);
    drawState();
    drawNotices();
}

function drawState() {
    const link = find("#link");
    const words = { live: flows.paused ? "paused" : "live", connecting: "connecting", disconnected: "disconnected" }[flows.link];
    if (link.textContent !== words) link.textContent = words;
    link.className = `link ${words}`;
    find("#count").textContent = flows.loading && flows.length === 0 ? "loading …" : `${counted(flows.length, flows.filter ? "match" : "row").replace("matchs", "matches")}${flows.paused ? `, ${flows.waiting.size} waiting` : ""}`;
    find("#pause").textContent = flows.paused ? "Resume" : "Pause";
    find("#pause").setAttribute("aria-pressed", String(flows.paused));
    const empty = flows.length === 0 && !flows.loading;
    find("#empty").hidden = !empty;
    find("#list").hidden = empty;
    find("#export").href = flows.filter ? `/api/har?${new URLSearchParams({ filter: flows.filter })}` : "/api/har";
    if (!empty) return find("#empty").replaceChildren();
    const shown = flows.filter ? "filter" : "start";
    if (find("#empty").dataset.shown === shown && find("#empty").firstChild) return;
    find("#empty").dataset.shown = shown;
    find("#empty").replaceChildren(flows.filter ? el("p", { class: "nothing" }, "Nothing matches this filter. ", el("button", { type: "button", onclick: () => { filterField.value = ""; chooseFilter(); } }, "Show all")) : start(state));
}

function notice(kind, text, ...buttons) { return el("p", { class: `notice ${kind}` }, text, " ", buttons); }

let drawnNotices = "";
function drawNotices() {
    const as = [flows.link === "disconnected", flows.dropped, marked].join();
    if (as === drawnNotices) return;
    drawnNotices = as;
    const shown = [];
    if (flows.link === "disconnected") shown.push(notice("bad", "The proxy does not answer. This page connects again as soon as it does."));
    if (flows.dropped) shown.push(notice("warn", `${counted(flows.dropped, "change")} came faster than this page could take them.`, el("button", { type: "button", onclick: attempt(() => flows.choose(flows.filter)) }, "Load the list again")));
    if (marked) shown.push(notice("plain", `Comparing #${marked} ${told(flows.row(marked) ?? {})} with: choose another one and press c.`,
                                  el("button", { type: "button", onclick: () => actions.compare(marked) }, "Cancel")));
    notices.replaceChildren(...shown);
}

// New failures are said politely, and at most every three seconds.
let unsaid = [];
let sayer;
function announce(failures) {
    unsaid.push(...failures);
    if (unsaid.length === 0 || sayer) return;
    sayer = setTimeout(() => {
        sayer = undefined;
        const last = unsaid.at(-1);
        find("#failures").textContent = `${counted(unsaid.length, "new failure")}; the last: ${last.host ?? last.program ?? ""} ${last.code ?? ""} ${last.title ?? ""}`;
        unsaid = [];
    }, 3000);
}

// ---- filter, toolbar

async function chooseFilter() {
    const text = filterField.value.trim();
    try {
        await flows.choose(text);
        filterField.removeAttribute("aria-invalid");
        filterSays.replaceChildren();
    } catch (error) {
        if (filterField.value.trim() !== text) return;
        filterField.setAttribute("aria-invalid", "true");
        filterSays.replaceChildren(error.position === undefined ? error.message : where(text, error));
    }
    for (const each of document.querySelectorAll("#quick button")) each.setAttribute("aria-pressed", String(words(text).includes(each.dataset.filter)));
}

// The filter with the place that is wrong; positions count bytes.
function where(text, error) {
    const bytes = new TextEncoder().encode(text);
    const read = part => new TextDecoder().decode(part);
    const at = Math.min(error.position, bytes.length);
    const rest = read(bytes.slice(at));
    return el("span", {}, el("span", { class: "mono" }, read(bytes.slice(0, at)), el("mark", {}, rest || "⌄")), ` ${error.message} (at character ${[...read(bytes.slice(0, at))].length + 1})`);
}

const words = text => text.split(/\s+/).filter(Boolean);
let typed;
filterField.addEventListener("input", () => {
    clearTimeout(typed);
    typed = setTimeout(chooseFilter, 200);
});
find("#filter-form").addEventListener("submit", event => {
    event.preventDefault();
    clearTimeout(typed);
    chooseFilter();
    list.element.focus();
});
for (const each of document.querySelectorAll("#quick button"))
    each.addEventListener("click", () => {
        const now = words(filterField.value);
        const word = each.dataset.filter;
        filterField.value = now.includes(word) ? now.filter(other => other !== word).join(" ") : [...now, word].join(" ");
        chooseFilter();
    });
find("#pause").addEventListener("click", () => flows.pause(!flows.paused));
find("#clear").addEventListener("click", attempt(async () => {
    await flows.clear();
    if (detail.id && !flows.pinned.has(detail.id)) close();
}));
find("#import").addEventListener("change", attempt(async event => {
    const [file] = event.target.files;
    if (!file) return;
    try {
        const answer = await api.post("/api/har", await file.text());
        say(`${counted(answer.imported, "exchange")} imported from ${file.name}.`);
        await flows.choose(flows.filter);
    } finally {
        event.target.value = "";
    }
}));
find("#help").addEventListener("click", () => find("#keys").showModal());
for (const dialog of document.querySelectorAll("dialog")) {
    dialog.querySelector(".close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", event => event.target === dialog && dialog.close());
}

keys({
    list, detail, actions, filterField,
    selected: () => detail.id || list.selected,
    enter: id => { wantsFocus = true; open(id); },
    help: () => find("#keys").showModal(),
    refreshed: id => detail.id && open(id),
});
addEventListener("hashchange", route);

try { state = await api.get("/api/state"); } catch (error) { say(error.message); }
find("#version").textContent = state.version ?? "";
route();
await chooseFilter();
drawState();
