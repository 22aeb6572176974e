// One client's connection, as all stories of this room share it: who the client is, how it came in,
// and where its requests go. The story itself is in connection.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/diagnosis/known/client_kind.h"
#include "inspect/flow/record.h"
#include "inspect/http/message.h"
#include "proxy/io/channel.h"
#include "proxy/services/context.h"
#include "proxy/upstream/servers.h"
#include "proxy/upstream/upstream.h"
#include "tls/client_hello.h"

namespace proxy {

// Seconds for our last bytes to arrive.
constexpr double linger_time = 2;

// The TLS that the client speaks to us.
struct Intercepted {
    std::string sni;  // a host name, or ""
    tls::ClientHello hello;
    std::string key;  // client_key(), until its first request shows that it trusts our certificate
    // How long its handshake took, and when it was done (in the time of clock_ms()).
    double handshake_ms = 0, handshake_end_ms = 0;
    std::shared_ptr<const inspect::ClientLeg> shown;  // the same for the book, once a flow needs it
};

// The program that a User-Agent means, so that it is guessed once and not for each request.
struct GuessedProgram {
    std::string agent;
    inspect::diagnosis::ClientKind kind;
};

// What a Host field names, so that it is parsed once and not for each request.
struct NamedListener {
    std::optional<std::string> host;              // the field's value, where there is one
    std::optional<inspect::http::Target> target;  // absent where that is no host and port
    std::string origin;                           // "http://127.0.0.1:8080", whatever Host is
};

struct Client {
    // `listening` is where the client connected. It belongs to the settings, so it outlives this.
    Client(ClientContext& clients, io::Socket socket, const ListenAt& listening);
    // A tunnel in a stream of `carrying`'s connection, which outlives this; `socket` has its bytes.
    Client(Client& carrying, io::Socket socket);

    ClientContext& context;
    const ListenAt& listen;
    Client* carrier = nullptr;  // whose stream of HTTP/2 this tunnel's bytes come in
    io::Channel channel;
    std::string address;  // IP address and port
    std::string id;       // of its connection, in the log
    Intercepted tls;
    std::string user_agent;                 // from its CONNECT
    std::optional<GuessedProgram> program;  // of its latest flow
    std::optional<NamedListener> named;     // by its latest request; see named_here()
    std::optional<Destination> tunnel;      // inside a CONNECT: where every request goes
    Servers servers{context.upstream};      // … and where they go
    std::uint64_t* replays = nullptr;       // the page sends its request again, and wants its number
    bool several = false;                   // its requests come together, as streams of HTTP/2
    std::uint64_t exchanges = 0;            // completed
    std::uint64_t tunnels = 0;              // opened in streams of this connection
    // When the first byte of its latest request came, less the time that a tunnel's client waited
    // for both handshakes; in the time of clock_ms().
    double began_ms = 0;
    double tunnel_ms = 0;      // that waiting time, until it is counted with a request
    bool idle = true;          // nothing is in progress
    bool relays = false;       // bytes pass between it and its tunnel's server
    bool end_properly = true;  // with a close_notify; false when the server's response ended without one

    Services& services() const { return context.services; }
    const Settings& settings() const { return context.services.upstream.settings; }
    Notices& notices() const { return context.services.upstream.notices; }

    std::string ip() const;
    // Of its exchange with that number; 0: of the only one that is under way.
    std::string flow_id(std::uint64_t number = 0) const;
    // Where the client connected to. For a listener on all addresses, the address that it used.
    io::Address address_here();
    bool is_on_this_machine() const;
    // Whether whytls itself ended both connections, to stop at once: how they ended then says
    // nothing about client and server.
    bool was_stopped();
    // What a diagnosis may show of a request.
    std::string shown(std::string_view text) const;

    // The connection of the tunnel, or of the latest request. There must be one.
    Upstream& upstream() { return servers.latest()->upstream; }
    // Begins another connection to a server. A tunnel is one connection to its client, which
    // attributes everything that comes over it to the same server.
    Server& begin_server(Destination destination);
    // Dials the server and secures the connection; its attempt has what went wrong. `flow`: the
    // exchange's that needs it, in the log.
    io::Task<> open(Upstream& server, std::string flow);

    // Reports on stderr, for clients that do not show an answer.
    void notify(inspect::diagnosis::Diagnosis found);
};

// How the client names the listener that it is connected to: by the Host field, or else (HTTP/1.0)
// by the address that it connected to. Good until the next request is asked about.
const NamedListener& named_here(Client& client, const inspect::http::RequestHead& request);
const std::string& own_origin(Client& client, const inspect::http::RequestHead& request);

// Whether the Host field names this listener. Any address is accepted, for a port forwarder keeps
// the one that the client used. A name could be made to lead here by its owner.
bool is_asked_by_own_name(Client& client, const inspect::http::RequestHead& request);

}  // namespace proxy
