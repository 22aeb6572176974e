#include "inspect/diagnosis/certificate_case.h"

#include <utility>

namespace inspect::diagnosis {

const certs::Description* Case::certificate(std::size_t depth) const {
    return depth < context.chain.size() ? &context.chain[depth].description : nullptr;
}

std::string Case::name(std::size_t of) const {
    const auto* found = certificate(of);
    if (found == nullptr) return "";
    if (auto name = short_name(found->subject); !name.empty()) return name;
    return found->names.empty() ? "" : found->names.front();
}

std::string Case::who(std::size_t of, std::size_t characters) const {
    if (of == 0) return "the certificate";
    const bool root = of + 1 == context.chain.size() && !verdict.paths.empty() && verdict.paths.front().anchored;
    const std::string called = name(of);
    return fmt::format("the {}{}", root ? "root" : "intermediate", called.empty() ? "" : " " + quoted(called, characters));
}

std::string Case::owner() const {
    const std::string& asked = context.attempt.host;
    const auto* leaf = certificate(0);
    if (!is_address(asked) || leaf == nullptr) return asked;
    for (const auto& each : leaf->names)
        if (each.starts_with("DNS:")) return each.substr(4);
    const std::string called = name(0);
    return called.empty() ? asked : called;
}

std::string Case::connect_command(std::string_view options) const {
    const std::string& sni = context.attempt.sni;
    return fmt::format("openssl s_client -connect {}{}{} </dev/null", shell_word(context.peer()),
                       sni.empty() ? "" : " -servername " + shell_word(sni), options);
}

std::string Case::leaf_into(std::string_view command) const { return fmt::format("{} 2>/dev/null | {}", connect_command(), command); }

EvidenceRow row(std::string label, std::string value, std::string note) {
    return {std::move(label), std::move(value), std::move(note), {}};
}

std::string who_is(const Case& c, const std::string& said) {
    constexpr std::size_t around_name = 20, least = 4;
    const std::size_t room = title_limit - std::min(title_limit, said.size() + around_name);
    return c.who(c.depth(), std::max(room, least)) + " " + said;
}

EvidenceRow time_of_check(const Case& c, certs::Time at) {
    return row("time of the check", readable(at), c.context.attempt.time_given ? "set by --at" : "this machine's clock");
}

}  // namespace inspect::diagnosis
