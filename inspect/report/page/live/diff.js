// The lines that two texts share and those that they do not (Myers, "An O(ND) Difference Algorithm", 1986).
// Bounded: texts that differ in more lines than `mostEdits` are shown beside each other as they are.

const mostEdits = 1500;

// A list of [kind, line of the first, line of the second]: "same", "less" (only in the first), "more".
export function difference(first, second) {
    let begin = 0;
    while (begin < first.length && begin < second.length && first[begin] === second[begin]) ++begin;
    let end = 0;
    while (end < first.length - begin && end < second.length - begin && first.at(-1 - end) === second.at(-1 - end)) ++end;
    const same = (lines, from, to) => lines.slice(from, to).map(line => ["same", line, line]);
    return [
        ...same(first, 0, begin),
        ...middle(first.slice(begin, first.length - end), second.slice(begin, second.length - end)),
        ...same(first, first.length - end, first.length),
    ];
}

const whole = (first, second) => [...first.map(line => ["less", line, null]), ...second.map(line => ["more", null, line])];

// Whether the furthest point of a diagonal is reached by a line of the second text, or one of the first.
const isDown = (reached, diagonal, edits, zero) =>
    diagonal === -edits || diagonal !== edits && reached[zero + diagonal - 1] < reached[zero + diagonal + 1];

function middle(first, second) {
    if (first.length === 0 || second.length === 0) return whole(first, second);
    const most = Math.min(mostEdits, first.length + second.length);
    const zero = most + 1;
    const reached = new Int32Array(2 * most + 3);  // how far in `first`, for each diagonal
    const rounds = [];
    for (let edits = 0; edits <= most; ++edits) {
        rounds.push(reached.slice(zero - edits - 1, zero + edits + 2));
        for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
            let x = isDown(reached, diagonal, edits, zero) ? reached[zero + diagonal + 1] : reached[zero + diagonal - 1] + 1;
            let y = x - diagonal;
            while (x < first.length && y < second.length && first[x] === second[y]) { ++x; ++y; }
            reached[zero + diagonal] = x;
            if (x >= first.length && y >= second.length) return walked(first, second, rounds);
        }
    }
    return whole(first, second);
}

function walked(first, second, rounds) {
    const steps = [];
    let x = first.length;
    let y = second.length;
    for (let edits = rounds.length - 1; edits >= 0; --edits) {
        const reached = rounds[edits];
        const zero = edits + 1;
        const diagonal = x - y;
        const down = isDown(reached, diagonal, edits, zero);
        const fromX = edits === 0 ? 0 : reached[zero + diagonal + (down ? 1 : -1)];
        const fromY = edits === 0 ? 0 : fromX - (diagonal + (down ? 1 : -1));
        while (x > fromX && y > fromY && first[x - 1] === second[y - 1]) {
            --x;
            --y;
            steps.push(["same", first[x], second[y]]);
        }
        if (edits === 0) break;
        if (down) steps.push(["more", null, second[--y]]);
        else steps.push(["less", first[--x], null]);
    }
    return steps.reverse();
}

// Runs of lines that changed, beside each other.
export function paired(steps) {
    const rows = [];
    let less = [];
    let more = [];
    const flush = () => {
        for (let at = 0; at < Math.max(less.length, more.length); ++at) rows.push([less[at] ?? null, more[at] ?? null, true]);
        less = [];
        more = [];
    };
    for (const [kind, one, other] of steps) {
        if (kind === "same") {
            flush();
            rows.push([one, other, false]);
        } else if (kind === "less") less.push(one);
        else more.push(other);
    }
    flush();
    return rows;
}
