// The requests for the live page, and those that it has sent again.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "inspect/report/page/why_tls.h"
#include "proxy/client/admission.h"
#include "proxy/client/client.h"
#include "proxy/http/respond.h"
#include "proxy/stream/stream.h"

namespace proxy {

// What the proxy's own page and the live page show of the proxy. `named` has the Host field that
// names this listener; a request in absolute form does not name it.
inspect::page::State page_state(Client& client, const inspect::http::RequestHead& named);

// Whether `target`, a path and query at http://why.tls/, is the live page's, and this client may see
// it. Beside the proxy's own page, which anyone may see, traffic is shown to who has the password,
// where there is one, and else to this machine.
bool shows_live(Client& client, const Admission& admission, const inspect::http::RequestHead& request,
                std::string_view target);

// Why a request at the live page's own listener is not served; nullopt when it is. A name could be
// made to lead there by its owner, who could then read the traffic; so could one that --allow-origin
// lets use the gateway path.
std::optional<Answer> refuse_live(Client& client, const inspect::http::RequestHead& request);

// Serves a request for the live page. `target`: path and query; `at_why_tls`: it was asked for
// there, and not at its listener. True when another request may follow on the connection.
[[gnu::noinline]] io::Task<bool> answer_live(Client& client, ServerStream& stream, std::string target, bool at_why_tls);

}  // namespace proxy
