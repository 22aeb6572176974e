// XMPP's dialogue before TLS (RFC 6120 §5): a stream of XML, of which only the tags are looked at.
// Comments, processing instructions and CDATA with a tag inside are not XMPP (§11.1).
#include <algorithm>

#include "inspect/before_tls/starttls.h"

namespace inspect::starttls {

namespace {

constexpr std::string_view ask_for_tls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
constexpr std::string_view blank = " \t\r\n";

// Where a tag ends, after its ">": in an attribute's value there may be one too. npos: not yet.
std::size_t end_of_tag(std::string_view text) {
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (quote != 0)
            quote = text[i] == quote ? '\0' : quote;
        else if (text[i] == '"' || text[i] == '\'')
            quote = text[i];
        else if (text[i] == '>')
            return i + 1;
    }
    return std::string_view::npos;
}

// "features" of "<stream:features/>", "/features" of "</stream:features>".
std::string local_name(std::string_view tag) {
    tag = tag.substr(0, tag.find_first_of(" \t\r\n/>", 2));
    const bool closing = tag.starts_with("</");
    tag.remove_prefix(std::min<std::size_t>(tag.size(), closing ? 2 : 1));
    const std::string_view name = tag.substr(tag.find(':') + 1);
    return (closing ? "/" : "") + std::string(name);
}

}  // namespace

Step Dialogue::step_xmpp(certs::Bytes input) {
    const std::string_view text = certs::as_text(input);
    const std::size_t open = std::min(text.find('<'), text.size());
    const bool strange = lines_ == 0 && text.substr(0, open).find_first_not_of(blank) != std::string_view::npos;
    if (strange) hear(text);
    if (strange || open > longest_line) return {State::other, 0, ""};
    const std::size_t size = end_of_tag(text.substr(open));
    if (size == std::string_view::npos) return {text.size() - open > longest_line ? State::other : State::more, 0, ""};
    const std::size_t used = open + size;
    hear(heard_ + std::string(certs::trimmed(text.substr(0, used), blank)));
    if (size > longest_line || ++lines_ > most_lines) return {State::other, used, ""};
    const State state = take_tag(text.substr(open, size));
    return {state, used, state == State::send ? std::string(ask_for_tls) : ""};
}

State Dialogue::take_tag(std::string_view tag) {
    enum Turn : std::size_t { header, features, answer };
    const std::string name = local_name(tag);
    const bool complete = tag.ends_with("/>");
    if (turn_ == header) {
        if (name == "?xml" && lines_ == 1) return State::more;
        if (name != "stream") return State::other;
        turn_ = features;
        heard_.clear();
        return State::more;
    }
    if (name == "/error" || name == "/stream") return State::refused;
    if (turn_ == features) {
        offered_ = offered_ || name == "starttls";
        if (name != "/features" && (name != "features" || !complete)) return State::more;
        if (!offered_) return State::not_offered;
        turn_ = answer;
        heard_.clear();
        return State::send;
    }
    if (name == "/proceed" || (name == "proceed" && complete)) return State::ready;
    return name == "/failure" || (name == "failure" && complete) ? State::declined : State::more;
}

}  // namespace inspect::starttls
