// What keys do: in the list and in the detail alike, but never where a person types.

const typing = element => element.closest("input, textarea, select, [contenteditable]") !== null;
const pressing = element => element.closest("button, a, summary, [role=tab]") !== null;

// `page`: {list, detail, actions, filterField, selected(), enter(id), refreshed(id), help()}
export function keys(page) {
    const move = step => {
        const id = page.list.move(step);
        if (id) page.refreshed(id);
    };
    const onSelected = task => () => page.selected() && task(page.selected());
    const inList = { PageDown: () => move(page.list.page), PageUp: () => move(-page.list.page), Home: () => move(-Infinity), End: () => move(Infinity), ArrowDown: () => move(1), ArrowUp: () => move(-1) };
    const anywhere = {
        j: () => move(1), k: () => move(-1), "/": () => { page.filterField.focus(); page.filterField.select(); }, "?": page.help,
        r: onSelected(page.actions.replay), c: onSelected(page.actions.compare), p: onSelected(page.actions.pin),
    };
    document.addEventListener("keydown", event => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
        if (document.querySelector("#requests").hidden && event.key !== "?") return;
        const target = event.target;
        if (event.key === "Escape") {
            if (target === page.filterField) page.list.element.focus();
            else if (page.detail.id) page.actions.close();
            return;
        }
        if (typing(target)) return;
        const task = event.key === "Enter" ? pressing(target) ? null : onSelected(page.enter) : anywhere[event.key] ?? (target === page.list.element || target === document.body ? inList[event.key] : null);
        if (!task) return;
        event.preventDefault();
        task();
    });
}
