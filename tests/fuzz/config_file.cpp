// A configuration file, and a command whose options it may give: it is read, or refused with a
// sentence that names it.
#include "proxy/command/sources/config_file.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "proxy/settings/settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    CLI::App front, command;
    std::string text;
    std::vector<std::string> list;
    double number = 0;
    bool flag = false;
    command.add_option("--log", text)->take_last()->type_name("FILE");
    command.add_option("--listen", list)->type_name("ADDR:PORT")->allow_extra_args(false);
    command.add_option("--timeout", number)->type_name("S");
    command.add_flag("--allow-remote", flag);
    command.add_flag("--insecure{*}", list)->type_name("PATTERN");
    const std::string name = "a.toml";
    try {
        proxy::OptionSource file = proxy::read_config_text(name, {reinterpret_cast<const char*>(data), size});
        proxy::Origins origins;
        file.apply_to(command, front, "/home/ann", origins);
        (void)file.locate("--listen x: is not an address");
    } catch (const proxy::UsageError& error) {
        if (!std::string_view(error.what()).starts_with(name + ":")) std::abort();
    }
    return 0;
}
