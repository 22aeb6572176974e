#include "proxy/command/explain/explain_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "certs/edit_distance.h"
#include "certs/file.h"
#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/known/causes.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/report/explanation.h"
#include "inspect/report/print/escape.h"
#include "proxy/command/terminal.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace {

namespace diagnosis = inspect::diagnosis;
namespace report = inspect::report;

// The codes that may have been meant: those a few letters away, or those that contain the word.
std::vector<std::string> near_codes(std::string_view word) {
    constexpr std::size_t most = 3;
    const std::size_t tolerance = std::max<std::size_t>(2, word.size() / 3);
    std::vector<std::pair<std::size_t, std::string>> near;
    for (const auto& entry : diagnosis::catalog()) {
        const std::string_view code = name(entry.code);
        const bool part = word.size() >= 3 && code.contains(word);
        const std::size_t distance = part ? 1 : certs::edit_distance(word, code, tolerance);
        if (distance <= tolerance) near.emplace_back(distance, code);
    }
    std::ranges::sort(near);
    std::vector<std::string> codes;
    for (const auto& [distance, code] : near)
        if (codes.size() < most) codes.push_back(code);
    return codes;
}

// nullptr when there is no such code.
const diagnosis::CatalogEntry* entry_of(std::string word) {
    std::ranges::transform(word, word.begin(), [](char c) {
        return c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    const auto code = diagnosis::code_named(word);
    return code ? diagnosis::find_code(*code) : nullptr;
}

[[noreturn]] void refuse_code(std::string word) {
    constexpr std::size_t longest = 100;
    word = word.substr(0, longest);
    const std::vector<std::string> near = near_codes(word);
    throw UsageError(
        fmt::format("there is no code '{}'; {}", report::for_terminal(word),
                    near.empty() ? "whytls explain --list names them all, --error explains another program's message"
                                 : "near to it: " + diagnosis::listed(near, near.size())));
}

std::string message(const std::string& text) {
    if (text != "-") return text;
    auto read = certs::read_descriptor(STDIN_FILENO);
    if (!read) throw UsageError(fmt::format("standard input: {}", certs::reading_problem(read.error())));
    return *std::move(read);
}

int explain_error(const diagnosis::Causes& causes, bool json) {
    fmt::print("{}", json ? report::causes_json(causes) + "\n" : report::causes_text(causes, paper_of_stdout().width));
    return causes.recognised() ? 0 : 1;
}

// A code, or a message where --error was left out. A sentence that is neither is answered as an
// unknown message.
int explain_word(const ExplainCommand& command) {
    if (const auto* entry = entry_of(command.text)) {
        fmt::print("{}", command.json ? report::explanation_json(*entry) + "\n"
                                      : report::explanation_text(*entry, paper_of_stdout().width));
        return 0;
    }
    const diagnosis::Causes causes = diagnosis::causes_of(command.text);
    if (!causes.recognised() && !command.text.contains(' ')) refuse_code(command.text);
    return explain_error(causes, command.json);
}

}  // namespace

int run_explain_command(const ExplainCommand& command) {
    using enum ExplainCommand::What;
    if (command.what == error) return explain_error(diagnosis::causes_of(message(command.text)), command.json);
    if (command.what == code) return explain_word(command);
    if (!command.json) fmt::print("{}", report::code_list(paper_of_stdout().width));
    for (const auto& entry : diagnosis::catalog())
        if (command.json) fmt::print("{}\n", report::explanation_json(entry));
    return 0;
}

}  // namespace proxy
