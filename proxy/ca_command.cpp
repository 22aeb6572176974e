#include "proxy/ca_command.h"

#include <fmt/format.h>

#include <cstdio>

#include "certs/authority.h"
#include "inspect/report/escape.h"
#include "proxy/services.h"

namespace proxy {

namespace {

// Colon-separated, as openssl and browsers show fingerprints.
std::string spaced(std::string_view hex) {
    std::string text;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        if (i > 0) text += ':';
        for (const char c : hex.substr(i, 2)) text += static_cast<char>(std::toupper(c));
    }
    return text;
}

}  // namespace

void run_ca_command(const CaCommand& command) {
    const auto authority = certs::Authority::open(command.ca_dir, now());
    if (!authority) throw StartError(fmt::format("CA: {}: {}", authority.error().file, authority.error().reason));
    if (authority->created()) say(fmt::format("made a local CA in {}", command.ca_dir.string()));
    const certs::Certificate& certificate = authority->certificate();
    std::string text;
    if (command.what == CaCommand::What::export_certificate) {
        text = certs::to_pem(certificate.der());
    } else {
        const certs::Description ca = certs::describe(certificate);
        text =
            fmt::format("subject      {}\nkey          {}\nvalid        {} to {}\nSHA-256      {}\ncertificate  {}\nprivate key  {}\n",
                        inspect::report::for_terminal(ca.subject), ca.key, certs::readable(ca.not_before), certs::readable(ca.not_after),
                        spaced(ca.sha256), (authority->directory() / "ca.pem").string(), (authority->directory() / "ca-key.pem").string());
    }
    std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace proxy
