// The servers that were met: what the last look at each found, and when its certificate ends.
import * as api from "./api.js";
import { button, el } from "./dom.js";
import { counted, day, duration } from "./format.js";
import { lock } from "./icons.js";

const soon = 30;   // days
const whole = 90;  // of the bar

const locks = { ok: "verified", warning: "warned", failed: "failed" };

function expiry(host) {
    if (host.not_after === undefined) return el("span", { class: "note" }, "unknown");
    const days = host.days ?? Math.floor((Date.parse(host.not_after) - Date.now()) / 86_400_000);
    const state = days < 0 ? "failed" : days < soon ? "warned" : "good";
    const fill = el("span", { class: state });
    fill.style.setProperty("width", `${Math.max(2, Math.min(100, 100 * days / whole))}%`);
    return el("div", { class: `expiry ${state}` }, el("span", { class: "days" }, days < 0 ? `expired ${counted(-days, "day")} ago` : `${counted(days, "day")}${days < soon ? ": soon" : ""}`),
              el("span", { class: "meter", "aria-hidden": "true" }, fill), el("span", { class: "note" }, day(host.not_after)));
}

const urgency = host => host.days === undefined ? Infinity : host.days;

export class Hosts {
    // `list` is told the filter of a host's flows.
    constructor(element, list, say) {
        this.element = element;
        this.list = list;
        this.say = say;
        this.checked = new Map();  // host:port → what the last check said
    }

    async draw() {
        try {
            const { hosts } = await api.get("/api/hosts");
            hosts.sort((one, other) => urgency(one) - urgency(other) || one.host.localeCompare(other.host));
            this.element.replaceChildren(hosts.length ? this.#table(hosts) : el("p", { class: "nothing" }, "No server was met yet. Each one that a request goes to is listed here, the soonest to expire first."));
        } catch (error) {
            this.element.replaceChildren(el("p", { class: "warning" }, error.message));
        }
    }

    #table(hosts) {
        const heads = ["Host", "Last verdict", "Certificate ends in", "TLS", "Issuer", "Flows", ""];
        const ending = hosts.filter(each => each.days !== undefined && each.days < soon).length;
        return [el("p", { class: "note" }, `${counted(hosts.length, "server")}${ending ? `, ${ending} with a certificate that ends within ${soon} days` : ""}.`),
            el("table", { class: "hosts" }, el("thead", {}, el("tr", {}, heads.map(each => each ? el("th", { scope: "col" }, each) : el("td")))),
               el("tbody", {}, hosts.map(each => this.#row(each))))].reduce((holder, each) => (holder.append(each), holder), el("div"));
    }

    #row(host) {
        const name = `${host.host}${host.port && host.port !== 443 ? `:${host.port}` : ""}`;
        const said = el("p", { class: "note", role: "status" }, this.checked.get(name) ?? "");
        const again = button("Check again", async () => {
            again.disabled = true;
            said.textContent = "checking …";
            try {
                const report = await api.postJson("/api/hosts/check", { host: host.host, port: host.port });
                const took = report.timing_ms?.handshake;
                this.checked.set(name, report.verdict === "ok" ? `ok${took === undefined ? "" : `, handshake ${duration(took)}`}` : `${report.code}: ${report.title}`);
            } catch (error) {
                this.checked.set(name, error.message);
            }
            await this.draw();
            this.element.querySelector(`[data-host="${CSS.escape(name)}"]`)?.focus();
        }, { class: "small", "data-host": name, "aria-label": `Check again: ${name}` });
        return el("tr", { class: locks[host.verdict] ?? "" },
            el("th", { scope: "row" }, el("span", { class: "hostname" }, name), host.provider ? el("span", { class: "note" }, host.provider) : null),
            el("td", {}, el("span", { class: "verdict" }, lock(locks[host.verdict]), host.code ? el("span", { class: "code" }, host.code) : ` ${host.verdict}`), host.title && host.verdict !== "ok" ? el("p", { class: "note" }, host.title) : null),
            el("td", { "data-label": "Ends in" }, expiry(host)),
            el("td", { "data-label": "TLS" }, [host.version, host.alpn].filter(Boolean).join(", ") || "none", host.cipher ? el("p", { class: "note" }, host.cipher) : null),
            el("td", { "data-label": "Issuer" }, host.issuer ?? ""),
            el("td", { "data-label": "Flows" }, button(`${host.flows ?? 0}`, () => this.list(`host:${/\s|"/.test(host.host) ? JSON.stringify(host.host) : host.host}`), { class: "link", "aria-label": `${host.flows ?? 0} flows of ${name}, show them` }),
               host.failures ? el("span", { class: "failures" }, ` ${host.failures} failed`) : null),
            el("td", {}, again, said));
    }
}
