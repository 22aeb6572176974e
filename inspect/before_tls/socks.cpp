#include "inspect/before_tls/socks.h"

#include <fmt/format.h>

#include <algorithm>

namespace inspect::http::socks {

namespace {

constexpr std::uint8_t version = 5, password_version = 1, connect = 1;
enum Kind : std::uint8_t { ipv4 = 1, name = 3, ipv6 = 4 };

// Takes bytes off the front. After the first missing byte, everything that follows is empty.
class Input {
public:
    explicit Input(certs::Bytes bytes) : bytes_(bytes) {}

    std::uint8_t byte() {
        const certs::Bytes one = take(1);
        return one.empty() ? 0 : one.front();
    }
    certs::Bytes take(std::size_t size) {
        complete_ = complete_ && bytes_.size() - used_ >= size;
        if (!complete_) return {};
        used_ += size;
        return bytes_.subspan(used_ - size, size);
    }
    bool complete() const { return complete_; }
    std::size_t used() const { return used_; }

private:
    certs::Bytes bytes_;
    std::size_t used_ = 0;
    bool complete_ = true;
};

std::string dotted(certs::Bytes ip) { return fmt::format("{}.{}.{}.{}", ip[0], ip[1], ip[2], ip[3]); }

std::string colons(certs::Bytes ip) {
    std::string text = "[";
    for (std::size_t i = 0; i < 16; i += 2) text += fmt::format("{}{:x}", i == 0 ? "" : ":", ip[i] << 8 | ip[i + 1]);
    return text + "]";
}

}  // namespace

std::expected<Greeting, Incomplete> parse_greeting(certs::Bytes bytes) {
    Input input(bytes);
    const std::uint8_t spoken = input.byte();
    if (input.complete() && spoken != version) return std::unexpected(Incomplete::malformed);
    const certs::Bytes methods = input.take(input.byte());
    if (!input.complete()) return std::unexpected(Incomplete::more);
    const auto has = [&](Method method) {
        return std::ranges::find(methods, static_cast<std::uint8_t>(method)) != methods.end();
    };
    return Greeting{input.used(), has(Method::none), has(Method::password)};
}

std::string method_choice(Method method) { return {static_cast<char>(version), static_cast<char>(method)}; }

std::expected<Credentials, Incomplete> parse_credentials(certs::Bytes bytes) {
    Input input(bytes);
    const std::uint8_t spoken = input.byte();
    if (input.complete() && spoken != password_version) return std::unexpected(Incomplete::malformed);
    Credentials credentials;
    credentials.user = certs::as_text(input.take(input.byte()));
    credentials.password = certs::as_text(input.take(input.byte()));
    if (!input.complete()) return std::unexpected(Incomplete::more);
    credentials.used = input.used();
    return credentials;
}

std::string credentials_answer(bool accepted) {
    return {static_cast<char>(password_version), static_cast<char>(accepted ? 0 : 1)};
}

std::expected<Request, Incomplete> parse_request(certs::Bytes bytes) {
    Input input(bytes);
    const std::uint8_t spoken = input.byte(), command = input.byte();
    (void)input.byte();  // reserved
    const std::uint8_t kind = input.byte();
    if (!bytes.empty() && spoken != version) return std::unexpected(Incomplete::malformed);
    if (!input.complete()) return std::unexpected(Incomplete::more);
    // The length of an address of another type is unknown: what has come so far is the request.
    if (kind != ipv4 && kind != name && kind != ipv6)
        return Request{.used = bytes.size(), .refused = Reply::address_not_supported, .target = {}};
    const certs::Bytes address = input.take(kind == ipv4 ? 4 : kind == ipv6 ? 16 : input.byte());
    const certs::Bytes port = input.take(2);
    if (!input.complete()) return std::unexpected(Incomplete::more);

    Request request{.used = input.used(), .target = {}};
    const std::string host = kind == ipv4   ? dotted(address)
                             : kind == ipv6 ? colons(address)
                                            : std::string(certs::as_text(address));
    const auto target = parse_target("CONNECT", fmt::format("{}:{}", host, port[0] << 8 | port[1]));
    if (command != connect)
        request.refused = Reply::command_not_supported;
    else if (!target)
        request.refused = Reply::address_not_supported;
    else
        request.target = *target;
    return request;
}

std::string reply(Reply code) {
    return {static_cast<char>(version), static_cast<char>(code), 0, static_cast<char>(ipv4), 0, 0, 0, 0, 0, 0};
}

}  // namespace inspect::http::socks
