#include "tests/proxy/transcript.h"

#include <fmt/format.h>
#include <poll.h>
#include <uv.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <fstream>
#include <functional>
#include <list>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "proxy/io/clock.h"
#include "proxy/io/loop_state.h"
#include "proxy/serve/worker.h"
#include "tests/proxy/scripted_ends.h"
#include "tests/support/temporary_directory.h"

namespace proxy_test {

namespace {

constexpr double patience = 10'000;  // milliseconds: slowness of a busy machine is not being stuck
constexpr std::string_view site = "http://good.test";

// For a message: line ends are shown and also break the line.
std::string shown(std::string_view bytes) {
    constexpr std::size_t most = 2000;
    std::string text;
    for (const char c : bytes.substr(0, most)) {
        if (c == '\r')
            text += "\\r";
        else if (c == '\n')
            text += "\\n\n";
        else if (static_cast<unsigned char>(c) < 0x20)
            text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else
            text += c;
    }
    if (bytes.size() > most) text += fmt::format("… ({} bytes)", bytes.size());
    return text;
}

std::string at(const Transcript::Where& where) { return fmt::format("{}:{}", where.file_name(), where.line()); }

// One for all transcripts: making its keys takes longer than most of them.
certs::Authority authority() {
    static const tests::TemporaryDirectory directory;
    return *certs::Authority::open(directory / "ca", proxy::io::now());
}

proxy::Settings settings_of(const Conditions& conditions, std::uint16_t server) {
    proxy::Settings made;
    made.idle_timeout = conditions.idle_timeout;
    made.response_timeout = conditions.response_timeout;
    made.limits = {.head = conditions.largest_head, .trailers = conditions.largest_head};
    made.experiments = made.aia = false;
    made.listen = {{.address = *proxy::io::Address::parse("127.0.0.1", 0)}};
    if (!conditions.reverse.empty()) made.listen[0].reverse = inspect::http::parse_target("GET", conditions.reverse);
    if (conditions.parent)
        made.parent =
            proxy::ParentProxy{.tls = false, .host = "127.0.0.1", .port = server, .authorization = "", .direct = {}};
    else
        made.resolve = {{"*", 80, {*proxy::io::Address::parse("127.0.0.1", server)}}};
    return made;
}

}  // namespace

struct Transcript::Stage {
    explicit Stage(const Conditions& conditions) : services(make(conditions)) {
        std::signal(SIGPIPE, SIG_IGN);
        const auto bound =
            worker.listen(services.upstream.settings.listen[0], services.upstream.settings.listen[0].address, false);
        require(bound.has_value(), "no listener");
        services.upstream.listeners = {*bound};
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_in address = loopback(bound->port());
        require(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "connect");
        client.emplace(fd);
    }

    proxy::Services make(const Conditions& conditions) {
        return {.authority = authority(),
                .log = proxy::LogWriter(directory / "log"),
                .upstream = {.settings = settings_of(conditions, port.number()),
                             .keyring = {},
                             .client_context = tls::ClientContext(),
                             .notices = proxy::Notices(&standard_error),
                             .intermediates = proxy::Intermediates("")}};
    }

    // Does what can be done now. Returns whether one of the ends has moved.
    bool turn() {
        uv_run(&worker.loop.state().loop, UV_RUN_NOWAIT);
        bool moved = client->move();
        for (End& each : servers) moved |= each.move();
        return moved;
    }

    // Waits until something may be there to do, or for this long. False in the latter case.
    bool wait(int milliseconds) {
        uv_loop_t* const loop = &worker.loop.state().loop;
        std::vector<pollfd> all{{uv_backend_fd(loop), POLLIN, 0}, client->awaited()};
        for (const End& each : servers) all.push_back(each.awaited());
        const int until_timer = uv_loop_alive(loop) != 0 ? uv_backend_timeout(loop) : -1;
        const bool timer_first = until_timer >= 0 && until_timer < milliseconds;
        return ::poll(all.data(), all.size(), timer_first ? until_timer : milliseconds) > 0 || timer_first;
    }

    // False when it does not become true in time.
    bool until(const std::function<bool()>& holds) {
        return until(holds, [this] {
            if (!turn()) wait(5);
        });
    }
    static bool until(const std::function<bool()>& holds, const std::function<void()>& step) {
        const double began = proxy::io::clock_ms();
        while (!holds()) {
            if (proxy::io::clock_ms() - began > patience) return false;
            step();
        }
        return true;
    }

