// The head of an HTTP message (RFC 9110 §6, RFC 9112 §2-§5) as values: names keep their case,
// fields their order. Knows no framing and no bytes still to come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inspect::http {

// RFC 9110 §5.6.2: the characters of methods and field names.
bool is_token(std::string_view text);

// ASCII, RFC 9110 §5.1: field names compare case-insensitively.
bool same_name(std::string_view a, std::string_view b);

// Takes the next member of a comma-separated list off its front (RFC 9110 §5.6.1); it may be empty.
std::string_view take_member(std::string_view& list);

struct Field {
    std::string name, value;  // value without surrounding white space
    bool operator==(const Field&) const = default;
};

class Fields {
public:
    // White space around the value is left out (RFC 9110 §5.5).
    void add(std::string_view name, std::string_view value);
    // One line of that name with that value, in place of the first or else at the end; its other
    // lines are removed.
    void set(std::string_view name, std::string_view value);
    // Gives each line of that name the value that `change` makes of its value.
    void rewrite(std::string_view name, const std::function<std::string(std::string_view)>& change);
    std::size_t remove(std::string_view name);             // how many there were
    const std::string* find(std::string_view name) const;  // the first; nullptr when there is none
    std::size_t count(std::string_view name) const;
    bool has(std::string_view name) const { return find(name) != nullptr; }
    // Whether a comma-separated list field (any of its lines) has this token, compared
    // case-insensitively.
    bool has_token(std::string_view name, std::string_view token) const;
    // Drops Connection, the fields it names, and the other hop-by-hop fields (RFC 9110 §7.6.1):
    // Keep-Alive, Proxy-Connection, TE, Upgrade; Proxy-Authorization and Proxy-Authenticate too.
    // Transfer-Encoding stays (the body passes as framed), and so do Content-Length and Host: a
    // Connection field that names one of these three is an attack on the next hop.
    void remove_hop_by_hop();
    void clear() { fields_.clear(); }

    std::vector<Field>::const_iterator begin() const { return fields_.begin(); }
    std::vector<Field>::const_iterator end() const { return fields_.end(); }
    std::size_t size() const { return fields_.size(); }
    bool operator==(const Fields&) const = default;

private:
    std::vector<Field> fields_;
};

struct Version {
    int major = 1, minor = 1;
    bool operator==(const Version&) const = default;
};

// HTTP/1's version as ALPN names it (RFC 7301 §6); a literal.
constexpr std::string_view alpn_name(const Version& version) { return version.minor == 0 ? "http/1.0" : "http/1.1"; }

struct RequestHead {
    std::string method;
    std::string target;  // as written in the request line (RFC 9112 §3.2)
    Version version;
    Fields fields;
};

struct ResponseHead {
    int status = 0;
    std::string reason;
    Version version;
    Fields fields;
};

// The message's head as it goes on the wire, blank line included. CR, LF and NUL inside a part
// become a space (RFC 9110 §5.5), so no value can end its line.
std::string to_wire(const RequestHead& head);
std::string to_wire(const ResponseHead& head);
// Field lines, and the blank line after them.
std::string to_wire(const Fields& fields);

// RFC 9112 §3.2's forms of a request target.
enum class TargetForm { origin, absolute, authority, asterisk };
struct Target {
    TargetForm form = TargetForm::origin;
    std::string scheme;  // lower case; absolute form only
    std::string host;    // lower case, without brackets; absolute and authority form
    // Explicit, or the scheme's default (80, 443; 0 for a scheme without one). The authority form
    // needs an explicit one.
    std::uint16_t port = 0;
    // For the origin form, at least "/" ("*" for OPTIONS, §3.2.4). Absolute form only.
    std::string path_and_query;
    bool operator==(const Target&) const = default;
};

// Whether a request target has no other characters than visible ASCII except "#" (a fragment is
// never sent), and well-formed UTF-8 (RFC 3629 §4) without controls. Wider than RFC 3986, because
// "|", "{" and text typed in any language reach servers every day: curl sends it unchanged.
bool is_target_text(std::string_view text);

// nullopt when the target is none of these forms for that method (CONNECT takes only the authority
// form), has user information or a fragment, or names no host.
std::optional<Target> parse_target(std::string_view method, std::string_view target);

// The Host field of a request for an absolute target (RFC 9110 §7.2): brackets around IPv6, no port
// when it is the scheme's default.
std::string authority(const Target& target);

// The reason phrase (RFC 9110 §15) of a status that whytls itself answers with; "" for others.
std::string_view reason_phrase(int status);

}  // namespace inspect::http
