// Elements made one by one. What comes from traffic is text here: nothing is ever parsed as HTML.

// An element with attributes and children (elements or strings; null is left out). "onclick" and the like are functions.
export function el(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (value === undefined || value === null || value === false) continue;
        if (typeof value === "function") element.addEventListener(key.slice(2), value);
        else element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.flat(Infinity).filter(each => each !== null && each !== undefined && each !== false));
    return element;
}

// Text for screen readers alone.
export const unseen = text => el("span", { class: "unseen" }, text);

export const button = (label, onclick, attributes = {}) => el("button", { type: "button", ...attributes, onclick }, label);

// Where an element's own button says for a moment that it has done its work.
function acknowledge(element, said) {
    const label = element.dataset.label ?? element.textContent;
    element.dataset.label = label;
    element.textContent = said;
    clearTimeout(element.acknowledged);
    element.acknowledged = setTimeout(() => { element.textContent = label; }, 1500);
}

export async function copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    // A page of http:// under another name than localhost has no clipboard: this older way needs a selection.
    const field = el("textarea", { readonly: true, class: "unseen", "aria-hidden": "true" });
    field.value = text;
    (document.querySelector("dialog[open]") ?? document.body).append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (!done) throw new Error("the browser did not let it be copied");
}

// `text` is a string, or a function that gives one, also later.
export function copyButton(label, text, attributes = {}) {
    return button(label, async event => {
        const element = event.currentTarget;
        try {
            await copy(typeof text === "function" ? await text() : text);
            acknowledge(element, "Copied");
        } catch (error) {
            acknowledge(element, "Not copied");
            element.title = String(error.message ?? error);
        }
    }, attributes);
}

// A command or document with its button.
export function toCopy(text, what = "command") {
    return el("div", { class: "copy" }, el("pre", { tabindex: "0", role: "group", "aria-label": what }, text),
              copyButton("Copy", text, { "aria-label": `Copy the ${what}` }));
}

export function save(name, type, parts) {
    const url = URL.createObjectURL(new Blob(parts, { type }));
    el("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export const saveButton = (label, name, type, text) => button(label, () => save(name, type, [text]));

// Rows of a table with a header cell each; a value is a string or elements.
export function facts(rows, caption) {
    return el("table", { class: "facts" }, caption ? el("caption", {}, caption) : null,
              el("tbody", {}, rows.filter(([, value]) => value !== undefined && value !== null && value !== "")
                                  .map(([label, value]) => el("tr", {}, el("th", { scope: "row" }, label), el("td", {}, value)))));
}

let numbers = 0;
// A name for an element that no other has.
export const newId = prefix => `${prefix}-${++numbers}`;

// A row of tabs over panels: [[label, () => content] …]. A panel is filled when it is first shown.
// `chosen` is a label; `onchange` is told the label that a person chose.
export function tabs(label, panels, chosen, onchange = () => {}) {
    const list = el("div", { role: "tablist", "aria-label": label, class: "tabs" });
    const holder = el("div", { class: "panels" });
    const made = panels.map(([name, content]) => {
        const id = newId("tab");
        const panel = el("div", { role: "tabpanel", id: `${id}-panel`, "aria-labelledby": id, tabindex: "0", hidden: true, class: "panel" });
        const tab = button(name, () => choose(name), { role: "tab", id, "aria-controls": `${id}-panel` });
        list.append(tab);
        holder.append(panel);
        return { name, content, tab, panel, filled: false };
    });
    function show(name) {
        for (const each of made) {
            const is = each.name === name;
            each.tab.setAttribute("aria-selected", String(is));
            each.tab.tabIndex = is ? 0 : -1;
            each.panel.hidden = !is;
            if (is) each.tab.scrollIntoView({ block: "nearest", inline: "nearest" });
            if (is && !each.filled) {
                each.filled = true;
                each.panel.append(...[each.content()].flat(Infinity).filter(Boolean));
            }
        }
    }
    function choose(name) {
        show(name);
        onchange(name);
    }
    list.addEventListener("keydown", event => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        event.stopPropagation();
        const at = made.findIndex(each => each.tab === document.activeElement);
        const next = made[(at + step + made.length) % made.length];
        choose(next.name);
        next.tab.focus();
    });
    show(made.some(each => each.name === chosen) ? chosen : made[0].name);
    requestAnimationFrame(() => list.querySelector("[aria-selected=true]").scrollIntoView({ block: "nearest", inline: "nearest" }));
    return [list, holder];
}
