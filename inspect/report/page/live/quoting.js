// Text as a word of other languages. All of it comes from strangers: nothing in it may end its quotes,
// act on a terminal that it is pasted into, or read differently from what it is.

// Control characters, and what changes how a line is shown (directions, invisible characters).
// eslint-disable-next-line no-control-regex
const odd = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/;

const hex = (code, digits) => code.toString(16).padStart(digits, "0");

// A whole character (a pair of surrogates that belong together) is no odd one.
const characters = text => [...text];
const isOdd = each => each.length === 1 && odd.test(each);

// A word for sh, bash and zsh; $'…' only where '…' would hide something.
export function shellWord(text) {
    if (text !== "" && /^[A-Za-z0-9_./:=@%+,-]+$/.test(text)) return text;
    if (!characters(text).some(isOdd)) return `'${text.replaceAll("'", `'\\''`)}'`;
    const escaped = characters(text).map(each => {
        if (each === "\\" || each === "'") return `\\${each}`;
        if (each === "\n") return "\\n";
        if (each === "\r") return "\\r";
        if (each === "\t") return "\\t";
        if (!isOdd(each)) return each;
        const code = each.charCodeAt(0);
        // Always with all its digits: a digit that follows must not be taken for one of them.
        return code < 0x80 ? `\\${code.toString(8).padStart(3, "0")}` : `\\u${hex(code, 4)}`;
    });
    return `$'${escaped.join("")}'`;
}

// A string of JavaScript, also inside a page.
export function scriptString(text) {
    return JSON.stringify(text).replace(/[<>]/g, each => `\\u${hex(each.charCodeAt(0), 4)}`)
        .replace(new RegExp(odd.source.replace("\\ud800-\\udfff", ""), "g"), each => `\\u${hex(each.charCodeAt(0), 4)}`);
}

// A string of Python 3.
export function pythonString(text) {
    return `"${characters(text).map(each => {
        if (each === "\\" || each === '"') return `\\${each}`;
        if (each === "\n") return "\\n";
        return isOdd(each) ? `\\u${hex(each.charCodeAt(0), 4)}` : each;
    }).join("")}"`;
}

// A header for HTTPie ("Name:value"), which reads files for "@" and JSON for "=". Nothing when it cannot say it.
export function httpieHeader(name, value) {
    if (/\\[:=@;\\]|\\$/.test(value)) return null;
    if (value === "") return `${name};`;
    return `${name}:${value.replace(/^[=@;:]/, each => `\\${each}`)}`;
}
