#include "inspect/http/http1/section.h"

#include <algorithm>

#include "inspect/http/message.h"

namespace inspect::http {

namespace {

// RFC 9110 §5.5: VCHAR, obs-text, SP and HTAB.
bool is_text(std::uint8_t byte) { return byte >= 0x20 ? byte != 0x7f : byte == '\t'; }

// How many bytes there are before the first line end, if all of them are text; 0 otherwise.
std::size_t plain_text(certs::Bytes input) {
    const std::string_view text = certs::as_text(input);
    std::string_view line = text.substr(0, text.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return is_value_text(line) ? line.size() : 0;
}

}  // namespace

void Section::clear() {
    text_.clear();
    line_ = 0;
    folds_ = 0;
    after_cr_ = complete_ = had_line_feeds_ = false;
}

Section::State Section::take(certs::Bytes input, std::size_t& used) {
    if (complete_) {
        line_ = text_.size();
        complete_ = false;
    }
    const std::size_t room = std::min(input.size(), limit_ - std::min(limit_, text_.size()));
    State state = State::more;
    std::size_t taken = after_cr_ ? 0 : plain_text(input.first(room));
    while (taken < room && state == State::more) {
        state = take_byte(input[taken]);
        if (state != State::bad_byte) ++taken;
    }
    text_.append(certs::as_text(input.first(taken)));
    if (state == State::line && !text_.ends_with("\r\n")) text_.insert(text_.size() - 1, 1, '\r');
    used += taken;
    if (state == State::more && taken < input.size()) return State::too_large;
    if (state == State::line && line().empty()) return State::blank;
    return state;
}

Section::State Section::take_byte(std::uint8_t byte) {
    if (after_cr_) {
        if (byte != '\n') return State::bad_byte;
        after_cr_ = false;
        complete_ = true;
        return State::line;
    }
    if (byte == '\n' && takes_line_feeds_) {
        had_line_feeds_ = complete_ = true;
        return State::line;
    }
    if (byte == '\r')
        after_cr_ = true;
    else if (!is_text(byte))
        return State::bad_byte;
    return State::more;
}

std::string_view Section::line() const {
    std::string_view text = std::string_view(text_).substr(line_);
    if (complete_) text.remove_suffix(2);
    if (after_cr_) text.remove_suffix(1);
    return text;
}

bool Section::unfold() {
    constexpr std::string_view line_end = "\r\n", blanks = " \t\r\n";
    constexpr int most = 100;
    if (folds_ == most) return false;
    const std::size_t before = line_ < 3 ? std::string::npos : text_.rfind(line_end, line_ - 3);
    if (before == std::string::npos) return false;  // that is the start line
    ++folds_;
    std::size_t end = line_ + line().size();
    std::size_t begin = line_;
    while (blanks.contains(text_[begin - 1])) --begin;
    end = std::min(text_.find_first_not_of(blanks, line_), end);
    std::fill(text_.begin() + static_cast<std::ptrdiff_t>(begin), text_.begin() + static_cast<std::ptrdiff_t>(end),
              ' ');
    line_ = before + line_end.size();
    return true;
}

void Section::move_blanks_behind_colon() {
    const std::size_t size = line().find(':');
    if (size == std::string_view::npos) return;
    const std::size_t name = line().substr(0, size).find_last_not_of(" \t") + 1;  // where it ends
    const auto at = [&](std::size_t offset) { return text_.begin() + static_cast<std::ptrdiff_t>(line_ + offset); };
    std::rotate(at(name), at(size), at(size + 1));
}

void Section::end_in_spaces() {
    const std::size_t size = line().size();
    for (std::size_t end = size; end > 0 && (text_[line_ + end - 1] == ' ' || text_[line_ + end - 1] == '\t'); --end)
        text_[line_ + end - 1] = ' ';
}

bool is_folded(std::string_view line) { return line.starts_with(' ') || line.starts_with('\t'); }

std::string_view take_line(std::string_view& head) {
    constexpr std::string_view line_end = "\r\n";
    const std::string_view line = head.substr(0, head.find(line_end));
    head.remove_prefix(std::min(line.size() + line_end.size(), head.size()));
    return line;
}

bool is_field_line(std::string_view line) {
    const std::size_t colon = line.find(':');
    return colon != std::string_view::npos && is_token(line.substr(0, colon));
}

}  // namespace inspect::http
