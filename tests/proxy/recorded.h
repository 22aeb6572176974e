// A recording of a test: where it is, what is kept in it, and what its store tells.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxy/flows/record_file.h"
#include "proxy/flows/store.h"
#include "tests/support/catch.h"

namespace recorded {

using namespace proxy;

using Milliseconds = std::chrono::milliseconds;

class Directory {
public:
    Directory() {
        std::string name = (std::filesystem::temp_directory_path() / "whytls-store-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        above_ = name;
    }
    ~Directory() { std::filesystem::remove_all(above_); }
    std::filesystem::path path() const { return above_ / "session"; }
    std::filesystem::path file() const { return path() / "flows.sqlite"; }

private:
    std::filesystem::path above_;
};

// What the store tells, and a way to wait for it.
class Told {
public:
    Tell tell() {
        return [this](const std::string& line) {
            const std::lock_guard lock(mutex_);
            lines_.push_back(line);
            changed_.notify_all();
        };
    }
    // The first line with that text; "" when none comes.
    std::string wait(std::string_view text) {
        std::unique_lock lock(mutex_);
        std::string found;
        changed_.wait_for(lock, std::chrono::seconds(20), [&] {
            for (const std::string& line : lines_)
                if (line.contains(text)) found = line;
            return !found.empty();
        });
        return found;
    }
    std::vector<std::string> lines() {
        const std::lock_guard lock(mutex_);
        return lines_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> lines_;
};

inline inspect::Record flow(std::uint64_t number, std::string host = "api.example.com") {
    inspect::Record record;
    record.number = number;
    record.complete = true;
    inspect::Flow& passed = record.flow;
    passed.id = "1-" + std::to_string(number);
    passed.client = "127.0.0.1:51000";
    passed.method = "GET";
    passed.url = "https://user:secret@" + host + "/v1?token=hidden&x=" + std::to_string(number);
    record.unix_ms = 1'796'000'000'000;
    passed.host = std::move(host);
    passed.port = 443;
    passed.reached = true;
    passed.protocol = passed.server_protocol = "h2";
    passed.status = 200;
    record.request.emplace();
    record.request->method = "GET";
    record.request->target = "/v1";
    record.request->fields.add("Authorization", "Bearer hidden");
    record.response.emplace();
    record.response->status = 200;
    record.response->fields.add("Content-Type", "application/json");
    return record;
}

inline void keep(Store& store, inspect::Record record) { store.keep(inspect::PackedRecord(std::move(record))); }

inline inspect::report::Secrets secrets() { return {.names = {"token"}, .shown = false}; }

inline std::vector<std::uint64_t> ids(const Recording& recording, std::string_view filter = "",
                                      std::optional<std::uint64_t> before = std::nullopt, std::size_t limit = 1000) {
    const auto rows = recording.rows(*inspect::Filter::parse(filter), before, limit);
    REQUIRE(rows);
    std::vector<std::uint64_t> ids;
    for (const std::string& row : *rows) ids.push_back(nlohmann::json::parse(row).at("id"));
    return ids;
}

using Ids = std::vector<std::uint64_t>;

inline void run(const Directory& directory, const char* statements) {
    auto file = sqlite::Connection::open(std::filesystem::canonical(directory.path()) / "flows.sqlite",
                                         sqlite::Connection::Mode::write);
    REQUIRE(file);
    REQUIRE(file->run(statements));
}

inline void keep_one(const Directory& directory) {
    Store store(directory.path(), secrets());
    keep(store, flow(store.highest() + 1));
}
}  // namespace recorded
