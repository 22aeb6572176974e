#include "proxy/upstream/parent_proxy.h"

#include <algorithm>
#include <charconv>

#include "certs/bytes.h"
#include "certs/pem.h"
#include "inspect/http/http1/chunked.h"
#include "inspect/http/http1/parser.h"
#include "proxy/upstream/via.h"

namespace proxy {

namespace {

namespace http = inspect::http;
using inspect::diagnosis::ParentRefusal;

constexpr std::size_t largest_answer_head = 16'384;  // for the answer to CONNECT, which is short
constexpr std::size_t most_text = 512;               // of its text that is shown
constexpr int most_interim_answers = 8;

UsageError wrong_url() {
    return UsageError("--upstream-proxy takes http://HOST:PORT or https://HOST:PORT, where needed with USER:PASSWORD and an @ before HOST");
}

std::string percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            decoded += text[at];
            continue;
        }
        unsigned byte = 0;
        const std::string_view digits = text.substr(at + 1, 2);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
        if (digits.size() != 2 || error != std::errc{} || end != digits.data() + 2) throw wrong_url();
        decoded += static_cast<char>(byte);
        at += 2;
    }
    return decoded;
}

// RFC 7617 §2.
std::string basic(std::string_view user_info) {
    const auto colon = std::min(user_info.find(':'), user_info.size());
    const std::string user = percent_decoded(user_info.substr(0, colon));
    if (user.contains(':')) throw wrong_url();
    const std::string pair = user + ":" + percent_decoded(user_info.substr(std::min(colon + 1, user_info.size())));
    return "Basic " + certs::encode_base64(certs::as_bytes(pair));
}

std::string connect_request(const ParentProxy& parent, const std::string& target, std::string_view via) {
    http::RequestHead head;
    head.method = "CONNECT";
    head.target = target;
    head.fields.add("Host", target);
    if (!parent.authorization.empty()) head.fields.add("Proxy-Authorization", parent.authorization);
    head.fields.add("User-Agent", "whytls/" WHYTLS_VERSION);
    head.fields.add("Via", via);
    return http::to_wire(head);
}

// The answer to CONNECT, read as far as it matters.
class ConnectAnswer {
public:
    ConnectAnswer(io::Channel& channel, const ParentProxy& parent) : stream_(channel), parent_(parent) {
        responses_.expect_response_to("CONNECT");
    }

    io::Task<std::optional<ParentRefusal>> read() {
        for (;;) {
            const http::Step step = responses_.step(stream_.buffered());
            const bool no_answer = step.event == http::Event::failed && !refusal_;  // then all of it is shown
            note(stream_.buffered().first(no_answer ? stream_.buffered().size() : step.used));
            stream_.consume(step.used);
            switch (step.event) {
                case http::Event::head:
                    if (responses_.response().status / 100 == 2) co_return std::nullopt;
                    if (responses_.response().status >= 200)
                        refuse();
                    else if (++interim_ > most_interim_answers || responses_.switches_protocol())
                        co_return without_answer(ParentRefusal::Kind::not_http);
                    break;
                case http::Event::body: break;
                case http::Event::end:
                    if (refusal_) co_return refusal_;
                    responses_.expect_response_to("CONNECT");
                    break;
                case http::Event::failed: co_return without_answer(ParentRefusal::Kind::not_http);
                case http::Event::more: {
                    if (refusal_ && refusal_->first_text.size() >= most_text) co_return refusal_;
                    const auto more = co_await stream_.fill();
                    if (more && *more > 0) break;
                    co_return without_answer(stream_.socket().timed_out() ? ParentRefusal::Kind::timed_out : ParentRefusal::Kind::closed);
                }
            }
        }
    }

private:
    // Keeps the first text of the body, and the first of what may turn out not to be HTTP.
    void note(certs::Bytes bytes) {
        certs::ByteVector data;
        if (chunks_) {
            std::size_t used = 0;
            CHECK_STATE(chunks_->take(bytes, used, &data).has_value());  // the parser has found it right
            bytes = data;
        }
        std::string& text = refusal_ ? refusal_->first_text : seen_;
        text += certs::as_text(bytes.first(std::min(bytes.size(), most_text - std::min(text.size(), most_text))));
    }

