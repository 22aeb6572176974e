// The answers that the proxy gives itself: the diagnosis in the form that the client prefers, and its own page.
#pragma once

#include <optional>
#include <string>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/http/message.h"
#include "proxy/services.h"

namespace proxy {

struct Answer {
    inspect::http::ResponseHead head;  // complete but for Content-Length, Date and Connection
    std::string body;
};

// Contract §3: status, Proxy-Status, the body by Accept; for a gRPC request a call that ended. A cross-origin page may read it, and its preflight is let pass so
// that the request which then fails tells the reason.
Answer diagnostic_answer(const inspect::diagnosis::Diagnosis& diagnosis, const inspect::http::RequestHead& request,
                         inspect::report::Detail detail);

// The question whether a cross-origin page may send its request (Fetch §3.2.2), answered with yes; nullopt for any other request.
std::optional<Answer> answer_preflight(const inspect::http::RequestHead& request);

// Whether a web page asks that is neither of this machine nor named by --allow-origin: what it is told, its author reads.
bool is_foreign_page(const Settings& settings, const inspect::http::RequestHead& request);

// --detail, but brief at most for a web page of another machine's origin that --allow-origin does not name, when the server is, or may be, one
// that only this machine's networks reach: any page can aim a browser at such a server, and must not read what it says.
inspect::report::Detail detail_for(const Settings& settings, const inspect::diagnosis::Attempt& attempt,
                                   const inspect::http::RequestHead& request);

// Who asks for the own page.
struct Visitor {
    std::string proxy;  // this listener as the visitor reaches it, "127.0.0.1:8080"
    bool local = true;  // on this machine: its files are the visitor's too
};

// http://why.tls/ and the listener's own paths: /, /ca.pem, /ca.der, /proxy.pac; 404 for others.
Answer own_page(const Services& services, const inspect::http::RequestHead& request, std::string_view path, const Visitor& visitor);

// Sends the client on to another path of this listener, method, body and all (RFC 9110 §15.4.8).
Answer redirect(std::string_view path);

// As it goes on the wire: with Date, Content-Length, and Connection where the client needs it; no body for HEAD.
std::string to_wire(Answer answer, const inspect::http::RequestHead& request, bool keep_alive);

}  // namespace proxy
