// A worker with services of its own, for stories that need one, and a site on its loop that gives
// prepared answers.
#pragma once

#include <string>
#include <vector>

#include "proxy/io/channel.h"
#include "proxy/io/listener.h"
#include "proxy/serve/worker.h"
#include "tests/support/catch.h"
#include "tests/support/forge.h"
#include "tests/support/temporary_directory.h"

namespace proxy_test {

inline void run(proxy::io::Task<> story) {
    proxy::io::spawn(std::move(story), [](const std::exception& bug) { FAIL(bug.what()); });
}

struct WorkerOfTests {
    tests::TemporaryDirectory directory;
    proxy::Services services = make();
    proxy::Worker worker{services};

    proxy::Services make() const {
        return {.authority = *certs::Authority::open(directory / "ca", tests::forge_time),
                .log = proxy::LogWriter(""),
                .upstream = {.settings = {},
                             .keyring = {},
                             .client_context = tls::ClientContext(),
                             .intermediates = proxy::Intermediates("")}};
    }
};

// Answers each connection with the next of its answers, the last one again and again, and keeps the
// requests. An answer that ends with "…" is not ended: the site waits for the other side to leave.
// An answer that ends with "∞" is repeated for ever.
class Site {
public:
    Site(proxy::Worker& worker, std::vector<std::string> answers)
        : answers_(std::move(answers)),
          listener_(*proxy::io::Listener::open(worker.loop, *proxy::io::Address::parse("127.0.0.1", 0), {},
                                               [this](proxy::io::Socket socket) { run(serve(std::move(socket))); })) {}

    std::string url(std::string_view path = "/ca.crt") const {
        return "http://" + listener_.address().to_string() + std::string(path);
    }
    const proxy::io::Address& address() const { return listener_.address(); }
    void close() { listener_.close(); }

    std::vector<std::string> asked;

private:
    proxy::io::Task<> serve(proxy::io::Socket socket) {
        const std::string answer = answers_[std::min(asked.size(), answers_.size() - 1)];
        const std::size_t number = asked.size();
        asked.emplace_back();
        proxy::io::Channel channel(std::move(socket));
        while (!asked[number].contains("\r\n\r\n")) {
            const auto more = co_await channel.fill();
            if (!more || *more == 0) co_return;
            asked[number] += certs::as_text(channel.buffered());
            channel.consume(channel.buffered().size());
        }
        const bool waits = answer.ends_with("…"), repeats = answer.ends_with("∞");
        const std::string text = waits || repeats ? answer.substr(0, answer.size() - 3) : answer;
        while (co_await channel.write(certs::as_bytes(text)) && repeats) {}
        if (waits) (void)co_await channel.fill();
        co_await channel.end();
    }

    std::vector<std::string> answers_;
    proxy::io::Listener listener_;
};

}  // namespace proxy_test
