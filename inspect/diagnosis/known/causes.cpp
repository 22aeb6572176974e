#include "inspect/diagnosis/known/causes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "inspect/diagnosis/known/other_clients.h"
#include "inspect/diagnosis/known/own_words.h"

namespace inspect::diagnosis {

namespace {

constexpr std::size_t text_limit = 256 * 1024;  // a stack trace with room to spare; beyond it a log, not a message
// The most words that a placeholder or "…" may stand for: a certificate's names, for example.
constexpr std::size_t widest_gap = 200;

// A run of letters and digits, in lower case, and its place. Quotes, hyphens, underscores and line
// ends only separate words, so that "self signed" is "self-signed" and SELF_SIGNED.
struct Word {
    std::string text;
    std::size_t begin = 0, end = 0;
};

bool in_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// What is not a word although it has letters: a terminal's colours (ECMA-48 CSI), and escapes such
// as \n in quoted text.
std::size_t skipped(std::string_view text, std::size_t at) {
    if (text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == 'n' || text[at + 1] == 't' || text[at + 1] == 'r'))
        return 2;
    if (text[at] != '\x1b' || at + 1 >= text.size() || text[at + 1] != '[') return 0;
    const std::size_t last = text.find_first_not_of("0123456789;", at + 2);
    return std::min(last, text.size() - 1) + 1 - at;
}

std::vector<Word> words_of(std::string_view text) {
    std::vector<Word> words;
    for (std::size_t at = 0; at < text.size();) {
        if (const std::size_t size = skipped(text, at); size > 0) {
            at += size;
            continue;
        }
        if (!in_word(text[at])) {
            ++at;
            continue;
        }
        Word word{"", at, at};
        for (; at < text.size() && in_word(text[at]); ++at)
            word.text += static_cast<char>(text[at] >= 'A' && text[at] <= 'Z' ? text[at] + 32 : text[at]);
        word.end = at;
        words.push_back(std::move(word));
    }
    return words;
}

// A pattern: pieces that the text contains in this order, with something between them.
struct Piece {
    std::vector<Word> words;
    bool host_behind = false;
};

std::vector<Piece> pieces_of(std::string_view pattern) {
    constexpr std::string_view anything = "…";
    std::vector<Piece> pieces;
    while (!pattern.empty()) {
        const std::size_t open = std::min({pattern.find('{'), pattern.find(anything), pattern.size()});
        Piece piece{words_of(pattern.substr(0, open)), false};
        pattern.remove_prefix(open);
        piece.host_behind = pattern.starts_with("{host}");
        if (pattern.starts_with('{'))
            pattern.remove_prefix(std::min(pattern.find('}'), pattern.size() - 1) + 1);
        else if (!pattern.empty())
            pattern.remove_prefix(anything.size());
        if (!piece.words.empty()) pieces.push_back(std::move(piece));
    }
    return pieces;
}

bool stands_at(const std::vector<Word>& text, std::size_t at, const std::vector<Word>& words) {
    return at + words.size() <= text.size() &&
           std::ranges::equal(words, std::span(text).subspan(at, words.size()), {}, &Word::text, &Word::text);
}

std::optional<std::size_t> find_words(const std::vector<Word>& text, const std::vector<Word>& words, std::size_t from,
                                      std::size_t limit) {
    for (std::size_t at = from; at + words.size() <= text.size() && at - from <= limit; ++at)
        if (stands_at(text, at, words)) return at;
    return std::nullopt;
}

// ":8443" from what follows a host, such as "', port=8443" or " (127.0.0.1) port 8443"; "" where no
// port follows, or it is 443.
std::string port_behind(std::string_view text) {
    constexpr std::string_view between = " \t\r\n'\",", signs = "'\"=: ", word = "port";
    text.remove_prefix(std::min(text.find_first_not_of(between), text.size()));
    if (text.starts_with('(')) text.remove_prefix(std::min(text.find(')'), text.size() - 1) + 1);
    text.remove_prefix(std::min(text.find_first_not_of(between), text.size()));
    if (!text.starts_with(word)) return "";
    text.remove_prefix(std::min(text.find_first_not_of(signs, word.size()), text.size()));
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && port > 0 && port <= 65'535 && port != 443 ? fmt::format(":{}", port) : "";
}

// What a host may consist of; brackets only around an address.
std::string host_at(std::string_view text, std::size_t begin) {
    begin = text.find_first_not_of(" \t:'\"`<([\xE2\x80\x98", begin);  // ‘ as well, as GNU programs quote
    if (begin == std::string_view::npos) return "";
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:";
    const std::size_t end = std::min(text.find_first_not_of(allowed, begin), text.size());
    std::string host(text.substr(begin, end - begin));
    host.erase(host.find_last_not_of(".:-") + 1);
    if (host.size() > 255 || !host.contains('.')) return "";
    return host.contains(':') ? host : host + port_behind(text.substr(end));
}

// Pages that messages point to.
bool is_documentation(std::string_view host) {
    return host == "curl.se" || host == "curl.haxx.se" || host == "nodejs.org" || host == "go.dev" ||
           host == "docs.python.org" || host == "github.com";
}

std::string host_of_url(std::string_view text) {
    for (std::size_t at = 0; (at = text.find("://", at)) != std::string_view::npos;) {
        at += 3;
        std::string host = host_at(text, at);
        if (!host.empty() && !is_documentation(host))
            return host.ends_with(":443") ? host.substr(0, host.size() - 4) : host;
    }
    return "";
}

// What Python and Node were connecting to, as they print it: "host='api.test', port=8443", "host:
// 'api.test',".
std::string host_of_member(std::string_view text) {
    for (const std::string_view name : {"host=", "host: ", "hostname: ", "address: "}) {
        for (std::size_t at = 0; (at = text.find(name, at)) != std::string_view::npos; at += name.size()) {
            if (at > 0 && in_word(text[at - 1])) continue;
            const std::size_t quote = text.find_first_of("'\"", at + name.size());
            if (quote != at + name.size()) continue;
            if (std::string host = host_at(text, quote); !host.empty()) return host;
        }
    }
    return "";
}

struct Match {
    std::size_t first = 0, last = 0;  // words of the text
    std::size_t size = 0;             // words that agree
    bool whole = false;               // all of the pattern, not only a part
    std::string host;
};

std::optional<Match> match_from(const std::vector<Word>& text, const std::vector<Piece>& pieces, std::size_t at,
                                std::string_view raw) {
    Match match{at, at, 0, true, ""};
    std::size_t from = at;
    for (const Piece& piece : pieces) {
        const auto found = find_words(text, piece.words, from, &piece == &pieces.front() ? 0 : widest_gap);
        if (!found) return std::nullopt;
        from = *found + piece.words.size();
        match.size += piece.words.size();
        match.last = from - 1;
        if (piece.host_behind && match.host.empty()) match.host = host_at(raw, text[match.last].end);
    }
    return match;
}

// Words that say nothing by themselves: "is not", "the server's certificate".
bool is_common(const Word& word) {
    constexpr std::string_view common[] = {
        "a",       "alert",     "an",     "and",        "by",   "certificate", "client", "closed",   "connection",
        "could",   "curl",      "denied", "permission", "does", "error",       "failed", "failure",  "for",
        "from",    "handshake", "host",   "in",         "is",   "it",          "its",    "message",  "name",
        "no",      "not",       "number", "of",         "on",   "or",          "peer",   "protocol", "remote",
        "request", "response",  "s",      "server",     "ssl",  "t",           "that",   "the",      "this",
        "tls",     "to",        "unable", "version",    "was",  "with",        "x509"};
    return std::ranges::find(common, word.text) != std::end(common);
}

// Whether the text, a few words and nothing else, may be a part of a message.
bool can_be_part(const std::vector<Word>& text) { return text.size() >= 2 && !std::ranges::all_of(text, is_common); }

std::optional<Match> match_of(const std::vector<Word>& text, const std::vector<Piece>& pieces, std::string_view raw) {
    if (pieces.empty()) return std::nullopt;
    for (std::size_t at = 0; at + pieces.front().words.size() <= text.size(); ++at) {
        if (text[at].text != pieces.front().words.front().text) continue;
        if (auto match = match_from(text, pieces, at, raw)) return match;
    }
    if (!can_be_part(text)) return std::nullopt;
    for (const Piece& piece : pieces)
        if (2 * text.size() >= piece.words.size() && find_words(piece.words, text, 0, piece.words.size()))
            return Match{0, text.size() - 1, text.size(), false, ""};
    return std::nullopt;
}

// What a program puts before a message, and another program does not.
std::string_view without_frame(std::string_view text) {
    constexpr std::string_view frames[] = {"curl: (60) SSL certificate problem: ",
                                           "curl: (60) ",
                                           "curl: (35) … ",
                                           "curl: (35) ",
                                           "curl: (56) ",
                                           "curl: (28) ",
                                           "curl: (7) ",
                                           "curl: (6) ",
                                           "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: ",
                                           "write EPROTO …:",
                                           "javax.net.ssl.SSLHandshakeException: ",
                                           "invalid peer certificate: "};
    for (const std::string_view frame : frames)
        if (text.starts_with(frame)) return text.substr(frame.size());
    return text;
}

// Whether two matches are on one line, so that they may be about one error.
bool share_line(std::string_view text, std::string_view one, std::string_view other) {
    const bool first = one.data() < other.data();
    const char* const begin = first ? one.data() + one.size() : other.data() + other.size();
    const char* const end = first ? other.data() : one.data();
    return begin >= end ||
           !text.substr(static_cast<std::size_t>(begin - text.data()), static_cast<std::size_t>(end - begin))
                .contains('\n');
}

// All that was recognised. The best match is the one that says most; those that say as much add
// their causes after its own.
class Recognised {
public:
    Recognised(std::string_view raw, const std::vector<Word>& text) : raw_(raw), text_(text) {}

