#include "inspect/report/grpc.h"

#include <fmt/format.h>

#include <cstdint>

#include "certs/pem.h"
#include "inspect/diagnosis/class_title.h"
#include "inspect/diagnosis/summary.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/http/message.h"
#include "inspect/report/print/escape.h"
#include "inspect/report/render.h"

namespace inspect::report {

namespace {

// UNAVAILABLE: the call may be tried again once the cause is mended (contract §3).
constexpr std::string_view unavailable = "14";
// Percent-encoding makes at most three bytes of one. With this limit the field stays below the
// 8 KiB that gRPC clients accept as headers.
constexpr std::size_t message_limit = 1365;
// Of message and report together.
constexpr std::size_t most_metadata = 7000;

std::string percent_encoded(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7F && c != '%')
            result += c;
        else
            result += fmt::format("%{:02X}", byte);
    }
    return result;
}

std::string words(const diagnosis::Diagnosis& diagnosis, Detail detail) {
    if (detail == Detail::off || diagnosis.code == diagnosis::Code::none)
        return std::string(http::reason_phrase(diagnosis.status));
    const std::string& title = detail == Detail::brief ? diagnosis::class_title(diagnosis.code) : diagnosis.title;
    std::string text = fmt::format("{} [{}]", diagnosis::headline(title), name(diagnosis.code));
    if (detail == Detail::brief || diagnosis.problems.empty() || diagnosis.problems.front().fixes.empty()) return text;
    const diagnosis::Fix& fix = diagnosis.problems.front().fixes.front();
    return fmt::format("{} {}: {}{}", text, diagnosis::for_whom(fix.actor), fix.text,
                       fix.command.empty() ? "" : " Command: " + fix.command);
}

// A gRPC-Web frame whose first bit says that it contains the trailers, in HTTP/1.1's form.
std::string trailer_frame(std::string_view message) {
    const std::string trailers = fmt::format("grpc-status:{}\r\ngrpc-message:{}\r\n", unavailable, message);
    std::string frame = "\x80";
    for (int shift = 24; shift >= 0; shift -= 8)
        frame += static_cast<char>(static_cast<std::uint32_t>(trailers.size()) >> shift & 0xFF);
    return frame + trailers;
}

// The report in base64, as fully as `room` bytes allow; "" when not even its short form fits.
std::string report_in(std::size_t room, const diagnosis::Diagnosis& diagnosis, Detail detail) {
    for (const Detail each : {detail, Detail::brief}) {
        std::string text = certs::encode_base64(certs::as_bytes(json(diagnosis, each)));
        if (text.size() <= room) return text;
    }
    return "";
}

}  // namespace

std::optional<GrpcForm> grpc_form(std::string_view content_type) {
    std::string type = lower_case(content_type.substr(0, content_type.find(';')));
    type.erase(type.find_last_not_of(" \t") + 1);
    // "application/grpc+proto": the message's encoding does not matter for an answer without a
    // message.
    const std::string_view form = std::string_view(type).substr(0, type.find('+'));
    if (form == "application/grpc") return GrpcForm::trailers_only;
    if (form == "application/grpc-web") return GrpcForm::web;
    if (form == "application/grpc-web-text") return GrpcForm::web_text;
    return std::nullopt;
}

std::string grpc_message(const diagnosis::Diagnosis& diagnosis, Detail detail) {
    return percent_encoded(printable(words(diagnosis, detail), message_limit));
}

GrpcAnswer grpc(const diagnosis::Diagnosis& diagnosis, GrpcForm form, Detail detail) {
    const std::string message = grpc_message(diagnosis, detail);
    switch (form) {
        case GrpcForm::trailers_only:
            return {"application/grpc", unavailable, message,
                    report_in(most_metadata - message.size(), diagnosis, detail), ""};
        case GrpcForm::web: return {"application/grpc-web", "", "", "", trailer_frame(message)};
        case GrpcForm::web_text:
            return {"application/grpc-web-text", "", "", "",
                    certs::encode_base64(certs::as_bytes(trailer_frame(message)))};
    }
    return {};
}

}  // namespace inspect::report
