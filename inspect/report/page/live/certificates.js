// The chain as a picture, and each certificate to be read, copied and saved.
import { copyButton, el, facts, saveButton } from "./dom.js";
import { commonName, day } from "./format.js";
import { drawing } from "./icons.js";

const origin = { "served": "sent by the server", "aia": "not sent; fetched from its issuer's address", "trust store": "from the trust store", "seen before": "not sent; seen before" };

// What the report has against the certificate at that depth.
function troubles(report, depth) {
    const sent = ["aia", "seen before"].includes(report.chain[depth].from) && report.problems?.some(each => each.code === "missing_intermediate")
        ? [{ status: "fail", text: "the server did not send it", step: "path" }] : [];
    return sent.concat((report.steps ?? []).flatMap(step => (step.certificates ?? []).filter(each => each.depth === depth && ["fail", "warn"].includes(each.status))
        .map(each => ({ status: each.status, text: each.summary || step.summary, step: step.step }))));
}

const kindOf = (certificate, depth, chain) => depth === 0 ? "Server's certificate" : certificate.from === "trust store" || certificate.subject === certificate.issuer && depth === chain.length - 1 ? "Root" : "Intermediate";

function box(certificate, depth, chain, report) {
    const found = troubles(report, depth);
    const state = found.some(each => each.status === "fail") ? "failed" : found.length ? "warned" : "good";
    const absent = certificate.from === "aia" || certificate.from === "seen before";
    return el("li", { class: `${state} ${absent ? "absent" : ""}` },
        el("a", { href: `#certificate-${depth}`, class: "box", onclick: event => {
            event.preventDefault();
            const details = event.currentTarget.ownerDocument.getElementById(`certificate-${depth}`);
            details.open = true;
            details.scrollIntoView({ block: "start" });
            details.querySelector("summary").focus();
        } }, el("span", { class: "kind" }, kindOf(certificate, depth, chain)), el("b", {}, commonName(certificate.subject)), el("span", { class: "note" }, origin[certificate.from] ?? certificate.from)),
        found.map(each => el("p", { class: "trouble" }, drawing(each.status === "fail" ? "failed" : "warned"), `${each.status === "fail" ? "Fails" : "Warning"} (${each.step}): ${each.text}`)));
}

function readable(certificate, depth, chain, report, kept) {
    const pem = kept?.pem;
    const name = `${commonName(certificate.subject).replace(/[^A-Za-z0-9.-]+/g, "_").slice(0, 60) || "certificate"}.pem`;
    const names = certificate.names ?? [];
    return el("details", { id: `certificate-${depth}`, open: depth === 0 },
        el("summary", {}, `${kindOf(certificate, depth, chain)}: ${commonName(certificate.subject)}`),
        certificate.unreadable ? el("p", { class: "warning" }, "It cannot be read as a certificate.") : null,
        facts([
            ["subject", certificate.subject], ["issuer", certificate.issuer],
            ["names", names.length ? el("ul", {}, names.map(each => el("li", {}, each)), certificate.names_total ? el("li", {}, `… ${certificate.names_total} in all`) : null) : null],
            ["valid", certificate.not_before ? `${day(certificate.not_before)} to ${day(certificate.not_after)}` : null],
            ["key", certificate.key], ["signature", certificate.signature], ["may issue others (CA)", certificate.ca === undefined ? null : certificate.ca ? "yes" : "no"],
            ["serial", certificate.serial], ["SHA-256", certificate.sha256], ["where from", origin[certificate.from] ?? certificate.from],
        ].map(([label, value]) => [label, typeof value === "string" ? el("span", { class: "mono" }, value) : value])),
        pem ? [el("div", { class: "buttons" }, copyButton("Copy PEM", pem), saveButton("Save PEM", name, "application/x-pem-file", pem)),
               el("details", { class: "pem" }, el("summary", {}, "PEM"), el("pre", { tabindex: "0", role: "group", "aria-label": "PEM" }, pem))]
            : el("p", { class: "note" }, "Its bytes were not kept."));
}

export function certificates(server) {
    const chain = server.chain ?? [];
    const kept = new Map((server.certificates ?? []).map(each => [each.sha256, each]));
    const served = (server.certificates ?? []).filter(each => each.served);
    const unused = served.filter(each => !chain.some(certificate => certificate.sha256 === each.sha256));
    const host = (server.host ?? "server").replace(/[^A-Za-z0-9.-]+/g, "_");
    if (chain.length === 0 && served.length === 0) return [el("p", { class: "note" }, "The server sent no certificate.")];
    return [
        el("ol", { class: "chain", "aria-label": "The chain, from the server's certificate to its root" },
           el("li", { class: "host" }, el("span", { class: "box" }, el("span", { class: "kind" }, "Asked for"), el("b", {}, server.tls?.sni ?? server.host ?? "a server"))),
           chain.map((each, depth) => box(each, depth, chain, server))),
        el("div", { class: "buttons" },
           served.length ? saveButton("Save the server's certificate", `${host}.pem`, "application/x-pem-file", served[0].pem) : null,
           served.length > 1 ? saveButton(`Save the chain as sent (${served.length})`, `${host}-chain.pem`, "application/x-pem-file", served.map(each => each.pem).join("")) : null,
           server.fixed_chain ? saveButton("Save the mended chain", `${host}-fixed-chain.pem`, "application/x-pem-file", server.fixed_chain) : null,
           server.fixed_chain ? copyButton("Copy the mended chain", server.fixed_chain) : null),
        el("h3", {}, "Certificates"),
        chain.map((each, depth) => readable(each, depth, chain, server, kept.get(each.sha256))),
        unused.length ? [el("h3", {}, "Sent, but no part of this chain"), unused.map(each => el("details", {}, el("summary", {}, el("span", { class: "mono" }, each.sha256)),
            el("div", { class: "buttons" }, copyButton("Copy PEM", each.pem)), el("pre", { tabindex: "0", role: "group", "aria-label": "PEM" }, each.pem)))] : null,
    ];
}
