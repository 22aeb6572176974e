// How the data from a peer ends: a FIN and a reset are distinguished.
#include <array>
#include <csignal>

#include "proxy/io/channel.h"
#include "proxy/io/connector.h"
#include "proxy/io/listener.h"
#include "proxy/io/loop_state.h"
#include "proxy/io/signal.h"
#include "tests/proxy/worker_of_tests.h"
#include "tests/support/catch.h"

using namespace proxy;
using namespace proxy::io;
using proxy_test::run;

namespace {

// What a story reads until the end: how much came, and how it ended; nullopt after a FIN.
struct Heard {
    std::size_t bytes = 0;
    std::optional<IoError::Kind> end;
};

Task<> hear(Channel& channel, Heard& heard) {
    for (;;) {
        const auto more = co_await channel.fill();
        heard.bytes += channel.buffered().size();
        channel.consume(channel.buffered().size());
        if (more && *more > 0) continue;
        if (!more) heard.end = more.error().kind;
        co_return;
    }
}

using Deed = void (*)(Socket& peer, Socket& ours);

// Connects to a peer that does all of `deed` at once, so that the reader finds it all in one round
// of the loop. Reads it.
Heard heard_after(Deed deed) {
    Loop loop;
    Heard heard;
    Signal met;
    std::optional<Socket> peer;
    std::optional<Listener> listener;
    auto opened = Listener::open(loop, *Address::parse("127.0.0.1", 0), {}, [&](Socket socket) {
        peer.emplace(std::move(socket));
        met.notify();
        listener->close();
    });
    REQUIRE(opened);
    listener.emplace(std::move(*opened));
    const auto story = [](Loop& of, Address where, Signal& met, std::optional<Socket>& peer, Deed deed,
                          Heard& heard) -> Task<> {
        auto connected = co_await connect(of, {where}, 5);
        REQUIRE(connected.socket);
        while (!peer) co_await met.wait();
        Channel channel(std::move(*connected.socket));
        deed(*peer, channel.socket());
        co_await hear(channel, heard);
        Heard again;
        co_await hear(channel, again);
        CHECK(again.end.has_value() == heard.end.has_value());
        peer.reset();
    };
    run(story(loop, listener->address(), met, peer, deed, heard));
    loop.run();
    return heard;
}

void send(Socket& from, std::string_view text) { REQUIRE(from.try_write(certs::as_bytes(text)) == text.size()); }
void half_close_ours(Socket& ours) { ours.shut_down(); }

}  // namespace

TEST_CASE("a reset stays a reset, and a FIN a FIN, whatever came with it and whoever noticed it first") {
    std::signal(SIGPIPE, SIG_IGN);  // as the program does
    struct Row {
        std::string_view what;
        Deed deed;
        std::size_t bytes;
        std::optional<IoError::Kind> end;
    };
    const auto reset = IoError::Kind::reset;
    const std::array rows{
        Row{"a FIN", [](Socket& peer, Socket&) { peer.close(); }, 0, {}},
        Row{"bytes, then a FIN", [](Socket& peer, Socket&) { send(peer, "whole"), peer.close(); }, 5, {}},
        Row{"our FIN, bytes, then theirs",
            [](Socket& peer, Socket& ours) { half_close_ours(ours), send(peer, "whole"), peer.close(); },
            5,
            {}},
        Row{"a reset", [](Socket& peer, Socket&) { peer.reset(); }, 0, reset},
        Row{"bytes, then a reset", [](Socket& peer, Socket&) { send(peer, "half"), peer.reset(); }, 4, reset},
        Row{"our FIN, bytes, then a reset",
            [](Socket& peer, Socket& ours) { half_close_ours(ours), send(peer, "half"), peer.reset(); }, 4, reset},
        Row{"bytes, then a reset that a write noticed first",
            [](Socket& peer, Socket& ours) {
                send(peer, "half"), peer.reset();
                CHECK_FALSE(ours.try_write(certs::as_bytes("more")));
                CHECK_FALSE(ours.try_write(certs::as_bytes("more")));
            },
            4, reset},
        Row{"bytes, a FIN, and a reset for what was sent after it",
            [](Socket& peer, Socket& ours) {
                send(peer, "whole"), peer.close();
                send(ours, "more");
                CHECK_FALSE(ours.try_write(certs::as_bytes("more")));
            },
            5,
            {}},
        Row{"a reset that a look at the idle connection noticed first",
            [](Socket& peer, Socket& ours) {
                peer.reset();
                Buffer none(ours.loop().state().buffers);
                CHECK_FALSE(ours.read_now(none, 1));
            },
            0, reset},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const Heard heard = heard_after(row.deed);
        CHECK(heard.bytes == row.bytes);
        CHECK(heard.end == row.end);
    }
}
