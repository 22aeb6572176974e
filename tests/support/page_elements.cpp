#include "tests/support/page_elements.h"

#include <string_view>
#include <vector>

namespace tests {

namespace {

constexpr std::string_view blank = " \n";

bool is_void(std::string_view name) { return name == "meta" || name == "link" || name == "img" || name == "br"; }

class Scanner {
public:
    explicit Scanner(std::string_view page) : rest_(page) {}

    PageElements run() {
        while (!rest_.empty() && result_.error.empty()) {
            const std::size_t at = std::min(rest_.find('<'), rest_.size());
            text(rest_.substr(0, at));
            rest_.remove_prefix(at);
            if (!rest_.empty()) tag();
        }
        if (!open_.empty()) fail("<" + open_.back() + "> is never closed");
        return std::move(result_);
    }

private:
    void fail(std::string what) {
        if (result_.error.empty()) result_.error = std::move(what);
    }
    void text(std::string_view text) {
        for (std::size_t at = text.find('&'); at != std::string_view::npos; at = text.find('&', at + 1)) {
            bool known = false;
            for (const std::string_view entity : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&ndash;"})
                known = known || text.substr(at).starts_with(entity);
            if (!known) fail("a bare & before \"" + std::string(text.substr(at, 20)) + "\"");
        }
        if (text.find('>') != std::string_view::npos) fail("a bare >");
    }
    std::string_view word(std::string_view ends) {
        const std::string_view taken = rest_.substr(0, rest_.find_first_of(ends));
        rest_.remove_prefix(taken.size());
        return taken;
    }
    void tag() {
        rest_.remove_prefix(1);
        if (rest_.starts_with("!DOCTYPE html>")) return rest_.remove_prefix(14);
        const bool closing = rest_.starts_with('/');
        if (closing) rest_.remove_prefix(1);
        const std::string name(word(" \n/>"));
        if (name.empty()) return fail("a bare <");
        while (rest_.starts_with(' ') || rest_.starts_with('\n')) rest_.remove_prefix(1), attribute();
        const bool closed = rest_.starts_with('/');
        if (closed) rest_.remove_prefix(1);
        if (!rest_.starts_with('>')) return fail("<" + name + " does not end");
        rest_.remove_prefix(1);
        if (closing) return close(name);
        ++result_.counts[name];
        if (closed || is_void(name)) return;
        open_.push_back(name);
        // Their content is not markup: only the element's end ends it.
        if (name == "script" || name == "style") rest_.remove_prefix(std::min(rest_.find("</" + name), rest_.size()));
    }
    void attribute() {
        if (rest_.find_first_not_of(blank) == 0 && (rest_.front() == '>' || rest_.front() == '/')) return;
        const std::string name(word("= \n/>"));
        if (!rest_.starts_with("=\"")) return fail("attribute " + name + " is not quoted");
        rest_.remove_prefix(2);
        const std::string_view value = word("\"");
        if (value.find('<') != std::string_view::npos) fail("a bare < in attribute " + name);
        text(value);
        result_.attributes.insert(name);
        rest_.remove_prefix(std::min<std::size_t>(1, rest_.size()));
    }
    void close(const std::string& name) {
        if (open_.empty() || open_.back() != name) return fail("</" + name + "> closes what is not open");
        open_.pop_back();
    }

    std::string_view rest_;
    std::vector<std::string> open_;
    PageElements result_;
};

}  // namespace

PageElements elements_of(const std::string& page) { return Scanner(page).run(); }

}  // namespace tests
