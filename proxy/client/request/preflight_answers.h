// What a page's script learns of a failure. A browser shows it nothing of a preflight, so what
// answers that waits for the request that follows (Fetch standard §4.8).
#pragma once

#include <optional>

#include "proxy/client/request/refusals.h"
#include "proxy/upstream/upstream.h"

namespace proxy {

// A request whose preflight was answered here is answered here, with why; nullopt for any other. A
// preflight goes to the server.
std::optional<Refusal> refused_preflight(Client& client, const inspect::http::RequestHead& request,
                                         const Destination& destination);

// The answer to a preflight for a server that failed: a page that --allow-origin names may send its
// request, to learn why. nullopt for what is no preflight, or another page's.
std::optional<Answer> answer_preflight(Client& client, const inspect::http::RequestHead& request,
                                       const Destination& destination, const inspect::diagnosis::Attempt& failed);

}  // namespace proxy