    void look(std::string_view pattern, std::string_view program, std::span<const Code> codes, bool vague,
              std::string_view note = "") {
        const auto match = match_of(text_, pieces_of(pattern), raw_);
        if (!match) return;
        const Rank rank{match->whole, !vague, match->size};
        const std::string_view said =
            raw_.substr(text_[match->first].begin, text_[match->last].end - text_[match->first].begin);
        const About about{program, codes, match->host, note};
        if (rank.telling && rank.whole) add(found_, rank, said, about);
        if (rank < best_.rank) return;
        if (rank > best_.rank) best_ = {rank, said, {}};
        take(best_, about);
    }

    Causes result() && {
        std::vector<const Found*> chosen{&best_};
        std::ranges::sort(found_, [](const Found& a, const Found& b) {
            return a.rank != b.rank ? a.rank > b.rank : a.said.data() < b.said.data();
        });
        Causes causes = best_.causes;
        causes.message = best_.said;
        for (const Found& other : found_) {
            if (!best_.rank.telling) break;
            if (std::ranges::any_of(chosen, [&](const Found* one) { return is_one_error(*one, other); })) continue;
            chosen.push_back(&other);
        }
        chosen.erase(chosen.begin());
        std::ranges::sort(chosen, {}, [](const Found* one) { return one->said.data(); });
        for (const Found* one : chosen) {
            causes.others.push_back(one->causes);
            causes.others.back().message = one->said;
        }
        return causes;
    }

private:
    struct Rank {
        bool whole = false, telling = false;  // a part of a telling message says less than a vague one in full
        std::size_t words = 0;
        auto operator<=>(const Rank&) const = default;
    };
    struct Found {
        Rank rank;
        std::string_view said;
        Causes causes;
    };