    // Waits until everything that was sent has had its effect.
    void quiet() {
        int still = 0;
        until([&] { return still == 2; }, [&] { still = turn() || wait(1) ? 0 : still + 1; });
    }

    // Waits for `bytes` on one of the ends, and takes them.
    void sees(End& end, std::string_view who, std::string_view bytes, const Where& where) {
        std::size_t same = 0;  // how many are as they should be
        const auto decided = [&] {
            const std::size_t here = std::min(end.unseen.size(), bytes.size());
            if (std::string_view(end.unseen).substr(same, here - same) != bytes.substr(same, here - same)) return true;
            same = here;
            return same == bytes.size() || end.ended || end.reset;
        };
        until(decided);
        if (!end.unseen.starts_with(bytes)) {
            const char* const then = end.reset ? "and a reset" : end.ended ? "and the end" : "and no more";
            stuck(fmt::format("{}: {} should see\n{}\nand saw\n{}\n{}", at(where), who, shown(bytes), shown(end.unseen),
                              then));
        }
        end.unseen.erase(0, bytes.size());
    }

    // Waits for the end of the data on `end`, in one of the two ways.
    void sees_end(End& end, std::string_view who, const Where& where) {
        until([&] { return end.ended || end.reset || !end.unseen.empty(); });
        if (!end.unseen.empty())
            stuck(fmt::format("{}: {} should see an end and saw\n{}", at(where), who, shown(end.unseen)));
        if (!end.ended && !end.reset) stuck(fmt::format("{}: the connection of {} does not end", at(where), who));
    }

    End& server(const Where& where) {
        if (servers.empty()) accept(where);
        return servers.back();
    }
    void accept(const Where& where) {
        if (!until([this] { return port.is_asked(); }))
            stuck(fmt::format("{}: nobody connects to the server", at(where)));
        servers.emplace_back(port.accept());
    }

    // The next whole response, as the proxy frames its own.
    Told answer(bool with_body, const Where& where) {
        Told told;
        std::size_t length = 0;
        const auto whole = [&] {
            const std::size_t end = client->unseen.find("\r\n\r\n");
            if (end == std::string::npos) return client->ended || client->reset;
            constexpr std::string_view name = "\r\nContent-Length: ";
            told.head = client->unseen.substr(0, end + 4);
            const std::size_t begin = told.head.find(name);
            if (begin != std::string::npos && with_body) {
                const std::string_view digits = std::string_view(told.head).substr(begin + name.size());
                std::from_chars(digits.data(), digits.data() + digits.size(), length);
            }
            return client->unseen.size() >= told.head.size() + length || client->ended || client->reset;
        };
        until(whole);
        if (told.head.empty() || client->unseen.size() < told.head.size() + length)
            stuck(fmt::format("{}: the client should be told something whole and saw\n{}", at(where),
                              shown(client->unseen)));
        told.body = client->unseen.substr(told.head.size(), length);
        client->unseen.erase(0, told.head.size() + length);
        constexpr std::size_t before_status = 9;  // "HTTP/1.1 "
        std::from_chars(told.head.data() + before_status, told.head.data() + before_status + 3, told.status);
        return told;
    }

    Told told(int status, std::string_view code, bool with_body, const Where& where) {
        Told answer = this->answer(with_body, where);
        INFO(at(where) << '\n' << answer.head << answer.body);
        CHECK(answer.status == status);
        if (code.empty()) CHECK_FALSE(answer.head.contains("\r\nProxy-Status: "));
        if (!code.empty()) CHECK(answer.head.contains(fmt::format("; details=\"{}\"\r\n", code)));
        return answer;
    }

    // The lines of one of the two files, which are then complete.
    std::string text_of(std::string_view file) {
        quiet();
        services.log.finish();
        standard_error.finish();
        std::ostringstream text;
        text << std::ifstream(directory / file).rdbuf();
        return text.str();
    }
    std::vector<nlohmann::json> requests() {
        std::vector<nlohmann::json> found;
        std::istringstream lines(text_of("log"));
        for (std::string line; std::getline(lines, line);) {
            nlohmann::json read = nlohmann::json::parse(line);
            if (read["event"] == "request") found.push_back(std::move(read));
        }
        return found;
    }

