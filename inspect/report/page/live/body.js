// What a body says, in the form that the server found it in.
import * as api from "./api.js";
import { button, copyButton, el, save } from "./dom.js";
import { counted, size } from "./format.js";
import { inflated, textOf } from "./inflate.js";
import { jsonTree } from "./json_tree.js";
import { hexDump, indentedXml } from "./source.js";

const imageTypes = { png: "image/png", jpeg: "image/jpeg", gif: "image/gif", webp: "image/webp", svg: "image/svg+xml" };
const formWords = {
    json: "JSON", xml: "XML", html: "HTML, as source", form: "form", multipart: "multipart", text: "text", grpc: "gRPC", protobuf: "Protocol Buffers",
    sse: "server-sent events", json_lines: "JSON lines", binary: "binary", empty: "empty", ...Object.fromEntries(Object.keys(imageTypes).map(each => [each, each.toUpperCase()])),
};

const pre = (text, label) => el("pre", { class: "source", tabindex: "0", role: "group", "aria-label": label }, text);

function image(view) {
    let blob;
    const type = imageTypes[view.form];
    if (view.base64 !== undefined) blob = new Blob([Uint8Array.from(atob(view.base64), each => each.charCodeAt(0))], { type });
    else blob = new Blob([view.text ?? ""], { type });
    const picture = el("img", { alt: `The body: ${formWords[view.form]}, ${size(view.size)}`, class: "image" });
    const url = URL.createObjectURL(blob);
    picture.addEventListener("load", () => URL.revokeObjectURL(url));
    picture.addEventListener("error", () => {
        URL.revokeObjectURL(url);
        picture.replaceWith(el("p", { class: "note" }, "The browser cannot show this image: it is damaged, or not all of it was kept."));
    });
    picture.src = url;
    return [picture, view.form === "svg" && view.text ? folded("Source", pre(view.text, "source")) : null];
}

const folded = (label, ...content) => el("details", {}, el("summary", {}, label), content);

function multipart(view) {
    return (view.parts ?? []).map((part, index) => el("section", { class: "part" },
        el("h4", {}, `Part ${index + 1}, ${size(part.size)}`), headerTable(part.headers, `Part ${index + 1}'s headers`), content(part)));
}

function frames(view) {
    return (view.frames ?? []).map((frame, index) => el("section", { class: "part" },
        el("h4", {}, `${frame.trailers ? "Trailers" : `Message ${index + 1}`}, ${size(frame.length)}${frame.compressed ? ", compressed" : ""}`),
        pre(frame.text ?? "", `message ${index + 1}, fields by number`)));
}

function events(view) {
    const list = view.events ?? [];
    return el("table", { class: "grid" }, el("thead", {}, el("tr", {}, ["event", "id", "data"].map(each => el("th", { scope: "col" }, each)))),
              el("tbody", {}, list.map(each => el("tr", {}, el("td", {}, each.event || "message"), el("td", {}, each.id ?? ""), el("td", { class: "mono pre" }, each.data ?? "")))));
}

function jsonLines(view) {
    return (view.text ?? "").split("\n").filter(line => line.trim()).slice(0, 500).map(line => jsonTree(line)?.[1] ?? pre(line, "a line that is no JSON"));
}

// The content of a VIEW, or of a part of one.
export function content(view) {
    if (view.size === 0 || view.form === "empty") return [el("p", { class: "note" }, "No body.")];
    const shown = {
        json: () => (view.text !== undefined && !view.cut && jsonTree(view.text)) || [pre(view.text ?? "", "JSON that could not be read as a tree")],
        xml: () => [pre(indentedXml(view.text ?? ""), "XML, indented"), folded("As it came", pre(view.text ?? "", "XML as it came"))],
        form: () => [headerTable(view.fields, "Fields of the form")],
        multipart: () => multipart(view), grpc: () => frames(view), sse: () => [events(view)], json_lines: () => jsonLines(view),
    }[view.form];
    if (shown) return shown();
    if (Object.hasOwn(imageTypes, view.form)) return image(view);
    if (view.text !== undefined) return [pre(view.text, formWords[view.form] ?? "text")];
    if (view.hex !== undefined) return [pre(hexDump(view.hex), "bytes in hexadecimal"), view.hex.length / 2 < view.size ? el("p", { class: "note" }, "Only the beginning is shown.") : null];
    return [el("p", { class: "note" }, "There is nothing of it to show.")];
}

