// Small drawings. Each has words beside it: a drawing or a colour alone says nothing.
import { lockWords } from "./format.js";
import { el, unseen } from "./dom.js";

const paths = {
    verified: "M5 7V5a3 3 0 0 1 6 0v2M3.5 7h9v6.5h-9zM6 10.2l1.4 1.4 2.6-2.8",
    warned: "M8 2 1.8 13.2h12.4zM8 6.4v3.2M8 11.4v.2",
    failed: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8",
    none: "M4 8h8",
    pin: "M6 2h4l-.5 4.5L12 9H4l2.5-2.5zM8 9v5",
};

export function drawing(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("class", `icon ${name}`);
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", paths[name] ?? paths.none);
    svg.append(path);
    return svg;
}

// The lock of a row: drawing, and words for screen readers.
export function lock(name) {
    const known = Object.hasOwn(lockWords, name) ? name : "none";
    return el("span", { class: `lock ${known}`, title: lockWords[known] }, drawing(known), unseen(lockWords[known]));
}
