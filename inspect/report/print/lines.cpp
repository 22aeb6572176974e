#include "inspect/report/print/lines.h"

#include <algorithm>

#include "inspect/report/print/escape.h"

namespace inspect::report {

namespace {

// The longest prefix that fits, in bytes; at least one character.
std::size_t fitting(std::string_view text, std::size_t room) {
    std::size_t size = 0, used = 0;
    while (size < text.size() && used < std::max<std::size_t>(room, 1)) {
        ++size;
        while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
        ++used;
    }
    return size;
}

}  // namespace

std::string filled(std::string_view first, std::string_view text, std::size_t indent, std::size_t width) {
    std::string result, line(first);
    std::size_t used = columns(first);
    bool empty = true;
    const auto feed = [&] {
        result += line + "\n";
        line.assign(indent, ' ');
        used = indent;
        empty = true;
    };
    while (!text.empty()) {
        const auto space = text.find(' ');
        std::string_view word = text.substr(0, space);
        text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
        if (!empty && used + 1 + columns(word) > width) feed();
        while (columns(word) + used + (empty ? 0 : 1) > width) {
            const std::size_t size = fitting(word, width - used);
            line += word.substr(0, size);
            word.remove_prefix(size);
            feed();
        }
        if (word.empty()) continue;
        if (!empty) line += ' ', ++used;
        line += word;
        used += columns(word);
        empty = false;
    }
    if (!empty || result.empty()) result += line + "\n";
    return result;
}

namespace {

// What may not be split, from the front of a command: a character, or a character quoted by a
// backslash (POSIX XCU §2.2.1).
std::string_view unit_of(std::string_view command, char quote) {
    const std::size_t first = fitting(command, 1);
    if (command.front() != '\\' || quote == '\'' || first == command.size()) return command.substr(0, first);
    return command.substr(0, first + fitting(command.substr(first), 1));
}

}  // namespace

std::string broken_command(std::string_view command, std::size_t indent, std::size_t width) {
    std::string result, line(indent, ' ');
    std::size_t used = indent, space = std::string::npos;
    char quote = 0;
    for (std::size_t at = 0; at < command.size();) {
        const std::string_view unit = unit_of(command.substr(at), quote);
        at += unit.size();
        if (unit == "'" || unit == "\"") quote = quote == 0 ? unit[0] : quote == unit[0] ? '\0' : quote;
        if (unit == " " && quote == 0) space = line.size();
        line += unit;
        used += columns(unit);
        // Two columns are kept for the quote and the backslash.
        if (used + 2 < width || at == command.size()) continue;
        const bool rest_fits =
            space != std::string::npos && indent + 4 + columns(std::string_view(line).substr(space + 1)) + 2 < width;
        if (rest_fits) {
            const std::string rest = line.substr(space + 1);
            result += line.substr(0, space) + " \\\n";
            line = std::string(indent + 4, ' ') + rest;
        } else {
            result += line + (quote == '\'' ? "'\\\n" : "\\\n");
            line = quote == '\'' ? "'" : "";
        }
        used = columns(line);
        space = std::string::npos;
    }
    return result + line + "\n";
}

}  // namespace inspect::report
