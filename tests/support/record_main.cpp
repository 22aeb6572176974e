// whytls-record DIR: keeps a flow for each line of the standard input, as `whytls proxy --record DIR`
// does, for the tests of what reads a recording. A line is NUMBER STATE METHOD URL STATUS [CODE]; STATE
// is "over" or "begun"; NUMBER counts from 1 in this session. Prints "ready", and "kept" for each line that is in the file.
#include <cstdio>
#include <exception>
#include <iostream>
#include <sstream>

#include "inspect/http/message.h"
#include "proxy/flows/store.h"

namespace {

inspect::Record read(const std::string& line, std::uint64_t before) {
    inspect::Record record;
    std::istringstream words(line);
    std::string state, code;
    words >> record.number >> state >> record.flow.method >> record.flow.url >> record.flow.status >> code;
    record.number += before;
    record.complete = state == "over";
    record.flow.id = "1-" + std::to_string(record.number);
    record.flow.client = "127.0.0.1:51000";
    record.unix_ms = (1'796'000'000 + static_cast<std::int64_t>(record.number)) * 1000;
    record.flow.protocol = record.flow.server_protocol = "http/1.1";
    record.flow.total_ms = 12.5;
    const auto target = inspect::http::parse_target(record.flow.method, record.flow.url);
    if (target) record.flow.host = target->host, record.flow.port = target->port;
    if (!code.empty()) {
        record.flow.code = inspect::diagnosis::code_named(code).value();
        auto own = std::make_shared<inspect::diagnosis::Diagnosis>();
        own->code = record.flow.code;
        own->title = "What went wrong";
        record.own = own;
    }
    record.request.emplace();
    record.request->method = record.flow.method;
    record.request->target = record.flow.url;
    record.response.emplace();
    record.response->status = record.flow.status;
    record.response_content.bytes = "{\"of\":" + std::to_string(record.number) + "}";
    record.flow.response_bytes = record.response_content.bytes.size();
    record.response->fields.add("Content-Type", "application/json");
    return record;
}

}  // namespace

int main(int argc, char* argv[]) {
    if (argc != 2) return 2;
    try {
        proxy::Store store(argv[1], {}, proxy::say, {.gathering = std::chrono::milliseconds(1)});
        std::cout << "ready" << std::endl;
        std::uint64_t written = 0;
        for (std::string line; std::getline(std::cin, line);) {
            const auto before = store.recording().rows_after(0, 1'000'000).value();
            if (!before.empty()) written = before.back().written;
            store.keep(inspect::PackedRecord(read(line, store.highest())));
            while (store.recording().rows_after(written, 1).value().empty()) {}
            std::cout << "kept" << std::endl;
        }
        return 0;
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