    struct About {
        std::string_view program;
        std::span<const Code> codes;
        std::string host;
        std::string_view note;
    };

    static void take(Found& found, const About& about) {
        if (found.causes.program.empty()) found.causes.program = about.program;
        if (found.causes.host.empty()) found.causes.host = about.host;
        if (found.causes.note.empty()) found.causes.note = about.note;
        for (const Code code : about.codes)
            if (std::ranges::find(found.causes.codes, code) == found.causes.codes.end())
                found.causes.codes.push_back(code);
    }

    static void add(std::vector<Found>& all, const Rank& rank, std::string_view said, const About& about) {
        auto same = std::ranges::find_if(
            all, [&](const Found& one) { return one.said.data() == said.data() && one.said.size() == said.size(); });
        if (same == all.end()) same = all.insert(all.end(), {rank, said, {}});
        take(*same, about);
    }

    bool is_one_error(const Found& one, const Found& other) const {
        return share_line(raw_, one.said, other.said) || std::ranges::any_of(other.causes.codes, [&](Code code) {
                   return std::ranges::find(one.causes.codes, code) != one.causes.codes.end();
               });
    }

    std::string_view raw_;
    const std::vector<Word>& text_;
    Found best_;
    std::vector<Found> found_;
};

// These rows are mostly said of something else, and of these codes only where two certificates
// share a name. The known messages list these codes after that.
bool is_of_a_namesake(When when) {
    return when == When::looks_self_signed || when == When::namesake || when == When::namesake_alike ||
           when == When::namesake_rsa;
}

// Some of Node's codes say nothing by themselves.
bool tells(std::string_view error) { return !error.empty() && error != "UNSPECIFIED" && error != "EPROTO"; }

}  // namespace

Causes causes_of(std::string_view text) {
    text = text.substr(0, text_limit);
    if (auto own = own_causes(text)) {
        if (own->host.empty()) own->host = host_of_url(text);
        return *std::move(own);
    }
    std::string exit_code;
    if (!text.empty() && text.size() <= 3 && text.find_first_not_of("0123456789") == std::string_view::npos)
        text = exit_code = fmt::format("curl: ({})", text);  // as a shell's $? shows it
    const std::vector<Word> words = words_of(text);
    Recognised recognised(text, words);
    for (const std::span<const KnownMessage> family : known_messages())
        for (const KnownMessage& known : family)
            recognised.look(known.pattern, known.program, known.all_codes(),
                            known.weight == KnownMessage::Weight::vague, known.note);
    for (const Saying& saying : sayings()) {
        if (saying.accepts || is_of_a_namesake(saying.when)) continue;
        const std::array codes{saying.code};
        // A single word, such as "EOF", is in too many texts.
        if (saying.text.contains(' ') || saying.text.contains('_'))
            recognised.look(without_frame(saying.text), name(saying.voice), codes, false);
        if (tells(saying.error)) recognised.look(saying.error, name(saying.voice), codes, false);
    }
    Causes causes = std::move(recognised).result();
    if (causes.host.empty()) causes.host = host_of_url(text);
    if (causes.host.empty()) causes.host = host_of_member(text);
    return causes;
}

}  // namespace inspect::diagnosis
