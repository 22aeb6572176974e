// How each program comes to trust the CA, with commands that can be copied as they are.
import { button, el, facts, toCopy } from "./dom.js";
import { day } from "./format.js";
import { phone } from "./phone.js";
import { shellWord } from "./quoting.js";

// "{ca}" is the CA's file, "{proxy}" the proxy's address, "{sha1}" the CA's fingerprint. A row is a client: name, words, command.
const programs = [
    ["curl", "For one call, or for the whole shell by exporting CURL_CA_BUNDLE.", "curl -x http://{proxy} --cacert {ca} https://api.example.com/"],
    ["Postman", "Settings > Certificates: switch CA Certificates on and choose {ca}. Settings > Proxy: Use custom proxy, HTTP and HTTPS, {proxy}. SSL certificate verification stays on."],
    ["Node.js", "Node has its own list of CAs and adds this file to it. Since Node 24, NODE_USE_ENV_PROXY=1 makes fetch and http use the proxy; older versions need an agent: undici's ProxyAgent for fetch, https-proxy-agent for https and axios.",
        "NODE_EXTRA_CA_CERTS={ca} NODE_USE_ENV_PROXY=1 HTTPS_PROXY=http://{proxy} node app.js"],
    ["Python", "requests and pip read REQUESTS_CA_BUNDLE, the ssl module and httpx SSL_CERT_FILE.", "REQUESTS_CA_BUNDLE={ca} SSL_CERT_FILE={ca} HTTPS_PROXY=http://{proxy} python3 app.py"],
    ["Java", "Once into the JDK's store (its password is changeit); then name the proxy when starting: -Dhttps.proxyHost and -Dhttps.proxyPort.",
        "keytool -importcert -cacerts -alias whytls -file {ca} -storepass changeit -noprompt"],
    ["Go", "Go reads the system's store, or this variable on Linux.", "SSL_CERT_FILE={ca} HTTPS_PROXY=http://{proxy} go run ."],
];
const browsers = [
    ["Firefox", "Settings > Privacy & Security > Certificates > View Certificates > Authorities > Import, choose {ca}, tick \"Trust this CA to identify websites\"."],
    ["Chromium, Chrome and Edge on Linux", "They keep their own store in your home directory; certutil is in the package libnss3-tools.", "certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n whytls -i {ca}"],
    ["Chrome, Edge and Safari on macOS and Windows", "They use the system's store, see below."],
];
const systems = [
    ["Debian, Ubuntu", "The name must end in .crt.", "sudo cp {ca} /usr/local/share/ca-certificates/whytls.crt && sudo update-ca-certificates"],
    ["Fedora, RHEL", "", "sudo cp {ca} /etc/pki/ca-trust/source/anchors/whytls.pem && sudo update-ca-trust"],
    ["macOS", "On the Mac, with the CA's file from this page.", "sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain whytls-ca.pem"],
    ["macOS, to take it back", "", "sudo security remove-trusted-cert -d whytls-ca.pem && sudo security delete-certificate -Z {sha1} /Library/Keychains/System.keychain"],
    ["Windows", "In a terminal, with the CA's file from this page; without -user for the whole machine, as administrator.", "certutil -user -addstore Root whytls-ca.pem"],
    ["Windows, to take it back", "", "certutil -user -delstore Root {sha1}"],
];
// For commands the CA's file is a word of the shell.
export function filled(text, state, command) {
    const file = state.ca_file || "whytls-ca.pem";
    return text.replaceAll("{ca}", command ? shellWord(file) : file).replaceAll("{proxy}", state.proxy ?? "127.0.0.1:8080")
        .replaceAll("{sha1}", state.ca?.sha1 ?? "SHA1");
}

const clients = (title, rows, state) => el("section", { class: "card" }, el("h2", {}, title),
    rows.map(([name, words, command]) => [el("h3", {}, name), words ? el("p", {}, filled(words, state, false)) : null, command ? toCopy(filled(command, state, true), `command for ${name}`) : null]));

// The page is asked for over TLS. That failed for another reason where it cannot be asked for in the clear either.
async function trusts(address) {
    try {
        await fetch(address, { mode: "no-cors", cache: "no-store", credentials: "omit" });
        return ["good", "Yes: it accepted a certificate that the CA has made."];
    } catch {
        try {
            await fetch("/healthz", { cache: "no-store" });
        } catch {
            return ["", "That cannot be told: whytls does not answer."];
        }
        return ["bad", "No: it refused a certificate that the CA has made. Add the CA as said below for this browser, and start it anew."];
    }
}

function test(state) {
    const says = el("p", { role: "status", class: "verdict" });
    return [button("Does this browser trust the CA?", async () => {
        says.textContent = "asking …";
        says.className = "verdict";
        const [word, text] = await trusts(state.trust_test);
        says.textContent = text;
        says.className = `verdict ${word}`;
    }, { class: "main" }), says];
}

export function trust(state) {
    const ca = state.ca ?? {};
    return [
        el("section", { class: "card" }, el("h2", {}, "Trust the CA"),
           el("p", {}, "whytls opens TLS connections to look into them, with certificates that it makes itself. Programs accept those once they trust its CA, which exists only on this machine."),
           test(state),
           state.install ? [el("h3", {}, "All at once"), el("p", {}, "On Linux the system's store, Firefox, Chromium and Java; whytls ca uninstall takes it back. Node, Postman and Python's requests keep lists of their own: see below."), toCopy(state.install, "command that installs the CA")] : null,
           el("p", { class: "buttons" }, el("a", { href: "/ca.pem", download: "whytls-ca.pem", class: "button" }, "Download the CA (PEM)"), el("a", { href: "/ca.der", download: "whytls-ca.crt", class: "button" }, "The same as DER"))),
        el("section", { class: "card" }, facts([["subject", ca.subject], ["valid until", ca.not_after ? day(ca.not_after) : null], ["SHA-256", ca.sha256 ? el("span", { class: "mono" }, ca.sha256) : null], ["file", state.ca_file ? el("span", { class: "mono" }, state.ca_file) : null]], "The local CA")),
        clients("In one program", programs, state), clients("In one browser", browsers, state), clients("In the system's store by hand", systems, state), phone(state),
        el("p", { class: "note" }, "Whoever holds the CA's key can read the traffic of programs that trust it: the key is beside the CA's file, readable only by you. Remove the CA when you no longer need it."),
    ];
}
