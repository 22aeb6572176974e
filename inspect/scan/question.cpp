#include "inspect/scan/question.h"

#include <algorithm>
#include <string_view>

#include "tls/groups.h"
#include "tls/hello_writer.h"

namespace inspect::scan {

namespace {

using Kind = tls::ProbeAnswer::Kind;

constexpr tls::WireVersion ssl_3 = 0x0300, tls_1_2 = 0x0303, tls_1_3 = 0x0304;
constexpr std::uint16_t renegotiation_scsv = 0x00FF, fallback_scsv = 0x5600;  // RFC 5746 §3.3, RFC 7507
constexpr std::uint16_t x25519 = 0x001D;
constexpr std::uint8_t deflate = 1;
// Some servers refuse a hello with more than 128 suites.
constexpr std::size_t most_suites = 120;

bool has(const std::vector<std::uint16_t>& list, std::uint16_t value) {
    return std::ranges::find(list, value) != list.end();
}

std::vector<std::uint16_t> named(const std::vector<std::uint16_t>& suites, std::string_view part,
                                 std::string_view other) {
    std::vector<std::uint16_t> result;
    for (const std::uint16_t suite : suites) {
        const std::string name = tls::suite_name(suite);
        if (name.contains(part) || name.contains(other)) result.push_back(suite);
    }
    return result;
}

std::vector<std::uint16_t> schemes_of(const Question& question) {
    if (question.version < tls_1_2) return {};
    switch (question.signing) {
        case Signing::any:
            return {0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A,
                    0x080B, 0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0203, 0x0201, 0x0402, 0x0202};
        case Signing::rsa: return {0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0301, 0x0201};
        case Signing::rsa_pss: return {0x0809, 0x080A, 0x080B};
        case Signing::ecdsa: return {0x0403, 0x0503, 0x0603, 0x0303, 0x0203};
        case Signing::eddsa: return {0x0807, 0x0808};
        case Signing::sha1: return {0x0203, 0x0201, 0x0202};
    }
    return {};
}

// What an answer says whatever was asked; `chosen` once the server agreed to version and suite.
Heard agreement(const Question& question, const Answered& answered) {
    const tls::ServerFlight& flight = answered.flight;
    if (!answered.asked) return {};
    switch (answered.answer.kind) {
        case Kind::alert: return {.reply = Reply::refused, .choice = 0, .alert = answered.answer.alert};
        case Kind::not_tls:
        case Kind::malformed: return {.reply = Reply::malformed, .choice = 0, .alert = {}};
        case Kind::closed:
        case Kind::reset: return {.reply = Reply::ended, .choice = 0, .alert = {}};
        case Kind::not_connected: return {.reply = Reply::unreachable, .choice = 0, .alert = {}};
        case Kind::silent: return {.reply = Reply::silent, .choice = 0, .alert = {}};
        case Kind::accepted: break;
    }
    if (!flight.hello) return {.reply = Reply::malformed, .choice = 0, .alert = {}};
    if (flight.version > question.version || flight.version < ssl_3 || !has(question.suites, flight.suite))
        return {.reply = Reply::other_offer, .choice = 0, .alert = {}};
    // A server takes a lower version where it does not have the one that was offered.
    if (flight.version < question.version) return {.reply = Reply::refused, .choice = 0, .alert = {}};
    return {.reply = Reply::chosen, .choice = flight.suite, .alert = {}};
}

}  // namespace

std::vector<tls::WireVersion> scanned_versions() { return {tls_1_3, tls_1_2, 0x0302, 0x0301, ssl_3}; }

std::vector<std::vector<std::uint16_t>> suite_candidates(tls::WireVersion version) {
    std::vector<std::vector<std::uint16_t>> lists;
    for (const std::span<const tls::Suite> table : {tls::known_suites(), tls::rare_suites()}) {
        lists.emplace_back();
        for (const tls::Suite& suite : table) {
            if (tls::is_of_tls_1_3(suite.number) != (version == tls_1_3)) continue;
            if (lists.back().size() == most_suites) lists.emplace_back();
            lists.back().push_back(suite.number);
        }
    }
    if (version == tls_1_3 && lists.size() == 2) {  // together they are few
        lists.front().insert(lists.front().end(), lists.back().begin(), lists.back().end());
        lists.pop_back();
    }
    return lists;
}

std::vector<std::uint16_t> group_candidates(tls::WireVersion version) {
    std::vector<std::uint16_t> groups;
    for (const tls::Group& group : tls::known_groups())
        if (version == tls_1_3 ? group.tls_1_3 : group.old) groups.push_back(group.number);
    return groups;
}

std::vector<std::string> alpn_candidates() {
    return {"h2",          "http/1.1",    "http/1.0", "spdy/3.1", "grpc-exp",   "imap",    "pop3",    "managesieve",
            "xmpp-client", "xmpp-server", "mqtt",     "dot",      "postgresql", "ftp",     "tds/8.0", "irc",
            "ntske/1",     "stun.turn",   "webrtc",   "coap",     "sunrpc",     "http/0.9"};
}

std::vector<std::uint16_t> with_ecdhe(const std::vector<std::uint16_t>& suites) {
    return named(suites, "_ECDHE_", "_ECDH_anon_");
}

std::vector<std::uint16_t> with_ecdhe_rsa(const std::vector<std::uint16_t>& suites) {
    return named(suites, "_ECDHE_RSA_", "_ECDH_anon_");
}

std::vector<std::uint16_t> with_dhe(const std::vector<std::uint16_t>& suites) {
    return named(suites, "_DHE_", "_DH_anon_");
}

Question usual_question(tls::WireVersion version, std::string sni) {
    return {.version = version,
            .suites = suite_candidates(version).front(),
            .groups = group_candidates(version),
            .sni = std::move(sni)};
}

certs::ByteVector to_wire(const Question& question, const tls::ProbeRandom& random) {
    constexpr std::size_t size = 32;
    const certs::Bytes all(random);
    const bool is_1_3 = question.version == tls_1_3;
    tls::HelloFields fields{.version = std::min(question.version, tls_1_2),
                            .random = all.first(size),
                            .suites = question.suites,
                            .sni = question.sni,
                            .status_request = true,
                            .groups = question.groups,
                            .point_formats = !is_1_3,
                            .signatures = schemes_of(question),
                            .alpn = question.alpn,
                            .extended_master_secret = !is_1_3,
                            .session_ticket = !is_1_3};
    if (question.compression) fields.compressions = {deflate, 0};
    if (!is_1_3) fields.suites.push_back(renegotiation_scsv);
    if (question.fallback) fields.suites.push_back(fallback_scsv);
    fields.heartbeat = question.heartbeat;
    if (is_1_3) {
        fields.session_id = all.subspan(size, size);
        fields.versions = {tls_1_3};
        fields.psk_modes = true;
        fields.key_shares.emplace();
        const certs::Bytes key = all.subspan(2 * size, size);
        if (question.share_key && has(question.groups, x25519))
            fields.key_shares->push_back({x25519, certs::ByteVector(key.begin(), key.end())});
    }
    return to_wire(fields);
}

Answered read(certs::Bytes received) {
    return {.answer = tls::read_answer(received), .flight = tls::read_server_flight(received)};
}

bool is_enough(const Question& question, const Answered& answered) {
    if (answered.answer.complete) return true;
    return !question.whole && answered.flight.hello;
}

Heard suite_chosen(const Question& question, const Answered& answered) { return agreement(question, answered); }

Heard group_chosen(const Question& question, const Answered& answered) {
    Heard heard = agreement(question, answered);
    if (heard.reply != Reply::chosen) return heard;
    const std::uint16_t group = answered.flight.group;
    if (group == 0 && question.version == tls_1_3) return {.reply = Reply::malformed, .choice = 0, .alert = {}};
    if (group == 0 && !answered.flight.done) return {.reply = Reply::cut, .choice = 0, .alert = {}};
    if (!has(question.groups, group)) return {.reply = Reply::other_offer, .choice = 0, .alert = {}};
    heard.choice = group;
    return heard;
}

Heard protocol_chosen(const Question& question, const Answered& answered) {
    Heard heard = agreement(question, answered);
    if (heard.reply != Reply::chosen) return heard;
    const std::string& name = answered.answer.alpn;
    if (name.empty()) return {.reply = Reply::refused, .choice = 0, .alert = {}};
    const auto found = std::ranges::find(question.alpn, name);
    if (found == question.alpn.end()) return {.reply = Reply::other_offer, .choice = 0, .alert = {}};
    heard.choice = static_cast<std::uint16_t>(found - question.alpn.begin());
    return heard;
}

}  // namespace inspect::scan
