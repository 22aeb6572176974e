// The rows of the list: those that match the filter, newest first, and those that are pinned.
// Follows the server's events; changes are told once a frame. Knows nothing of how rows look.
import * as api from "./api.js";

const firstPage = 500;
const laterPages = 5000;
const mostRows = 50_000;
const recheckEvery = 5000;  // ms

export class Flows {
    constructor(changed) {
        this.changed = changed;   // (what) => …: {failures: rows that have failed since the last call}
        this.known = new Map();   // id → row, whatever the filter
        this.ids = [];            // of the list, ascending
        this.listed = new Set();  // the same
        this.pinned = new Map();  // id → {row, document, views}
        this.waiting = new Map(); // id → row that came and is not shown yet
        this.filter = "";
        this.paused = false;
        this.link = "connecting";
        this.dropped = 0;
        this.loading = false;
        this.generation = 0;
    }

    get length() { return this.ids.length; }
    at(index) { return this.known.get(this.ids[this.ids.length - 1 - index]); }
    indexOf(id) {
        const found = this.#place(id);
        return this.ids[found] === id ? this.ids.length - 1 - found : -1;
    }
    row(id) { return this.known.get(id); }

    // Where `id` is in the ascending list, or would be.
    #place(id) {
        let low = 0;
        let high = this.ids.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.ids[middle] < id) low = middle + 1; else high = middle;
        }
        return low;
    }

    // Shows what matches; throws Refused when the filter is bad, and then all stays as it was.
    async choose(filter) {
        const generation = ++this.generation;
        this.loading = true;
        try {
            const first = await api.get(this.#query(filter, firstPage));
            if (generation !== this.generation) return;
            this.filter = filter;
            this.waiting.clear();
            this.ids = [];
            this.listed.clear();
            this.dropped = 0;
            for (const id of this.pinned.keys()) this.#list(id);
            this.#follow();
            this.#take(first.flows, true);
            clearInterval(this.rechecking);
            if (filter) this.rechecking = setInterval(() => this.#recheck(), recheckEvery);
            this.changed({ anew: true });
            await this.#rest(first, generation);
        } finally {
            if (generation === this.generation) {
                this.loading = false;
                this.changed({});
            }
        }
    }

    // An event tells of a row that matches, not of one that does so no longer: a running row may have ended otherwise.
    async #recheck() {
        const running = this.ids.slice(-firstPage).filter(id => !this.known.get(id).complete && !this.pinned.has(id));
        if (running.length === 0 || this.paused) return;
        const generation = this.generation;
        const page = await api.get(this.#query(this.filter, firstPage)).catch(() => null);
        if (!page || generation !== this.generation) return;
        const still = new Set(page.flows.map(row => row.id));
        const reaches = page.more ? page.flows.at(-1).id : 0;
        this.#remove(new Set(running.filter(id => id > reaches && !still.has(id))));
        this.changed({});
    }

    #query(filter, limit, before) {
        const query = new URLSearchParams({ limit });
        if (filter) query.set("filter", filter);
        if (before) query.set("before", before);
        return `/api/flows?${query}`;
    }

    async #rest(page, generation) {
        while (page.more && page.flows.length > 0 && this.ids.length < mostRows) {
            page = await api.get(this.#query(this.filter, laterPages, page.flows.at(-1).id));
            if (generation !== this.generation) return;
            this.#take(page.flows, true);
            this.changed({});
        }
    }

    // What was fetched is older than what events have brought.
    #take(rows, fetched) {
        const added = [];
        for (const row of rows) {
            if (fetched && this.waiting.has(row.id)) continue;
            if (!fetched || !this.fresh.has(row.id)) this.known.set(row.id, row);
            const pin = this.pinned.get(row.id);
            if (pin) pin.row = row;
            if (!this.listed.has(row.id)) added.push(row.id);
        }
        this.#listAll(added);
        this.#forgetOldest();
    }

    // Older rows come in thousands: each would move all the others.
    #listAll(ids) {
        if (ids.length < 10) return ids.forEach(id => this.#list(id));
        ids.forEach(id => this.listed.add(id));
        this.ids = this.ids.concat(ids).sort((one, other) => one - other);
    }

    #list(id) {
        if (this.listed.has(id)) return;
        this.listed.add(id);
        if (this.ids.length === 0 || id > this.ids.at(-1)) this.ids.push(id);
        else this.ids.splice(this.#place(id), 0, id);
    }

    #forgetOldest() {
        if (this.ids.length <= mostRows * 1.1) return;
        const gone = this.ids.filter(id => !this.pinned.has(id)).slice(0, this.ids.length - mostRows);
        this.#remove(new Set(gone));
    }

    #remove(gone) {
        this.ids = this.ids.filter(id => !gone.has(id));
        for (const id of gone) {
            this.listed.delete(id);
            this.known.delete(id);
            this.fresh?.delete(id);
        }
    }

    #follow() {
        this.source?.close();
        this.fresh = new Set();  // ids that events have brought since
        const source = new EventSource(this.filter ? `/api/events?${new URLSearchParams({ filter: this.filter })}` : "/api/events");
        this.source = source;
        source.addEventListener("flow", event => this.#came(JSON.parse(event.data)));
        source.addEventListener("dropped", event => {
            this.dropped += JSON.parse(event.data).count;
            this.changed({});
        });
        source.addEventListener("cleared", () => this.#cleared());
        source.addEventListener("open", () => this.#opened());
        source.addEventListener("error", () => {
            this.link = "disconnected";
            this.changed({});
            // A status other than 200 ends an EventSource for good (HTML §9.2.3).
            if (source.readyState === EventSource.CLOSED && source === this.source)
                setTimeout(() => source === this.source && this.#follow(), 2000);
        });
    }

    async #opened() {
        const again = this.link === "disconnected";
        this.link = "live";
        this.fresh.clear();
        this.changed({});
        if (again && await api.restarted().catch(() => false)) {
            this.#cleared();
            return this.choose(this.filter).catch(() => {});
        }
        // What came between the first look and now.
        const generation = this.generation;
        const page = await api.get(this.#query(this.filter, firstPage)).catch(() => null);
        if (!page || generation !== this.generation) return;
        this.#take(page.flows, true);
        this.changed({});
    }

    #came(row) {
        this.waiting.set(row.id, row);
        this.fresh.add(row.id);
        if (this.paused) this.changed({});
        else this.#schedule();
    }

    #schedule() {
        if (this.scheduled) return;
        this.scheduled = true;
        const show = () => {
            this.scheduled = false;
            if (!this.paused) this.#show();
        };
        // A hidden page has no frames.
        if (document.hidden) setTimeout(show, 1000); else requestAnimationFrame(show);
    }

    #show() {
        const rows = [...this.waiting.values()];
        this.waiting.clear();
        const failures = rows.filter(row => row.failed && !this.known.get(row.id)?.failed);
        this.#take(rows, false);
        this.changed({ failures, rows });
    }

    pause(paused) {
        this.paused = paused;
        if (!paused) this.#schedule();
        this.changed({});
    }

    // Also of other pages: what the server forgot, pinned rows excepted.
    #cleared() {
        this.waiting.clear();
        this.dropped = 0;
        this.#remove(new Set([...this.known.keys()].filter(id => !this.pinned.has(id))));
        this.changed({ anew: true });
    }

    async clear() {
        await api.post("/api/clear");
        this.#cleared();
    }

    // A pinned row stays when the list is cleared, with its document and what its bodies say.
    async pin(id) {
        if (this.pinned.delete(id)) return this.changed({});
        const pin = { row: this.known.get(id), views: {} };
        this.pinned.set(id, pin);
        this.changed({});
        pin.document = await api.flow(id);
        for (const side of ["request", "response"])
            if (pin.document[side]?.content?.size) pin.views[side] = await api.view(id, side);
    }

    // Rows that went over the same connection to a server, in the order of time.
    sharing(connection) {
        return [...this.known.values()].filter(row => row.connection === connection).sort((one, other) => one.id - other.id);
    }
}
