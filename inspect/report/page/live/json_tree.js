// A JSON text as a tree that folds, with a search. Branches are drawn when they are opened, and long
// ones piece by piece.
import { button, el } from "./dom.js";
import { counted } from "./format.js";
import { parseJson } from "./json_text.js";

const piece = 200;
const mostFound = 1000;
const longest = 2000;  // of a string, until it is asked for

// The tree, or nothing when the text is no JSON.
export function jsonTree(text) {
    let root;
    try { root = parseJson(text); } catch { return null; }
    const holder = el("div", { class: "tree mono" }, branch(root));
    return [root.children ? search(root) : null, holder];
}

function shownValue(node) {
    const text = node.kind === "string" ? JSON.stringify(node.text) : node.text;
    if (text.length <= longest) return el("span", { class: `value ${node.kind}` }, text);
    const value = el("span", { class: `value ${node.kind}` }, `${text.slice(0, longest)} …`);
    return [value, button(`all ${counted(text.length, "character")}`, event => {
        value.textContent = text;
        event.currentTarget.remove();
    }, { class: "small" })];
}

const keyOf = (node, index) => node.key !== undefined ? el("span", { class: "key" }, JSON.stringify(node.key), ": ")
    : index !== undefined ? el("span", { class: "index" }, `${index}: `) : null;

function branch(node, index) {
    if (!node.children) return node.element = el("div", { class: "leaf" }, keyOf(node, index), shownValue(node));
    const [begin, end] = node.kind === "object" ? "{}" : "[]";
    const what = node.children.length === 0 ? `${begin}${end}` : `${begin} ${counted(node.children.length, node.kind === "object" ? "member" : "element")} ${end}`;
    if (node.children.length === 0) return node.element = el("div", { class: "leaf" }, keyOf(node, index), what);
    const details = el("details", {}, el("summary", {}, keyOf(node, index), el("span", { class: "members" }, what)));
    node.element = details;
    node.fill = upTo => {
        const drawn = details.drawn ?? 0;
        const to = Math.min(node.children.length, Math.max(upTo ?? 0, drawn === 0 ? piece : drawn));
        if (to <= drawn) return;
        details.more?.remove();
        details.append(...node.children.slice(drawn, to).map((child, at) => branch(child, node.kind === "array" ? drawn + at : undefined)));
        details.drawn = to;
        if (to < node.children.length)
            details.append(details.more = button(`${counted(node.children.length - to, "more element")}: show ${Math.min(piece, node.children.length - to)}`,
                                                 () => node.fill(to + piece), { class: "small" }));
    };
    details.addEventListener("toggle", () => details.open && node.fill());
    // What a person looks for is mostly near the top.
    if (index === undefined && node.key === undefined || node.children.length <= 20 && (node.depth ?? 0) < 2) {
        for (const child of node.children) child.depth = (node.depth ?? 0) + 1;
        node.fill();
        details.open = true;
    }
    return details;
}

// Each node whose key or value has the text, with the way to it.
function finds(root, text) {
    const wanted = text.toLowerCase();
    const found = [];
    const work = [{ node: root, way: null }];
    while (work.length > 0 && found.length < mostFound) {
        const each = work.pop();
        const { node } = each;
        if (node.key?.toLowerCase().includes(wanted) || node.text?.toLowerCase().includes(wanted)) found.push(each);
        for (let at = (node.children?.length ?? 0) - 1; at >= 0; --at) work.push({ node: node.children[at], way: { ...each, at } });
    }
    return found;
}

function show({ node, way }) {
    const down = [];
    for (let each = way; each; each = each.way) down.unshift(each);
    for (const each of down) {
        each.node.fill(each.at + 1);
        each.node.element.open = true;
    }
    const element = node.children?.length ? node.element.firstChild : node.element;
    element.scrollIntoView({ block: "nearest" });
    return element;
}

function search(root) {
    let found = [];
    let at = -1;
    let shown;
    const says = el("span", { role: "status", class: "note" });
    const go = step => {
        shown?.classList.remove("found");
        if (found.length === 0) return;
        at = (at + step + found.length) % found.length;
        shown = show(found[at]);
        shown.classList.add("found");
        says.textContent = `${at + 1} of ${found.length === mostFound ? `${mostFound} or more` : found.length}`;
    };
    const input = el("input", {
        type: "search", placeholder: "Search keys and values", "aria-label": "Search in this JSON", spellcheck: "false",
        oninput: () => {
            shown?.classList.remove("found");
            found = input.value ? finds(root, input.value) : [];
            at = -1;
            says.textContent = input.value && found.length === 0 ? "not found" : "";
            go(1);
        },
        onkeydown: event => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            go(event.shiftKey ? -1 : 1);
        },
    });
    return el("div", { class: "search", role: "search", "aria-label": "Search in this JSON" }, input, button("Previous", () => go(-1), { class: "small" }), button("Next", () => go(1), { class: "small" }), says);
}
