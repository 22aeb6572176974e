// What one or two connections show: certificates, staples, resumption, extensions.
#include <algorithm>
#include <list>

#include "certs/certificate.h"
#include "proxy/command/check/scan/scanner.h"
#include "tls/session.h"

namespace proxy {

using namespace inspect::scan;

namespace {

constexpr tls::WireVersion tls_1_2 = 0x0303;
constexpr std::uint16_t extension_heartbeat = 15, extension_extended_master_secret = 23, extension_session_ticket = 35,
                        extension_renegotiation_info = 0xFF01;

// What a staple says of this certificate; not whether it is genuine: the check judges that.
StapleFound read_staple(certs::Bytes der, const std::optional<certs::Certificate>& leaf,
                        const std::optional<certs::Certificate>& issuer) {
    StapleFound found;
    const auto response = certs::OcspResponse::parse(der);
    if (!response || response->status() != certs::OcspStatus::successful || !leaf) return found;
    for (const certs::SingleResponse& each : response->responses()) {
        const bool about = issuer ? certs::is_about(each, *leaf, *issuer) : response->responses().size() == 1;
        if (!about) continue;
        found.status = each.status;
        found.produced = each.this_update;
        found.until = each.next_update;
    }
    return found;
}

std::optional<certs::Certificate> parsed(certs::Bytes der) {
    auto certificate = certs::Certificate::parse(der);
    return certificate ? std::optional(*std::move(certificate)) : std::nullopt;
}

Known known(bool yes) { return yes ? Known::yes : Known::no; }

}  // namespace

std::uint16_t curve_of(certs::Bytes certificate) {
    const auto leaf = parsed(certificate);
    if (!leaf || leaf->public_key().kind != certs::KeyKind::ec) return 0;
    switch (leaf->public_key().curve) {
        case certs::Curve::p256: return 0x0017;
        case certs::Curve::p384: return 0x0018;
        case certs::Curve::p521: return 0x0019;
        default: return 0;
    }
}

void Scanner::add_certificate(certs::Bytes leaf, certs::Bytes issuer, certs::Bytes staple) {
    const auto certificate = parsed(leaf);
    if (!certificate) return;
    CertificateFound found{.description = certs::describe(*certificate),
                           .key = certificate->public_key().kind,
                           .key_bits = certificate->public_key().bits,
                           .stapled = known(!staple.empty())};
    if (!staple.empty()) found.staple = read_staple(staple, certificate, parsed(issuer));
    const auto same = std::ranges::find(scan_.certificates, found.description.sha256,
                                        [](const CertificateFound& each) { return each.description.sha256; });
    if (same == scan_.certificates.end())
        scan_.certificates.push_back(std::move(found));
    else if (same->stapled != Known::yes)
        *same = std::move(found);
}

io::Task<> Scanner::look_at_old() {
    co_await look_at_old(Signing::any);
    std::list<io::Child> running;
    if (old()->version == tls_1_2) {
        for (const Signing signing : {Signing::rsa, Signing::rsa_pss, Signing::ecdsa, Signing::eddsa})
            running.emplace_back(look_at_old(signing));
        running.emplace_back(look_at_sha1());
        running.emplace_back(resume(tls::Version::tls_1_2, false, scan_.resumption.session_id));
        if (gives_tickets_) running.emplace_back(resume(tls::Version::tls_1_2, true, scan_.resumption.ticket));
    }
    running.emplace_back(look_at_dh());
    running.emplace_back(look_at_compression());
    running.emplace_back(look_at_heartbeat());
    for (io::Child& each : running) co_await each.join();
}

io::Task<> Scanner::look_at_old(Signing signing) {
    Question question = question_of(*old());
    question.signing = signing;
    question.whole = true;
    const Answered answered = co_await contacts_.ask(question);
    const Heard heard = co_await settled(suite_chosen(question, answered));
    const tls::ServerFlight& flight = answered.flight;
    if (heard.reply != Reply::chosen) co_return;
    if (!flight.leaf.empty()) add_certificate(flight.leaf, flight.issuer, flight.staple);
    if (flight.leaf.empty() && !flight.done) note(Reply::cut);
    if (signing != Signing::any) co_return;
    usual_leaf_ = flight.leaf;
    scan_.secure_renegotiation = known(flight.has(extension_renegotiation_info));
    scan_.extended_master_secret = known(flight.has(extension_extended_master_secret));
    gives_tickets_ = flight.has(extension_session_ticket);
    if (!gives_tickets_) scan_.resumption.ticket = Known::no;
}

io::Task<> Scanner::look_at_dh() {
    Question question = question_of(*old());
    question.suites = with_dhe(question.suites);
    question.whole = true;
    if (question.suites.empty()) co_return;
    const Answered answered = co_await contacts_.ask(question);
    scan_.dh_bits = answered.flight.dh_bits;
    (void)co_await settled(suite_chosen(question, answered));
}

// RFC 9155: a server must not sign with SHA-1, even for a client that offers nothing else.
io::Task<> Scanner::look_at_sha1() {
    Question question = question_of(*old());
    Numbers suites = with_ecdhe(question.suites);
    std::ranges::move(with_dhe(question.suites), std::back_inserter(suites));
    question.suites = std::move(suites);
    question.signing = Signing::sha1;
    question.whole = true;
    if (question.suites.empty()) co_return;
    const Answered answered = co_await contacts_.ask(question);
    const Heard heard = co_await settled(suite_chosen(question, answered));
    constexpr std::uint16_t sha1 = 2;  // RFC 5246 §7.4.1.4.1
    const std::uint16_t scheme = answered.flight.signature;
    if (heard.reply == Reply::refused) scan_.sha1_signatures = Known::no;
    if (heard.reply == Reply::chosen && scheme != 0) scan_.sha1_signatures = known(scheme >> 8 == sha1);
}

io::Task<> Scanner::look_at_compression() {
    Question question = question_of(*old());
    question.compression = true;
    const Answered answered = co_await contacts_.ask(question);
    const Heard heard = co_await settled(suite_chosen(question, answered));
    if (heard.reply == Reply::chosen) scan_.compression = known(answered.flight.compression != 0);
}

// RFC 6520 §2: a server that has the extension answers it. No heartbeat is ever sent.
io::Task<> Scanner::look_at_heartbeat() {
    Question question = question_of(*old());
    question.heartbeat = true;
    const Answered answered = co_await contacts_.ask(question);
    const Heard heard = co_await settled(suite_chosen(question, answered));
    if (heard.reply == Reply::chosen) scan_.heartbeat = known(answered.flight.has(extension_heartbeat));
}

// RFC 7507 §3: a server that has a higher version refuses, by alert 86, a client that has fallen
// back. Asked for with the second of its versions; one that has only one cannot show it.
io::Task<> Scanner::look_at_fallback() {
    constexpr std::uint8_t inappropriate_fallback = 86;
    const auto supported = [](const VersionFound& each) { return each.supported == Known::yes; };
    const auto newest = std::ranges::find_if(scan_.versions, supported);
    const auto second =
        newest == scan_.versions.end() ? newest : std::find_if(std::next(newest), scan_.versions.end(), supported);
    if (second == scan_.versions.end()) co_return;
    Question question = question_of(*second);
    question.fallback = true;
    const Heard heard = co_await settled(suite_chosen(question, co_await contacts_.ask(question)));
    if (heard.reply == Reply::chosen) scan_.fallback_scsv = Known::no;
    if (heard.reply == Reply::refused && heard.alert == inappropriate_fallback) scan_.fallback_scsv = Known::yes;
}

// The certificate that the usual hello with that name, or with none, gets. That of another version
// may be another.
io::Task<Scanner::Shown> Scanner::shown_to(std::string sni) {
    Shown shown;
    if (old() != nullptr) {
        Question question = question_of(*old());
        question.sni = std::move(sni);
        question.whole = true;
        Answered answered = co_await contacts_.ask(question);
        shown = {.heard = suite_chosen(question, answered), .leaf = std::move(answered.flight.leaf)};
    } else {
        tls::ClientParameters parameters;
        parameters.sni = std::move(sni);
        Shaken shaken = co_await contacts_.shake_hands(tls::Version::tls_1_3, std::move(parameters), false);
        shown = {.heard = {.reply = shaken.reply, .choice = 0, .alert = shaken.alert}, .leaf = std::move(shaken.leaf)};
    }
    shown.heard = co_await settled(shown.heard);
    co_return shown;
}

io::Task<> Scanner::look_without_name() {
    WithoutName& without = scan_.without_name;
    if (scan_.sni.empty()) {
        without.answer = WithoutName::Answer::not_asked;
        co_return;
    }
    const Shown shown = co_await shown_to("");
    if (shown.heard.reply == Reply::refused) {
        without.answer = WithoutName::Answer::refused;
        without.alert = shown.heard.alert;
    }
    if (shown.heard.reply != Reply::chosen || shown.leaf.empty() || usual_leaf_.empty()) co_return;
    if (shown.leaf == usual_leaf_) {
        without.answer = WithoutName::Answer::same;
        co_return;
    }
    // A server that shows now this certificate and now that one does so with the name too.
    const Shown again = co_await shown_to(scan_.sni);
    if (again.leaf != usual_leaf_) {
        note(again.heard.reply == Reply::chosen ? Reply::changeable : again.heard.reply);
        co_return;
    }
    without.answer = WithoutName::Answer::other;
    if (const auto certificate = parsed(shown.leaf)) without.shown = certs::describe(*certificate);
}

// Certificates by key in TLS 1.3, where they are encrypted, and resumption.
io::Task<> Scanner::look_at_1_3() {
    for (const tls::AcceptedKeys keys :
         {tls::AcceptedKeys::any, tls::AcceptedKeys::rsa, tls::AcceptedKeys::ecdsa, tls::AcceptedKeys::eddsa}) {
        tls::ClientParameters parameters;
        parameters.sni = scan_.sni;
        parameters.keys = keys;
        const Shaken shaken = co_await contacts_.shake_hands(tls::Version::tls_1_3, std::move(parameters), false);
        if (!shaken.leaf.empty()) add_certificate(shaken.leaf, shaken.issuer, shaken.staple);
        if (keys == tls::AcceptedKeys::any && usual_leaf_.empty() && old() == nullptr) usual_leaf_ = shaken.leaf;
        (void)co_await settled({.reply = shaken.reply, .choice = 0, .alert = shaken.alert});
    }
    co_await resume(tls::Version::tls_1_3, false, scan_.resumption.tls_1_3);
}

io::Task<> Scanner::resume(tls::Version version, bool ticket, Known& known_to_resume) {
    tls::ClientParameters first;
    first.sni = scan_.sni;
    first.ask_for_ticket = ticket;
    tls::ClientParameters second = first;
    const Shaken before = co_await contacts_.shake_hands(version, std::move(first), true);
    if (before.reply != Reply::chosen || (!before.session && !before.ended)) {
        note(before.reply == Reply::chosen ? Reply::silent : before.reply);
        co_return;
    }
    if (!before.session) {
        known_to_resume = Known::no;
        co_return;
    }
    second.resume = before.session;
    const Shaken after = co_await contacts_.shake_hands(version, std::move(second), false);
    if (after.reply == Reply::chosen) known_to_resume = known(after.resumed);
    note(after.reply);
}

}  // namespace proxy
