#include "proxy/command/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <thread>

#include "inspect/gateway/mapping.h"
#include "proxy/command/ca/ca_options.h"
#include "proxy/command/check/check_options.h"
#include "proxy/command/client_certificate_options.h"
#include "proxy/command/config/config_options.h"
#include "proxy/command/connection_options.h"
#include "proxy/command/exec/exec_options.h"
#include "proxy/command/explain/explain_options.h"
#include "proxy/command/given_options.h"
#include "proxy/command/help.h"
#include "proxy/command/key_log_options.h"
#include "proxy/command/limit_options.h"
#include "proxy/command/log/log_options.h"
#include "proxy/command/logging_options.h"
#include "proxy/command/option_values.h"
#include "proxy/command/otlp/otlp_options.h"
#include "proxy/command/parse_error.h"
#include "proxy/command/sources/sources.h"
#include "proxy/command/terminal.h"
#include "proxy/command/verify/verify_options.h"
#include "proxy/command/version/version.h"
#include "proxy/settings/ca_directory.h"

namespace proxy {

namespace {

constexpr const char* program_footer =
    "Without a command it runs the proxy, and takes its options. Examples:\n"
    "  whytls                                  # a proxy on 127.0.0.1:8080; its page says how to use it\n"
    "  whytls check api.example.com            # why does TLS fail there?\n"
    "  whytls explain --error 'unable to verify the first certificate'\n"
    "\n"
    "whytls COMMAND --help tells the options of one command.";

constexpr const char* proxy_footer =
    "Examples:\n"
    "  whytls proxy -v                         # then: curl -x http://127.0.0.1:8080 --cacert CA https://HOST/\n"
    "  whytls proxy -r https://api.example.com # every request to 127.0.0.1:8080 goes to that server\n"
    "  whytls proxy --add-trust company.pem --log whytls.log\n"
    "\n"
    "CA is what `whytls ca show` names; `whytls ca install` makes this machine trust it.";

// What was likely meant by a listener without its address or its port, or by a URL; "" when that is
// not clear.
std::string meant_endpoint(std::string_view text) {
    const auto is_port = [](std::string_view word) {
        return !word.empty() && word.size() <= 5 && word.find_first_not_of("0123456789") == std::string_view::npos;
    };
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!text.starts_with(scheme)) continue;
        const std::string_view endpoint = text.substr(scheme.size(), text.find('/', scheme.size()) - scheme.size());
        return endpoint.empty() || endpoint.contains('@') ? "" : std::string(endpoint);
    }
    if (is_port(text)) return fmt::format("127.0.0.1:{}", text);
    if (text.starts_with(':') && is_port(text.substr(1))) return fmt::format("127.0.0.1{}", text);
    if (text.starts_with("*:") && is_port(text.substr(2))) return fmt::format("0.0.0.0{}", text.substr(1));
    if (text == "localhost") return "127.0.0.1:8080";
    const auto address = io::Address::parse(text, 8080);
    return address ? address->to_string() : "";
}

// ADDR:PORT, an IPv6 address in brackets.
io::Address parse_endpoint(std::string_view text, std::string_view option) {
    if (const std::string meant = meant_endpoint(text); !meant.empty())
        throw UsageError(fmt::format("{} takes ADDR:PORT, not '{}'; did you mean {}?", option, text, meant));
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos)
        throw UsageError(fmt::format("{} takes ADDR:PORT, for example 127.0.0.1:8080, not '{}'", option, text));
    const std::string_view host = text.substr(0, colon) == "localhost" ? "127.0.0.1" : text.substr(0, colon);
    const auto address = io::Address::parse(host, parse_port(text.substr(colon + 1), option, text));
    if (!address || (host.find(':') != std::string_view::npos && !host.starts_with('['))) {
        throw UsageError(
            fmt::format("{} takes ADDR:PORT with a numeric address (IPv6 in brackets), not '{}'", option, text));
    }
    return *address;
}

