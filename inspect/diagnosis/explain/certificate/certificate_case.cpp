#include "inspect/diagnosis/explain/certificate/certificate_case.h"

#include <fmt/format.h>

#include <algorithm>

#include "certs/hostname.h"
#include "inspect/diagnosis/near_miss.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

EvidenceRow row(std::string label, std::string value, std::string note) {
    return {std::move(label), std::move(value), std::move(note), {}};
}

const certs::Description* Case::certificate(std::size_t depth) const {
    return depth < context.chain.size() && !context.chain[depth].unreadable ? &context.chain[depth].description
                                                                            : nullptr;
}

std::string Case::name(std::size_t depth) const {
    const auto* found = certificate(depth);
    if (found == nullptr) return "";
    if (auto name = short_name(found->subject); !name.empty()) return name;
    return found->names.empty() ? "" : found->names.front();
}

bool Case::is_anchor(std::size_t depth) const {
    return depth > 0 && depth + 1 == context.chain.size() && !verdict.paths.empty() && verdict.paths.front().anchored;
}

std::string Case::who(std::size_t depth, std::size_t characters) const {
    if (depth == 0) return "the certificate";
    const std::string called = name(depth);
    return fmt::format("the {}{}", is_anchor(depth) ? "root" : "intermediate",
                       called.empty() ? "" : " " + quoted(called, characters));
}

std::string Case::owner() const {
    const std::string& asked = context.attempt.host;
    const auto* leaf = certificate(0);
    if ((!asked.empty() && !is_address(asked)) || leaf == nullptr) return asked;
    // A name that no host can have is not one to ask a new certificate for.
    const auto is_a_hosts = [](std::string_view name) {
        const std::string_view base = name.starts_with("*.") ? name.substr(2) : name;
        return certs::dns_matches(base, base) || certs::parse_host(name).text.contains("xn--");
    };
    for (const auto& each : leaf->names)
        if (each.starts_with("DNS:") && is_a_hosts(std::string_view(each).substr(4))) return each.substr(4);
    std::string called = short_name(leaf->subject);
    if (is_a_hosts(called)) return called;
    if (!asked.empty()) return asked;
    return called.empty() || shown_name(called) != called ? "HOST" : called;
}

std::string Case::host() const { return shorten(context.whose(), 40); }

std::string Case::wanted_name() const {
    if (!verdict.host.empty()) return verdict.host;
    return context.attempt.host.empty() ? owner() : context.attempt.host;
}

bool Case::covers_host() const {
    return std::ranges::none_of(verdict.problems, [](const certs::Finding& other) {
        return other.code == certs::Code::hostname_mismatch || other.code == certs::Code::no_subject_alt_name;
    });
}

std::string Case::connect_command(std::string_view options) const {
    if (offline())
        return fmt::format("openssl crl2pkcs7 -nocrl -certfile {} | openssl pkcs7 -print_certs -noout",
                           shell_word(context.file()));
    return context.s_client(options);
}

std::string Case::leaf_into(std::string_view command) const {
    constexpr std::string_view tool = "openssl x509";
    if (offline()) return fmt::format("{} -in {}{}", tool, shell_word(context.file()), command.substr(tool.size()));
    return fmt::format("{} 2>/dev/null | {}", connect_command(), command);
}

std::string Case::sent() const {
    return fmt::format("the {} {}", offline() ? "file holds" : "server sent", counted(verdict.sent(), "certificate"));
}

std::string_view Case::sent_label() const { return offline() ? "certificates in the file" : "certificates sent"; }

std::string who_is(const Case& c, const std::string& said) {
    constexpr std::size_t around_name = 20, least = 4;
    const std::size_t room = title_limit - std::min(title_limit, said.size() + around_name);
    return c.who(c.depth(), std::max(room, least)) + " " + said;
}

EvidenceRow time_of_check(const Case& c, certs::Time at) {
    return row("time of the check", readable(at),
               c.context.attempt.time_given ? "set by --at" : "this machine's clock");
}

}  // namespace inspect::diagnosis
