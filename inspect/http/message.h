// The head of an HTTP message (RFC 9110 §6, RFC 9112 §2-§5) as values: names keep their case,
// fields their order. Knows no framing and no bytes still to come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace inspect::http {

// RFC 9110 §5.6.2: the characters of methods and field names.
bool is_token(std::string_view text);

// RFC 9110 §5.5: whether a field's value may have these bytes: no control byte but the tab.
bool is_value_text(std::string_view text);

// ASCII, RFC 9110 §5.1: field names compare case-insensitively.
bool same_name(std::string_view a, std::string_view b);
bool is_among(std::string_view name, std::span<const std::string_view> names);

// Takes the next member of a comma-separated list off its front (RFC 9110 §5.6.1); it may be empty.
std::string_view take_member(std::string_view& list);

// A field by itself; the value is without surrounding white space.
struct Field {
    std::string name, value;
    bool operator==(const Field&) const = default;
};

// A field line among the others of its message: a view, good until one of them is changed.
struct FieldLine {
    std::string_view name, value;
    operator Field() const { return {std::string(name), std::string(value)}; }
    bool operator==(const FieldLine&) const = default;
};

// The field lines of a message, in their order. All text is in one piece, so that to copy a head,
// to keep it and to drop it costs little. Throws std::length_error above 4 GiB.
class Fields {
    struct Line {
        std::uint32_t begin, name, value;  // where its name begins in the text; sizes: the value follows
    };

public:
    class Iterator {
    public:
        using value_type = FieldLine;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;
        using pointer = void;
        using reference = FieldLine;
        Iterator() = default;
        Iterator(const Fields& fields, std::size_t index) : fields_(&fields), index_(index) {}
        FieldLine operator*() const { return fields_->at(fields_->lines_[index_]); }
        Iterator& operator++() {
            ++index_;
            return *this;
        }
        Iterator operator++(int) {
            Iterator before = *this;
            ++index_;
            return before;
        }
        bool operator==(const Iterator&) const = default;

    private:
        const Fields* fields_ = nullptr;
        std::size_t index_ = 0;
    };

    // White space around the value is left out (RFC 9110 §5.5).
    void add(std::string_view name, std::string_view value);
    // One line of that name with that value, in place of the first or else at the end; its other
    // lines are removed.
    void set(std::string_view name, std::string_view value);
    // Gives each line of that name the value that `change` makes of its value.
    void rewrite(std::string_view name, const std::function<std::string(std::string_view)>& change);
    std::size_t remove(std::string_view name);  // how many there were
    // The value of the first, good until a field is changed; nullopt when there is none.
    std::optional<std::string_view> find(std::string_view name) const;
    std::size_t count(std::string_view name) const;
    bool has(std::string_view name) const { return find(name).has_value(); }
    // Whether a comma-separated list field (any of its lines) has this token, compared
    // case-insensitively.
    bool has_token(std::string_view name, std::string_view token) const;
    // Drops Connection, the fields it names, and the other hop-by-hop fields (RFC 9110 §7.6.1):
    // Keep-Alive, Proxy-Connection, TE, Upgrade; Proxy-Authorization and Proxy-Authenticate too.
    // Transfer-Encoding stays (the body passes as framed), and so do Content-Length and Host: a
    // Connection field that names one of these three is an attack on the next hop.
    void remove_hop_by_hop();
    void clear();

    Iterator begin() const { return {*this, 0}; }
    Iterator end() const { return {*this, lines_.size()}; }
    std::size_t size() const { return lines_.size(); }
    bool operator==(const Fields& other) const;

    // The text and where each line is in it: for a caller that stores the fields elsewhere and
    // restores them.
    auto stored() { return std::tie(text_, lines_); }
    auto stored() const { return std::tie(text_, lines_); }

private:
    FieldLine at(const Line& line) const {
        const std::string_view text = text_;
        return {text.substr(line.begin, line.name), text.substr(line.begin + line.name, line.value)};
    }
    bool is(const Line& line, std::string_view name) const {
        return line.name == name.size() && same_name(at(line).name, name);
    }
    Line append(std::string_view name, std::string_view value);

    std::string text_;  // what was removed or replaced stays in it
    std::vector<Line> lines_;
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

// The server that an authority names (RFC 3986 §3.2; Host, :authority), as an absolute target with
// the path "/"; nullopt when it names none or has more than a host and a port. `scheme` is one.
std::optional<Target> parse_authority(std::string_view scheme, std::string_view authority);

// The Host field of a request for an absolute target (RFC 9110 §7.2): brackets around IPv6, no port
// when it is the scheme's default.
std::string authority(const Target& target);

// The reason phrase (RFC 9110 §15) of a status that whytls itself answers with; "" for others.
std::string_view reason_phrase(int status);

}  // namespace inspect::http
