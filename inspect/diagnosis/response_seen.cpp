#include "inspect/diagnosis/response_seen.h"

#include <fmt/format.h>

#include "inspect/diagnosis/experiments.h"
#include "inspect/diagnosis/first_bytes.h"
#include "inspect/diagnosis/mends.h"
#include "inspect/diagnosis/summary.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/http/http2/error_code.h"

namespace inspect::diagnosis {

std::string response_statement(const ResponseSeen& seen) {
    const std::string asked = "GET " + shorten(seen.asked, 60);
    if (seen.status == 0) return fmt::format("no response to {} in time", asked);
    return fmt::format("{} answered {}, {}{}", asked, seen.status, counted(seen.bytes, "byte"),
                       seen.whole ? "" : " read of more");
}

std::vector<std::string> response_remarks(const Attempt& attempt) {
    std::vector<std::string> remarks;
    if (!attempt.response || attempt.response->status == 0) return remarks;
    const ResponseSeen& seen = *attempt.response;
    if (seen.no_close_notify)
        remarks.push_back(
            "the response's body ended with the connection, without TLS's close_notify: whether it is whole cannot be told (RFC 9112 "
            "§9.8). curl, Java, Node and Python take it; wget (GnuTLS) ends with an error. Let the server send a Content-Length, chunks or "
            "a close_notify.");
    if (seen.surplus)
        remarks.push_back(fmt::format(
            "more bytes came after the response's end ({}): curl leaves them unread, Node and Postman fail on them (HPE_INVALID_CONSTANT). Let "
            "the server send what it announces, and nothing after it (RFC 9112 §6.3).",
            seen.status == 204 || seen.status == 304 ? fmt::format("a {} has no body", seen.status)
                                                     : "its length is announced"));
    for (const http::Mend each : seen.mended)
        remarks.push_back(fmt::format("the response has {}, which whytls mends on its way to clients", words(each)));
    if (std::string refusal = certificate_remark(attempt, seen.status, seen.html); !refusal.empty())
        remarks.push_back(std::move(refusal));
    return remarks;
}

namespace {

std::string what_came(const Http2Seen& seen) {
    switch (seen.end) {
        case Http2Seen::End::works: return "";
        case Http2Seen::End::not_http2:
            if (seen.settings)
                return fmt::format("broke a rule of HTTP/2 after its SETTINGS: {}",
                                   seen.text.empty() ? http2_code(seen.code) : shorten(seen.text, 100));
            return fmt::format("sent what is no HTTP/2, which begins with SETTINGS (RFC 9113 §3.4): {}",
                               show_first_bytes(seen.first_bytes));
        case Http2Seen::End::goaway:
            return fmt::format("ended the connection at once: GOAWAY with {}{}", http2_code(seen.code),
                               seen.text.empty() ? "" : " and the words " + quoted(seen.text, 100));
        case Http2Seen::End::closed:
            return seen.settings ? "ended the connection after its SETTINGS" : "ended the connection without a byte";
        case Http2Seen::End::silent:
            return fmt::format("sent no SETTINGS within {} (RFC 9113 §3.4)", seconds_text(seen.seconds));
    }
    return "";
}

}  // namespace

namespace {

std::string instead(const Experiment* tried) {
    if (tried == nullptr) return "";
    const ToldExperiment words = told(*tried);
    if (was_accepted(*tried) && !tried->status.empty()) return "answers: " + words.detail;
    return fmt::format("does not answer either: {}{}{}", words.result, words.detail.empty() ? "" : ", ", words.detail);
}

}  // namespace

std::string http1_instead(const Attempt& attempt) { return instead(find_experiment(attempt, Trial::http_1_1)); }

std::string http2_instead(const Attempt& attempt) { return instead(find_experiment(attempt, Trial::http_2)); }

std::string http2_remark(const Attempt& attempt) {
    if (!attempt.http2 || attempt.http2->end == Http2Seen::End::works) return "";
    const std::string instead = http1_instead(attempt);
    return fmt::format("the server agreed on h2 (ALPN) and then {}.{} Let it agree on h2 only where it speaks HTTP/2.",
                       what_came(*attempt.http2),
                       instead.empty() ? "" : fmt::format(" Its HTTP/1.1 (tried) {}.", instead));
}

std::string_view name(Http2Seen::End end) {
    switch (end) {
        case Http2Seen::End::works: return "works";
        case Http2Seen::End::not_http2: return "not_http2";
        case Http2Seen::End::goaway: return "goaway";
        case Http2Seen::End::closed: return "closed";
        case Http2Seen::End::silent: return "silent";
    }
    return "";
}

std::string http2_code(std::uint32_t code) {
    const std::string_view known = http2::name(http2::ErrorCode{code});
    return known.empty() ? fmt::format("error 0x{:x}", code) : std::string(known);
}

}  // namespace inspect::diagnosis