// The server of --reverse, optionally with a path that is put in front of every request's path.
inspect::http::Target parse_reverse(const std::string& text) {
    auto target = inspect::http::parse_target("GET", text);
    const bool web = target && (target->scheme == "https" || target->scheme == "http");
    if (!web || target->path_and_query.contains('?')) {
        const auto meant = text.contains("://") ? std::nullopt : inspect::http::parse_target("GET", "https://" + text);
        throw UsageError(fmt::format(
            "--reverse takes a URL without a query, for example https://api.example.com, not '{}'{}", text,
            meant && !meant->path_and_query.contains('?') ? fmt::format("; did you mean https://{}?", text) : ""));
    }
    return *std::move(target);
}

// RFC 6454 §6.2: "http://localhost:3000". For a file or a sandboxed page a browser sends "null".
std::string parse_origin(const std::string& text) {
    if (text == "*" || text == "null") return text;
    const auto target = inspect::http::parse_target("GET", text);
    if (!target || target->scheme.empty() || target->path_and_query != "/" || text.ends_with('/'))
        throw UsageError(
            fmt::format("--allow-origin takes an origin, for example http://localhost:3000, or *, not '{}'", text));
    return inspect::http::origin_of(*target);
}

inspect::report::Detail parse_detail(const std::string& text) {
    if (text == "full") return inspect::report::Detail::full;
    if (text == "brief") return inspect::report::Detail::brief;
    if (text == "off") return inspect::report::Detail::off;
    throw UsageError(fmt::format("--detail takes full, brief or off, not '{}'", text));
}

constexpr unsigned most_workers = 1024;  // far beyond any machine's cores

// What CLI11 collects before it is judged.
struct Raw {
    ConnectionOptions connection;
    LimitOptions limits;
    LoggingOptions logging;
    KeyLogOptions key_log;
    OtlpOptions otlp;
    std::vector<std::string> listen, transparent, reverse, allow_origin, insecure, passthrough;
    std::string ca_dir, proxy_auth, ui, detail, resumption = "on";
    bool allow_remote = false, allow_anonymous = false, listen_tls = false, verbose = false, open = false;
    std::optional<unsigned> workers;
};

void add_listening_options(CLI::App& app, Raw& raw) {
    app.add_option("-l,--listen", raw.listen,
                   "where clients connect; may be given again (127.0.0.1:8080); port 0 picks a free one")
        ->type_name("ADDR:PORT")
        ->allow_extra_args(false);
    app.add_option(
           "-r,--reverse", raw.reverse,
           "reverse mode: every request on this listener goes to that server; the first for the first --listen, and so on")
        ->type_name("URL")
        ->allow_extra_args(false);
    app.add_option(
           "--transparent", raw.transparent,
           "where iptables or nftables redirects connections of clients that know of no proxy (Linux); may be given again")
        ->type_name("ADDR:PORT")
        ->allow_extra_args(false);
    app.add_flag("--listen-tls", raw.listen_tls, "in reverse mode, speak TLS to the client with a minted certificate");
    app.add_option(
           "--allow-origin", raw.allow_origin,
           "let pages of that origin use the gateway path (http://LISTENER/https://HOST/); may be given again; * for any")
        ->type_name("ORIGIN")
        ->allow_extra_args(false);
    app.add_flag("--allow-remote", raw.allow_remote,
                 "allow --listen and --transparent on an address that is not loopback");
    app.add_option("--proxy-auth", raw.proxy_auth, "let only those use the proxy who give this user name and password")
        ->type_name("USER:PASS")
        ->take_last();
    app.add_flag("--allow-anonymous", raw.allow_anonymous,
                 "let anybody use the proxy who reaches it, with --allow-remote too");
}

