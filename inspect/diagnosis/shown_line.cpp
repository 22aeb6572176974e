#include "inspect/diagnosis/shown_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "certs/bytes.h"
#include "inspect/diagnosis/wording.h"

namespace inspect::diagnosis {

namespace {

constexpr std::string_view mask = "***", blanks = " \t";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// The letters of a name that is misspelt with blanks, hyphens or bytes that no name may contain.
std::string letters_of(std::string_view text) {
    std::string letters;
    for (const char c : text)
        if (is_letter(c)) letters += small(c);
    return letters;
}

template <std::size_t Size>
bool holds_any(std::string_view letters, const std::array<std::string_view, Size>& words) {
    return std::ranges::any_of(words, [&](std::string_view word) { return letters.contains(word); });
}

// Fields of which no part is shown (RFC 6265, RFC 9110 §11; Proxy-Authorization and Set-Cookie2
// contain these words too).
constexpr std::array<std::string_view, 4> credential_fields{"cookie", "authoris", "authoriz", "authenticationinfo"};
// The schemes of HTTP authentication, which come before credentials without their field's name.
constexpr std::array<std::string_view, 6> schemes{"bearer ", "basic ", "digest ", "negotiate ", "ntlm ", "aws4-"};
// Words in the names of what must be kept secret.
constexpr std::array<std::string_view, 15> secret_words{"token",     "secret",     "passw",     "pwd",        "apikey",
                                                        "accesskey", "privatekey", "session",   "credential", "jwt",
                                                        "csrf",      "xsrf",       "signature", "auth",       "sid"};
// Names that say so only when they are the whole name (RFC 6749 §4.1.2, signed URLs).
constexpr std::array<std::string_view, 3> secret_names{"code", "key", "sig"};

bool is_secret_name(std::string_view name) {
    const std::string letters = letters_of(name);
    return holds_any(letters, credential_fields) || holds_any(letters, secret_words) ||
           std::ranges::find(secret_names, letters) != secret_names.end();
}

// Where in a line the credentials that go up to its end begin; the line's size when there are none.
std::size_t find_credentials(std::string_view line) {
    std::string lower;
    for (const char c : line) lower += small(c);
    std::size_t begin = line.size();
    bool found = false;
    const auto note = [&](std::string_view word) {
        const auto at = lower.find(word);
        if (at == std::string::npos) return;
        found = true;
        constexpr std::string_view rest_of_word = "ation";
        const auto end = at + word.size();
        begin = std::min(
            begin, end + (std::string_view(lower).substr(end).starts_with(rest_of_word) ? rest_of_word.size() : 0));
    };
    std::ranges::for_each(credential_fields, note);
    std::ranges::for_each(schemes, note);
    return !found && holds_any(letters_of(line), credential_fields) ? 0 : begin;
}

bool is_of_name(char c) { return is_letter(c) || certs::is_digit(c) || std::string_view("-_.[]\"'").contains(c); }

// NAME=VALUE and NAME: VALUE, where the value goes up to the next delimiter.
std::string without_values(std::string_view text) {
    constexpr std::string_view delimiters = ";&,}";
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        result += text[at];
        if (text[at] != '=' && text[at] != ':') continue;
        std::size_t begin = at;
        while (begin > 0 && is_of_name(text[begin - 1])) --begin;
        if (!is_secret_name(text.substr(begin, at - begin))) continue;
        result += mask;
        at = std::min(text.find_first_of(delimiters, at), text.size()) - 1;
    }
    return result;
}

// Runs that look like a token's own text: long, with both letters and digits.
std::string without_runs(std::string_view text) {
    constexpr std::size_t longest = 19;
    std::string result;
    while (!text.empty()) {
        const auto in_run = [](char c) {
            return is_letter(c) || certs::is_digit(c) || c == '-' || c == '_' || c == '+';
        };
        const auto length = static_cast<std::size_t>(std::ranges::find_if_not(text, in_run) - text.begin());
        const std::string_view run = text.substr(0, length);
        const bool token =
            length > longest && std::ranges::any_of(run, certs::is_digit) && std::ranges::any_of(run, is_letter);
        result += token ? mask : run;
        text.remove_prefix(length);
        if (!text.empty()) result += text.front();
        text.remove_prefix(std::min<std::size_t>(text.size(), 1));
    }
    return result;
}

std::string with_bytes_written(std::string_view text) {
    std::string result;
    for (const char c : text)
        result += c >= 0x20 && c < 0x7F ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    return result;
}

// The text before a line's colon, unless it is more than a name.
std::string_view name_of(std::string_view line) {
    const std::string_view name = line.substr(0, line.find(':'));
    return name.size() == line.size() || name.find_first_of("=;,\"'{}&") != std::string_view::npos ? "" : name;
}

std::string name_of_byte(std::uint8_t byte) {
    switch (byte) {
        case 0: return "NUL";
        case '\r': return "a CR without its LF";
        case '\n': return "a LF without its CR";
        default: return "";
    }
}

// For the reader, the line ends at the byte that is not allowed; what follows it was not read.
std::string with_faulty_byte(std::string_view line, std::optional<std::uint8_t> byte) {
    return shorten(line, 160) + (byte ? fmt::format("\\x{:02x}…", *byte) : "");
}

// Where the value of a secret begins after a field's name of several words whose colon is missing;
// the line's size when there is none.
std::size_t find_secret_value(std::string_view line) {
    const std::size_t end = std::min(line.find_first_of(blanks), line.size());
    const std::string_view name = line.substr(0, end);
    const bool field = http::is_token(name) && name.find_first_of("-_") != std::string_view::npos;
    return field && is_secret_name(name) ? end : line.size();
}

bool is_fold(std::string_view line) { return !line.empty() && blanks.contains(line.front()); }

}  // namespace

