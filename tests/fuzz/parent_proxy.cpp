// What a parent proxy answers to CONNECT: however the answer is cut, the tunnel is open or there is
// one refusal, whose texts are bounded. The first byte decides how the bytes are cut; the rest is
// the answer, after which the parent ends.
#include "proxy/upstream/parent_proxy.h"

#include <cstdlib>

#include "proxy/io/connector.h"
#include "proxy/io/listener.h"
#include "proxy/io/loop.h"

namespace {

using namespace proxy;
using Refusal = std::optional<inspect::diagnosis::ParentRefusal>;

constexpr std::size_t most_text = 1024;

void spawn(io::Task<> story) {
    io::spawn(std::move(story), [](const std::exception&) { std::abort(); });
}

class Encounter {
public:
    Encounter(std::string_view answer, std::size_t piece) : answer_(answer), piece_(piece) {}

    Refusal run() {
        io::Loop loop;
        auto listener = io::Listener::open(loop, *io::Address::parse("127.0.0.1", 0), {},
                                           [this](io::Socket socket) { spawn(answer(std::move(socket))); });
        if (!listener) std::abort();
        spawn(ask(loop, *listener));
        loop.run();
        return std::move(refusal_);
    }

private:
    io::Task<> answer(io::Socket socket) {
        io::Channel channel(std::move(socket));
        (void)co_await channel.fill();
        channel.consume(channel.buffered().size());
        for (std::string_view rest = answer_; !rest.empty(); rest.remove_prefix(std::min(piece_, rest.size())))
            if (!co_await channel.write(certs::as_bytes(rest.substr(0, piece_)))) break;
        co_await channel.linger(5);
    }

    io::Task<> ask(io::Loop& loop, io::Listener& listener) {
        auto connected = co_await io::connect(loop, {listener.address()}, 5);
        if (!connected.socket) std::abort();
        io::Channel channel(std::move(*connected.socket));
        const ParentProxy parent{
            .tls = false, .host = "parent.test", .port = 3128, .authorization = "Basic YTpi", .direct = {}};
        refusal_ = co_await open_tunnel(channel, parent, "good.test:443", "1.1 whytls-1", 5);
        channel.socket().reset();  // leaves no port waiting
        listener.close();
    }

    const std::string answer_;
    const std::size_t piece_;
    Refusal refusal_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 8192) return -1;
    const std::string_view answer(reinterpret_cast<const char*>(data) + 1, size - 1);
    const Refusal found = Encounter(answer, 1 + data[0]).run(), whole = Encounter(answer, 8192).run();
    if (found.has_value() != whole.has_value()) std::abort();
    if (!found) return 0;
    if (found->kind != whole->kind || found->status != whole->status) std::abort();
    if (found->first_text.size() > most_text || found->reason.size() > most_text ||
        found->asks_for.size() > 2 * most_text)
        std::abort();
    return 0;
}
