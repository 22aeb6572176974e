// Names against hosts and against constraints. The input is three lines: the host asked for, a
// dNSName, a constraint's base. Besides not crashing: case and a trailing dot of the host mean
// nothing, no match survives one more label in front, a name within a subtree may not stand for a
// host outside it, certificates are judged by the same rules as the names in them, and a name that
// a certificate can be issued for is one that clients match.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "certs/hostname.h"
#include "certs/name_constraints.h"
#include "certs/server_name.h"
#include "tests/support/forge.h"

namespace {

using namespace certs;
using tests::Forge, tests::Forged;

void require(bool condition) {
    if (!condition) std::abort();
}

std::string_view take_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

std::string other_case(std::string_view text) {
    std::string result(text);
    for (char& character : result) {
        if ((character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')) character ^= 0x20;
    }
    return result;
}

void check_host(std::string_view text, const Host& host) {
    require(host.text == parse_host(other_case(text)).text ||
            !std::ranges::all_of(text, [](char c) { return (c & 0x80) == 0; }));
    if (!text.empty() && !text.ends_with('.') && !text.ends_with(']'))
        require(parse_host(std::string(text) + '.').text == host.text);
    if (!host.text.ends_with('.')) require(parse_host(host.text).text == host.text);
    if (!host.is_address) return;
    require(host.address.size() == 4 || host.address.size() == 16);
    require(parse_host(address_text(host.address)).address == host.address);
}

void check_server_name(std::string_view text) {
    const auto name = server_name(text);
    if (!name) return require(!name.error().empty());
    require(server_name(*name) == name);
    const std::string asked = name->starts_with("*.") ? "x" + name->substr(1) : *name;
    const Host host = parse_host(asked);
    require(host.text == asked && (host.is_address || dns_matches(*name, asked)));
}

void check_match(std::string_view presented, const std::string& host) {
    const bool matches = dns_matches(presented, host);
    require(matches == dns_matches(other_case(presented), host) && matches == dns_matches(presented, other_case(host)));
    require(!matches || !dns_matches(presented, "x." + host));
}

void check_subtree(std::string_view name, std::string_view base, const std::string& host) {
    const bool within = dns_within(name, base), could = dns_could_be_within(name, base);
    require(could || !within);
    require(dns_within(name, ""));
    if (within && !name.starts_with("*.")) require(dns_within("x." + std::string(name), base));
    if (!dns_matches(name, host)) return;
    require(!within || dns_within(host, base));
    require(could || !dns_within(host, base));
}

void check_certificates(std::string_view presented, std::string_view base, const Host& host) {
    static const PrivateKey key = PrivateKey::generate(PrivateKeyKind::ed25519);
    const std::vector<ByteVector> names{tests::dns(presented)}, bases{tests::dns(base)};
    const Forged forged = Forge::leaf("www.example.com").key(key).subject(tests::name({})).names(names).self_signed();
    const auto leaf = Certificate::parse(forged.der);
    if (!leaf) return;
    const bool matches = certificate_matches(*leaf, host);
    require(matches == (!host.is_address && dns_matches(presented, host.text)));
    const NameEvidence evidence = name_evidence(*leaf, host);
    require(evidence.names_total == 1 && evidence.asked == host.text);
    require(!matches || !evidence.nearest || evidence.nearest->distance == 0);
    const auto permitted = Certificate::parse(Forge::root("R").key(key).name_constraints(bases, {}).self_signed().der);
    const auto excluded = Certificate::parse(Forge::root("R").key(key).name_constraints({}, bases).self_signed().der);
    if (!permitted || !excluded) return;
    ComparisonBudget budget;
    const auto outside = violated_constraint(*permitted, *leaf, budget),
               inside = violated_constraint(*excluded, *leaf, budget);
    // What is not a host name breaks a constraint of either kind, whatever its base.
    const auto is_no_host_name = [](const auto& broken) {
        return broken && broken->constraint.starts_with("host names only");
    };
    require(is_no_host_name(outside) == is_no_host_name(inside));
    if (is_no_host_name(outside)) return;
    require(outside.has_value() != dns_within(lowered(presented), lowered(base)));
    require(inside.has_value() == dns_could_be_within(lowered(presented), lowered(base)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 2048) return 0;
    std::string_view text = as_text({data, size});
    const std::string_view asked = take_line(text), presented = take_line(text), base = take_line(text);
    const Host host = parse_host(asked);
    check_host(asked, host);
    check_server_name(asked);
    check_server_name(presented);
    check_match(presented, host.text);
    check_subtree(lowered(presented), lowered(base), host.text);
    if (size % 4 == 0) check_certificates(presented, base, host);  // forging takes most of the time
    return 0;
}