// All that is not about who connects.
void add_serving_options(CLI::App& app, Raw& raw) {
    app.add_option("--ca-dir", raw.ca_dir, "where the local CA lives (~/.local/share/whytls)")
        ->type_name("DIR")
        ->take_last();
    raw.connection.add_to(app);
    app.add_flag(
           "-k,--insecure{*}", raw.insecure,
           "let a failed verification through for those hosts (--insecure=PATTERN), marked on the response and in the log")
        ->type_name("[=PATTERN]");
    app.add_option(
           "--resumption", raw.resumption,
           "resume TLS sessions with servers whose certificate was found good within the last minute: on or off (on)")
        ->type_name("on|off")
        ->take_last();
    app.add_option("--passthrough", raw.passthrough,
                   "tunnel these hosts untouched, without interception; may be given again")
        ->type_name("PATTERN")
        ->allow_extra_args(false);
    raw.limits.add_to(app);
    app.add_flag("-v,--verbose", raw.verbose,
                 "say each request on stderr, in one line; failures are said there anyway");
    raw.logging.add_to(app);
    raw.otlp.add_to(app);
    raw.key_log.add_to(app);
    app.add_option("--ui", raw.ui, "where the live page shows the traffic (127.0.0.1:8081); off for no page")
        ->type_name("ADDR:PORT|off")
        ->take_last();
    app.add_flag("--open", raw.open, "open the live page in a browser");
    app.add_option("--detail", raw.detail,
                   "how much a diagnostic body tells: full, brief or off (full; brief when a listener is not loopback)")
        ->type_name("full|brief|off")
        ->take_last();
    app.add_option("--workers", raw.workers, "event loops, one thread each (number of cores)")
        ->type_name("NUMBER")
        ->take_last();
}

void add_proxy_options(CLI::App& app, Raw& raw) {
    add_listening_options(app, raw);
    add_serving_options(app, raw);
}

// The help of the innermost command that was named.
std::string help_of(const CLI::App& app, const std::string& above) {
    const std::string path = above.empty() ? app.get_name() : above + " " + app.get_name();
    const auto chosen = app.get_subcommands();
    return chosen.empty() ? help_text(app, path, paper_of_stdout().width) : help_of(*chosen.front(), path);
}

constexpr const char* option_of_transparent = "--transparent";

// The first --reverse belongs to the first listener, and so on; a listener without one is a forward
// proxy.
std::vector<ListenAt> listeners_of(const Raw& raw) {
    std::vector<ListenAt> listeners;
    for (const auto& text : raw.listen) listeners.push_back({parse_endpoint(text, "--listen")});
    if (listeners.empty()) listeners.push_back({*io::Address::parse("127.0.0.1", 8080)});
    if (raw.reverse.size() > listeners.size())
        throw UsageError(fmt::format("--reverse was given {} times for {} --listen: each needs a listener of its own",
                                     raw.reverse.size(), listeners.size()));
    if (raw.listen_tls && raw.reverse.empty())
        throw UsageError("--listen-tls needs --reverse: it is how a reverse listener speaks to its clients");
    for (std::size_t i = 0; i < raw.reverse.size(); ++i) {
        listeners[i].reverse = parse_reverse(raw.reverse[i]);
        listeners[i].tls = raw.listen_tls;
    }
    for (const auto& text : raw.transparent)
        listeners.push_back({.address = parse_endpoint(text, option_of_transparent), .transparent = true});
#ifndef __linux__
    if (!raw.transparent.empty())
        throw UsageError("--transparent needs Linux: it asks netfilter where a connection was meant to go");
#endif
    return listeners;
}

// Without a password, traffic is shown to this machine only, whoever may use the proxy.
void settle_ui(const Raw& raw, Settings& settings) {
    settings.ui_chosen = !raw.ui.empty();
    settings.open_ui = raw.open;
    if (raw.ui == "off" && raw.open) throw UsageError("--open needs the live page, which --ui off leaves out");
    if (raw.ui == "off") return;
    settings.ui =
        ListenAt{.address = raw.ui.empty() ? *io::Address::parse("127.0.0.1", 8081) : parse_endpoint(raw.ui, "--ui"),
                 .live = true};
    const io::Address& address = settings.ui->address;
    if (address.is_loopback()) return;
    if (!raw.allow_remote || !settings.proxy_auth)
        throw UsageError(fmt::format(
            "--ui {} is not a loopback address: the page shows all traffic; add --allow-remote and --proxy-auth USER:PASS to mean it",
            address.to_string()));
}

