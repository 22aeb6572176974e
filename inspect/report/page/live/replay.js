// Sending a request again, as it was or changed. Masked secrets that a person leaves alone go out as they
// were: their real values are asked for only when the headers are sent along.
import * as api from "./api.js";
import { el } from "./dom.js";

const lineOf = ([name, value]) => `${name}: ${value}`;

// Header lines as pairs; throws an Error that says which line is none.
function parsed(text) {
    return text.split("\n").filter(line => line.trim() !== "").map(line => {
        const found = /^(:?[^\s:]+):[ \t]*(.*?)[ \t\r]*$/.exec(line);
        if (!found) throw new Error(`This is no header line (Name: value): ${line}`);
        return [found[1], found[2]];
    });
}

// The edited lines, with the real values of those that stayed as they were shown.
function unmasked(edited, shown, real) {
    const left = shown.map((pair, at) => ({ line: lineOf(pair), pair: real[at] ?? pair }));
    return edited.map(pair => {
        const at = left.findIndex(each => each.line === lineOf(pair));
        return at < 0 ? pair : left.splice(at, 1)[0].pair;
    });
}

// What changed, as POST …/replay takes it.
async function changes(form, document, body) {
    const { method, url, headers, text } = form.elements;
    const changed = {};
    if (method.value !== method.defaultValue) changed.method = method.value.trim();
    if (url.value !== url.defaultValue) changed.url = url.value.trim();
    if (headers.value !== headers.defaultValue) {
        const edited = parsed(headers.value);
        const real = await api.flow(document.id, true).catch(() => document);
        changed.headers = unmasked(edited, document.request?.headers ?? [], real.request?.headers ?? []);
    }
    if (body.text !== undefined && text.value !== text.defaultValue) changed.body = text.value;
    return changed;
}

// The body as text, where it is text and whole.
async function textOf(document) {
    const content = document.request?.content;
    if (!content?.size) return { text: "" };
    if (!content.whole) return { why: "Only a part of the body was kept, so that it cannot be edited or sent again." };
    if (content.size > 1_000_000) return { why: "The body goes out as it was: it is too long to be edited here." };
    try {
        const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await api.bytes(document.id, "request"));
        // A text field turns other line ends into \n.
        return /\r|\0/.test(text) ? { why: "The body goes out as it was: it has line ends that a text field would change." } : { text };
    } catch (error) {
        return { why: error instanceof TypeError ? "The body goes out as it was: it is no text." : error.message };
    }
}

const field = (label, control) => el("label", { class: "field" }, el("span", {}, label), control);

// A field whose value is the default to compare with.
function filled(name, value, attributes) {
    const control = el(name, attributes);
    control.value = value;
    control.defaultValue = value;
    return control;
}

// Opens the dialog; `sent` is told the new flow's id.
export async function replay(dialog, id, sent) {
    const document = await api.flow(id);
    if (!document.request) throw new Error("No request came that could be sent again.");
    const body = await textOf(document);
    const says = el("p", { class: "warning", role: "alert", hidden: true });
    const headers = (document.request.headers ?? []).map(lineOf).join("\n");
    const form = el("form", { method: "dialog" },
        el("div", { class: "line" }, field("Method", filled("input", document.request.method, { name: "method", class: "mono", size: "9", required: true, spellcheck: "false" })),
           field("URL", filled("input", document.url ?? "", { name: "url", class: "mono", required: true, spellcheck: "false" }))),
        field("Headers, one a line", filled("textarea", headers, { name: "headers", class: "mono", rows: "9", spellcheck: "false" })),
        headers.includes("***") ? el("p", { class: "note" }, "*** stands for a secret. Lines that you leave alone are sent with their real values.") : null,
        body.text === undefined ? el("p", { class: "note" }, body.why)
            : field("Body", filled("textarea", body.text, { name: "text", class: "mono", rows: "7", spellcheck: "false" })),
        says,
        el("div", { class: "buttons" }, el("button", { type: "submit", class: "main" }, "Send"), el("button", { type: "button", onclick: () => dialog.close() }, "Cancel")));
    form.addEventListener("submit", async event => {
        event.preventDefault();
        const button = form.querySelector("[type=submit]");
        button.disabled = true;
        says.hidden = true;
        try {
            const answer = await api.postJson(`/api/flows/${id}/replay`, await changes(form, document, body));
            dialog.close();
            sent(answer.id);
        } catch (error) {
            says.textContent = error.message;
            says.hidden = false;
        } finally {
            button.disabled = false;
        }
    });
    dialog.querySelector(".content").replaceChildren(form);
    dialog.showModal();
    form.elements.url.focus();
}
