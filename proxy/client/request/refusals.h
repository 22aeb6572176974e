// The requests that are refused before any server is asked, as values: the answer, its code, and
// what stderr reports of it. The request's story sends them.
#pragma once

#include <optional>

#include "inspect/http/http1/fault.h"
#include "proxy/client/client.h"
#include "proxy/http/respond.h"
#include "proxy/stream/stream.h"

namespace proxy {

struct Refusal {
    Answer answer;
    inspect::diagnosis::Code code = inspect::diagnosis::Code::none;
    std::optional<inspect::diagnosis::Diagnosis> notice = {};  // for stderr
};

// The attempt of such a request; of one that names its server in the second form.
inspect::diagnosis::Attempt refused(Client& client, inspect::diagnosis::Failure why);
inspect::diagnosis::Attempt refused(Client& client, inspect::diagnosis::Failure why,
                                    const inspect::http::Target& target, const inspect::http::RequestHead& request);

// Why the parser gave up on a request.
inspect::diagnosis::RequestRejected rejected_head(const Client& client, const ServerStream& stream);

// The answer that an attempt gets, as far as this client may read it.
Refusal diagnosed(const Client& client, const inspect::diagnosis::Attempt& attempt,
                  const inspect::http::RequestHead& request);

// The client has not given the password (--proxy-auth). `java`: a Java program asked for a tunnel.
Refusal refuse_use(Client& client, const inspect::http::RequestHead& request, bool java);
bool is_java_tunnel(const inspect::http::RequestHead& request);

// The target is none that a proxy takes.
Refusal refuse_target(Client& client, const inspect::http::RequestHead& request);

// The proxy's own page was asked for under a name that someone else may have made to lead here.
Refusal refuse_name(Client& client, const inspect::http::RequestHead& request);

// Whether the request has passed this proxy before.
bool has_been_here(Client& client, const inspect::http::RequestHead& request);

// The request has been here before. It came from a proxy, whose client is told too late and in
// other words: hence stderr.
Refusal refuse_loop(Client& client, const inspect::http::Target& target, const inspect::http::RequestHead& request);

// A tunnel is asked for that leads nowhere, or back here; nullopt when it may be opened.
std::optional<Refusal> refuse_tunnel(Client& client, const std::optional<inspect::http::Target>& target,
                                     const inspect::http::RequestHead& request);

// A reverse listener is taken for a proxy. Few clients show the answer to a CONNECT, so stderr
// reports it too.
Refusal refuse_as_proxy(Client& client, const inspect::http::RequestHead& request);

// A page elsewhere uses the gateway path.
Refusal refuse_cross_site(Client& client, inspect::http::CrossSite sign, const inspect::http::Target& upstream,
                          const inspect::http::RequestHead& request);

}  // namespace proxy
