// Reads OTLP's requests with OpenTelemetry's own definitions: a line "traces BASE64" or "logs BASE64" on the standard input is a line of
// JSON on the standard output, or what could not be read. Names of attributes that the semantic conventions do not have are told too.
// "traces_answer" and "logs_answer" with JSON in BASE64 are an answer's bytes.
"use strict";
const path = require("path");
const readline = require("readline");

const modules = process.env.NODE_PATH;
const root = require(path.join(modules, "@opentelemetry/otlp-transformer/build/src/generated/root.js"));
const conventions = require("@opentelemetry/semantic-conventions/incubating");

const v1 = root.opentelemetry.proto.collector;
const types = {
    traces: v1.trace.v1.ExportTraceServiceRequest, logs: v1.logs.v1.ExportLogsServiceRequest,
    traces_answer: v1.trace.v1.ExportTraceServiceResponse, logs_answer: v1.logs.v1.ExportLogsServiceResponse,
};
const names = new Set(Object.entries(conventions).filter(([key]) => key.startsWith("ATTR_")).map(([, name]) => name));

function unknown_names(value, found = new Set()) {
    if (Array.isArray(value)) for (const each of value) unknown_names(each, found);
    else if (value && typeof value === "object") {
        for (const each of value.attributes || []) if (!names.has(each.key)) found.add(each.key);
        for (const each of Object.values(value)) unknown_names(each, found);
    }
    return found;
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
    const [kind, text] = line.split(" ");
    let answer;
    try {
        const bytes = Buffer.from(text, "base64");
        if (kind.endsWith("_answer")) answer = Buffer.from(types[kind].encode(types[kind].fromObject(JSON.parse(bytes))).finish()).toString("base64");
        else {
            const message = types[kind].decode(bytes);
            const wrong = types[kind].verify(message);
            const read = types[kind].toObject(message, { longs: String });
            answer = { wrong, read, unknown: [...unknown_names(read)].sort() };
            // What was written but is not in the definitions would be lost here.
            answer.size = types[kind].encode(message).finish().length;
        }
    } catch (error) {
        answer = { wrong: String(error) };
    }
    const hex = (key, value) => value && value.type === "Buffer" ? Buffer.from(value.data).toString("hex") : value;
    process.stdout.write(JSON.stringify(answer, hex) + "\n");
});
