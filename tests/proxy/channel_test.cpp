// What a server may send on an idle connection, in TLS and in TLS inside TLS, and whether the next
// request may follow on it.
#include "proxy/io/channel.h"
#include "proxy/io/clock.h"

#include "proxy/io/connector.h"
#include "proxy/io/signal.h"
#include "proxy/services/identities.h"
#include "tests/proxy/worker_of_tests.h"

using namespace proxy;
using namespace proxy::io;
using proxy_test::run;
using proxy_test::WorkerOfTests;

namespace {

tls::ClientParameters accepting() {
    tls::ClientParameters parameters;
    parameters.accept_any = true;
    parameters.judge = [](std::span<const certs::Bytes>, certs::Bytes) { return certs::Verdict(); };
    return parameters;
}

// The server's end of one connection, with TLS in as many layers as `layers` says. The test cuts
// the records that it sends after the handshakes, so that they may arrive in halves.
class Peer {
public:
    Peer(WorkerOfTests& home, int layers) : home_(home), layers_(layers) {}

    Task<> serve(Socket socket) {
        Channel channel(std::move(socket));
        for (int layer = 0; layer < layers_; ++layer) {
            channel.start_tls(
                tls::Session::server(home_.worker.clients.identities.find("good.test", proxy::io::now()), {}));
            REQUIRE(co_await channel.handshake());
        }
        stream_ = &channel;
        changed_.notify();
        while (!over_) co_await changed_.wait();
        stream_ = nullptr;
        channel.close();
    }

    Task<> say(std::string text) { REQUIRE(co_await stream_->write(certs::as_bytes(text))); }
    // Sends a record of data, without its last bytes.
    Task<> half_say(std::string text) {
        tls::Session& session = stream_->session();
        REQUIRE(session.write(certs::as_bytes(text)));
        const certs::ByteVector bytes(session.output().begin(), session.output().end());
        session.sent(bytes.size());
        REQUIRE(co_await stream_->socket().write(certs::Bytes(bytes).first(bytes.size() - 3)));
    }

    Task<> await_ready() {
        while (stream_ == nullptr) co_await changed_.wait();
    }
    void end() {
        over_ = true;
        changed_.notify();
    }

private:
    WorkerOfTests& home_;
    int layers_;
    Signal changed_;
    bool over_ = false;
    Channel* stream_ = nullptr;
};

struct Pair {
    explicit Pair(int the_layers) : layers(the_layers), peer(home, the_layers) {
        listener.emplace(*Listener::open(home.worker.loop, *Address::parse("127.0.0.1", 0), {}, [this](Socket socket) {
            run(peer.serve(std::move(socket)));
            listener->close();
        }));
    }

    // Runs `story` with the client's end, once both are ready.
    void play(Task<> (*story)(Channel&, Peer&)) {
        run(connected(story));
        home.worker.loop.run();
    }

    Task<> connected(Task<> (*story)(Channel&, Peer&)) {
        auto found = co_await connect(home.worker.loop, {listener->address()}, 5);
        REQUIRE(found.socket);
        Channel channel(std::move(*found.socket));
        for (int layer = 0; layer < layers; ++layer) {
            channel.start_tls(tls::Session::client(home.services.upstream.client_context, accepting()));
            REQUIRE(co_await channel.handshake());
        }
        co_await peer.await_ready();
        co_await story(channel, peer);
        peer.end();
        channel.close();
    }

    WorkerOfTests home;
    int layers;
    Peer peer;
    std::optional<Listener> listener;
};

Task<> expect_quiet(Channel& channel, Peer&) {
    CHECK(channel.is_quiet());
    CHECK(channel.is_quiet());
    co_return;
}

Task<> expect_heard(Channel& channel, Peer& peer) {
    co_await peer.say("HTTP/1.1 408 ");
    CHECK_FALSE(channel.is_quiet());
}

Task<> expect_half_heard(Channel& channel, Peer& peer) {
    CHECK(channel.is_quiet());
    co_await peer.half_say("HTTP/1.1 408 ");
    CHECK_FALSE(channel.is_quiet());
}

}  // namespace

TEST_CASE("a server that only sent session tickets is quiet, inside another session too") {
    for (const int layers : {0, 1, 2}) {
        CAPTURE(layers);
        Pair(layers).play(expect_quiet);
    }
}

TEST_CASE("a server that has said something is not quiet, inside another session too") {
    for (const int layers : {0, 1, 2}) {
        CAPTURE(layers);
        Pair(layers).play(expect_heard);
    }
}

TEST_CASE("a server that has said half a record is not quiet") { Pair(1).play(expect_half_heard); }
