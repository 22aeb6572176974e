// JSON read for the eye: numbers keep their digits, members their order, and members of the same name
// are all kept, which JSON.parse would not do. Nothing recurses: the text may nest as it likes.

const tokens = /([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)|(true|false|null)|[ \t\r\n]+/sy;

// A node is {kind: "object"|"array"|"string"|"number"|"word", key?, text?, children?}. Throws SyntaxError.
export function parseJson(text) {
    JSON.parse(text);  // which is strict; below, only its tokens are looked at
    const root = { kind: "array", children: [] };
    const open = [root];
    let key;
    const place = node => {
        if (key !== undefined) node.key = key;
        key = undefined;
        open.at(-1).children.push(node);
        if (node.children) open.push(node);
    };
    tokens.lastIndex = 0;
    while (tokens.lastIndex < text.length) {
        const found = tokens.exec(text);
        if (!found) throw new SyntaxError("this is no JSON");
        const [, mark, string, number, word] = found;
        if (mark === "{") place({ kind: "object", children: [] });
        else if (mark === "[") place({ kind: "array", children: [] });
        else if (mark === "}" || mark === "]") open.pop();
        else if (string !== undefined && open.at(-1).kind === "object" && key === undefined) key = JSON.parse(string);
        else if (string !== undefined) place({ kind: "string", text: JSON.parse(string) });
        else if (number !== undefined) place({ kind: "number", text: number });
        else if (word !== undefined) place({ kind: "word", text: word });
    }
    return root.children[0];
}

// One member or element a line, to be read or compared.
export function indented(text) {
    const lines = [];
    const work = [{ node: parseJson(text), depth: 0, tail: "" }];
    while (work.length > 0) {
        const { node, depth, tail, close } = work.pop();
        const pad = "  ".repeat(depth);
        if (close) { lines.push(pad + close + tail); continue; }
        const key = node.key === undefined ? "" : `${JSON.stringify(node.key)}: `;
        const [begin, end] = node.kind === "object" ? "{}" : "[]";
        if (!node.children) lines.push(pad + key + (node.kind === "string" ? JSON.stringify(node.text) : node.text) + tail);
        else if (node.children.length === 0) lines.push(pad + key + begin + end + tail);
        else {
            lines.push(pad + key + begin);
            work.push({ depth, tail, close: end });
            for (let at = node.children.length - 1; at >= 0; --at)
                work.push({ node: node.children[at], depth: depth + 1, tail: at < node.children.length - 1 ? "," : "" });
        }
    }
    return lines.join("\n");
}
