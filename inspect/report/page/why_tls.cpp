#include "inspect/report/page/why_tls.h"

#include <fmt/format.h>

#include <array>
#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>

#include "inspect/diagnosis/wording.h"
#include "inspect/report/page/page.h"
#include "inspect/report/print/escape.h"
#include "inspect/report/print/lines.h"

namespace inspect::page {

namespace {

using diagnosis::shell_word;
using report::for_html;

// "{ca}" is the CA's file, "{proxy}" the proxy's address, "{port}" the port in it: shell words in a
// command. "{sha1}" is the CA's fingerprint, "{der}" where a phone gets the CA, "{way in}" the
// proxy's address for a phone. To add a client, add a row. whytls runs on Linux only, so that
// commands of other systems never name its own file.
struct Client {
    std::string_view name, how, command;
};

constexpr auto programs = std::to_array<Client>({
    {"curl", "For one call, or for the whole shell by exporting CURL_CA_BUNDLE.",
     "curl -x http://{proxy} --cacert {ca} https://api.example.com/"},
    {"Postman",
     "Settings > Certificates: switch CA Certificates on and choose {ca}. Settings > Proxy: Use custom proxy, HTTP and HTTPS, {proxy}. SSL "
     "certificate verification stays on.",
     ""},
    {"Node.js",
     "Node has its own list of CAs and adds this file to it. Since Node 24, NODE_USE_ENV_PROXY=1 makes "
     "fetch and http use the proxy; older versions ignore it and need an agent: undici's ProxyAgent for fetch, https-proxy-agent for "
     "https and axios.",
     "NODE_EXTRA_CA_CERTS={ca} NODE_USE_ENV_PROXY=1 HTTPS_PROXY=http://{proxy} node app.js"},
    {"Python", "requests and pip read REQUESTS_CA_BUNDLE, the ssl module and httpx SSL_CERT_FILE.",
     "REQUESTS_CA_BUNDLE={ca} SSL_CERT_FILE={ca} HTTPS_PROXY=http://{proxy} python3 app.py"},
    {"Java", "Add it once to the JDK's store (its password is changeit), then name the proxy when starting.",
     "keytool -importcert -cacerts -alias whytls -file {ca} -storepass changeit -noprompt"},
    {"Go", "Go reads the system's store, or this variable on Linux.",
     "SSL_CERT_FILE={ca} HTTPS_PROXY=http://{proxy} go run ."},
    {"Ruby, PHP", "Both use OpenSSL's default file.", "SSL_CERT_FILE={ca} HTTPS_PROXY=http://{proxy} ruby app.rb"},
    {"git", "For one repository, without touching the others.",
     "git -c http.sslCAInfo={ca} -c http.proxy=http://{proxy} ls-remote https://git.example.com/repo"},
});

constexpr auto browsers = std::to_array<Client>({
    {"Firefox",
     "Settings > Privacy & Security > Certificates > View Certificates > Authorities > Import, choose {ca}, tick \"Trust this CA to "
     "identify websites\".",
     ""},
    {"Chrome and Edge on Linux",
     "They keep their own store in your home directory; certutil is in the package libnss3-tools.",
     "certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n whytls -i {ca}"},
    {"Chrome, Edge and Safari on macOS and Windows", "They use the system's store, see below.", ""},
});

constexpr auto systems = std::to_array<Client>({
    {"Debian, Ubuntu", "The name must end in .crt.",
     "sudo cp {ca} /usr/local/share/ca-certificates/whytls.crt && sudo update-ca-certificates"},
    {"Fedora, RHEL", "", "sudo cp {ca} /etc/pki/ca-trust/source/anchors/whytls.pem && sudo update-ca-trust"},
    {"Alpine", "", "cp {ca} /usr/local/share/ca-certificates/whytls.crt && update-ca-certificates"},
    {"macOS", "On the Mac, with the CA's file from this page.",
     "sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain whytls-ca.pem"},
    {"macOS, to take it back", "",
     "sudo security remove-trusted-cert -d whytls-ca.pem && sudo security delete-certificate -Z {sha1} /Library/Keychains/System.keychain"},
    {"Windows",
     "In a terminal, with the CA's file from this page; without -user for the whole machine, as administrator.",
     "certutil -user -addstore Root whytls-ca.pem"},
    {"Windows, to take it back", "", "certutil -user -delstore Root {sha1}"},
});

constexpr Client letting_in{
    "Letting a phone in",
    "This proxy listens for this machine only. Stop it and start it so, with your other options; ADDRESS below is this machine's address in "
    "the phone's network.",
    "whytls proxy --listen 0.0.0.0:{port} --allow-remote --allow-anonymous"};

constexpr auto phones = std::to_array<Client>({
    {"Android",
     "Open {der} in Chrome. Settings > Security & privacy > More security & privacy > Encryption & credentials > Install a "
     "certificate > CA certificate; makers and versions differ, and the search of the settings finds it. Apps for Android 7 and later "
     "trust it only where their network security configuration says so. Then the proxy: Settings > Network & internet > Internet > the "
     "network > Advanced options > Proxy: Manual, {way in}.",
     ""},
    {"iOS, iPadOS",
     "Open {der} in Safari. Settings > General > VPN & Device Management: install its profile. Settings > General > About > "
     "Certificate Trust Settings: switch full trust on for it. Then the proxy: Settings > Wi-Fi > the network's (i) > Configure Proxy > Manual, "
     "{way in}.",
     ""},
});

constexpr std::string_view install_says =
    "On Linux that is the system's store, Firefox, Chromium and Java at once; whytls ca uninstall takes it back. Node, Postman and "
    "Python's requests keep lists of their own, and macOS and Windows have commands of theirs: see below.";

std::string own_url(const State& state) { return "http://" + state.proxy; }

// A visitor on another machine gets the CA's file with download_command().
std::string ca_file(const State& state) { return state.local ? state.ca_file : "whytls-ca.pem"; }

std::string download_command(const State& state) {
    return "curl -o whytls-ca.pem " + shell_word(own_url(state) + "/ca.pem");
}

constexpr std::string_view password_says =
    "This proxy asks for a user name and a password (--proxy-auth): put them in the place of USER:PASS. For the gateway path they have a "
    "field of their own, because Authorization belongs to the server.";

std::string port_of(const State& state) { return state.proxy.substr(state.proxy.rfind(':') + 1); }

// The proxy's addresses as a phone reaches them: who visits from another machine has come by one.
std::vector<std::string> ways_in(const State& state) {
    if (!state.local) return {state.proxy};
    std::vector<std::string> addresses;
    for (const Reachable& each : state.reachable) addresses.push_back(each.address);
    if (addresses.empty()) addresses.push_back("ADDRESS:" + port_of(state));
    return addresses;
}

std::string filled_in(std::string_view text, const State& state, bool command) {
    const auto word = [command](const std::string& value) { return command ? shell_word(value) : value; };
    std::string urls, addresses;
    for (const std::string& each : ways_in(state)) {
        urls += fmt::format("{}http://{}/ca.der", urls.empty() ? "" : " or ", each);
        addresses += (addresses.empty() ? "" : " or ") + each;
    }
    std::string result(text);
    for (const auto& [place, value] : std::initializer_list<std::pair<std::string_view, std::string>>{
             {"{ca}", word(ca_file(state))},
             {"{proxy}", word((command && state.asks_password ? "USER:PASS@" : "") + state.proxy)},
             {"{port}", word(port_of(state))},
             {"{sha1}", state.ca_sha1},
             {"{der}", urls},
             {"{way in}", addresses}})
        result = diagnosis::replaced(result, place, value);
    return result;
}

std::string gateway_command(const State& state) {
    constexpr std::string_view password = "-H \"Proxy-Authorization: Basic $(printf %s 'USER:PASS' | base64)\" ";
    return fmt::format("curl {}{}", state.asks_password ? password : "",
                       shell_word(own_url(state) + "/https://example.com/"));
}

struct Fact {
    std::string label, value;
};

constexpr std::string_view misdirected_says =
    "Whoever lets a name lead here could read what is answered under it (DNS rebinding), so that only this listener's own addresses, localhost, "
    "why.tls and the hosts of --allow-origin are taken for its names.";

// How to allow the name, if it is the user's own.
std::string allowing_command(const Misdirected& asked) {
    return asked.origin.empty() ? "" : "whytls proxy --allow-origin " + shell_word(asked.origin);
}

// A user on another machine sees neither paths of this one nor user names, which the CA's subject
// contains.
std::vector<Fact> facts(const State& state) {
    std::string listeners;
    for (const auto& listener : state.listeners) listeners += (listeners.empty() ? "" : ", ") + listener;
    std::vector<Fact> rows{{"version", state.version}, {"listening on", listeners}};
    if (state.local && !state.live.empty()) rows.push_back({"live page", state.live});
    const std::string anchors = diagnosis::counted(state.anchors, "anchor");
    rows.push_back({"trust store", state.local ? fmt::format("{} ({})", state.trust_source, anchors) : anchors});
    rows.push_back({"connections", std::to_string(state.connections)});
    rows.push_back({"requests", std::to_string(state.requests)});
    rows.push_back({"failed handshakes", std::to_string(state.failed_handshakes)});
    return rows;
}

std::vector<Fact> ca_facts(const State& state) {
    std::vector<Fact> rows{
        {"valid", fmt::format("{} to {}", readable(state.ca.not_before), readable(state.ca.not_after))},
        {"key", state.ca.key},
        {"SHA-256", state.ca.sha256}};
    if (!state.local) return rows;
    rows.insert(rows.begin(), {"subject", state.ca.subject});
    rows.push_back({"file", state.ca_file});
    return rows;
}

std::string table(std::string_view caption, const std::vector<Fact>& rows) {
    std::string result = fmt::format("<table class=\"facts\">\n<caption>{}</caption>\n<tbody>\n", caption);
    for (const auto& row : rows)
        result += fmt::format("<tr><th scope=\"row\">{}</th><td class=\"mono\">{}</td></tr>\n", for_html(row.label),
                              for_html(row.value));
    return result + "</tbody>\n</table>\n";
}

std::vector<Client> phone_rows(const State& state) {
    std::vector<Client> rows(phones.begin(), phones.end());
    if (state.local && state.reachable.empty()) rows.insert(rows.begin(), letting_in);
    return rows;
}

std::string clients(std::string_view title, std::span<const Client> rows, const State& state) {
    std::string result = fmt::format("<section>\n<h2>{}</h2>\n", title);
    for (const auto& row : rows) {
        result += fmt::format("<h3>{}</h3>\n", for_html(row.name));
        if (!row.how.empty()) result += fmt::format("<p>{}</p>\n", for_html(filled_in(row.how, state, false), 4096));
        if (!row.command.empty())
            result += report::to_copy(for_html(filled_in(row.command, state, true), 4096), "command") + "\n";
    }
    return result + "</section>\n";
}

std::string plain_clients(std::string_view title, std::span<const Client> rows, const State& state) {
    std::string result = fmt::format("\n{}\n", title);
    for (const auto& row : rows) {
        result += report::filled(fmt::format("  {}{}", row.name, row.how.empty() ? "" : ": "),
                                 report::for_terminal(filled_in(row.how, state, false), 4096), 4);
        if (!row.command.empty())
            result += report::broken_command(report::for_terminal(filled_in(row.command, state, true), 4096), 4);
    }
    return result;
}

std::string plain(std::string_view title, const std::vector<Fact>& rows) {
    std::string result = fmt::format("\n{}\n", title);
    for (const auto& row : rows)
        result += report::filled(fmt::format("  {:<18} ", row.label), report::for_terminal(row.value), 21);
    return result;
}

}  // namespace

std::string proxy_auto_config(std::string_view listener) {
    return fmt::format(
        "function FindProxyForURL(url, host) {{\n  if (url.indexOf(\"http://{0}/\") === 0) return \"DIRECT\";\n  return \"PROXY "
        "{0}\";\n}}\n",
        listener);
}

std::string html(const Misdirected& asked) {
    std::string result = report::page_begin("not under this name");
    result +=
        "<p class=\"top\"><b>whytls</b> &ndash; why did TLS fail?</p>\n<main>\n<header class=\"hero warning\">\n<h1>Not under this "
        "name</h1>\n";
    result += fmt::format(
        "<p>This is whytls, a proxy, and {} is no name of its own. Its page is <a href=\"{}\">{}</a>.</p>\n<p>{}</p>\n",
        for_html(asked.host, 300), for_html(asked.link), for_html(asked.link), misdirected_says);
    if (const std::string command = allowing_command(asked); !command.empty())
        result += "<p>If the name is this machine's own and no one else can say where it leads:</p>\n" +
                  report::to_copy(for_html(command), "command") + "\n";
    return result + "</header>\n</main>\n" + report::page_end();
}

std::string text(const Misdirected& asked) {
    std::string result =
        fmt::format("whytls: this is a proxy, and {} is no name of its own. Its page is\n    {}\n{}\n",
                    report::for_terminal(asked.host, 300), report::for_terminal(asked.link), misdirected_says);
    if (const std::string command = allowing_command(asked); !command.empty())
        result += fmt::format("If the name is this machine's own and no one else can say where it leads:\n    {}\n",
                              report::for_terminal(command));
    return result;
}

std::string html(const State& state) {
    std::string result = report::page_begin("whytls is running");
    result +=
        "<p class=\"top\"><b>whytls</b> &ndash; why did TLS fail?</p>\n<main>\n<header class=\"hero ok\">\n<h1>whytls is running</h1>\n";
    result +=
        "<p>It opens TLS connections to look into them, with certificates that it makes itself. For your programs to accept those, let "
        "them trust its CA, which exists only on this machine.</p>\n";
    if (!state.local)
        result += "<p>On another machine, get its certificate first:</p>\n" +
                  report::to_copy(for_html(download_command(state)), "command") + "\n";
    if (state.asks_password) result += fmt::format("<p>{}</p>\n", for_html(password_says, 4096));
    result +=
        "<ul class=\"links\"><li><a href=\"/ca.pem\" download=\"whytls-ca.pem\">Download the CA (PEM)</a></li><li><a href=\"/ca.der\" "
        "download=\"whytls-ca.crt\">The same as DER</a></li><li><a href=\"/proxy.pac\">Proxy settings for a browser</a></li></ul>\n";
    result += fmt::format(
        "<p>A client that cannot be told of a proxy or a CA puts the address of the server after the proxy's own: </p>\n{}\n</header>\n",
        report::to_copy(for_html(gateway_command(state)), "command"));
    result += "<section>\n" + table("State", facts(state)) + "</section>\n<section>\n" +
              table("The local CA", ca_facts(state)) + "</section>\n";
    if (state.local && !state.install.empty())
        result += "<section>\n<h2>Trust it on this machine</h2>\n<p>" + std::string(install_says) + "</p>\n" +
                  report::to_copy(for_html(state.install), "command") + "\n</section>\n";
    result += clients("Trust it in one program", programs, state) +
              clients("Trust it in one browser", browsers, state) +
              clients("Trust it in the system's store by hand", systems, state) +
              clients("Trust it on a phone", phone_rows(state), state);
    result +=
        "</main>\n<footer><p>Whoever holds the CA's key can read the traffic of programs that trust it: the key is beside the CA's file, "
        "readable only by you. Remove the CA when you no longer need it.</p></footer>\n";
    return result + report::page_end();
}

std::string text(const State& state) {
    const auto said = [](std::string_view sentence) { return report::filled("", sentence, 0); };
    const auto command = [](const std::string& line) {
        return report::broken_command(report::for_terminal(line, 4096), 4);
    };
    std::string result = "whytls is running.\n\n" +
                         said("For your programs to accept the certificates that it makes, let them trust its CA:");
    if (state.local && !state.install.empty())
        result += command(state.install) + said(install_says) + "\n" +
                  said("Only the certificate, for another machine or for one program:");
    result += command(download_command(state));
    if (state.asks_password) result += "\n" + said(password_says);
    result += "\n" + said("A client without proxy settings reaches a server so, and needs no CA either:") +
              command(gateway_command(state));
    result += plain("State", facts(state)) + plain("The local CA", ca_facts(state));
    return result + plain_clients("In one program", programs, state) +
           plain_clients("In one browser", browsers, state) +
           plain_clients("In the system's store by hand", systems, state) +
           plain_clients("On a phone", phone_rows(state), state);
}

}  // namespace inspect::page
