#include "proxy/command/explain/explain_options.h"

#include <CLI/CLI.hpp>

#include "proxy/settings/settings.h"

namespace proxy {

void ExplainOptions::add_to(CLI::App& app) {
    app.add_option("CODE", codes_, "a code as the reports name it, for example hostname_mismatch")->type_name("");
    app.add_flag("--list", list_, "list all codes");
    app.add_option_function<std::string>(
           "--error",
           [this](const std::string& text) {
               error_ = text;
               has_error_ = true;
           },
           "another program's message (curl, Node, Java, a browser …): what may have caused it; - reads the standard input")
        ->type_name("TEXT")
        ->take_last();
    app.add_flag("--json", json_, "print JSON: one object, with --list one a line");
    app.footer(
        "Examples:\n"
        "  whytls explain hostname_mismatch\n"
        "  whytls explain --error 'curl: (60) SSL certificate problem: certificate has expired'\n"
        "  node app.js 2>&1 | whytls explain --error -\n"
        "\n"
        "The message may be cut short, or stand in a log or a stack trace.\n"
        "Exit code: 0 explained, 1 the message is not known, 2 a mistake in the command line, such as an unknown code.");
}

ExplainCommand ExplainOptions::settle() const {
    constexpr auto usage = "explain takes one CODE, for example hostname_mismatch, or --list, or --error TEXT";
    const std::size_t asked = codes_.size() + (list_ ? 1 : 0) + (has_error_ ? 1 : 0);
    if (asked != 1) throw UsageError(usage);
    ExplainCommand command;
    command.what = list_        ? ExplainCommand::What::list
                   : has_error_ ? ExplainCommand::What::error
                                : ExplainCommand::What::code;
    command.text = has_error_ ? error_ : list_ ? "" : codes_.front();
    if (command.what == ExplainCommand::What::code && command.text == "-") command.what = ExplainCommand::What::error;
    command.json = json_;
    return command;
}

}  // namespace proxy
