// The answers that the proxy gives itself: the diagnosis in the form that the client prefers, and
// its own page.
#pragma once

#include <optional>
#include <string>

#include "certs/certificate.h"
#include "inspect/diagnosis/diagnosis.h"
#include "inspect/gateway/cross_site.h"
#include "inspect/http/message.h"
#include "inspect/report/page/why_tls.h"
#include "proxy/io/task.h"
#include "proxy/settings/settings.h"
#include "proxy/stream/stream.h"

namespace proxy {

struct Answer {
    inspect::http::ResponseHead head;  // complete except for Content-Length, Date and Connection
    std::string body;
};

// Who reads an answer: a program, the user, or a web page that the user may know nothing of.
struct Reader {
    inspect::report::Detail detail = inspect::report::Detail::full;  // how much may be reported
    // A page that is neither of this machine nor named by --allow-origin.
    bool foreign = false;
    bool allowed = false;  // a page that --allow-origin names
};

// Takes --detail, but at most brief for a foreign page (is_foreign_page) in two cases: the server
// is, or may be, one that only this machine's networks reach; or it asked for this machine's own
// client certificate. Any page can aim a browser at such a server, and must not read what the
// server says.
Reader reader_of(const Settings& settings, const inspect::diagnosis::Attempt& attempt,
                 const inspect::http::RequestHead& request);

// Removes the facts about this machine and its user, which a diagnosis for a foreign page would
// repeat in its commands: options, paths, where whytls listens.
inspect::diagnosis::Attempt without_own_facts(inspect::diagnosis::Attempt attempt);

// Contract §3: status, the cause in the reason phrase, Proxy-Status, the body by Accept; for a gRPC
// request, a call that ended. A cross-origin page may read it. It allows nothing else: a preflight
// is refused like any request (Fetch §4.8, "CORS-preflight fetch", wants an ok status), since what
// a page were allowed now could reach the server when it is back.
Answer diagnostic_answer(const inspect::diagnosis::Diagnosis& diagnosis, const inspect::http::RequestHead& request,
                         const Reader& reader);

// Answers a preflight (is_preflight) with yes, for this one request: no browser keeps it. Only for
// pages that --allow-origin names.
Answer permission(const inspect::http::RequestHead& request);

// /healthz: that the proxy runs, which anyone may know. The live page asks for it over TLS, where it
// is of another origin, to learn whether its browser trusts the CA.
Answer healthy();

// http://why.tls/ and the listener's own paths: /, /ca.pem, /ca.der, /proxy.pac, /healthz; 404 for
// others.
// `ca` mints for the clients.
Answer own_page(const certs::Certificate& ca, const inspect::page::State& state,
                const inspect::http::RequestHead& request, std::string_view path);

// The own page, requested under a name that is not the listener's (RFC 9110 §15.5.20).
Answer misdirected(const inspect::http::RequestHead& request, const inspect::page::Misdirected& asked);

// So many passwords are being tried from the client's address that this one was not checked
// (RFC 6585 §4).
Answer too_many_guesses();

// The client at this address has more than `most` connections open, tunnels in streams among them.
Answer too_many_tunnels(std::string_view ip, std::size_t most);

// Redirects the client to another path of this listener, with method and body (RFC 9110 §15.4.8).
Answer redirect(std::string_view path);

// Sends the answer, with Date and Content-Length, within `seconds` (0: any time); no body for HEAD.
// False when the client does not take it.
[[gnu::noinline]] io::Task<bool> send(ServerStream& client, Answer answer, std::string_view method, ResponseEnd end,
                                      double seconds);

}  // namespace proxy
