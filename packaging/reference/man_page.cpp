#include "packaging/reference/man_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>
#include <vector>

namespace packaging {

namespace {

using proxy::CommandReference;
using proxy::OptionReference;

// Text that is not taken for a macro or an escape, and shows ASCII as ASCII (groff_char(7)).
std::string roff(std::string_view text) {
    std::string result = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
    for (const char character : text) {
        switch (character) {
            case '\\': result += "\\e"; break;
            case '-': result += "\\-"; break;
            case '\'': result += "\\(aq"; break;
            case '`': result += "\\(ga"; break;
            case '^': result += "\\(ha"; break;
            case '~': result += "\\(ti"; break;
            case '"': result += "\\(dq"; break;
            default: result += character;
        }
    }
    return result;
}

std::string bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + roff(text) + "\\fR"; }

std::string dashed(std::string text) {
    std::ranges::replace(text, ' ', '-');
    return text;
}

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](unsigned char character) { return static_cast<char>(std::toupper(character)); });
    return text;
}

std::string item(const std::string& name, std::string_view text) {
    return fmt::format(".TP\n{}\n{}\n", name, roff(text));
}

std::string spelling(const OptionReference& option) {
    std::string text = option.letter.empty() ? "" : bold("-" + option.letter) + ", ";
    text += bold("--" + option.name);
    if (option.takes.empty()) return text;
    return text + (option.takes.starts_with("[=") ? "" : " ") + italic(option.takes);
}

// What a help's footer says, by the sections of a man page; a paragraph of text is a string.
struct Footer {
    std::vector<std::string> text, examples, exit_status;
};

Footer sorted(std::string_view footer) {
    constexpr std::string_view examples = "Examples:", exit_code = "Exit code: ";
    Footer result;
    bool goes_on = false;  // the paragraph of the line before
    for (std::string_view rest = footer; !rest.empty();) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const bool went_on = std::exchange(goes_on, false);
        if (line.starts_with(' ')) {
            result.examples.emplace_back(line.substr(line.find_first_not_of(' ')));
        } else if (line.starts_with(exit_code)) {
            result.exit_status.emplace_back(line.substr(exit_code.size()));
        } else {
            if (line.ends_with(examples)) line.remove_suffix(examples.size());
            while (line.ends_with(' ')) line.remove_suffix(1);
            goes_on = !line.empty();
            if (went_on && goes_on)
                result.text.back() += fmt::format(" {}", line);
            else if (goes_on)
                result.text.emplace_back(line);
        }
    }
    return result;
}

std::string paragraphs(const std::vector<std::string>& lines) {
    std::string result;
    for (const std::string& line : lines) result += fmt::format(".PP\n{}\n", roff(line));
    return result;
}

std::string section(const char* title, const std::string& text) {
    return text.empty() ? "" : fmt::format(".SH {}\n{}", title, text);
}

std::string examples(const std::vector<std::string>& lines) {
    if (lines.empty()) return "";
    std::string result = ".EX\n";
    for (const std::string& line : lines) result += roff(line) + "\n";
    return result + ".EE\n";
}

std::string arguments(const CommandReference& command) {
    std::string result;
    for (const auto& [name, text] : command.arguments) result += item(italic(name), text);
    return result;
}

// Those of one command, and of its commands (`whytls ca show`) as subsections.
std::string options(const CommandReference& command, bool with_titles) {
    std::string result;
    for (const auto& [title, options] : command.groups) {
        if (with_titles) result += fmt::format(".SS {}\n", roff(title));
        for (const OptionReference& option : options) result += item(spelling(option), option.text);
    }
    return result;
}

std::string commands(const CommandReference& command, bool is_program) {
    std::string result;
    for (const CommandReference& each : command.commands) {
        if (is_program) {
            result += item(fmt::format("{}(1)", bold(dashed(each.path))), each.text);
            continue;
        }
        result += fmt::format(".SS \"{}\"\n{}: {}.\n", roff(each.usage), roff(each.name), roff(each.text));
        const Footer footer = sorted(each.footer);
        result += arguments(each) + options(each, false) + paragraphs(footer.text);
        for (const std::string& status : footer.exit_status)
            result += fmt::format(".PP\nExit code: {}\n", roff(status));
    }
    return result;
}

std::string files(const CommandReference& command, const CommandReference& program) {
    if (command.path != program.path && command.name != "proxy") return "";
    return item(italic("~/.config/whytls/config.toml"),
                "Options, where it exists; --no-config leaves them out. See whytls config.") +
           item(italic("~/.local/share/whytls/ca.pem"), "The certificate of the local certificate authority.") +
           item(italic("/etc/whytls/whytls.toml"),
                "Options of the user service whytls.service; whytls itself reads it with --config only.");
}

std::string see_also(const CommandReference& command, const CommandReference& program) {
    std::string result;
    const auto add = [&](const CommandReference& each) {
        if (each.path == command.path) return;
        result += fmt::format("{}{}(1)", result.empty() ? "" : ",\n", bold(dashed(each.path)));
    };
    add(program);
    for (const CommandReference& each : program.commands) add(each);
    return result + "\n.PP\nThe manual: " + italic("/usr/share/doc/whytls/manual.md") + "\n";
}

}  // namespace

std::string man_page_name(const CommandReference& command) { return dashed(command.path) + ".1"; }

std::string man_page(const CommandReference& command, const CommandReference& program) {
    const bool is_program = command.path == program.path;
    const std::string name = dashed(command.path);
    constexpr std::string_view before = "whytls: ";  // the program's text names it
    const std::string_view does =
        command.text.starts_with(before) ? std::string_view(command.text).substr(before.size()) : command.text;
    const Footer footer = sorted(command.footer);
    std::string page = fmt::format(
        ".\\\" Made from the option tables of whytls.\n.nr HY 0\n.TH {} 1 \"\" \"whytls {}\" \"User Commands\"\n.ad l\n"
        ".SH NAME\n{} \\- {}\n.SH SYNOPSIS\n{}{}\n",
        roff(upper(name)), WHYTLS_VERSION, roff(name), roff(does), bold(command.path),
        roff(command.usage.substr(command.path.size())));
    page += section("DESCRIPTION", fmt::format("{}: {}.\n", bold(command.path), roff(does)) + arguments(command) +
                                       paragraphs(footer.text));
    page += section("COMMANDS", commands(command, is_program));
    page += section("OPTIONS", options(command, true));
    page += section("EXIT STATUS", paragraphs(footer.exit_status));
    page += section("EXAMPLES", examples(footer.examples));
    page += section("FILES", files(command, program));
    return page + section("SEE ALSO", see_also(command, program));
}

}  // namespace packaging
