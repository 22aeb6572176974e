// The connections of one scan: each asks one question, a bounded number of them at a time, all at
// the address that the first one reached. Knows order and time; nothing of what an answer means.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "inspect/scan/question.h"
#include "proxy/command/check/examine.h"
#include "proxy/io/signal.h"
#include "proxy/io/task.h"
#include "proxy/upstream/context.h"

namespace proxy {

// What a whole handshake came to, as whytls makes it.
struct Shaken {
    inspect::scan::Reply reply = inspect::scan::Reply::not_asked;  // chosen: it was done
    std::optional<std::uint8_t> alert = {};
    std::string alpn = {};
    bool resumed = false;
    bool ended = false;  // the server's end came, hence all of its tickets had come before
    certs::ByteVector leaf = {}, issuer = {}, staple = {};      // DER; none of a resumed session
    std::shared_ptr<const tls::ResumableSession> session = {};  // to be resumed
};

class Contacts {
public:
    // Those at a time. A server that serves one after the other lets the rest wait.
    static constexpr std::size_t most_at_once = 8;

    // `seconds`: for all of them together.
    Contacts(UpstreamContext& context, Examination how, Subject subject, double seconds);

    // Sends the hello and reads the answer, each within the limits of every connection.
    io::Task<inspect::scan::Answered> ask(inspect::scan::Question question);

    // A whole handshake in that version, whatever the server's certificate is. `parameters`: what
    // differs from the usual one. Nothing is sent over the connection. `keep`: its session will be
    // resumed.
    io::Task<Shaken> shake_hands(tls::Version version, tls::ClientParameters parameters, bool keep);

    const std::string& sni() const { return sni_; }
    std::size_t count() const { return count_; }
    // Where they are connected to; none before the first, and none through a parent proxy.
    const std::optional<ChosenAddress>& address() const { return subject_.address; }

private:
    class Place;
    io::Task<> begin();
    double seconds_left() const;
    bool is_over() const;
    void note(bool answered) { unanswered_ = answered ? 0 : unanswered_ + 1; }
    io::Task<bool> connect(Upstream& upstream);
    io::Task<bool> take_tickets(Upstream& upstream);
    io::Task<> converse(Upstream& upstream, inspect::scan::Question question, inspect::scan::Answered& answered);

    UpstreamContext& context_;
    const Examination how_;
    Subject subject_;
    std::string sni_;
    double end_ms_;
    const tls::ClientContext only_1_2_{tls::Version::tls_1_2, tls::Version::tls_1_2},
        only_1_3_{tls::Version::tls_1_3, tls::Version::tls_1_3};
    std::size_t count_ = 0, running_ = 0;
    std::size_t unanswered_ = 0;  // connections in a row without an answer
    io::Signal freed_;
};

}  // namespace proxy
