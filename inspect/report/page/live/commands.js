// A request as a command of other programs: the same method, URL, headers and body.
import { httpieHeader, pythonString, scriptString, shellWord } from "./quoting.js";

// What each program says itself about the connection and the body's length.
const own = new Set(["host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "trailer", "upgrade", "expect"]);

// {method, url, headers, text?, base64?}: `body` is bytes.
export function requestOf(document, body) {
    const host = hostOf(document.url);
    const headers = (document.request?.headers ?? []).filter(([name, value]) => !name.startsWith(":") &&
        (!own.has(name.toLowerCase()) || name.toLowerCase() === "host" && value.toLowerCase() !== host));
    const request = { method: document.method ?? "GET", url: document.url ?? "", headers };
    if (body?.length) {
        try { request.text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body); } catch { request.base64 = base64Of(body); }
        if (request.text?.includes("\0")) {
            delete request.text;  // no argument of a command holds it
            request.base64 = base64Of(body);
        }
    }
    return request;
}

function hostOf(url) {
    try { return new URL(url).host.toLowerCase(); } catch { return ""; }
}

function base64Of(bytes) {
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(text);
}

const has = (request, name) => request.headers.some(([each]) => each.toLowerCase() === name);
const hasBody = request => request.text !== undefined || request.base64 !== undefined;

export function curl(request) {
    const words = ["curl", "--path-as-is", "--globoff"];
    if (request.method === "HEAD") words.push("--head");
    else if (request.method !== (hasBody(request) ? "POST" : "GET")) words.push("--request", request.method);
    const lines = [];
    for (const [name, value] of request.headers) lines.push(["--header", value === "" ? `${name};` : `${name}: ${value}`]);
    // What curl would add by itself.
    for (const name of ["User-Agent", "Accept", ...(hasBody(request) ? ["Content-Type"] : [])]) if (!has(request, name.toLowerCase())) lines.push(["--header", `${name}:`]);
    if (has(request, "accept-encoding")) words.push("--compressed");
    if (request.text !== undefined) lines.push(["--data-raw", request.text]);
    if (request.base64 !== undefined) lines.push(["--data-binary", "@-"]);
    const command = [[...words, "--url", request.url], ...lines].map(each => each.map(shellWord).join(" ")).join(" \\\n  ");
    return request.base64 !== undefined ? `printf %s ${shellWord(request.base64)} | base64 -d |\n${command}` : command;
}

export function fetchCall(request) {
    const options = [`  method: ${scriptString(request.method)},`];
    if (request.headers.length) options.push("  headers: [", ...request.headers.map(([name, value]) => `    [${scriptString(name)}, ${scriptString(value)}],`), "  ],");
    if (request.text !== undefined) options.push(`  body: ${scriptString(request.text)},`);
    if (request.base64 !== undefined) options.push(`  body: Uint8Array.from(atob(${scriptString(request.base64)}), each => each.charCodeAt(0)),`);
    options.push('  redirect: "manual",');
    return `const response = await fetch(${scriptString(request.url)}, {\n${options.join("\n")}\n});\nconsole.log(response.status, await response.text());`;
}

export function python(request) {
    const joined = new Map();  // a dict has each name once
    for (const [name, value] of request.headers) {
        const key = name.toLowerCase();
        const before = joined.get(key);
        joined.set(key, before ? [before[0], `${before[1]}${key === "cookie" ? "; " : ", "}${value}`] : [name, value]);
    }
    const headers = [...joined.values()].map(([name, value]) => `        ${pythonString(name)}: ${pythonString(value)},`);
    for (const name of ["User-Agent", "Accept", "Accept-Encoding"]) if (!has(request, name.toLowerCase())) headers.push(`        ${pythonString(name)}: None,`);
    const lines = [`    ${pythonString(request.method)},`, `    ${pythonString(request.url)},`, "    headers={", ...headers, "    },"];
    if (request.text !== undefined) lines.push(`    data=${pythonString(request.text)}.encode(),`);
    if (request.base64 !== undefined) lines.push(`    data=base64.b64decode(${pythonString(request.base64)}),`);
    lines.push("    allow_redirects=False,");
    return `${request.base64 !== undefined ? "import base64\n" : ""}import requests\n\nresponse = requests.request(\n${lines.join("\n")}\n)\nprint(response.status_code, response.text)`;
}

// Throws when HTTPie has no way to say it.
export function httpie(request) {
    const items = request.headers.map(([name, value]) => httpieHeader(name, value) ?? (() => { throw new Error(`HTTPie cannot say the header ${name}: use curl`); })());
    for (const name of ["User-Agent", "Accept", "Accept-Encoding"]) if (!has(request, name.toLowerCase())) items.push(`${name}:`);
    const words = ["http", ...(request.base64 === undefined ? ["--ignore-stdin"] : [])];
    const first = [...words, request.method, request.url].map(shellWord).join(" ");
    const rest = items.map(shellWord);
    if (request.text !== undefined) rest.push(`--raw ${shellWord(request.text)}`);
    const command = [first, ...rest].join(" \\\n  ");
    return request.base64 !== undefined ? `printf %s ${shellWord(request.base64)} | base64 -d |\n${command}` : command;
}

export const languages = [["curl", curl], ["fetch", fetchCall], ["Python requests", python], ["HTTPie", httpie]];
