#include "proxy/explain_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <string_view>
#include <vector>

#include "certs/file.h"
#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/causes.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/report/escape.h"
#include "inspect/report/explanation.h"
#include "proxy/settings.h"

namespace proxy {

namespace {

namespace diagnosis = inspect::diagnosis;
namespace report = inspect::report;

// Levenshtein's: letters put in, left out or changed.
std::size_t edits(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

// The codes that may have been meant: a few letters away, or of which the word is a part.
std::vector<std::string> near_codes(std::string_view word) {
    constexpr std::size_t most = 3;
    const std::size_t tolerance = std::max<std::size_t>(2, word.size() / 3);
    std::vector<std::pair<std::size_t, std::string>> near;
    for (const auto& entry : diagnosis::catalog()) {
        const bool part = word.size() >= 3 && entry.code.contains(word);
        const std::size_t distance = part ? 1 : edits(word, entry.code);
        if (distance <= tolerance) near.emplace_back(distance, entry.code);
    }
    std::ranges::sort(near);
    std::vector<std::string> codes;
    for (const auto& [distance, code] : near)
        if (codes.size() < most) codes.push_back(code);
    return codes;
}

const diagnosis::CatalogEntry& entry_of(std::string word) {
    constexpr std::size_t longest = 100;
    word = word.substr(0, longest);
    std::ranges::transform(word, word.begin(), [](char c) {
        return c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    if (const auto* entry = diagnosis::find_code(word)) return *entry;
    const std::vector<std::string> near = near_codes(word);
    throw UsageError(
        fmt::format("there is no code '{}'; {}", report::for_terminal(word),
                    near.empty() ? "whytls explain --list names them all" : "near to it: " + diagnosis::listed(near, near.size())));
}

std::string message(const std::string& text) {
    if (text != "-") return text;
    auto read = certs::read_descriptor(STDIN_FILENO);
    if (!read) throw UsageError(fmt::format("standard input: {}", certs::reading_problem(read.error())));
    return *std::move(read);
}

int explain_error(const ExplainCommand& command) {
    const diagnosis::Causes causes = diagnosis::causes_of(message(command.text));
    fmt::print("{}", command.json ? report::causes_json(causes) + "\n" : report::causes_text(causes));
    return causes.codes.empty() ? 1 : 0;
}

}  // namespace

int run_explain_command(const ExplainCommand& command) {
    using enum ExplainCommand::What;
    if (command.what == error) return explain_error(command);
    if (command.what == code) {
        const auto& entry = entry_of(command.text);
        fmt::print("{}", command.json ? report::explanation_json(entry) + "\n" : report::explanation_text(entry));
        return 0;
    }
    if (!command.json) fmt::print("{}", report::code_list());
    for (const auto& entry : diagnosis::catalog())
        if (command.json) fmt::print("{}\n", report::explanation_json(entry));
    return 0;
}

}  // namespace proxy