    // Its body follows, and may contain the reason.
    void refuse() {
        refusal_ = refusal_of(responses_.response(), parent_);
        const bool chunked = responses_.has_body() && !responses_.content_length() && !responses_.body_until_close();
        if (chunked) chunks_.emplace(largest_answer_head);
    }

    ParentRefusal without_answer(ParentRefusal::Kind kind) {
        if (refusal_) return *refusal_;  // only the rest of its body failed
        ParentRefusal refusal;
        refusal.kind = kind;
        refusal.first_text = seen_;
        return refusal;
    }

    io::Channel& stream_;
    const ParentProxy& parent_;
    http::Parser responses_ = http::Parser::responses({.head = largest_answer_head, .trailers = largest_answer_head});
    std::optional<ParentRefusal> refusal_;
    std::optional<http::ChunkedBody> chunks_;  // of the answer's body
    std::string seen_;
    int interim_ = 0;
};

}  // namespace

ParentProxy parse_parent(std::string_view url, std::string_view no_proxy) {
    ParentProxy parent;
    parent.tls = url.starts_with("https://");
    const auto scheme = url.find("://");  // curl and others accept a proxy without one too
    if (!parent.tls && scheme != std::string_view::npos && !url.starts_with("http://")) throw wrong_url();
    if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    if (url.ends_with('/')) url.remove_suffix(1);
    if (const auto at = url.rfind('@'); at != std::string_view::npos) {
        parent.authorization = basic(url.substr(0, at));
        url.remove_prefix(at + 1);
    }
    const bool has_port = url.rfind(':') != std::string_view::npos && !url.ends_with(']');
    const auto read = http::parse_target("CONNECT", std::string(url) + (has_port ? "" : parent.tls ? ":443" : ":80"));
    if (!read || read->port == 0) throw wrong_url();
    parent.host = read->host;
    parent.port = read->port;
    parent.direct = NoProxy(no_proxy);
    return parent;
}

const ParentProxy* parent_for(const Settings& settings, std::string_view host, std::uint16_t port) {
    return settings.parent && !settings.parent->direct.matches(host, port) ? &*settings.parent : nullptr;
}

std::string authority(const ParentProxy& parent) {
    const bool v6 = parent.host.contains(':');
    return (v6 ? "[" + parent.host + "]" : parent.host) + ":" + std::to_string(parent.port);
}

io::Task<std::optional<ParentRefusal>> open_tunnel(io::Channel& channel, const ParentProxy& parent, std::string target, std::string via,
                                                   double seconds) {
    channel.socket().set_deadline(seconds);
    const std::string request = connect_request(parent, target, via);
    // When this fails, the parent may still have sent the reason.
    (void)co_await channel.write(certs::as_bytes(request));
    ConnectAnswer answer(channel, parent);
    auto refusal = co_await answer.read();
    channel.socket().clear_deadline();
    co_return refusal;
}

ParentRefusal refusal_of(const http::ResponseHead& head, const ParentProxy& parent) {
    ParentRefusal refusal;
    refusal.status = head.status;
    refusal.reason = head.reason.substr(0, most_text);
    for (const http::Field& field : head.fields) {
        if (!http::same_name(field.name, "Proxy-Authenticate")) continue;
        refusal.asks_for += (refusal.asks_for.empty() ? "" : ", ") + field.value.substr(0, most_text);
        if (refusal.asks_for.size() >= most_text) break;
    }
    refusal.credentials = !parent.authorization.empty();
    return refusal;
}

http::RequestHead for_parent(http::RequestHead request, const ParentProxy& parent, const std::string& host, std::uint16_t port,
                             std::string_view pseudonym) {
    const http::Target server{http::TargetForm::absolute, "http", host, port, ""};
    // RFC 9112 §3.2.4: "OPTIONS *" is sent to a proxy with an empty path.
    request.target = "http://" + http::authority(server) + (request.target == "*" ? "" : request.target);
    if (!parent.authorization.empty()) request.fields.set("Proxy-Authorization", parent.authorization);
    request.fields.add("Via", via_of("", pseudonym));
    return request;
}

}  // namespace proxy