std::string without_secrets(std::string_view text) {
    if (const std::string_view name = name_of(text); !name.empty() && is_secret_name(name))
        return with_bytes_written(without_runs(name)) + ": " + std::string(mask);
    const std::size_t end = std::min(find_credentials(text), find_secret_value(text));
    std::string shown = without_runs(without_values(text.substr(0, end)));
    if (end < text.size()) shown += (shown.empty() ? "" : " ") + std::string(mask);
    return with_bytes_written(shown);
}

std::string_view begins_body(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (text.starts_with('{') || text.starts_with('[')) return "JSON";
    if (text.starts_with("<?xml") && text.contains("stream:")) return "";  // an XMPP greeting
    if (text.starts_with('<') && !text.starts_with("<stream:")) return "HTML or XML";
    if (text.starts_with("--")) return "a multipart body";
    const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
    const bool form = line.find_first_of(" \t:") == std::string_view::npos && line.contains('=');
    return form ? "a form" : "";
}

std::string shown_line(const http::Fault& fault) {
    const std::string_view line = fault.text;
    if (fault.line <= 1) return with_faulty_byte(without_secrets(line), fault.byte);
    if (is_secret_name(fault.previous) && !http::is_token(name_of(line)))
        return fmt::format("(not shown: {} bytes after {}, to which they may belong)", line.size(), fault.previous);
    if (is_fold(line))
        return fmt::format("(not shown: {} bytes that go on with {})", line.size(),
                           fault.previous.empty() ? "the line before" : fault.previous);
    if (const std::string_view body = begins_body(line); !body.empty())
        return fmt::format("(not shown: {} bytes that look like {}: the blank line before a body may be missing)",
                           line.size(), body);
    return with_faulty_byte(without_secrets(line), fault.byte);
}

std::string describe(const http::Fault& fault) {
    if (fault.line == 0) return "";
    const std::string line = fault.line == 1 ? "its first line" : fmt::format("line {} of the head", fault.line);
    if (fault.byte) {
        const std::string name = name_of_byte(*fault.byte);
        return fmt::format("{} holds the byte 0x{:02x}{}", line, *fault.byte, name.empty() ? "" : ", " + name);
    }
    if (fault.line == 1) return "";
    const std::string_view text = fault.text;
    if (is_fold(text)) return fmt::format("{} begins with a blank, as a folded line", line);
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos && !fault.colon_beyond) return line + " has no colon";
    if (colon == 0) return line + " has no name before its colon";
    if (!fault.colon_beyond && blanks.contains(text[colon - 1]) &&
        http::is_token(text.substr(0, text.find_last_not_of(blanks, colon - 1) + 1)))
        return line + " has a blank before its colon";
    return line + " has characters before its colon that no field's name may hold";
}

}  // namespace inspect::diagnosis
