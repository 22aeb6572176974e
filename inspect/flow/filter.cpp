#include "inspect/flow/filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "certs/edit_distance.h"

namespace inspect {

namespace {

constexpr double endless = std::numeric_limits<double>::infinity();

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](char c) { return lower(c); });
    return result;
}

// `text` is in lower case.
bool equal(std::string_view value, std::string_view text) {
    return std::ranges::equal(value, text, [](char a, char b) { return lower(a) == b; });
}
bool contains(std::string_view value, std::string_view text) {
    return !std::ranges::search(value, text, [](char a, char b) { return lower(a) == b; }).empty() || text.empty();
}

// A part of what was typed, for a message.
std::string excerpt(std::string_view text) {
    constexpr std::size_t longest = 40;
    std::string shown(text.substr(0, longest));
    std::ranges::replace_if(shown, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }, '?');
    return "'" + shown + (text.size() > longest ? "…'" : "'");
}

// "GET example.com:443": a port, and no key with a value.
bool is_number(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

// One name for each protocol, that of ALPN.
std::string protocol_name(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> others = {{{"http/2", "h2"},
                                                                                             {"http/2.0", "h2"},
                                                                                             {"http2", "h2"},
                                                                                             {"http/3", "h3"},
                                                                                             {"http3", "h3"},
                                                                                             {"h1", "http/1.1"},
                                                                                             {"http1", "http/1.1"},
                                                                                             {"http1.1", "http/1.1"}}};
    const auto found = std::ranges::find(others, text, &std::pair<std::string_view, std::string_view>::first);
    return std::string(found == others.end() ? text : found->second);
}

}  // namespace

class FilterParser {
public:
    explicit FilterParser(std::string_view text) : text_(text) {}

    std::expected<Filter, FilterError> parse() {
        if (text_.size() > longest_filter) {
            fail(longest_filter, fmt::format("a filter has at most {} bytes, and this one has {}: leave some of it out",
                                             longest_filter, text_.size()));
            return std::unexpected(*error_);
        }
        Filter filter;
        skip_blanks();
        if (at_ < text_.size()) filter.root_ = any();
        if (!error_ && at_ < text_.size())
            fail(at_, "this ')' closes nothing: leave it out, or put it in quotes to look for it");
        if (error_) return std::unexpected(*std::move(error_));
        return filter;
    }

private:
    using Node = Filter::Node;
    using Kind = Filter::Kind;
    using Comparison = Filter::Comparison;
    using Range = Filter::Range;

    // A piece of the text between blanks. Its quotes are taken off.
    struct Word {
        std::string text;
        std::size_t begin = 0;
        std::size_t quote = std::string::npos;  // where in `text` the first quoted part begins
        std::vector<std::size_t> places;        // of each byte of `text`, and of its end
        bool plain() const { return quote == std::string::npos; }
    };

    // The first thing wrong is the one that is reported.
    void fail(std::size_t position, std::string message) {
        if (!error_) error_ = {position, std::move(message)};
    }

    void skip_blanks() {
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    }

    // Whether `or`, `and` or `not` stands here as a word of its own.
    bool stands(std::string_view word) const {
        if (!equal(text_.substr(at_, word.size()), word)) return false;
        const std::size_t end = at_ + word.size();
        return end >= text_.size() || is_blank(text_[end]) || text_[end] == '(' || text_[end] == ')';
    }
    bool take(std::string_view word) {
        if (!stands(word)) return false;
        at_ += word.size();
        skip_blanks();
        return true;
    }

    bool at_part_end() const { return error_ || at_ >= text_.size() || text_[at_] == ')'; }

    static Node combined(Kind kind, std::vector<Node> parts) {
        if (parts.size() == 1) return std::move(parts.front());
        return {.kind = kind, .parts = std::move(parts)};
    }

    Node any() {
        std::vector<Node> parts;
        do parts.push_back(all());
        while (!error_ && take("or"));
        return combined(Kind::any, std::move(parts));
    }

    Node all() {
        std::vector<Node> parts;
        while (!at_part_end() && !stands("or")) {
            if (!parts.empty()) take("and");
            parts.push_back(one());
            skip_blanks();
        }
        if (parts.empty())
            fail(
                at_,
                "something to look for is missing here: 'or' stands between two terms; to look for the word, put it in quotes");
        return combined(Kind::all, std::move(parts));
    }

