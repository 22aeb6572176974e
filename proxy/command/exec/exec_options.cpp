#include "proxy/command/exec/exec_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

namespace proxy {

namespace {

struct FormName {
    std::string_view name;
    EnvironmentForm form;
};
constexpr std::array forms{FormName{"sh", EnvironmentForm::sh}, FormName{"fish", EnvironmentForm::fish},
                           FormName{"json", EnvironmentForm::json}};

bool names_form(std::string_view word) {
    return std::ranges::any_of(forms, [&](const FormName& each) { return each.name == word; });
}

// How many words an option takes with it, itself included.
int words_of(const CLI::App& program, const CLI::App& exec, std::string_view word, const char* next) {
    if (word.contains('=')) return 1;
    const CLI::Option* option = exec.get_option_no_throw(std::string(word));
    if (option == nullptr) option = program.get_option_no_throw(std::string(word));
    if (option == nullptr || option->get_items_expected_max() == 0 || next == nullptr) return 1;
    if (option->get_items_expected_min() > 0) return 2;
    return word == "--print-env" && names_form(next) ? 2 : 1;
}

constexpr const char* exec_footer =
    "COMMAND begins after --, or with the first word that is no option. Examples:\n"
    "  whytls exec -- npm test                   # failures of TLS are told as they happen\n"
    "  whytls exec --fail-on-tls -- ./deploy.sh  # in CI: exit code 1 if a connection or handshake failed\n"
    "  whytls exec --all -- ./tool               # a program that reads no proxy variable\n"
    "  whytls exec --print-env sh >proxy.env     # for other shells, as long as it runs: . ./proxy.env\n"
    "\n"
    "A failure reaches COMMAND as an HTTP response, 502 or 504, with the reason: let it look at the status\n"
    "(curl --fail-with-body, raise_for_status(), response.ok), or it goes on with that text.\n"
    "\n"
    "Exit code: that of COMMAND; 127 there is no such command, 126 it cannot be executed, 128+n signal n ended it.";

}  // namespace

SplitLine split_line(const CLI::App& program, const CLI::App& exec, int argc, const char* const* argv) {
    SplitLine line{{argv, argv + argc}, {}};
    bool inside = false;
    for (int at = 1; at < argc;) {
        const std::string_view word = argv[at];
        if (!inside && word == exec.get_name()) {
            inside = true;
            ++at;
        } else if (word.size() > 1 && word.starts_with('-') && word != "--") {
            at += words_of(program, exec, word, at + 1 < argc ? argv[at + 1] : nullptr);
        } else if (inside) {
            line.ours.resize(static_cast<std::size_t>(at));
            line.command.assign(argv + at + (word == "--" ? 1 : 0), argv + argc);
            return line;
        } else {
            return line;  // another command, or a mistake
        }
    }
    return line;
}

void ExecOptions::add_to(CLI::App& app) {
    app_ = &app;
    app.footer(exec_footer);
    // The page of a proxy is not that of a command that runs beside it.
    app.get_option("--ui")
        ->description("show the traffic on a live page there; only the command line says so (off)")
        ->configurable(false);
    app.get_option("--open")
        ->description("show it, and open it in a browser; only the command line says so")
        ->configurable(false);
    app.get_option("--ca-dir")->description("the CA of that directory (one in memory, which ends with COMMAND)");
    app.add_option(
           "--print-env", print_env_,
           "print the settings in place of running a command, for sh, fish or as json (sh), and serve until Ctrl-C")
        ->type_name("[sh|fish|json]")
        ->expected(0, 1)
        ->configurable(false);
    app.add_flag(
        "--all", all_,
        "lead all TCP connections of the command through the proxy, whatever it knows of proxies: in a network namespace (Linux)");
    app.add_flag("--fail-on-tls", fail_on_tls_,
                 "exit with 1 if a handshake failed, or a server was not reached, and the command was content");
}

ExecCommand ExecOptions::settle(Settings settings, std::vector<std::string> command) const {
    ExecCommand result;
    result.fail_on_tls = fail_on_tls_;
    if (app_->count("--print-env") > 0) {
        const std::string form = print_env_.empty() || print_env_.front().empty() ? "sh" : print_env_.front();
        const auto found = std::ranges::find(forms, form, &FormName::name);
        if (found == forms.end()) throw UsageError(fmt::format("--print-env takes sh, fish or json, not '{}'", form));
        if (!command.empty())
            throw UsageError(fmt::format(
                "--print-env takes sh, fish or json and runs no command, and '{}' is given: leave that or --print-env out",
                command.front()));
        result.print_env = found->form;
    } else if (command.empty()) {
        throw UsageError("exec takes a command, for example: whytls exec -- curl https://api.example.com/");
    }
    result.all = all_;
#ifndef __linux__
    if (all_) throw UsageError("--all needs Linux: it makes a network namespace");
#endif
    if (all_ && result.print_env)
        throw UsageError(
            "--all is for the command that exec starts, and --print-env starts none: leave one of them out");
    if (settings.log == "-") throw UsageError("--log - would mix with what the command prints: give the log a file");
    settings.runs_command = true;
    settings.listen = {{*io::Address::parse("127.0.0.1", 0)}};
    result.settings = std::move(settings);
    result.arguments = std::move(command);
    return result;
}

}  // namespace proxy
