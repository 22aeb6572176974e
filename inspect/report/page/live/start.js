// What a newcomer sees while no request has come: three ways to send one.
import { el, toCopy } from "./dom.js";
import { filled } from "./trust.js";

export function start(state) {
    const proxy = state.proxy ?? "127.0.0.1:8080";
    return el("div", { class: "start-here" },
        el("h2", {}, "Nothing has come through yet"),
        el("p", {}, "Send one request through whytls; it appears here at once, and if its TLS fails, with the reason."),
        el("section", { class: "card" }, el("h3", {}, "curl, through the proxy"), toCopy(filled("curl -x http://{proxy} --cacert {ca} https://example.com/", state, true), "command for curl")),
        el("section", { class: "card" }, el("h3", {}, "Any client, without proxy settings and without the CA"), el("p", {}, "Put the proxy's address in front of the server's:"),
           toCopy(`http://${proxy}/https://example.com/`, "gateway address"),
           el("p", {}, el("a", { href: `http://${proxy}/https://example.com/`, target: "_blank", rel: "noopener noreferrer" }, "Open that one in a new tab"))),
        el("section", { class: "card" }, el("h3", {}, "Postman: two settings"),
           el("ol", {}, el("li", {}, "Settings > Proxy: Use custom proxy configuration, HTTP and HTTPS, ", el("b", {}, proxy)), el("li", {}, "Settings > Certificates: CA certificates on, PEM file ", el("b", {}, state.ca_file ?? "the CA's file (see Trust the CA)")))),
        el("p", {}, "Other programs: ", el("a", { href: "#trust" }, "Trust the CA"), "."));
}
