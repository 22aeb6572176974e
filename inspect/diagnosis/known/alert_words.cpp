#include "inspect/diagnosis/known/alert_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace inspect::diagnosis {

namespace {

struct Words {
    int alert;  // RFC 8446 §6.2
    // Node's: a prefix and OpenSSL's name of the reason; OpenSSL's text is that name in lower case.
    std::string_view error;
    std::string_view go;
};

constexpr auto table = std::to_array<Words>({
    {40, "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "handshake failure"},
    {42, "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", "bad certificate"},
    {43, "ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", "unsupported certificate"},
    {44, "ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED", "revoked certificate"},
    {45, "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED", "expired certificate"},
    {46, "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN", "unknown certificate"},
    {48, "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "unknown certificate authority"},
    {49, "ERR_SSL_TLSV1_ALERT_ACCESS_DENIED", "access denied"},
    {51, "ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR", "error decrypting message"},
    {71, "ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY", "insufficient security level"},
    {116, "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "certificate required"},
});

// The alerts that Chrome takes to be about the certificate.
bool blames_certificate(int alert) { return alert != 40 && alert != 51 && alert != 71; }

std::string in_words(std::string_view constant) {
    std::string text(constant);
    std::ranges::transform(text, text.begin(), [](char c) {
        return c == '_' ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return text;
}

}  // namespace

std::optional<Elsewhere> said_of_alert(Voice voice, const tls::HandshakeFailure& failure) {
    const auto words = std::ranges::find(table, static_cast<int>(failure.alert_received.value_or(0)), &Words::alert);
    if (words == table.end()) return std::nullopt;
    const bool behind = failure.reached == tls::Milestone::done;
    const std::string_view constant = words->error.substr(std::string_view("ERR_SSL_").size());
    const std::string said = in_words(constant);
    const int reason = 1000 + words->alert;  // OpenSSL's SSL_AD_REASON_OFFSET
    Elsewhere one{name(voice), false, "", ""};
    switch (voice) {
        case Voice::curl:
            if (!behind && words->alert == 45)
                one.text = "curl: (60) SSL certificate verification failed";
            else
                one.text = behind
                               ? fmt::format("curl: (56) OpenSSL SSL_read: … error:0A{:06X}:SSL routines::{}, errno 0",
                                             reason, said)
                               : fmt::format("curl: (35) … error:0A{:06X}:SSL routines::{}", reason, said);
            return one;
        case Voice::node:
            one.text =
                fmt::format("{}…:error:0A{:06X}:SSL routines:…:{}:…", behind ? "" : "write EPROTO ", reason, said);
            one.error = behind ? words->error : "EPROTO";
            return one;
        case Voice::python: one.text = fmt::format("[SSL: {}] {}", constant, said); return one;
        case Voice::java:
            one.text = "javax.net.ssl.SSLHandshakeException: Received fatal alert: " +
                       tls::alert_name(*failure.alert_received);
            return one;
        case Voice::go: one.text = fmt::format("remote error: tls: {}", words->go); return one;
        case Voice::chrome:
            if (!blames_certificate(words->alert)) return std::nullopt;
            one.text = "ERR_BAD_SSL_CLIENT_AUTH_CERT";
            return one;
        case Voice::openssl:
        case Voice::rustls:
        case Voice::firefox: return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace inspect::diagnosis
