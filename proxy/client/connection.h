// The story of one client connection, from its first byte to its end: which protocol it speaks,
// what it is asked for first, and one request after the other.
#pragma once

#include <list>
#include <memory>
#include <optional>

#include "proxy/client/admission.h"
#include "proxy/client/client.h"
#include "proxy/client/http2_requests.h"
#include "proxy/client/request/request_story.h"
#include "proxy/io/task.h"
#include "proxy/services/context.h"
#include "proxy/stream/http1_server.h"

namespace proxy {

class ClientConnection {
public:
    // `listen` is where the client connected. It belongs to the settings, so it outlives this.
    ClientConnection(ClientContext& context, io::Socket socket, const ListenAt& listen);
    ClientConnection(const ClientConnection&) = delete;
    ClientConnection& operator=(const ClientConnection&) = delete;
    ~ClientConnection();

    // A tunnel in a stream of `carrier`'s connection, which outlives this; `socket` has its bytes.
    ClientConnection(Client& carrier, io::Socket socket);

    // Serves the client until either side is done.
    io::Task<> run();
    // The same for a tunnel that was set up (begin_tunnel), whose client has been told so.
    io::Task<> run_tunnel();
    Client& client() { return client_; }

    // Closes the connection when no request is in progress.
    void close_if_idle();
    // The client is gone, which who waits for its server would not notice.
    void abandon();

private:
    // A coroutine that is inlined has its frame inside its caller's, for as long as that lives. What
    // runs once in a while must not cost memory while a connection waits.
    [[gnu::noinline]] io::Task<> serve(bool speaks_http);
    [[gnu::noinline]] io::Task<bool> begin();
    [[gnu::noinline]] io::Task<bool> speaks_http2();
    [[gnu::noinline]] io::Task<> serve_http2();
    [[gnu::noinline]] io::Task<bool> serve_requests();
    [[gnu::noinline]] io::Task<> end_requests(Http1Server::Next next);
    [[gnu::noinline]] io::Task<bool> check_password();
    [[gnu::noinline]] io::Task<bool> serve_connect();
    io::Task<bool> refuse_connect(RequestStory& story);

    Client client_;
    Admission admission_{client_};
    std::optional<Http1Server> http_;                // while it speaks HTTP/1
    std::unique_ptr<Http2Requests> http2_;           // while it speaks HTTP/2
    std::list<ClientConnection*>::iterator listed_;  // in the loop's connections
};

}  // namespace proxy
