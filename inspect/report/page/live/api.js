// The server's interface: JSON over HTTP, and events. What changes something carries the page's token.

let token = document.querySelector("meta[name=whytls-token]").content;

export class Refused extends Error {
    constructor(status, body) {
        super(body?.error ?? `the server answered ${status}`);
        this.status = status;
        this.position = body?.position;
    }
}

async function answerOf(response) {
    const text = await response.text();
    let body;
    try { body = text ? JSON.parse(text) : undefined; } catch { body = undefined; }
    if (!response.ok) throw new Refused(response.status, body ?? (text ? { error: text.slice(0, 300) } : undefined));
    return body;
}

export const get = async path => answerOf(await fetch(path, { cache: "no-store" }));

export const post = async (path, body, type = "application/json") =>
    answerOf(await fetch(path, { method: "POST", body, headers: { "X-Whytls-Token": token, ...(body === undefined ? {} : { "Content-Type": type }) } }));

export const postJson = (path, value) => post(path, JSON.stringify(value));

// A flow's document; with `secrets` unmasked.
export const flow = async (id, secrets = false) =>
    answerOf(await fetch(`/api/flows/${id}${secrets ? "?secrets=show" : ""}`, { cache: "no-store", headers: secrets ? { "X-Whytls-Token": token } : {} }));

// The bytes of a body as kept; `side` is "request" or "response".
export async function bytes(id, side) {
    const response = await fetch(`/api/flows/${id}/${side}-body`, { cache: "no-store" });
    if (!response.ok) await answerOf(response);
    return new Uint8Array(await response.arrayBuffer());
}

export const view = (id, side) => get(`/api/flows/${id}/${side}-body?view=1`);

// Whether the server was started anew meanwhile; then its new token is used.
export async function restarted() {
    const found = /<meta name="whytls-token" content="([^"]*)"/.exec(await (await fetch(location.pathname, { cache: "no-store" })).text());
    if (!found || found[1] === token) return false;
    token = found[1];
    return true;
}
