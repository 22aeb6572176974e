#include "proxy/command/verify/verify_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "inspect/http/message.h"
#include "proxy/io/address.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace {

constexpr const char* verify_footer =
    "CHAIN holds the server's own certificate first, then its intermediates, as a server is given it; PEM, or one certificate as DER.\n"
    "Examples:\n"
    "  whytls verify fullchain.pem --host api.example.com --until-breaks\n"
    "  cat cert.pem chain.pem | whytls verify - --host api.example.com\n"
    "\n"
    "Exit code: 0 every chain verifies, 1 one does not, 2 a mistake in the command line or in a file.";

void files(CLI::App& app, const char* name, std::vector<std::string>& values, const char* text) {
    app.add_option(name, values, text)->type_name("FILE")->allow_extra_args(false);
}

// Only names and addresses. With a scheme, a port or a path it would be a name that no certificate
// has, and the chain would be blamed.
bool is_name_or_address(const std::string& host) {
    return (!host.empty() && host.find_first_of("/:@*[] \t") == std::string::npos) || io::Address::parse(host, 0);
}

void check_host(const std::string& host) {
    if (is_name_or_address(host)) return;
    const auto url = inspect::http::parse_target("GET", host.contains("://") ? host : "https://" + host);
    throw UsageError(
        fmt::format("--host takes a host name or an IP address, for example api.example.com, not '{}'{}", host,
                    url && is_name_or_address(url->host) ? fmt::format("; did you mean {}?", url->host) : ""));
}

}  // namespace

void VerifyOptions::add_to(CLI::App& app) {
    app.add_option("CHAIN", chains_, "the file to verify, - for the standard input; several are verified one by one")
        ->type_name("");
    app.add_option_function<std::string>(
           "--host",
           [this](const std::string& host) {
               host_ = host;
               has_host_ = true;
           },
           "the host name or address that clients ask for; without it no name is verified")
        ->type_name("NAME")
        ->take_last();
    judging_.add_to(app);
    files(
        app, "--untrusted", untrusted_,
        "certificates that may be missing from CHAIN, to explain it: a chain that needs one fails; may be given again");
    files(app, "--crl", crl_, "revocation list to ask, PEM or DER; may be given again");
    files(app, "--ocsp", ocsp_, "OCSP response to ask, DER or PEM; may be given again");
    app.add_flag("--until-breaks", until_breaks_, "say when the chain will stop to verify, and because of what");
    app.add_flag("--json", json_, "print the report as JSON, one line a chain");
    app.footer(verify_footer);
}

VerifyCommand VerifyOptions::settle() const {
    if (chains_.empty())
        throw UsageError("verify takes a CHAIN file, for example fullchain.pem, or - for the standard input");
    if (std::ranges::count(chains_, "-") > 1) throw UsageError("verify can read the standard input (-) once only");
    if (has_host_) check_host(host_);
    VerifyCommand command;
    command.chains = chains_;
    command.host = host_.starts_with('[') && host_.ends_with(']') ? host_.substr(1, host_.size() - 2) : host_;
    command.judging = judging_.settle();
    command.untrusted = untrusted_;
    command.crl = crl_;
    command.ocsp = ocsp_;
    command.until_breaks = until_breaks_;
    command.json = json_;
    return command;
}

}  // namespace proxy