// Names and values in the order and case they came in.
export function headerTable(headers, label) {
    if (!headers?.length) return el("p", { class: "note" }, "None.");
    return el("div", { class: "scroll" }, el("table", { class: "headers mono", "aria-label": label },
        el("tbody", {}, headers.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value))))));
}

function about(view, kept) {
    const said = [formWords[view.form] ?? view.form, size(kept.size)];
    if (view.charset) said.push(view.charset);
    if (view.coding?.names) said.push(`${view.coding.names}, ${size(view.coding.size)} unpacked`);
    return said.join(" · ");
}

function warnings(view, kept) {
    const said = [];
    if (view.doubted) said.push("What it is was guessed from its bytes: the Content-Type says otherwise or nothing.");
    if (!kept.whole) said.push(`Only the first ${size(kept.kept)} of ${size(kept.size)} were kept.`);
    if (view.cut) said.push("It is longer than what is shown here: save it to see the rest.");
    const ends = { cut: "ends too early", bounded: "unpacks to more than is shown", malformed: "is damaged", unknown: "is not known here" };
    if (view.coding && ends[view.coding.end]) said.push(`Its coding (${view.coding.names}) ${ends[view.coding.end]}.`);
    return said.map(each => el("p", { class: "warning" }, each));
}

// The body of one side of a flow, asked for when this is drawn. `kept` is the document's "content".
export function body(id, side, kept, pinned) {
    const holder = el("div", { class: "body", "aria-busy": "true" }, el("p", { class: "note" }, "Loading …"));
    const show = view => {
        holder.replaceChildren(
            el("p", { class: "about" }, about(view, kept), " ",
               button("Save", async () => save(`${side}-${id}.bin`, "application/octet-stream", [await api.bytes(id, side)]), { class: "small", "aria-label": `Save the ${side} body` }),
               view.text !== undefined ? copyButton("Copy", view.text, { class: "small", "aria-label": `Copy the ${side} body` }) : null),
            ...warnings(view, kept), ...content(view).filter(Boolean));
        holder.removeAttribute("aria-busy");
    };
    const fail = error => {
        holder.replaceChildren(el("p", { class: "warning" }, `The body is no longer there: ${error.message}`));
        holder.removeAttribute("aria-busy");
    };
    if (!kept || kept.size === 0) return el("p", { class: "note" }, "No body.");
    if (pinned) show(pinned); else api.view(id, side).then(show).catch(fail);
    return holder;
}

// The messages of a WebSocket, as they came; compressed ones are unpacked once they are shown.
export function messages(list, leftOut) {
    const cells = new Map();
    const shown = each => {
        const cell = el("td", { class: "mono pre" }, el("span", {}, each.text ?? hexDump(each.hex ?? "")), each.compressed ? el("span", { class: "tag" }, "compressed") : null,
                        each.cut ? el("span", { class: "tag" }, "cut") : null);
        cells.set(each, cell);
        return cell;
    };
    const rows = list.map(each => el("tr", { class: each.from }, el("td", {}, each.from === "client" ? "↑ client" : "↓ server"), el("td", {}, `${Math.round(each.at_ms)} ms`),
                                     el("td", {}, each.kind), el("td", {}, size(each.size)), shown(each)));
    inflated(list, (message, bytes) => {
        const text = textOf(bytes);
        if (text !== null) cells.get(message).firstChild.textContent = text;
        cells.get(message).children[1].textContent = `compressed, ${size(bytes.length)} unpacked`;
    });
    return [
        leftOut ? el("p", { class: "warning" }, `${counted(leftOut, "message")} more were not kept.`) : null,
        el("table", { class: "grid messages" }, el("thead", {}, el("tr", {}, ["from", "at", "kind", "size", "message"].map(each => el("th", { scope: "col" }, each)))), el("tbody", {}, rows)),
    ];
}
