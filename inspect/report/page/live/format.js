// Numbers, times and addresses as a person reads them.

export function size(bytes) {
    if (bytes === undefined || bytes === null) return "";
    if (bytes < 1000) return `${bytes} B`;
    const units = ["kB", "MB", "GB", "TB"];
    let value = bytes;
    let unit = -1;
    do { value /= 1000; ++unit; } while (value >= 999.5 && unit < units.length - 1);
    return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export function duration(ms) {
    if (ms === undefined || ms === null) return "";
    if (ms < 10) return `${ms.toFixed(1)} ms`;
    if (ms < 1000) return `${Math.round(ms)} ms`;
    if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
    return `${Math.floor(ms / 60_000)} min ${Math.round(ms / 1000) % 60} s`;
}

const two = number => String(number).padStart(2, "0");

// The time of day here; with milliseconds, since requests come close together.
export function clock(time) {
    const at = new Date(time);
    if (isNaN(at)) return String(time ?? "");
    return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

export function day(time) {
    const at = new Date(time);
    return isNaN(at) ? String(time ?? "") : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

// What follows host and port in a URL.
export function pathOf(url) {
    if (!url) return "";
    const start = url.indexOf("://");
    const slash = url.indexOf("/", start < 0 ? 0 : start + 3);
    return slash < 0 ? (start < 0 ? url : "/") : url.slice(slash);
}

export const counted = (count, what) => `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;

// The common name of a distinguished name, or all of it.
export function commonName(subject) {
    const found = /(?:^|,)CN=((?:\\.|[^,\\])*)/.exec(subject ?? "");
    return found ? found[1].replace(/\\(.)/g, "$1") : subject || "(no subject)";
}

// "h2 → http/1.1": what is spoken to the client, and to the server.
export function protocols(row) {
    if (!row.protocol && !row.server_protocol) return "";
    if (row.protocol === row.server_protocol || !row.server_protocol) return row.protocol ?? "";
    return `${row.protocol ?? "?"} → ${row.server_protocol}`;
}

export const lockWords = { none: "no TLS", verified: "verified", warned: "warning", failed: "failed" };

// A flow in one line.
export function told(row) {
    if (row.kind === "client_handshake") return `${row.program ?? row.client ?? "a client"} did not finish its handshake${row.host ? ` for ${row.host}` : ""}`;
    if (row.kind === "upstream_handshake") return `Handshake with ${row.host}${row.port && row.port !== 443 ? `:${row.port}` : ""}`;
    return `${row.method ?? ""} ${row.url ?? row.host ?? ""}`.trim();
}
