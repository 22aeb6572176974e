// How a phone or tablet comes to the CA, by a QR code where it can reach the proxy, and to trust it.
import { el, newId, toCopy } from "./dom.js";
import { shellWord } from "./quoting.js";

const SVG = "http://www.w3.org/2000/svg";
const QUIET_ZONE = 4;  // modules of light around the code, which readers need (ISO/IEC 18004)

const portOf = state => (state.proxy ?? "").split(":").pop() || "8080";
const opening = state => `whytls proxy --listen 0.0.0.0:${portOf(state)} --allow-remote --allow-anonymous`;
const NETWORK_SECURITY = `<!-- res/xml/network_security_config.xml -->
<network-security-config>
    <debug-overrides>
        <trust-anchors>
            <certificates src="user"/>
        </trust-anchors>
    </debug-overrides>
</network-security-config>

<!-- AndroidManifest.xml -->
<application android:networkSecurityConfig="@xml/network_security_config">`;

function drawn(name, attributes, ...children) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
}

// Dark on light in dark mode too: not every reader takes the opposite.
function qrCode({ size, path }, text) {
    const side = size + 2 * QUIET_ZONE;
    return drawn("svg", { class: "qr", role: "img", "aria-label": `QR code of ${text}`, viewBox: `${-QUIET_ZONE} ${-QUIET_ZONE} ${side} ${side}`, "shape-rendering": "crispEdges" },
        drawn("rect", { x: -QUIET_ZONE, y: -QUIET_ZONE, width: side, height: side, fill: "#fff" }),
        drawn("path", { d: path, fill: "#000" }));
}

function place({ ca, qr_code }) {
    return [qr_code ? qrCode(qr_code, ca) : null, el("p", { class: "mono" }, el("a", { href: ca }, ca))];
}

// More than one address: which of them is in the phone's network is not known here.
function chosen(places) {
    const id = newId("place");
    const shown = el("div", { class: "place" }, place(places[0]));
    if (places.length === 1) return shown;
    const choice = el("select", { id, onchange: () => shown.replaceChildren(...place(places[choice.selectedIndex]).filter(Boolean)) },
        places.map(each => el("option", {}, `${each.address} (${each.interface})`)));
    return [el("p", {}, el("label", { for: id }, "This machine's address in the phone's network: "), choice), shown];
}

const step = (...text) => el("li", {}, ...text);
const way = text => el("b", {}, text);

// Where a phone gets the CA's file: who visits from another machine may be the phone.
function source(state) {
    if (state.reachable?.length > 0) return "Open the address above";
    return state.local ? `Open http://ADDRESS:${portOf(state)}/ca.der, with this machine's address in the phone's network,` : "Download the CA, the same as DER, above";
}

function android(from, address) {
    return [el("h3", {}, "Android"), el("ol", {},
        step(from, " in Chrome: whytls-ca.crt is in the downloads then."),
        step(way("Settings > Security & privacy > More security & privacy > Encryption & credentials > Install a certificate > CA certificate"), ", then Install anyway, and choose the file. Makers and versions differ (older: Security > Advanced > Encryption & credentials): the search of the settings finds “CA certificate”."),
        step(way("Settings > Network & internet > Internet"), " > the network > edit > Advanced options > Proxy: Manual", address ? `, ${address}.` : ", with the address and port of this proxy.")),
        el("p", {}, "Chrome trusts the CA then. Apps for Android 7 and later trust it only if they say so; in an app of your own, for its debug build:"),
        toCopy(NETWORK_SECURITY, "network security configuration")];
}

function ios(from, address) {
    return [el("h3", {}, "iOS and iPadOS"), el("ol", {},
        step(from, " in Safari and allow the download of the profile."),
        step(way("Settings > General > VPN & Device Management"), " (or Profile Downloaded, at the top of the settings): the profile of whytls > Install."),
        step(way("Settings > General > About > Certificate Trust Settings"), ": switch full trust on for it. Without this step nothing trusts it."),
        step(way("Settings > Wi-Fi"), " > the network's (i) > Configure Proxy > Manual", address ? `, ${address}.` : ", with the address and port of this proxy."))];
}

const commands = state => [el("h3", {}, "Emulators and phones on a cable"),
    el("p", {}, "The first puts the file into an Android device's downloads, the second makes a running iOS simulator trust the CA."),
    toCopy(`adb push ${shellWord(state.ca_file || "whytls-ca.pem")} /sdcard/Download/whytls-ca.crt`, "command for Android"),
    toCopy(`xcrun simctl keychain booted add-root-cert whytls-ca.pem`, "command for the simulator")];

const closed = state => [
    el("p", {}, "No address is known at which a phone reaches whytls; unless told otherwise it listens for this machine only. Stop this one and start it so, with your other options; then the address is here with a code for the phone's camera. Anyone in the network can use a proxy that is started so; --proxy-auth USER:PASS in the place of --allow-anonymous asks for a password, for which Android's settings of a network have no field."),
    toCopy(opening(state), "command that lets phones in")];

export function phone(state) {
    const places = state.reachable ?? [];
    const address = places.length === 1 ? places[0].address : "";
    const from = source(state);
    return el("section", { class: "card phone" }, el("h2", {}, "On a phone"),
        places.length > 0 ? [el("p", {}, "In a network from which the phone reaches this machine, this code leads it to the CA's certificate:"), chosen(places)]
            : state.local ? closed(state) : null,
        android(from, address), ios(from, address), commands(state));
}
