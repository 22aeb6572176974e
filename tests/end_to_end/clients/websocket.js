// Both peers of a WebSocket, as the `ws` package speaks it.
//   websocket.js serve CHAIN KEY             echoes; to the text "close CODE REASON" it closes so, to "vanish" it resets the connection
//   websocket.js talk URL PROXY CLOSE TEXT…  sends each text ("" for PROXY: none), gets it back, and closes with CLOSE ("CODE REASON") or,
//                                            where CLOSE is "", waits to be closed; says what it saw as JSON
// "large" stands for 1 MB of binary data, "fragments" for a message of three frames, "ping" for a ping whose pong is waited for.
"use strict";
const fs = require("fs");
const https = require("https");
const WebSocket = require("ws");
const { HttpsProxyAgent } = require("https-proxy-agent");

function serve(chain, key) {
    const server = https.createServer({ cert: fs.readFileSync(chain), key: fs.readFileSync(key) });
    const sockets = new WebSocket.Server({ server, perMessageDeflate: { threshold: 16 } });
    sockets.on("connection", (socket) => {
        socket.on("message", (data, binary) => {
            const words = binary ? [] : data.toString().split(" ");
            if (words[0] === "close") socket.close(Number(words[1]), words.slice(2).join(" "));
            else if (words[0] === "vanish") socket.terminate();
            else socket.send(data, { binary });
        });
        socket.on("error", () => {});
    });
    server.listen(0, "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
}

async function converse(socket, texts, close) {
    const seen = { echoes: [], extensions: socket.extensions };
    const ended = new Promise((done) => socket.once("close", (code, reason) => done({ code, reason: reason.toString() })));
    for (const text of texts) {
        const reply = new Promise((done) => socket.once(text === "ping" ? "pong" : "message", (data, binary) => done({ data, binary })));
        if (text === "large") socket.send(Buffer.alloc(1 << 20, "x"));
        else if (text === "ping") socket.ping("are you there");
        else if (text === "fragments") ["a", "b", "c"].forEach((part, at) => socket.send(part, { fin: at === 2 }));
        else socket.send(text);
        if (/^(close|vanish)/.test(text)) break;
        const { data, binary } = await reply;
        seen.echoes.push(text === "large" ? `${binary} ${data.length}` : data.toString());
    }
    if (close) socket.close(Number(close.split(" ")[0]), close.split(" ").slice(1).join(" "));
    return { ...seen, ...(await ended) };
}

function talk(url, proxy, close, ...texts) {
    const options = { headers: { Accept: "application/json" }, perMessageDeflate: { threshold: 16 } };
    if (proxy) options.agent = new HttpsProxyAgent(proxy);
    const socket = new WebSocket(url, options);
    const say = (seen) => console.log(JSON.stringify(seen));
    socket.on("open", async () => say(await converse(socket, texts, close)));
    // Whoever reads the answer sees what others see as an error.
    if (close === "read") {
        socket.on("unexpected-response", (request, response) => {
            let body = "";
            response.on("data", (data) => (body += data));
            response.on("end", () => {
                say({ status: response.statusCode, body });
                process.exit(); // ws keeps the connection of an answer that it leaves to others
            });
        });
    }
    socket.on("error", (error) => say({ error: error.message }));
}

const [what, ...rest] = process.argv.slice(2);
({ serve, talk })[what](...rest);
