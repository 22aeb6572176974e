#include "proxy/client/request/preflight_answers.h"

#include "inspect/diagnosis/explain/preflight.h"
#include "inspect/gateway/cross_site.h"
#include "proxy/io/clock.h"

namespace proxy {

namespace http = inspect::http;
namespace diagnosis = inspect::diagnosis;

namespace {

// Who asks which host for which page, when a page does.
std::optional<CrossOrigin> cross_origin(const Client& client, const http::RequestHead& request,
                                        const Destination& destination) {
    const auto page = request.fields.find("Origin");
    return page ? std::optional(CrossOrigin{client.ip(), std::string(*page), destination.host, destination.port})
                : std::nullopt;
}

}  // namespace

std::optional<Refusal> refused_preflight(Client& client, const http::RequestHead& request,
                                         const Destination& destination) {
    Preflights& preflights = client.services().preflights;
    const auto who = cross_origin(client, request, destination);
    if (who && http::is_preflight(request)) preflights.forget(*who, request);
    auto failed = who && !http::is_preflight(request) ? preflights.take(*who, request, io::now()) : std::nullopt;
    if (!failed) return std::nullopt;
    const Reader reader = reader_of(client.settings(), *failed, request);
    diagnosis::Diagnosis found = diagnosis::explain(reader.foreign ? without_own_facts(*std::move(failed)) : *failed);
    diagnosis::tell_of_preflight(found);
    return Refusal{.answer = diagnostic_answer(found, request, reader), .code = found.code};
}

std::optional<Answer> answer_preflight(Client& client, const http::RequestHead& request, const Destination& destination,
                                       const diagnosis::Attempt& failed) {
    if (!http::is_preflight(request)) return std::nullopt;
    client.services().preflights.keep(*cross_origin(client, request, destination), request, failed, io::now());
    const bool named = !http::named_page(request, client.settings().allow_origin).empty();
    return named ? std::optional(permission(request)) : std::nullopt;
}

}  // namespace proxy
