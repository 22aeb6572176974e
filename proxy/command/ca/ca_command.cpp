#include "proxy/command/ca/ca_command.h"

#include <fmt/format.h>

#include <cctype>
#include <cstdio>

#include "certs/crypto.h"
#include "inspect/report/print/escape.h"
#include "proxy/command/ca/ca_install_command.h"
#include "proxy/command/ca/ca_issue_command.h"
#include "proxy/io/clock.h"
#include "proxy/log/log_writer.h"
#include "proxy/settings/ca_directory.h"
#include "proxy/settings/key_file.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace {

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

std::string card(const certs::Certificate& certificate, const std::filesystem::path& directory) {
    const certs::Description ca = certs::describe(certificate);
    return fmt::format(
        "subject      {}\nkey          {}\nvalid        {} to {}\nSHA-256      {}\nSHA-1        {}\ncertificate  {}\nprivate key  {}\n",
        inspect::report::for_terminal(ca.subject), ca.key, certs::readable(ca.not_before),
        certs::readable(ca.not_after), spaced_fingerprint(certificate), certs::hex(certs::sha1(certificate.der())),
        (directory / "ca.pem").string(), (directory / "ca-key.pem").string());
}

// Only looks: the commands that use a CA make it.
void show(const CaCommand& command) {
    const auto record = certs::read_authority_record(command.ca_dir);
    if (!record) throw StartError(fmt::format("CA: {}: {}", record.error().file, record.error().reason));
    if (!record->current)
        throw StartError(fmt::format(
            "CA: there is none in {} yet: whytls proxy makes one when it starts, and so do whytls ca issue, whytls ca export and {}",
            command.ca_dir.string(), install_command(command.ca_dir)));
    for (const std::string& warning : ca_warnings(command.ca_dir)) say(warning);
    print(card(*record->current, command.ca_dir));
    const Installed installed = where_installed(*record->current);
    for (const std::string& place : installed.in) print(fmt::format("installed    {}\n", place));
    if (installed.in.empty()) print(fmt::format("installed    nowhere yet: {}\n", install_command(command.ca_dir)));
}

void export_certificate(const CaCommand& command) {
    print(certs::to_pem(open_or_make_ca(command.ca_dir).certificate().der()));
}

}  // namespace

certs::Authority open_or_make_ca(const std::filesystem::path& ca_dir) {
    auto authority = certs::Authority::open(ca_dir, io::now());
    if (!authority) throw StartError(fmt::format("CA: {}: {}", authority.error().file, authority.error().reason));
    for (const std::string& warning : ca_warnings(ca_dir)) say(warning);
    if (authority->created()) say(fmt::format("made a local CA in {}", ca_dir.string()));
    return *std::move(authority);
}

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
        case CaCommand::What::show: show(command); return 0;
        case CaCommand::What::export_certificate: export_certificate(command); return 0;
        case CaCommand::What::issue: return issue_certificate(command);
        case CaCommand::What::install: return install_ca(command);
        case CaCommand::What::uninstall: return uninstall_ca(command);
        case CaCommand::What::rotate: return rotate_ca(command);
    }
    std::unreachable();
}

}  // namespace proxy