    Node one() {
        const std::size_t begin = at_;
        if (at_part_end() || stands("or") || stands("and")) {
            fail(
                at_,
                "a term is missing here: 'and', 'or' and 'not' stand before one; to look for the word, put it in quotes");
            return {};
        }
        const bool by_word = take("not");
        if (!by_word && text_[at_] != '-' && text_[at_] != '(') return term();
        if (++depth_ > deepest_filter) {
            fail(begin,
                 fmt::format("a filter has at most {} parentheses and negations inside one another: write it flatter",
                             deepest_filter));
            return {};
        }
        Node node;
        if (by_word || text_[at_] == '-') {
            if (!by_word) ++at_;
            if (!by_word && (at_part_end() || is_blank(text_[at_])))
                fail(
                    begin,
                    "'-' negates what follows it without a blank, as in -status:200; to look for a hyphen, write \"-\"");
            node.kind = Kind::none;
            node.parts.push_back(error_ ? Node{} : one());
        } else {
            ++at_;
            skip_blanks();
            if (at_ < text_.size() && text_[at_] == ')')
                fail(
                    begin,
                    "nothing stands between these parentheses: leave them out, or put them in quotes to look for them");
            if (!error_ && at_ < text_.size()) node = any();
            if (at_ >= text_.size())
                fail(begin,
                     "this '(' is not closed: write ')' where the group ends, or put it in quotes to look for it");
            if (!error_) ++at_;
        }
        --depth_;
        return node;
    }

