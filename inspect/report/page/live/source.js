// Markup and bytes as text.

// XML with a line for each element, indented. Text between elements is kept; only blanks go.
export function indentedXml(text) {
    const lines = [];
    let depth = 0;
    const pieces = text.match(/<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<(?:[^>"']|"[^"]*"|'[^']*')*>|[^<]+|</g) ?? [];
    for (const raw of pieces) {
        const piece = raw.trim();
        if (piece === "") continue;
        if (piece.startsWith("</")) {
            depth = Math.max(0, depth - 1);
            // "<a>text</a>" stays on one line.
            const opened = lines.at(-1);
            if (opened?.alone && opened.depth === depth) {
                opened.text += piece;
                opened.alone = false;
                continue;
            }
        }
        const before = lines.at(-1);
        const opens = /^<[^!?/]/.test(piece) && !piece.endsWith("/>");
        if (!piece.startsWith("<") && before?.opens && piece.length < 120 && !piece.includes("\n")) {
            before.text += piece;
            before.opens = false;
            before.alone = true;
            continue;
        }
        lines.push({ text: piece, depth, opens, alone: opens });
        if (opens) ++depth;
        if (before) before.alone = before.alone && false;
    }
    return lines.map(line => "  ".repeat(Math.min(line.depth, 60)) + line.text).join("\n");
}

// Hexadecimal digits as a dump: where, sixteen bytes, and what of them is ASCII.
export function hexDump(hex) {
    const lines = [];
    for (let at = 0; at < hex.length; at += 32) {
        const bytes = hex.slice(at, at + 32).match(/../g) ?? [];
        const shown = [...bytes.slice(0, 8), "", ...bytes.slice(8)].join(" ").padEnd(49);
        const ascii = bytes.map(each => {
            const code = parseInt(each, 16);
            return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : ".";
        }).join("");
        lines.push(`${(at / 2).toString(16).padStart(8, "0")}  ${shown}  ${ascii}`);
    }
    return lines.join("\n");
}
