#include "inspect/report/pen.h"

#include <fmt/format.h>

namespace inspect::report {

std::string painted(std::string_view text, Pen pen, Ink ink) {
    if (ink == Ink::plain || text.empty()) return std::string(text);
    constexpr std::string_view codes[] = {"1", "32", "1;31", "33", "2"};
    return fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<std::size_t>(pen)], text);
}

Pen pen_of(certs::Status status) {
    switch (status) {
        case certs::Status::pass: return Pen::good;
        case certs::Status::warn: return Pen::warning;
        case certs::Status::fail: return Pen::bad;
        case certs::Status::skip: return Pen::soft;
    }
    return Pen::bold;
}

Pen pen_of(diagnosis::Outcome outcome) {
    switch (outcome) {
        case diagnosis::Outcome::ok: return Pen::good;
        case diagnosis::Outcome::warning: return Pen::warning;
        case diagnosis::Outcome::failed: return Pen::bad;
    }
    return Pen::bold;
}

}  // namespace inspect::report
