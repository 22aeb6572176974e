#include "inspect/report/explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "inspect/diagnosis/explain/advice.h"
#include "inspect/diagnosis/known/enforcement.h"
#include "inspect/diagnosis/known/other_clients.h"
#include "inspect/diagnosis/summary.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/report/json_report.h"
#include "inspect/report/print/escape.h"
#include "inspect/report/print/lines.h"

namespace inspect::report {

namespace {

using diagnosis::CatalogEntry;
using Object = nlohmann::ordered_json;

constexpr std::size_t label_width = 26;
constexpr std::size_t message_limit = 200;  // columns of the message that was recognised

std::string_view title_of(diagnosis::Code code) {
    const auto* advice = diagnosis::advice_about(code);
    return advice != nullptr ? advice->title : "";
}

std::span<const diagnosis::GeneralFix> fixes_of(diagnosis::Code code) {
    const auto* advice = diagnosis::advice_about(code);
    return advice != nullptr ? advice->all_fixes() : std::span<const diagnosis::GeneralFix>{};
}

// A placeholder as people write it: {host} is HOST.
std::string shown(std::string_view text) {
    std::string result(text);
    for (const std::string_view each :
         {"host", "port", "address", "addresses", "names", "altnames", "common_name", "not_after", "not_before"}) {
        std::string capitals(each);
        std::ranges::transform(capitals, capitals.begin(),
                               [](char c) { return c == '_' ? ' ' : static_cast<char>(c - ('a' - 'A')); });
        result = diagnosis::replaced(result, fmt::format("{{{}}}", each), capitals);
    }
    return result;
}

// A program's usual message comes before its variants; messages that say the same are shown once.
std::vector<diagnosis::Elsewhere> said_of(diagnosis::Code code) {
    std::vector<diagnosis::Saying> sayings;
    for (const bool usual : {true, false})
        std::ranges::copy_if(diagnosis::sayings(), std::back_inserter(sayings), [&](const diagnosis::Saying& each) {
            return each.code == code && (each.when == diagnosis::When::always) == usual;
        });
    std::vector<diagnosis::Elsewhere> all;
    for (const diagnosis::Saying& saying : sayings) {
        for (diagnosis::Elsewhere& one : diagnosis::in_each_voice(saying)) {
            one.text = shown(one.text);
            if (one.accepts && saying.when != diagnosis::When::always)
                one.text += one.text.empty() ? "in some cases only" : " (in some cases only)";
            const auto same = [&](const diagnosis::Elsewhere& each) {
                return each.client == one.client && each.text == one.text;
            };
            if (std::ranges::any_of(all, same)) continue;
            // A program's variants are listed together.
            const auto last = std::ranges::find(all.rbegin(), all.rend(), one.client, &diagnosis::Elsewhere::client);
            all.insert(last == all.rend() ? all.end() : last.base(), std::move(one));
        }
    }
    if (code == diagnosis::Code::profile_violation)
        for (const diagnosis::Enforcement& row : diagnosis::enforcements())
            all.push_back({row.client, false, shown(row.text), ""});
    return all;
}

std::string fixes(diagnosis::Code code, std::size_t width) {
    std::string result = "\nWhat to do\n";
    std::size_t number = 0;
    for (const auto& fix : fixes_of(code)) {
        result += filled(fmt::format("  {}. {}: ", ++number, diagnosis::for_whom(fix.actor)), fix.text, 5, width);
        if (!fix.command.empty()) result += broken_command(fix.command, 7, width);
    }
    return result;
}

std::string what_others_say(diagnosis::Code code, std::size_t width) {
    const auto rows = diagnosis::elsewhere_rows(said_of(code));
    if (rows.empty()) return "";
    std::string result = "\nWhat others print\n";
    std::string_view last;
    for (const auto& row : rows) {
        result += filled(fmt::format("  {:<{}}", row.label == last ? "" : row.label, label_width), row.value,
                         label_width + 2, width);
        last = row.label;
    }
    return result;
}

std::string place(const CatalogEntry& entry) {
    std::string result = fmt::format("{}, {} leg, {} phase", diagnosis::name(entry.severity),
                                     diagnosis::name(entry.leg), diagnosis::name(entry.phase));
    if (!entry.step.empty()) result += fmt::format(", step {}", entry.step);
    return result;
}

Object fix_object(const diagnosis::GeneralFix& fix) {
    Object object = {{"for", diagnosis::name(fix.actor)}, {"text", fix.text}};
    if (!fix.command.empty()) object["command"] = fix.command;
    return object;
}

// A failure in HTTP shows only when something is requested.
bool is_of_response(const diagnosis::Causes& causes) {
    const CatalogEntry* entry = causes.codes.empty() ? nullptr : diagnosis::find_code(causes.codes.front());
    return entry != nullptr && entry->leg == diagnosis::Leg::upstream && entry->phase == diagnosis::Phase::http;
}

std::string check_command(const diagnosis::Causes& causes) {
    const std::string host = causes.host.empty() ? "HOST" : for_terminal(causes.host, 300);
    return "whytls check " +
           diagnosis::shell_word(is_of_response(causes) ? fmt::format("https://{}/PATH", host) : host);
}

// The words begin and end at word boundaries; a parenthesis that they leave open is closed.
std::string recognised(const diagnosis::Causes& causes) {
    std::string words = diagnosis::replaced(for_terminal(causes.message, 4 * message_limit), "\xEF\xBF\xBD", " ");
    if (std::ranges::count(words, '(') > std::ranges::count(words, ')')) words += ")";
    return diagnosis::shorten(words, message_limit);
}

std::string who_says(const diagnosis::Causes& causes) {
    return fmt::format("\"{}\", says {}", recognised(causes), causes.program);
}

std::string note_of(const diagnosis::Causes& causes, std::size_t width) {
    return causes.note.empty() ? "" : "\n" + filled("", causes.note, 0, width);
}

std::string cause_list(const diagnosis::Causes& causes, std::size_t width) {
    if (causes.codes.empty()) return filled("", who_says(causes) + ".", 0, width) + note_of(causes, width);
    const bool several = causes.codes.size() > 1;
    std::string result =
        filled("", who_says(causes) + (several ? ". Its causes, the likeliest first:" : ":"), 0, width) + "\n";
    std::size_t number = 0;
    for (const diagnosis::Code code : causes.codes)
        result += filled(fmt::format("  {}. {:<{}} ", ++number, name(code), label_width + 1), title_of(code),
                         label_width + 7, width);
    return result + note_of(causes, width);
}

std::string more_about(const diagnosis::Causes& causes) {
    if (causes.codes.empty()) return "";
    return fmt::format("\nMore about {}, and how it is mended:\n  whytls explain {}\n",
                       causes.codes.size() > 1 ? "one of them" : "it", name(causes.codes.front()));
}

// A log in which more than one thing went wrong.
std::string several_errors(const diagnosis::Causes& causes, std::size_t width) {
    std::string result =
        fmt::format("The text tells of {} different errors.\n\n", causes.others.size() + 1) + cause_list(causes, width);
    std::vector<std::string> commands{check_command(causes)};
    for (const diagnosis::Causes& other : causes.others) {
        result += "\n" + cause_list(other, width);
        if (std::string command = check_command(other);
            !other.host.empty() && std::ranges::find(commands, command) == commands.end())
            commands.push_back(std::move(command));
    }
    result += "\nWhich of them it is:\n";
    for (const std::string& command : commands) result += fmt::format("  {}\n", command);
    return result + more_about(causes);
}

Object causes_object(const diagnosis::Causes& causes) {
    Object object = Object::object();
    if (causes.recognised()) object = {{"message", printable(causes.message, 1024)}, {"program", causes.program}};
    if (!causes.note.empty()) object["note"] = causes.note;
    if (!causes.host.empty()) object["host"] = printable(causes.host, 300);
    object["causes"] = Object::array();
    for (const diagnosis::Code code : causes.codes)
        object["causes"].push_back({{"code", name(code)}, {"title", title_of(code)}});
    return object;
}

}  // namespace

std::string explanation_text(const CatalogEntry& entry, std::size_t width) {
    return fmt::format("{}{}", filled("", title_of(entry.code), 0, width),
                       filled("", fmt::format("{}: {}", name(entry.code), place(entry)), 0, width)) +
           "\n" + filled("", entry.explanation, 0, width) + fixes(entry.code, width) +
           what_others_say(entry.code, width);
}

std::string explanation_json(const CatalogEntry& entry) {
    Object object = {{"code", name(entry.code)},          {"title", title_of(entry.code)},
                     {"explanation", entry.explanation},  {"severity", diagnosis::name(entry.severity)},
                     {"leg", diagnosis::name(entry.leg)}, {"phase", diagnosis::name(entry.phase)}};
    if (!entry.step.empty()) object["step"] = entry.step;
    object["fixes"] = Object::array();
    for (const auto& fix : fixes_of(entry.code)) object["fixes"].push_back(fix_object(fix));
    object["elsewhere"] = Object::array();
    for (const auto& said : said_of(entry.code)) {
        Object one = {{"client", said.client}, {"verdict", said.accepts ? "accepts" : "refuses"}, {"text", said.text}};
        if (!said.error.empty()) one["error"] = said.error;
        object["elsewhere"].push_back(one);
    }
    return dump(object);
}

std::string code_list(std::size_t width) {
    std::string result;
    for (const CatalogEntry& entry : diagnosis::catalog())
        result += filled(fmt::format("{:<{}} ", name(entry.code), label_width + 1), title_of(entry.code),
                         label_width + 2, width);
    return result;
}

std::string causes_text(const diagnosis::Causes& causes, std::size_t width) {
    if (!causes.recognised())
        return fmt::format("This message is not known.\n\nSee for yourself what is wrong:\n  {}\n",
                           check_command(causes));
    if (!causes.others.empty()) return several_errors(causes, width);
    if (causes.codes.size() > 1)
        return cause_list(causes, width) + fmt::format("\nWhich of them it is:\n  {}\n", check_command(causes)) +
               more_about(causes);
    std::string said = filled("", fmt::format("{}.", who_says(causes)), 0, width) + note_of(causes, width);
    if (causes.codes.empty()) return said;
    // The note says more of this message than the code's general advice, which may not fit it.
    if (!causes.note.empty())
        return said + fmt::format("\nAs a code: {}.\n", name(causes.codes.front())) + more_about(causes) +
               fmt::format("\nTo be sure:\n  {}\n", check_command(causes));
    const CatalogEntry* entry = diagnosis::find_code(causes.codes.front());
    return said + "\n" + (entry != nullptr ? explanation_text(*entry, width) : "") +
           fmt::format("\nTo be sure:\n  {}\n", check_command(causes));
}

std::string causes_json(const diagnosis::Causes& causes) {
    Object object = causes_object(causes);
    for (const diagnosis::Causes& other : causes.others) object["others"].push_back(causes_object(other));
    object["command"] = check_command(causes);
    return dump(object);
}

}  // namespace inspect::report
