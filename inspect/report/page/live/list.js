// The list as a grid of which only the visible rows exist: some forty elements, whatever there is to
// show. Every row has the same height, which the style sheet says (--row).
import { clock, duration, pathOf, protocols, size, told } from "./format.js";
import { drawing, lock } from "./icons.js";
import { el, unseen } from "./dom.js";

const columns = [
    ["lock", "TLS"], ["time", "Time"], ["program", "Client"], ["method", "Method"], ["host", "Host"], ["path", "Path"],
    ["status", "Status"], ["size", "Size"], ["took", "Duration"], ["spoken", "Protocol"],
];
const beyond = 8;  // rows above and below the visible ones

export class List {
    // `open` is told a row's id; `marked` says which row is chosen to be compared.
    constructor(flows, open, marked) {
        this.flows = flows;
        this.open = open;
        this.marked = marked;
        this.selected = 0;  // an id; 0: none
        this.pool = [];
        this.body = el("div", { class: "rows", role: "rowgroup" });
        this.head = el("div", { class: "row head", role: "row", "aria-rowindex": "1" },
                       columns.map(([name, label]) => el("span", { class: name, role: "columnheader" }, name === "lock" ? unseen(label) : label)));
        this.element = el("div", {
            class: "list", role: "grid", tabindex: "0", "aria-label": "Requests and handshakes, newest first", "aria-readonly": "true",
            "aria-colcount": String(columns.length),
        }, el("div", { role: "rowgroup", class: "heads" }, this.head), this.body);
        this.element.addEventListener("scroll", () => this.draw(), { passive: true });
        this.body.addEventListener("click", event => {
            const row = event.target.closest(".row");
            if (!row) return;
            this.select(row.flow.id);
            this.open(row.flow.id);
        });
        new ResizeObserver(() => this.draw()).observe(this.element);
    }

    get rowHeight() { return parseFloat(getComputedStyle(this.body).getPropertyValue("--row")) || 30; }

    // Keeps what a person looks at in its place while rows come in above it.
    refresh(anew) {
        const top = this.element.scrollTop;
        if (anew) this.element.scrollTop = 0;
        else if (top > 0 && this.first) {
            const moved = this.flows.indexOf(this.first.id) - this.first.index;
            if (moved > 0) {
                this.#stretch();
                this.element.scrollTop = top + moved * this.rowHeight;
            }
        }
        this.draw();
    }

    #stretch() {
        const count = this.flows.length;
        this.body.style.setProperty("height", `${count * this.rowHeight}px`);
        this.element.setAttribute("aria-rowcount", String(count + 1));
    }

    draw() {
        this.#stretch();
        const height = this.rowHeight;
        const top = Math.max(0, this.element.scrollTop);
        const from = Math.max(0, Math.floor(top / height) - beyond);
        const to = Math.min(this.flows.length, Math.ceil((top + this.element.clientHeight) / height) + beyond);
        const visible = Math.min(Math.floor(top / height), this.flows.length - 1);
        this.first = visible >= 0 ? { id: this.flows.at(visible).id, index: visible } : null;
        while (this.pool.length < to - from) {
            this.pool.push(newRow());
            this.body.append(this.pool.at(-1));
        }
        this.pool.forEach((element, at) => {
            const row = from + at < to ? this.flows.at(from + at) : null;
            element.hidden = !row;
            if (!row) return element.removeAttribute("id");
            element.style.setProperty("transform", `translateY(${(from + at) * height}px)`);
            this.#fill(element, row, from + at);
        });
        const selected = this.flows.indexOf(this.selected);
        if (selected >= from && selected < to) this.element.setAttribute("aria-activedescendant", `row-${this.selected}`);
        else this.element.removeAttribute("aria-activedescendant");
    }

    #fill(element, row, index) {
        const state = [this.selected === row.id, this.flows.pinned.has(row.id), this.marked() === row.id].join();
        element.setAttribute("aria-rowindex", String(index + 2));
        element.id = `row-${row.id}`;
        if (element.flow === row && element.state === state) return;
        element.flow = row;
        element.state = state;
        fill(element, row);
        element.setAttribute("aria-selected", String(this.selected === row.id));
        element.classList.toggle("pinned", this.flows.pinned.has(row.id));
        element.classList.toggle("marked", this.marked() === row.id);
        if (this.flows.pinned.has(row.id)) element.cells.time.prepend(drawing("pin"), unseen("pinned "));
    }

    select(id) {
        this.selected = id;
        this.draw();
    }

    // Moves the selection by so many rows, and shows it.
    move(step) {
        if (this.flows.length === 0) return;
        const now = this.flows.indexOf(this.selected);
        const next = now < 0 ? 0 : Math.min(this.flows.length - 1, Math.max(0, now + step));
        this.selected = this.flows.at(next).id;
        this.reveal(next);
        this.draw();
        return this.selected;
    }

    reveal(index) {
        const height = this.rowHeight;
        const head = this.head.offsetHeight;
        const top = index * height;
        const view = this.element;
        if (top < view.scrollTop) view.scrollTop = top;
        else if (top + height + head > view.scrollTop + view.clientHeight) view.scrollTop = top + height + head - view.clientHeight;
    }

    get page() { return Math.max(1, Math.floor(this.element.clientHeight / this.rowHeight) - 2); }
}

function newRow() {
    const element = el("div", { class: "row", role: "row" });
    element.cells = {};
    for (const [name] of columns) element.append(element.cells[name] = el("span", { class: name, role: "gridcell" }));
    return element;
}

function fill(element, row) {
    const cells = element.cells;
    const handshake = row.kind !== "request";
    element.className = `row ${row.failed ? "failed" : row.warned ? "warned" : ""} ${handshake ? "handshake" : ""} ${row.complete ? "" : "running"}`;
    cells.lock.replaceChildren(lock(row.lock));
    cells.time.textContent = clock(row.time);
    cells.program.textContent = row.program || row.client || "";
    cells.method.textContent = row.method ?? "";
    cells.host.textContent = handshake && row.kind === "client_handshake" ? row.host ?? "a client" : row.host ?? "";
    if (row.port && row.port !== 443 && row.port !== 80 && row.host) cells.host.append(el("span", { class: "port" }, `:${row.port}`));
    cells.path.replaceChildren(...what(row, handshake));
    cells.path.title = row.title ?? row.url ?? "";
    cells.status.textContent = handshake ? "" : row.status || (row.complete ? "none" : "…");
    cells.status.className = `status s${handshake ? "" : Math.floor((row.status ?? 0) / 100)}`;
    cells.size.textContent = handshake ? "" : size(row.response_bytes);
    cells.took.textContent = row.complete ? duration(row.total_ms) : "running";
    cells.spoken.textContent = protocols(row);
}

// The path; what failed is told in the same line.
function what(row, handshake) {
    const code = row.code ? el("span", { class: "code" }, row.code) : null;
    if (handshake) return [code, el("span", { class: "what" }, row.title ?? told(row))].filter(Boolean);
    const path = el("span", { class: "what" }, pathOf(row.url));
    const more = row.replayed ? el("span", { class: "tag" }, "replayed") : null;
    return [code, path, more].filter(Boolean);
}
