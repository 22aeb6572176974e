// Compressed messages of a WebSocket as they were meant (RFC 7692 §7.2.2): what a message repeats may be in those before it.

const most = 8 << 20;  // bytes unpacked in all, for one direction
const tail = [0, 0, 0xff, 0xff];     // which the sender left away
const end = [1, 0, 0, 0xff, 0xff];   // an empty block that is the last (RFC 1951 §3.2.4)

const bytesOf = hex => Uint8Array.from(hex.match(/../g) ?? [], each => parseInt(each, 16));

// Throws for what is no deflate, or more than is shown.
async function unpacked(parts, left) {
    const packed = new Blob([...parts.flatMap(each => [each, Uint8Array.from(tail)]), Uint8Array.from(end)]);
    const reader = packed.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
    const pieces = [];
    let size = 0;
    for (;;) {
        const { value, done } = await reader.read();
        if (done) return new Uint8Array(await new Blob(pieces).arrayBuffer());
        size += value.length;
        if (size > left) {
            reader.cancel().catch(() => {});
            throw new RangeError("it unpacks to too much");
        }
        pieces.push(value);
    }
}

// Those of one direction, in order, up to the first that is not whole.
async function direction(messages, found) {
    const before = [];
    let length = 0;  // of what those before unpack to
    let left = most;
    for (const message of messages) {
        if (message.cut) return;
        const bytes = bytesOf(message.hex ?? "");
        let own;
        try {
            own = await unpacked([bytes], left);
        } catch {
            // It repeats something of those before it.
            try { own = (await unpacked([...before, bytes], left)).slice(length); } catch { return; }
            left -= length;
        }
        before.push(bytes);
        length += own.length;
        left -= own.length;
        found(message, own);
    }
}

// Calls found(message, bytes) for each of the document's "messages" that was compressed and can be unpacked.
export async function inflated(list, found) {
    for (const from of ["client", "server"]) await direction(list.filter(each => each.compressed && each.from === from), found);
}

// Bytes as text where they are that, else nothing.
export function textOf(bytes) {
    try { return new TextDecoder("utf-8", { fatal: true }).decode(bytes); } catch { return null; }
}
