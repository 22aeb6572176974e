// whytls-reference SOURCES DIRECTORY: writes into DIRECTORY what a package has beside the program: man
// pages, completions, and the commented configuration file. SOURCES is this folder.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "certs/file.h"
#include "packaging/reference/completions.h"
#include "packaging/reference/man_page.h"
#include "packaging/reference/sample_config.h"
#include "proxy/command/options.h"

namespace {

namespace files = std::filesystem;

std::string read(const files::path& path) {
    auto text = certs::read_file(path);
    if (!text) throw std::runtime_error(fmt::format("{}: {}", path.string(), certs::reading_problem(text.error())));
    return *std::move(text);
}

void write(const files::path& path, std::string_view text) {
    std::ofstream file(path, std::ios::binary);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.close();
    if (!file) throw std::runtime_error(fmt::format("{}: cannot be written", path.string()));
}

void write_all(const files::path& sources, const files::path& directory) {
    const proxy::CommandReference program = proxy::program_reference();
    files::create_directories(directory / "man");
    write(directory / "man" / packaging::man_page_name(program), packaging::man_page(program, program));
    for (const proxy::CommandReference& command : program.commands)
        write(directory / "man" / packaging::man_page_name(command), packaging::man_page(command, program));
    write(directory / "whytls.bash", packaging::bash_completion(program, read(sources / "functions.bash")));
    write(directory / "_whytls", packaging::zsh_completion(program));
    write(directory / "whytls.fish", packaging::fish_completion(program, read(sources / "functions.fish")));
    const auto proxy = std::ranges::find(program.commands, "proxy", &proxy::CommandReference::name);
    if (proxy == program.commands.end()) throw std::runtime_error("there is no command 'proxy'");
    write(directory / "whytls.toml", packaging::sample_config(*proxy));
}

}  // namespace

int main(int argc, char* argv[]) {
    if (argc != 3) {
        fmt::print(stderr, "whytls-reference takes SOURCES and a DIRECTORY\n");
        return 2;
    }
    try {
        write_all(argv[1], argv[2]);
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "whytls-reference: {}\n", error.what());
        return 1;
    }
}
