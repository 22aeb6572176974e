// One flow, beside the list or over it: what went wrong, both messages, the TLS, the times.
import * as api from "./api.js";
import { body, headerTable, messages } from "./body.js";
import { certificates } from "./certificates.js";
import { languages, requestOf } from "./commands.js";
import { button, copy, el, facts, tabs } from "./dom.js";
import { clock, counted, day, duration, lockWords, protocols, size, told } from "./format.js";
import { lock } from "./icons.js";
import { timing } from "./timing.js";

const stepMarks = { pass: "ok", warn: "warn", fail: "fail", skip: "skip" };

function diagnosis(document, report) {
    const frame = el("iframe", { sandbox: "", title: "The diagnosis, as a client gets it", src: `/api/flows/${document.id}/report.html`, class: "report" });
    return el("div", { class: "diagnosis" }, document.remark ? el("p", { class: "warning" }, document.remark) : null,
              report?.problems?.length > 1 ? el("p", { class: "note" }, `${counted(report.problems.length, "problem")}, the root cause first.`) : null, frame);
}

function steps(report) {
    return el("table", { class: "steps" }, el("caption", {}, "Steps"),
        el("tbody", {}, (report.steps ?? []).map(each => el("tr", { class: each.status },
            el("td", {}, el("span", { class: `pill ${each.status}` }, stepMarks[each.status] ?? each.status)), el("th", { scope: "row" }, each.step.replaceAll("_", " ")),
            el("td", {}, each.summary, each.reference ? el("span", { class: "note reference" }, ` ${each.reference}`) : null)))));
}

const legFacts = (tls, caption) => tls ? facts([
    ["version", tls.version], ["cipher", tls.cipher], ["key exchange", tls.group], ["ALPN", tls.alpn], ["ALPN offered", tls.alpn_offered?.join(", ")], ["SNI", tls.sni],
    ["resumed", tls.resumed ? "yes" : null], ["stapled OCSP", tls.staple], ["client certificate", tls.client_certificate_requested ? tls.client_certificate_sent ? "asked for and sent" : "asked for, none sent" : null],
    ["handshake", tls.handshake_ms === undefined ? null : duration(tls.handshake_ms)]], caption) : el("p", { class: "note" }, `${caption}: none.`);

function tlsPart(document, report) {
    const server = document.server;
    const said = report?.elsewhere?.length ? el("table", { class: "steps" }, el("caption", {}, "What other clients say"),
        el("tbody", {}, report.elsewhere.map(each => el("tr", {}, el("td", {}, el("span", { class: `pill ${each.verdict === "accepts" ? "pass" : "fail"}` }, each.verdict)), el("th", { scope: "row" }, each.client), el("td", { class: "mono" }, each.text))))) : null;
    return [report ? steps(report) : null, legFacts(server?.tls, "TLS with the server"), legFacts(document.client_tls, "TLS with the client"),
            server?.trust ? facts([["trust store", `${server.trust.source}, ${counted(server.trust.anchors, "anchor")}`], ["provider", server.provider]], "Verified against") : null, said];
}

function message(document, side, pin) {
    const each = document[side];
    const first = side === "request" ? `${each.method} ${each.target} ${each.version}` : `${each.version} ${each.status} ${each.reason ?? ""}`;
    return [
        el("p", { class: "start mono" }, first),
        el("h3", {}, "Headers, as they came"), headerTable(each.headers, "Headers"),
        el("h3", {}, "Body"), body(document.id, side, each.content, pin?.views[side]),
        each.trailers?.length ? [el("h3", {}, "Trailers"), headerTable(each.trailers, "Trailers")] : null,
    ];
}

function overview(document) {
    const told = [];
    if (document.status) told.push(["status", `${document.status} ${document.response?.reason ?? ""}`]);
    told.push(["code", document.code ? el("span", { class: "code" }, document.code) : null], ["lock", el("span", {}, lock(document.lock), ` ${lockWords[document.lock] ?? document.lock}`)],
        ["client", [document.program, document.client].filter(Boolean).join(", ")], ["protocols", protocols(document)], ["time", `${day(document.time)} ${clock(document.time)}`],
        ["took", document.complete ? duration(document.total_ms) : "it is still running"],
        ["sizes", document.kind === "request" ? `request ${size(document.request_bytes)}, response ${size(document.response_bytes)}` : null],
        ["remark", document.remark], ["sent twice", document.repeated ? "its first connection had been closed by the server" : null],
        ["ended without", document.ended_without ? `${document.ended_without}: whether the body is whole cannot be known` : null]);
    return [facts(told)];
}

export class Detail {
    // `actions`: {close, replay, compare, pin, open, say}
    constructor(element, flows, actions) {
        this.element = element;
        this.flows = flows;
        this.actions = actions;
        this.id = 0;
        this.secrets = false;
        this.chosen = {};  // the tab that was last chosen, for flows with a diagnosis and for others
    }

    async open(id) {
        if (id !== this.id) this.secrets = false;
        this.id = id;
        this.element.hidden = false;
        this.element.setAttribute("aria-busy", "true");
        try {
            const document = await this.#load(id);
            if (this.id === id) this.#draw(document);
        } catch (error) {
            if (this.id !== id) return;
            this.element.replaceChildren(this.#bar([]), el("p", { class: "warning" }, error.status === 404 ? "The proxy does not keep this one any more." : error.message));
        } finally {
            this.element.removeAttribute("aria-busy");
        }
    }

    close() {
        this.id = 0;
        this.document = null;
        this.secrets = false;
        this.element.hidden = true;
        this.element.replaceChildren();
    }

    async #load(id) {
        try {
            return await api.flow(id, this.secrets);
        } catch (error) {
            const kept = this.flows.pinned.get(id)?.document;
            if (kept) return kept;
            throw error;
        }
    }