Settings settle(const Raw& raw) {
    Settings settings;
    settings.listen = listeners_of(raw);
    settings.allow_remote = raw.allow_remote;
    if (!raw.proxy_auth.empty()) {
        settings.proxy_auth = parse_credentials(raw.proxy_auth);
        if (!settings.proxy_auth)
            throw UsageError("--proxy-auth takes USER:PASS, a user name and a password with a colon between them");
    }
    for (const std::string& text : raw.allow_origin) settings.allow_origin.push_back(parse_origin(text));
    bool remote = false;
    for (const ListenAt& listen : settings.listen) {
        const io::Address& address = listen.address;
        if (address.is_loopback()) continue;
        remote = true;
        // Whoever is not redirected gets nothing from it, and a program that is redirected has no
        // password for it.
        if (listen.transparent && !raw.allow_remote)
            throw UsageError(fmt::format(
                "--transparent {} is not a loopback address: other machines' connections could be redirected to it; add "
                "--allow-remote to mean it",
                address.to_string()));
        if (!raw.allow_remote)
            throw UsageError(fmt::format(
                "--listen {} is not a loopback address: anyone who reaches it could use this proxy; add --allow-remote to mean it",
                address.to_string()));
        if (listen.is_proxy() && !settings.proxy_auth && !raw.allow_anonymous)
            throw UsageError(fmt::format(
                "--listen {} with --allow-remote needs --proxy-auth USER:PASS, or --allow-anonymous to let anybody use this proxy",
                address.to_string()));
    }
    settings.ca_dir = ca_directory(raw.ca_dir);
    raw.connection.settle(settings);
    for (const auto& text : raw.insecure)
        settings.insecure.push_back(parse_pattern(text == "true" ? "*" : text, "--insecure"));
    warn_of_withheld(settings);
    for (const auto& text : raw.passthrough) settings.passthrough.push_back(parse_pattern(text, "--passthrough"));
    raw.limits.settle(settings);
    raw.logging.settle(settings);
    raw.key_log.settle(settings);
    raw.otlp.settle(settings);
    settings.verbose = raw.verbose;
    settings.resumption = parse_switch(raw.resumption, "--resumption");
    settle_ui(raw, settings);
    settings.detail = raw.detail.empty() ? (remote ? inspect::report::Detail::brief : inspect::report::Detail::full)
                                         : parse_detail(raw.detail);
    settings.workers = raw.workers.value_or(std::clamp(std::thread::hardware_concurrency(), 1U, most_workers));
    if (settings.workers == 0 || settings.workers > most_workers)
        throw UsageError(fmt::format("--workers takes 1 to {}, not {}", most_workers, settings.workers));
    return settings;
}

// exec shows no page unless it is asked for, goes on through the user's own proxy, and leaves no CA.
Settings settle_of_exec(Raw raw) {
    const bool own_ca = !raw.ca_dir.empty();
    if (raw.ui.empty() && !raw.open) raw.ui = "off";
    if (!own_ca) raw.ca_dir = "/";
    Settings settings = settle(raw);
    if (!own_ca) settings.ca_dir.clear();
    use_parent_of_environment(settings);
    return settings;
}

// --version after each command too. The program's help names it.
void answer_version(CLI::App& program) {
    for (CLI::App* command : program.get_subcommands([](CLI::App*) { return true; })) {
        command->set_version_flag("-V,--version", "whytls " WHYTLS_VERSION)->group("")->configurable(false);
        answer_version(*command);
    }
}

