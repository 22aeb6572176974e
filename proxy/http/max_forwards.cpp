#include "proxy/http/max_forwards.h"

#include <fmt/format.h>

#include <charconv>

namespace proxy {

namespace http = inspect::http;

namespace {

// RFC 9110 §9.3.8: sends back what was received, without what is likely to be secret.
Answer echo(http::RequestHead request) {
    for (const std::string_view secret : {"Authorization", "Proxy-Authorization", "Cookie"})
        request.fields.remove(secret);
    Answer made;
    made.head.fields.add("Content-Type", "message/http");
    made.body = http::to_wire(request);
    return made;
}

}  // namespace

std::optional<Answer> answer_as_last(http::RequestHead& request) {
    const bool trace = request.method == "TRACE";
    if ((!trace && request.method != "OPTIONS") || request.fields.count("Max-Forwards") != 1) return std::nullopt;
    const std::string_view text = *request.fields.find("Max-Forwards");
    std::uint32_t left = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), left);
    if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
    if (left > 0) {
        request.fields.set("Max-Forwards", fmt::format("{}", left - 1));
        return std::nullopt;
    }
    Answer made = trace ? echo(request) : Answer{};
    made.head.status = 200;
    made.head.reason = "OK";
    return made;
}

}  // namespace proxy
