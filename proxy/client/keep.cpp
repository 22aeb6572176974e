// What the book gets of a client's exchanges and handshakes.
#include "certs/crypto.h"
#include "certs/pem.h"
#include "proxy/client/record.h"
#include "proxy/io/clock.h"

namespace proxy {

namespace http = inspect::http;
namespace diagnosis = inspect::diagnosis;

namespace {

std::string program_of(Client& client, const http::RequestHead& request) {
    const std::string_view agent = request.fields.find("User-Agent").value_or(client.user_agent);
    if (!client.program || client.program->agent != agent)
        client.program = GuessedProgram{std::string(agent), diagnosis::recognise_client(agent, client.tls.hello)};
    return std::string(diagnosis::title(client.program->kind));
}

std::shared_ptr<const inspect::ClientLeg> leg_of(Client& client) {
    if (!client.channel.is_tls()) return nullptr;
    if (!client.tls.shown) {
        const tls::Handshake& info = client.channel.session().handshake_info();
        client.tls.shown = std::make_shared<const inspect::ClientLeg>(
            inspect::ClientLeg{info.version, info.cipher, info.alpn, client.tls.sni, client.tls.handshake_ms});
    }
    return client.tls.shown;
}

std::vector<inspect::KeptCertificate> certificates_of(const diagnosis::Attempt& attempt) {
    std::vector<inspect::KeptCertificate> list;
    if (!attempt.verdict) return list;
    const auto add = [&](certs::Bytes der, bool served) {
        std::string sha256 = certs::hex(certs::sha256(der));
        for (const auto& each : list)
            if (each.sha256 == sha256) return;
        list.push_back({std::move(sha256), certs::write_pem("CERTIFICATE", der), served});
    };
    for (const certs::Served& each : attempt.verdict->served) add(each.der, true);
    if (!attempt.verdict->paths.empty())
        for (const certs::PathCertificate& each : attempt.verdict->paths.front().certificates)
            add(each.certificate.der(), false);
    return list;
}

double spent_on(const diagnosis::Timings& timings) {
    return timings.dns.value_or(0) + timings.connect.value_or(0) + timings.handshake.value_or(0);
}

// A flow that has the same facts on the page while it is under way and when it is over.
void describe(inspect::Record& record, Client& client, const http::RequestHead& request) {
    record.program = program_of(client, request);
    record.client = leg_of(client);
    record.replayed = client.replays != nullptr;
    if (client.replays) *client.replays = record.number;
}

}  // namespace

std::unique_ptr<Tap> new_tap(Client& client, const http::RequestHead& request, double began_ms, std::uint64_t number) {
    Book& book = client.services().book;
    if (!book.open() || client.listen.live) return nullptr;
    auto tap = std::make_unique<Tap>(book, began_ms);
    if (!request.method.empty()) tap->request(request);
    inspect::Flow& flow = tap->record().flow;
    flow.id = client.flow_id(number);
    flow.client = client.address;
    flow.method = request.method;
    flow.time = io::now();
    describe(tap->record(), client, request);
    return tap;
}

void show_under_way(Client& client, const http::RequestHead& request, const Upstream& server, Tap& tap) {
    inspect::Record& record = tap.record();
    record.flow.url = url_of(request, &server);
    record.flow.host = server.destination.host;
    record.flow.port = server.destination.port;
    record.flow.protocol = protocol_of(client, request);
    record.server = server.shown;
    tap.show_soon(client.context.under_way);
}

void keep_flow(Client& client, const http::RequestHead& request, inspect::Flow flow, const Upstream* server,
               double began_ms, Tap* tap) {
    std::optional<Tap> own;
    Tap& used = tap ? *tap : own.emplace(client.services().book, began_ms);
    inspect::Record& record = used.record();
    if (!tap && !request.method.empty()) used.request(request);
    if (!tap) describe(record, client, request);
    if (server) record.server = server->shown;
    record.flow = std::move(flow);
    used.finish();
}

void keep_server(Client& client, Upstream& upstream, const diagnosis::Diagnosis& found, const std::string& id) {
    Book& book = client.services().book;
    const double spent = spent_on(found.timings), now = io::clock_ms();
    const auto leg = std::make_shared<const inspect::ServerLeg>(inspect::ServerLeg{
        std::to_string(book.new_connection()), now - spent, found, certificates_of(upstream.attempt)});
    upstream.shown = leg;
    if (!upstream.failed() || !is_of_handshake(found)) return;
    inspect::Record record;
    record.kind = inspect::Record::Kind::upstream_handshake;
    record.number = book.new_number();
    record.complete = true;
    record.began_ms = now - spent;
    record.unix_ms = io::unix_ms() - static_cast<std::int64_t>(spent);
    record.flow.id = id;
    record.flow.client = client.address;
    record.flow.host = found.host;
    record.flow.port = found.port;
    record.flow.time = found.time;
    record.flow.total_ms = spent;
    record.server = leg;
    record.program = program_of(client, {});
    book.put(std::move(record));
}

void keep_client_failure(Client& client, const diagnosis::Diagnosis& found) {
    Book& book = client.services().book;
    if (!book.open() || client.listen.live) return;
    inspect::Record record;
    record.kind = inspect::Record::Kind::client_handshake;
    record.number = book.new_number();
    record.complete = true;
    record.began_ms = io::clock_ms();
    record.unix_ms = io::unix_ms();
    record.flow.id = client.flow_id();
    record.flow.client = client.address;
    record.flow.host = found.host;
    record.flow.port = found.port;
    record.flow.time = found.time;
    record.flow.code = found.code;
    record.program = program_of(client, {});
    record.client = leg_of(client);
    if (!record.client)
        record.client = std::make_shared<const inspect::ClientLeg>(inspect::ClientLeg{"", "", "", client.tls.sni, 0});
    record.own = std::make_shared<const diagnosis::Diagnosis>(found);
    book.put(std::move(record));
}

}  // namespace proxy