// The program's commands with their options, and what a command line gave them.
class CommandLine {
public:
    CommandLine() {
        app_.set_version_flag("-V,--version", "whytls " WHYTLS_VERSION);
        for (CLI::App* command : {&app_, &run_, &config_command_}) command->option_defaults()->always_capture_default();
        app_.require_subcommand(0, 1);
        app_.footer(program_footer);
        add_proxy_options(app_, raw_);  // a bare `whytls` runs the proxy
        run_.footer(proxy_footer);
        add_proxy_options(run_, raw_);
        add_proxy_options(config_command_, raw_);
        config_options_.add_to(config_command_);
        add_serving_options(exec_, raw_);
        exec_options_.add_to(exec_);
        check_options_.add_to(check_);
        verify_options_.add_to(verify_);
        explain_options_.add_to(explain_);
        log_options_.add_to(log_);
        ca_options_.add_to(ca_);
        for (CLI::App* command : {&app_, &run_, &exec_, &check_, &verify_, &config_command_}) sources_.add_to(*command);
        for (CLI::App* command : ca_.get_subcommands([](CLI::App*) { return true; })) sources_.add_to(*command);
        answer_version(app_);
    }

    // What is to be printed in place of a command, if anything.
    std::optional<PrintAndExit> parse(int argc, const char* const* argv) {
        // CLI11 takes the empty value for no value, and that would mean every host.
        if (std::find(argv, argv + argc, std::string_view("--insecure=")) != argv + argc)
            throw UsageError("--insecure= takes the hosts that it is for, for example --insecure=*.example.com");
        SplitLine split = split_line(app_, exec_, argc, argv);
        command_ = std::move(split.command);
        argc = static_cast<int>(split.ours.size());
        argv = split.ours.data();
        refuse_option_as_value(app_, argc, argv);
        try {
            app_.parse(argc, argv);
        } catch (const CLI::CallForHelp&) {
            if (const auto unknown = app_.remaining(); !unknown.empty())  // help nosuch
                throw explain_parse_error(app_, CLI::ExtrasError(app_.get_name(), unknown), unknown.front());
            return PrintAndExit{help_of(app_, "")};
        } catch (const CLI::CallForVersion&) {
            return PrintAndExit{version_text()};
        } catch (const CLI::ParseError& error) { throw explain_parse_error(app_, error, argv[argc - 1]); }
        return std::nullopt;
    }

    Command settle(const Environment& environment, const Tell& tell) {
        if (explain_.parsed()) return explain_options_.settle();
        if (log_.parsed()) return log_options_.settle();
        CLI::App* command = &app_;
        while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
        std::vector<inspect::diagnosis::GivenOption> given = given_options(app_);  // `whytls --trust FILE proxy`
        if (command != &app_) std::ranges::move(given_options(*command), std::back_inserter(given));
        sources_.apply_to(*command, app_, environment);
        try {
            Command settled = settle_command(*command, given);
            for (const std::string& warning : sources_.warnings()) tell("whytls: " + warning);
            // exec says nothing while all is well.
            if (sources_.file_was_found() && !exec_.parsed())
                tell(fmt::format("whytls: options come from {} too (--no-config leaves it out)", sources_.file()));
            return settled;
        } catch (const UsageError& error) { throw UsageError(sources_.locate(error.what())); }
    }

    Locate locate() const {
        return [sources = sources_](const std::string& error) { return sources.locate(error); };
    }

    CommandReference reference() const { return reference_of(app_, app_.get_name()); }

private:
    // Of the commands that have options from elsewhere.
    Command settle_command(const CLI::App& command, const std::vector<inspect::diagnosis::GivenOption>& given) {
        if (ca_.parsed()) return ca_options_.settle();
        if (check_.parsed()) {
            CheckCommand settled = check_options_.settle();
            settled.settings.given = given;
            return settled;
        }
        if (verify_.parsed()) {
            VerifyCommand settled = verify_options_.settle();
            settled.given = given;
            return settled;
        }
        if (exec_.parsed()) {
            ExecCommand settled = exec_options_.settle(settle_of_exec(raw_), command_);
            settled.settings.given = given;
            return settled;
        }
        ProxyCommand settled{proxy::settle(raw_), given_values(command, app_), sources_.file(), {}};
        if (config_command_.parsed())
            return config_options_.settle(command, app_, sources_.origins(), settled.settings);
        settled.settings.given = given;
        return settled;
    }