    // Up to a blank, or to a parenthesis that was opened before this word.
    Word word() {
        Word word;
        word.begin = at_;
        std::size_t open = 0;
        const auto keep = [&] {
            word.places.push_back(at_);
            word.text += text_[at_++];
        };
        while (at_ < text_.size() && !is_blank(text_[at_])) {
            if (text_[at_] == '"') {
                const std::size_t begin = at_++;
                word.quote = std::min(word.quote, word.text.size());
                while (at_ < text_.size() && text_[at_] != '"') {
                    if (text_[at_] == '\\' && at_ + 1 < text_.size() &&
                        (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\'))
                        ++at_;
                    keep();
                }
                if (at_ >= text_.size()) {
                    fail(begin, "this quote is not closed: write another \" where the text ends");
                    break;
                }
                ++at_;
                continue;
            }
            if (text_[at_] == ')' && open == 0) break;
            open += text_[at_] == '(' ? 1 : 0;
            open -= text_[at_] == ')' ? 1 : 0;
            keep();
        }
        word.places.push_back(at_);
        return word;
    }

    Node term() {
        const Word word = this->word();
        if (error_) return {};
        if (word.plain() && equal(word.text, "failed")) return {.kind = Kind::failed};
        if (word.plain() && equal(word.text, "warned")) return {.kind = Kind::warned};
        const std::size_t colon = word.text.find(':');
        const bool keyed = colon != std::string::npos && colon > 0 && colon < word.quote &&
                           std::ranges::all_of(word.text.substr(0, colon), is_letter);
        if (keyed) {
            const std::string key = lower(std::string_view(word.text).substr(0, colon));
            for (const Key& known : keys)
                if (key == known.name) return value(known, word, colon + 1);
            const std::string_view rest = std::string_view(word.text).substr(colon + 1);
            // A URL, or a host with its port.
            const std::string_view port = rest.substr(0, rest.find('/'));
            if (!rest.starts_with("//") && (!is_number(port) || means_number(key, port))) return unknown(key, word);
        }
        if (word.text.empty()) {
            fail(word.begin,
                 "nothing stands between these quotes: leave them out, or write between them what to look for");
            return {};
        }
        return {.kind = Kind::word, .text = lower(word.text)};
    }

    struct Key {
        std::string_view name;
        Kind kind;
        std::string_view takes;  // for a message, after "host: takes "
    };
    static constexpr std::array<Key, 9> keys = {{
        {"host", Kind::host,
         "a part of a host's name, =NAME for all of it, or *.example.com, as in host:api.example.com"},
        {"method", Kind::method, "a method, as in method:POST"},
        {"status", Kind::status,
         "a status, a class, a bound or a range, as in status:404, status:5xx, status:>=500 or status:400..499"},
        {"code", Kind::code, "a part of a code, or =CODE for all of it, as in code:expired"},
        {"client", Kind::client,
         "a part of a client's address or program, or =ADDRESS for all of it, as in client:127.0.0.1 or client:curl"},
        {"proto", Kind::protocol, "a protocol, as in proto:h2 or proto:http/1.1"},
        {"mime", Kind::mime, "a part of a media type, or =TYPE for all of it, as in mime:json"},
        {"size", Kind::size, "bytes, a bound or a range, with kb, mb or gb, as in size:>1mb or size:0"},
        {"time", Kind::time, "a bound or a range in ms, s or m, as in time:>200ms or time:<1.5s"},
    }};

    // The key that was meant, perhaps; nullptr when none is like that. In edits: three make another,
    // and so do as many as the word has letters.
    static const Key* near(std::string_view key) {
        const Key* nearest = nullptr;
        std::size_t best = std::min<std::size_t>(key.size(), 3);
        for (const Key& known : keys) {
            const std::size_t distance = certs::edit_distance(key, known.name, 2);
            if (distance >= best) continue;
            best = distance;
            nearest = &known;
        }
        return nearest;
    }

    // Whether "stauts:500" is a misspelt key with its number, and not a host with its port.
    static bool means_number(std::string_view key, std::string_view number) {
        constexpr std::size_t digits_of_port = 5;
        const Key* known = near(key);
        if (known == nullptr) return false;
        if (known->kind == Kind::status) return number.size() == 3;
        const bool takes_long = known->kind == Kind::size || known->kind == Kind::time;
        return takes_long && number.size() > digits_of_port && certs::edit_distance(key, known->name, 1) == 1;
    }

    Node unknown(const std::string& key, const Word& word) {
        std::string names;
        for (const Key& known : keys) names.append(known.name).append(&known == &keys.back() ? ":" : ":, ");
        const Key* meant = near(key);
        fail(word.begin,
             fmt::format("there is no {}{}: the keys are {}; to look for the text itself, put it in quotes",
                         excerpt(key + ":"), meant ? fmt::format(" (did you mean {}:?)", meant->name) : "", names));
        return {};
    }

    Node value(const Key& key, const Word& word, std::size_t from) {
        const std::string value = lower(std::string_view(word.text).substr(from));
        Node node = {.kind = key.kind, .text = value};
        const auto refused = [&] {
            fail(word.places[from], fmt::format("{}: takes {}{}", key.name, key.takes,
                                                value.empty() ? std::string() : ", not " + excerpt(value)));
            return Node{};
        };
        if (value.empty()) return refused();
        if (key.kind == Kind::status || key.kind == Kind::size || key.kind == Kind::time) {
            node.text.clear();
            const auto range = this->range(key.kind, value);
            if (!range) return refused();
            // No two requests take the same time.
            if (key.kind == Kind::time && range->low == range->high) return refused();
            node.range = *range;
            return node;
        }
        // What is quoted is meant as it stands.
        if (from < word.quote && value.starts_with('=')) {
            node.comparison = Comparison::equals;
            node.text.erase(0, 1);
        } else if (from < word.quote && key.kind == Kind::host && value.starts_with('*')) {
            node.comparison = Comparison::ends;
            node.text.erase(0, 1);
            if (!node.text.empty() && !node.text.starts_with('.')) return refused();
        }
        if (node.text.contains('*') && key.kind == Kind::host) return refused();
        if (node.text.empty() && node.comparison == Comparison::equals) return refused();
        if (key.kind == Kind::method) node.comparison = Comparison::equals;
        if (key.kind == Kind::protocol) {
            node.comparison = Comparison::equals;
            node.text = protocol_name(node.text);
        }
        return node;
    }

    static std::optional<Range> range(Kind kind, std::string_view text) {
        if (const auto dots = text.find(".."); dots != std::string_view::npos) {
            const std::string_view low = text.substr(0, dots), high = text.substr(dots + 2);
            if (low == "*" && high == "*") return std::nullopt;
            const auto from = low == "*" ? -endless : number(kind, low),
                       to = high == "*" ? std::optional(endless) : number(kind, high);
            if (!from || !to || *from > *to) return std::nullopt;
            return Range{*from, *to};
        }
        const char first = text.front();
        const bool bound = first == '<' || first == '>';
        const bool with = text.substr(bound ? 1 : 0).starts_with('=');
        text.remove_prefix((bound ? 1 : 0) + (with ? 1 : 0));
        if (kind == Kind::status && !bound && text.size() == 3 && text.ends_with("xx") && text[0] >= '1' &&
            text[0] <= '5')
            return Range{(text[0] - '0') * 100.0, (text[0] - '0') * 100.0 + 99};
        const auto value = number(kind, text);
        if (!value) return std::nullopt;
        if (first == '<') return Range{-endless, *value, false, !with};
        if (first == '>') return Range{*value, endless, !with, false};
        return Range{*value, *value};
    }

    // In bytes or milliseconds. A unit may be left out for these.
    static std::optional<double> number(Kind kind, std::string_view text) {
        // from_chars would take a sign, an exponent, "inf".
        const std::string_view digits = text.substr(0, text.find_first_not_of("0123456789."));
        double value = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed);
        if (error != std::errc{} || end != digits.data() + digits.size() || digits.size() > 18) return std::nullopt;
        const std::string_view unit = text.substr(digits.size());
        using Units = std::array<std::pair<std::string_view, double>, 10>;
        static constexpr Units sizes = {{{"", 1},
                                         {"b", 1},
                                         {"k", 0x1p10},
                                         {"kb", 0x1p10},
                                         {"kib", 0x1p10},
                                         {"m", 0x1p20},
                                         {"mb", 0x1p20},
                                         {"mib", 0x1p20},
                                         {"gb", 0x1p30},
                                         {"gib", 0x1p30}}};
        static constexpr Units times = {{{"", 1}, {"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"min", 60'000}}};
        static constexpr Units statuses = {{{"", 1}}};
        const Units& units = kind == Kind::size ? sizes : kind == Kind::time ? times : statuses;
        const auto found =
            std::ranges::find_if(units, [&](const auto& each) { return each.second > 0 && each.first == unit; });
        if (found == units.end()) return std::nullopt;
        if (kind == Kind::status && (!is_number(text) || value > 999)) return std::nullopt;
        return value * found->second;
    }

    std::string_view text_;
    std::size_t at_ = 0, depth_ = 0;
    std::optional<FilterError> error_;
};

std::expected<Filter, FilterError> Filter::parse(std::string_view text) { return FilterParser(text).parse(); }

bool Filter::matches(const Subject& subject) const { return root_.matches(subject); }

bool Filter::Node::matches_text(std::string_view value) const {
    if (comparison == Comparison::equals) return equal(value, text);
    if (comparison == Comparison::contains) return contains(value, text);
    return value.size() > text.size() && equal(value.substr(value.size() - text.size()), text);
}

// All of it is the address with or without its port.
bool Filter::Node::matches_client(std::string_view client) const {
    if (matches_text(client)) return true;
    if (comparison != Comparison::equals) return false;
    std::string_view address = client.substr(0, client.rfind(':'));
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    return equal(address, text);
}

bool Filter::Node::matches(const Subject& subject) const {
    const auto holds = [&](const Node& part) { return part.matches(subject); };
    switch (kind) {
        case Kind::all: return std::ranges::all_of(parts, holds);
        case Kind::any: return std::ranges::any_of(parts, holds);
        case Kind::none: return std::ranges::none_of(parts, holds);
        case Kind::word:
            return matches_text(subject.url) || matches_text(subject.host) || matches_text(subject.code) ||
                   matches_text(subject.title);
        case Kind::host:
            return matches_text(subject.host.ends_with('.') ? subject.host.substr(0, subject.host.size() - 1)
                                                            : subject.host);
        case Kind::method: return matches_text(subject.method);
        // Without a response there is no status below 400.
        case Kind::status:
            return subject.status && (*subject.status == 0 ? range == Range{0, 0} : range.has(*subject.status));
        case Kind::code: return matches_text(subject.code);
        case Kind::client: return matches_client(subject.client) || matches_text(subject.program);
        case Kind::failed: return subject.failed;
        case Kind::warned: return subject.warned;
        case Kind::protocol: return matches_text(subject.client_protocol) || matches_text(subject.server_protocol);
        case Kind::mime:
            return matches_text(comparison == Comparison::equals
                                    ? subject.mime.substr(0, subject.mime.find_first_of("; \t"))
                                    : subject.mime);
        case Kind::size: return subject.size && range.has(static_cast<double>(*subject.size));
        case Kind::time: return subject.milliseconds && range.has(*subject.milliseconds);
    }
    return false;
}

}  // namespace inspect