    // What changed while it is open: drawn anew when something is to be seen, and never under a person's hands.
    async update(row) {
        if (row.id !== this.id || !this.document || this.updating) return;
        this.updating = true;
        try {
            const document = await this.#load(this.id);
            if (document.id !== this.id) return;
            const before = this.document;
            const same = before.complete && document.complete && before.code === document.code;
            if (same) return;
            const live = this.element.querySelector(".live-messages");
            if (live && !document.complete && Boolean(before.response) === Boolean(document.response)) {
                this.document = document;
                live.replaceChildren(...messages(document.messages ?? [], document.messages_left_out).filter(Boolean));
            } else {
                const tab = this.element.querySelector("[role=tab]:focus")?.textContent;
                const top = this.element.querySelector(".panels")?.scrollTop;
                const chosen = this.element.querySelector("[role=tab][aria-selected=true]")?.textContent;
                this.#draw(document, chosen);
                if (tab) this.element.querySelector("[role=tab][aria-selected=true]")?.focus();
                if (top) this.element.querySelector(".panels").scrollTop = top;
            }
        } catch {
            // The list says when the server is gone.
        } finally {
            this.updating = false;
        }
    }

    #bar(buttons) {
        return el("div", { class: "actions" }, buttons, button("Close", () => this.actions.close(), { class: "close", title: "Close (Esc)" }));
    }

    #actions(document) {
        const id = document.id;
        const pinned = this.flows.pinned.has(id);
        const copying = el("details", { class: "menu" }, el("summary", {}, "Copy as"),
            el("div", {}, !this.secrets ? el("p", { class: "note" }, "Secrets are masked (***) until they are shown.") : null,
               languages.map(([label, make]) => button(label, async event => {
                   try {
                       const content = this.document.request.content;
                       const bytes = content?.size ? await api.bytes(id, "request") : null;
                       await copy(make(requestOf(this.document, bytes)));
                       this.actions.say(content && !content.whole ? `Copied for ${label}, with the part of the body that was kept.` : `Copied for ${label}.`);
                   } catch (error) {
                       this.actions.say(error.message);
                   }
                   copying.open = false;
               }))));
        copying.addEventListener("keydown", event => {
            if (event.key !== "Escape" || !copying.open) return;
            event.stopPropagation();
            copying.open = false;
            copying.firstChild.focus();
        });
        return [
            document.request ? button("Replay", () => this.actions.replay(id), { title: "Send it again, as it was or changed (r)" }) : null,
            button("Compare", () => this.actions.compare(id), { title: "Compare with another (c)" }),
            button(pinned ? "Unpin" : "Pin", () => this.actions.pin(id), { title: "Keep it when the list is cleared (p)", "aria-pressed": String(pinned), class: "pinning" }),
            document.request ? copying : null,
            button(this.secrets ? "Hide secrets" : "Show secrets", () => {
                this.secrets = !this.secrets;
                this.open(id);
            }, { "aria-pressed": String(this.secrets), class: "secrets" }),
        ].filter(Boolean);
    }

    drawPin() {
        const pinning = this.element.querySelector(".pinning");
        if (!pinning) return;
        const pinned = this.flows.pinned.has(this.id);
        pinning.textContent = pinned ? "Unpin" : "Pin";
        pinning.setAttribute("aria-pressed", String(pinned));
    }

    #draw(document, tab) {
        this.document = document;
        const report = document.diagnosis ?? (document.server?.steps ? document.server : null);
        const diagnosed = Boolean(document.code);
        const pin = this.flows.pinned.get(document.id);
        const panels = [];
        if (diagnosed) panels.push(["Diagnosis", () => diagnosis(document, report)]);
        if (document.messages?.length || document.response?.status === 101)
            panels.push(["Messages", () => el("div", { class: "live-messages", "aria-live": "off" }, messages(document.messages ?? [], document.messages_left_out).filter(Boolean))]);
        if (document.response) panels.push(["Response", () => message(document, "response", pin)]);
        if (document.request) panels.push(["Request", () => message(document, "request", pin)]);
        if (document.server?.chain || document.server?.certificates?.length) panels.push(["Certificates", () => certificates(document.server)]);
        if (report || document.client_tls) panels.push(["TLS", () => tlsPart(document, report)]);
        if (document.kind === "request")
            panels.push(["Timing", () => timing(document, document.server?.connection ? this.flows.sharing(document.server.connection) : [], this.actions.open)]);
        panels.push(["Overview", () => overview(document)]);
        const kind = diagnosed ? "diagnosed" : "plain";
        this.element.replaceChildren(this.#bar(this.#actions(document)),
            el("header", { class: `summary ${document.failed ? "failed" : document.warned ? "warned" : ""}` },
               el("h2", { tabindex: "-1" }, lock(document.lock), " ", told(document)),
               el("p", { class: "note" }, [document.status ? `${document.status}${document.code ? "" : ` ${document.response?.reason ?? ""}`}`.trim() : document.complete ? null : "running", document.complete ? duration(document.total_ms) : null,
                                          document.kind === "request" ? size(document.response_bytes) : null].filter(Boolean).join(" · "),
                  document.code ? [" ", el("span", { class: "code" }, document.code)] : null),
               document.title ? el("p", { class: "title" }, document.title) : null),
            ...tabs("Parts of this flow", panels, tab ?? this.chosen[kind], name => { this.chosen[kind] = name; }));
    }

    focus() { this.element.querySelector("h2")?.focus(); }
}