    CLI::App app_{"whytls: a local TLS proxy that says why TLS failed", "whytls"};
    CLI::App& run_ = *app_.add_subcommand("proxy", "run the proxy (also what a bare `whytls` does)");
    CLI::App& exec_ = *app_.add_subcommand(
        "exec", "run a command whose traffic goes through a proxy of its own, trusted by it alone");
    CLI::App& check_ = *app_.add_subcommand("check", "connect to servers and say what is wrong with their TLS");
    CLI::App& verify_ = *app_.add_subcommand("verify", "verify a certificate chain in a file, offline, step by step");
    CLI::App& explain_ = *app_.add_subcommand(
        "explain", "what a code means and how it is mended; or what another program's message means");
    CLI::App& log_ = *app_.add_subcommand("log", "read a proxy's log back as a table");
    CLI::App& ca_ = *app_.add_subcommand(
        "ca", "the local certificate authority: show | export | issue | install | uninstall | rotate");
    CLI::App& config_command_ =
        *app_.add_subcommand("config", "print what is in force for `whytls proxy`, and where it comes from");
    Raw raw_;
    Sources sources_;
    ExecOptions exec_options_;
    std::vector<std::string> command_;  // exec's
    CheckOptions check_options_;
    VerifyOptions verify_options_;
    ExplainOptions explain_options_;
    LogOptions log_options_;
    CaOptions ca_options_;
    ConfigOptions config_options_;
};

// Options whose files SIGHUP has read again, whatever their names.
constexpr auto reread =
    std::to_array<std::string_view>({"trust", "add-trust", "client-cert", "client-key", "client-key-password"});

Reread parse_again(const std::vector<std::string>& words, const Environment& environment, const GivenValues& before,
                   const std::string& config_file) {
    if (const std::string pipe = pipe_among(before, reread, config_file); !pipe.empty())
        throw UsageError(pipe + ": is a pipe, which cannot be read again");
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    Locate locate;
    Command again =
        parse_command_line(static_cast<int>(argv.size()), argv.data(), environment, [](const std::string&) {}, &locate);
    ProxyCommand& now = std::get<ProxyCommand>(again);
    if (!config_file.empty() && now.config_file != config_file)
        throw UsageError(fmt::format("{}: options came from it at the start, and it is gone", config_file));
    return {std::move(now.settings), changed_values(before, now.given, reread), std::move(locate)};
}

}  // namespace

Command parse_command_line(int argc, const char* const* argv, const Environment& environment, const Tell& tell,
                           Locate* locate) {
    if (argc > 1 && std::string_view(argv[1]) == "help") {  // git's form: help check
        std::vector<const char*> words(argv, argv + argc);
        words.erase(words.begin() + 1);
        words.push_back("--help");
        return parse_command_line(static_cast<int>(words.size()), words.data(), environment, tell);
    }
    if (argc == 2 && std::string_view(argv[1]) == "version") return PrintAndExit{version_text()};  // Go's form
    CommandLine line;
    if (auto print = line.parse(argc, argv)) return *std::move(print);
    Command settled = line.settle(environment, tell);
    if (locate != nullptr) *locate = line.locate();
    if (auto* proxy = std::get_if<ProxyCommand>(&settled))
        proxy->read_again = [words = std::vector<std::string>(argv, argv + argc), environment, before = proxy->given,
                             file = proxy->config_file] { return parse_again(words, environment, before, file); };
    return settled;
}

CommandReference program_reference() { return CommandLine().reference(); }

}  // namespace proxy