    void nothing_is_left() {
        quiet();
        const auto unseen = [](const End& end) { return shown(end.unseen); };
        CHECK(unseen(*client) == "");
        for (const End& each : servers) CHECK(unseen(each) == "");
        CHECK_FALSE(port.is_asked());
    }

    tests::TemporaryDirectory directory;
    Port port;
    proxy::LogWriter standard_error{directory / "stderr"};
    proxy::Services services;
    proxy::Worker worker{services};
    std::optional<End> client;
    std::list<End> servers;  // in the order in which they were accepted
};

Transcript::Transcript(const Conditions& conditions) : stage_(std::make_unique<Stage>(conditions)) {}

Transcript::~Transcript() {
    const bool passed = std::uncaught_exceptions() == 0;
    if (passed) stage_->nothing_is_left();
    stage_->client->close();
    for (End& each : stage_->servers) each.close();
    const bool let_go = stage_->until([this, passed] {
        if (!passed) stage_->worker.stop_at_once();
        return stage_->worker.clients.connections.empty();
    });
    CHECK(let_go);
    stage_->worker.stop();
    stage_->worker.loop.close_all();
    if (passed) CHECK_FALSE(stage_->text_of("stderr").contains("whytls: bug"));
}

void Transcript::client(std::string_view bytes) {
    stage_->client->say(bytes);
    stage_->client->move();
}
void Transcript::client_trickles(std::string_view bytes) {
    for (const char& byte : bytes) {
        client({&byte, 1});
        stage_->turn();
    }
}
void Transcript::client_ends() {
    stage_->client->leave();
    stage_->quiet();
}
void Transcript::client_resets() {
    stage_->quiet();
    stage_->client->cut();
}
void Transcript::client_stops_reading() { stage_->client->reads = false; }
void Transcript::client_reads_again() { stage_->client->reads = true; }
void Transcript::client_is_held_up(Where where) {
    stage_->quiet();
    INFO(at(where));
    CHECK(stage_->client->has_more_to_say());
}
std::string Transcript::client_takes() {
    stage_->quiet();
    return std::exchange(stage_->client->unseen, {});
}
void Transcript::client_sees(std::string_view bytes, Where where) {
    stage_->sees(*stage_->client, "the client", bytes, where);
}
Told Transcript::client_is_told(int status, std::string_view code, Where where) {
    return stage_->told(status, code, true, where);
}
Told Transcript::client_is_told_of_head(int status, std::string_view code, Where where) {
    return stage_->told(status, code, false, where);
}
void Transcript::client_sees_end(Where where) {
    INFO(at(where));
    stage_->sees_end(*stage_->client, "the client", where);
    CHECK(stage_->client->ended);
}
void Transcript::client_sees_reset(Where where) {
    INFO(at(where));
    stage_->sees_end(*stage_->client, "the client", where);
    CHECK(stage_->client->reset);
}
std::string Transcript::client_sees_until_reset(Where where) {
    INFO(at(where));
    stage_->until([this] { return stage_->client->ended || stage_->client->reset; });
    CHECK(stage_->client->reset);
    return std::exchange(stage_->client->unseen, {});
}
void Transcript::client_sees_cut(Where where) { stage_->sees_end(*stage_->client, "the client", where); }
void Transcript::client_is_still_open(Where where) {
    stage_->quiet();
    INFO(at(where));
    const bool open = !stage_->client->ended && !stage_->client->reset;
    CHECK(open);
    CHECK(shown(stage_->client->unseen) == "");
}

void Transcript::server(std::string_view bytes) {
    stage_->servers.back().say(bytes);
    stage_->servers.back().move();
}
void Transcript::server_trickles(std::string_view bytes) {
    for (const char& byte : bytes) {
        server({&byte, 1});
        stage_->turn();
    }
}
void Transcript::server_ends() {
    stage_->servers.back().leave();
    stage_->quiet();
}
void Transcript::server_resets() {
    stage_->servers.back().move();
    stage_->servers.back().cut();
    stage_->quiet();
}
void Transcript::server_stops_reading() { stage_->servers.back().reads = false; }
void Transcript::server_reads_again() { stage_->servers.back().reads = true; }
void Transcript::server_is_held_up(Where where) {
    stage_->quiet();
    INFO(at(where));
    CHECK(stage_->servers.back().has_more_to_say());
}
void Transcript::server_is_gone() { stage_->port.close(); }
void Transcript::server_accepts(Where where) { stage_->accept(where); }
void Transcript::server_sees(std::string_view bytes, Where where) {
    stage_->sees(stage_->server(where), "the server", bytes, where);
}
std::string Transcript::server_sees_head(Where where) {
    End& end = stage_->server(where);
    std::size_t size = std::string::npos;
    stage_->until([&] { return (size = end.unseen.find("\r\n\r\n")) != std::string::npos || end.ended || end.reset; });
    if (size == std::string::npos)
        stuck(fmt::format("{}: the server should see a head and saw\n{}", at(where), shown(end.unseen)));
    std::string head = end.unseen.substr(0, size + 4);
    end.unseen.erase(0, head.size());
    return head;
}
std::string Transcript::server_sees_until_end(Where where) {
    End& end = stage_->server(where);
    if (!stage_->until([&] { return end.ended || end.reset; }))
        stuck(fmt::format("{}: the server's connection does not end", at(where)));
    return std::exchange(end.unseen, {});
}
void Transcript::server_sees_end(Where where) {
    INFO(at(where));
    stage_->sees_end(stage_->server(where), "the server", where);
}
void Transcript::server_sees_reset(Where where) {
    INFO(at(where));
    stage_->sees_end(stage_->server(where), "the server", where);
    CHECK(stage_->servers.back().reset);
}
void Transcript::server_sees_nothing(Where where) {
    stage_->quiet();
    INFO(at(where));
    CHECK_FALSE(stage_->port.is_asked());
    if (stage_->servers.empty()) return;
    const End& newest = stage_->servers.back();
    const bool open = !newest.ended && !newest.reset;
    CHECK(open);
    CHECK(shown(newest.unseen) == "");
}
int Transcript::server_connections() const {
    return static_cast<int>(stage_->servers.size()) + (stage_->port.is_asked() ? 1 : 0);
}

void Transcript::serves(std::string_view path, Where where) {
    client(get(path));
    server_sees(relayed(get(path)), where);
    server(ok(path));
    client_sees(ok(path), where);
}

void Transcript::passes(double seconds) {
    const double until = proxy::io::clock_ms() + seconds * 1000;
    stage_->until([&] { return proxy::io::clock_ms() >= until; });
}
void Transcript::proxy_stops() {
    stage_->quiet();
    stage_->worker.stop();
}

void Transcript::proxy_stops_at_once() {
    stage_->quiet();
    stage_->worker.stop_at_once();
}

std::string Transcript::address() const { return stage_->services.upstream.listeners.front().to_string(); }
std::string Transcript::pseudonym() const { return stage_->services.upstream.pseudonym; }
std::string Transcript::server_address() const { return fmt::format("127.0.0.1:{}", stage_->port.number()); }

std::string Transcript::logged(std::string_view member, std::size_t request) {
    const auto lines = stage_->requests();
    if (request >= lines.size() || !lines[request].contains(member)) return "";
    const nlohmann::json& value = lines[request][std::string(member)];
    return value.is_string() ? value.get<std::string>() : value.dump();
}
std::size_t Transcript::requests_logged() { return stage_->requests().size(); }
std::string Transcript::stderr_text() { return stage_->text_of("stderr"); }

std::string request(std::string_view method, std::string_view fields, std::string_view body) {
    return fmt::format("{} {}/ HTTP/1.1\r\nHost: good.test\r\n{}\r\n{}", method, site, fields, body);
}
std::string get(std::string_view path, std::string_view fields) {
    return fmt::format("GET {}{} HTTP/1.1\r\nHost: good.test\r\n{}\r\n", site, path, fields);
}
std::string post(std::string_view fields, std::string_view body) { return request("POST", fields, body); }

std::string relayed(std::string_view request) {
    std::string seen(request);
    if (const std::size_t begin = seen.find(site); begin < seen.find("\r\n")) seen.erase(begin, site.size());
    return seen;
}

std::string ok(std::string_view body, std::string_view fields) {
    return fmt::format("HTTP/1.1 200 OK\r\n{}Content-Length: {}\r\n\r\n{}", fields, body.size(), body);
}

}  // namespace proxy_test
