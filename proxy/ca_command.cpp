#include "proxy/ca_command.h"

#include <fmt/format.h>

#include <cctype>
#include <cstdio>

#include "certs/authority.h"
#include "inspect/report/escape.h"
#include "proxy/ca_install_command.h"
#include "proxy/key_file.h"
#include "proxy/services.h"

namespace proxy {

namespace {

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

std::string card(const certs::Authority& authority) {
    const certs::Description ca = certs::describe(authority.certificate());
    return fmt::format("subject      {}\nkey          {}\nvalid        {} to {}\nSHA-256      {}\ncertificate  {}\nprivate key  {}\n",
                       inspect::report::for_terminal(ca.subject), ca.key, certs::readable(ca.not_before), certs::readable(ca.not_after),
                       spaced_fingerprint(authority.certificate()), (authority.directory() / "ca.pem").string(),
                       (authority.directory() / "ca-key.pem").string());
}

void show_or_export(const CaCommand& command) {
    const auto authority = certs::Authority::open(command.ca_dir, now());
    if (!authority) throw StartError(fmt::format("CA: {}: {}", authority.error().file, authority.error().reason));
    if (const auto warning = key_file_warning(command.ca_dir / "ca-key.pem")) say(*warning);
    if (authority->created()) say(fmt::format("made a local CA in {}", command.ca_dir.string()));
    if (command.what == CaCommand::What::export_certificate) {
        print(certs::to_pem(authority->certificate().der()));
        return;
    }
    print(card(*authority));
    for (const std::string& place : installed_in(authority->certificate())) print(fmt::format("installed    {}\n", place));
}

}  // namespace

std::string spaced_fingerprint(const certs::Certificate& certificate) {
    const std::string hex = certs::hex(certificate.sha256());
    std::string text;
    for (std::size_t i = 0; i < hex.size(); ++i) {
        if (i > 0 && i % 2 == 0) text += ':';
        text += static_cast<char>(std::toupper(hex[i]));
    }
    return text;
}

int run_ca_command(const CaCommand& command) {
    switch (command.what) {
        case CaCommand::What::show:
        case CaCommand::What::export_certificate: show_or_export(command); return 0;
        case CaCommand::What::install: return install_ca(command);
        case CaCommand::What::uninstall: return uninstall_ca(command);
        case CaCommand::What::rotate: return rotate_ca(command);
    }
    std::unreachable();
}

}  // namespace proxy
