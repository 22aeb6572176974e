// The story of one request: what it asks for, where that goes, and what it is answered when that
// fails. It speaks to the client over a stream only. Its answers are in request_answers.cpp.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "proxy/client/admission.h"
#include "proxy/client/client.h"
#include "proxy/client/request/refusals.h"
#include "proxy/client/request/request_server.h"
#include "proxy/flows/tap.h"
#include "proxy/http/exchange.h"
#include "proxy/http/outcome.h"
#include "proxy/http/route.h"
#include "proxy/stream/stream.h"

namespace proxy {

class RequestStory {
public:
    // All outlive this. `stream` has just received a request's head, or failed to. `number`: of the
    // request on the client's connection; 0 when it is the only one under way.
    RequestStory(Client& client, Admission& admission, ServerStream& stream, std::uint64_t number = 0)
        : client_(client),
          admission_(admission),
          stream_(stream),
          request_(stream.request()),
          began_ms_(client.began_ms),
          number_(number),
          server_(client, number) {}

    // Serves the request. True when another may follow on its connection.
    [[gnu::noinline]] io::Task<bool> run();
    // What comes cannot be parsed as a request: it gets an answer, and the connection ends
    // (RFC 9112 §2.2).
    [[gnu::noinline]] io::Task<> reject();
    // Sends an answer in place of a server's.
    io::Task<bool> refuse(Refusal refusal) { return refuse(std::move(refusal), request_); }

private:
    io::Task<bool> serve_reverse(const inspect::http::Target& target);
    io::Task<bool> serve_gateway();
    io::Task<bool> forward(Route route);
    [[gnu::noinline]] io::Task<Outcome> ask_over_http2(const inspect::http::RequestHead& head,
                                                       const ExchangeOptions& options, inspect::Flow& flow);
    io::Task<Outcome> ask(const Route& route, const SentBody* again, inspect::Flow& flow);
    [[gnu::noinline]] io::Task<bool> conclude(const inspect::http::RequestHead& request, Outcome& outcome,
                                              inspect::Flow& flow);
    // `request` is the request as the server would have got it, or as it came.
    [[gnu::noinline]] io::Task<bool> refuse(Refusal refusal, const inspect::http::RequestHead& request);
    io::Task<bool> answer(Answer made);
    io::Task<bool> answer_own_page(std::string_view path, const inspect::http::RequestHead& named);
    [[gnu::noinline]] io::Task<bool> answer_unreached(const inspect::http::RequestHead& request);
    io::Task<bool> answer_failure(const inspect::http::RequestHead& request, ServerFailed failed, inspect::Flow flow);
    io::Task<> reject_content(const inspect::http::RequestHead& request, BadRequest begun, inspect::Flow flow);
    io::Task<> reject(inspect::diagnosis::Attempt attempt, inspect::http::RequestHead request, inspect::Flow flow,
                      bool cut_short);
    io::Task<bool> send_answer(Answer made, const inspect::http::RequestHead& request, inspect::Flow flow,
                               bool complete);
    io::Task<> relay_upgraded(ClientStream& server, const std::string& protocol, inspect::Flow& flow);

    inspect::diagnosis::Attempt attempt_of(const inspect::http::RequestHead& request,
                                           inspect::diagnosis::Failure failure) const;
    inspect::diagnosis::Code report_cut(const inspect::http::RequestHead& request, const CutShort& cut,
                                        const inspect::Flow& flow);
    void record(const inspect::http::RequestHead& request, inspect::Flow&& flow);
    // Begins to keep the request for the book, if there is one.
    void begin_tap();
    // Has the book show why the request failed, where that is not its server's connection's doing.
    void show_failure(const inspect::diagnosis::Diagnosis& found);

    Client& client_;
    Admission& admission_;
    ServerStream& stream_;
    const inspect::http::RequestHead& request_;  // as it came
    double began_ms_;
    std::uint64_t number_;
    RequestServer server_;      // where the request goes
    std::unique_ptr<Tap> tap_;  // while there is a book
};

}  // namespace proxy
