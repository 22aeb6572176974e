// The filter language (contract §5a) as a value: which flows a person wants to see. A blank is
// "and", `or` binds weaker, `-` negates, parentheses group, quotes keep blanks. Knows neither
// flows nor lines of a log, only the Subject that both can fill.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inspect {

// Bytes: longer than any that a person types, short enough to be compared with every flow.
constexpr std::size_t longest_filter = 2048;
// Parentheses and negations inside one another.
constexpr std::size_t deepest_filter = 32;

// What a filter may ask about. A view of the flow or the log's line that it was filled from: "" and
// nullopt where that does not know, or has no such thing.
struct Subject {
    std::string_view url = {};
    std::string_view host = {};  // without port and brackets
    std::string_view method = {};
    std::optional<int> status = {};  // of the response; 0 when none came
    std::string_view code = {};      // contract §6
    std::string_view title = {};
    std::string_view client = {};           // address and port
    std::string_view program = {};          // of the client, as it was guessed
    std::string_view client_protocol = {};  // as in ALPN: "h2", "http/1.1"
    std::string_view server_protocol = {};
    std::string_view mime = {};              // of the response: the value of Content-Type
    std::optional<std::uint64_t> size = {};  // bytes of the response's body, as on the wire
    std::optional<double> milliseconds = {};
    bool failed = false;  // a failed handshake, a request without a proper response
    bool warned = false;  // it went well, but a report has a warning, or --insecure let it through
};

// What is wrong with a filter's text.
struct FilterError {
    std::size_t position = 0;  // the byte where it is; the text's size when its end is too early
    std::string message;       // what is wrong and what to write instead, on one line without control characters
    bool operator==(const FilterError&) const = default;
};

class Filter {
public:
    // Takes what every flow matches, as the empty text does.
    Filter() = default;

    static std::expected<Filter, FilterError> parse(std::string_view text);

    // Text is compared without regard to the case of ASCII letters.
    bool matches(const Subject& subject) const;

    bool operator==(const Filter&) const = default;

private:
    friend class FilterParser;

    enum class Kind {
        all,
        any,
        none,
        word,
        host,
        method,
        status,
        code,
        client,
        failed,
        warned,
        protocol,
        mime,
        size,
        time
    };
    enum class Comparison { contains, equals, ends };  // `ends`: it has more before that

    // From `low` to `high`, each included unless it is open.
    struct Range {
        double low, high;
        bool low_open = false, high_open = false;
        bool has(double value) const {
            return (low_open ? value > low : value >= low) && (high_open ? value < high : value <= high);
        }
        bool operator==(const Range&) const = default;
    };
    struct Node {
        Kind kind = Kind::all;
        std::vector<Node> parts = {};  // of `all`, `any` and `none`
        std::string text = {};         // in lower case
        Comparison comparison = Comparison::contains;
        Range range = {};
        bool matches(const Subject& subject) const;
        bool matches_text(std::string_view value) const;
        bool matches_client(std::string_view client) const;
        bool operator==(const Node&) const = default;
    };

    Node root_;
};

}  // namespace inspect
