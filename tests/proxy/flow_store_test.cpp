// What is kept of flows, and how it is read back.
#include <sys/stat.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "inspect/report/flow_document.h"
#include "tests/proxy/recorded.h"

using namespace recorded;

namespace {

mode_t mode(const std::filesystem::path& path) {
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("what is kept is read back: the row, the document, and the bodies as they are") {
    const Directory directory;
    auto record = flow(1);
    record.request_content.bytes = std::string("a\0b\xff", 4);
    record.response_content.bytes = "{}";
    {
        Store store(directory.path(), secrets());
        CHECK(store.highest() == 0);
        keep(store, record);
        store.close();
        CHECK_FALSE(store.recording().count());
    }
    const Recording recording(directory.path());
    CHECK(recording.count() == 1);
    CHECK(recording.rows({}, {}, 10) == std::vector<std::string>{inspect::report::row_json(record, secrets())});
    CHECK(recording.document(1).value() == inspect::report::document_json(record, secrets()));
    CHECK(recording.request_body(1).value() == record.request_content.bytes);
    CHECK(recording.response_body(1).value() == "{}");
    CHECK(recording.document(2).value() == std::nullopt);
    CHECK(recording.response_body(~std::uint64_t{0}).value() == std::nullopt);
    // No part of the file has what is masked.
    std::string everything;
    for (const auto& entry : std::filesystem::directory_iterator(directory.path()))
        everything += std::string(std::istreambuf_iterator<char>(std::ifstream(entry.path()).rdbuf()), {});
    CHECK(everything.contains("api.example.com"));
    CHECK_FALSE(everything.contains("hidden"));
    CHECK_FALSE(everything.contains("secret"));
}

TEST_CASE("only the user may read a recording; one that others may read is told of") {
    const Directory directory;
    const mode_t before = ::umask(0);
    Store store(directory.path() / "a" / "b", secrets());
    ::umask(before);
    CHECK(mode(directory.path()) == 0700);
    CHECK(mode(directory.path() / "a" / "b") == 0700);
    unsigned files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory.path() / "a" / "b")) {
        CHECK(mode(entry.path()) == 0600);
        ++files;
    }
    CHECK(files == 4);  // flows.sqlite, -wal, -shm, lock

    keep_one(directory);
    REQUIRE(::chmod(directory.file().c_str(), 0644) == 0);
    Told told;
    const Store again(directory.path(), secrets(), told.tell());
    REQUIRE(told.lines().size() == 1);
    CHECK(told.lines().front().contains("can be read by others (its mode is 0644)"));
}

TEST_CASE("a closed recording is one file, besides the lock") {
    const Directory directory;
    keep_one(directory);
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory.path()))
        names.push_back(entry.path().filename().string());
    std::ranges::sort(names);
    CHECK(names == std::vector<std::string>{"flows.sqlite", "lock"});
}

TEST_CASE("a flow that is handed in again takes the place of what was kept of it, written or waiting") {
    const Directory directory;
    Store store(directory.path(), secrets());
    auto begun = flow(1);
    begun.complete = false;
    keep(store, begun);
    auto over = flow(1);
    over.response_content.bytes = "all";
    keep(store, over);
    keep(store, flow(2));
    store.close();
    {
        const Recording recording(directory.path());
        CHECK(ids(recording) == Ids{2, 1});
        CHECK(recording.response_body(1).value() == "all");
    }
}

TEST_CASE("numbers go on over sessions, and no session's flows are overwritten") {
    const Directory directory;
    keep_one(directory);
    keep_one(directory);
    Store store(directory.path(), secrets());
    CHECK(store.highest() == 2);
    CHECK_THROWS(keep(store, flow(2)));
    keep(store, flow(3));
    store.close();
    CHECK(ids(Recording(directory.path())) == Ids{3, 2, 1});
    auto file = open_recording(directory.path());
    CHECK(file.number("SELECT count(*) FROM sessions WHERE ended IS NOT NULL") == 3);
    CHECK(file.number("SELECT count(DISTINCT session) FROM flows") == 3);
}

TEST_CASE("rows are newest first, filtered, and read on from a flow") {
    const Directory directory;
    {
        Store store(directory.path(), secrets());
        for (std::uint64_t id = 1; id <= 10; ++id) keep(store, flow(id, id % 2 ? "odd.test" : "even.test"));
    }
    const Recording recording(directory.path());
    CHECK(ids(recording, "host:odd") == Ids{9, 7, 5, 3, 1});
    CHECK(ids(recording, "host:odd mime:json proto:h2", 7, 2) == Ids{5, 3});
    CHECK(ids(recording, "failed").empty());
    CHECK(ids(recording, "", 3) == Ids{2, 1});
    CHECK(ids(recording, "", std::nullopt, 0).empty());
    const auto later = recording.rows_after(8, 100);
    REQUIRE(later);
    CHECK(later->size() == 2);
}

TEST_CASE("rows are read in the order in which flows ended") {
    const Directory directory;
    Told told;
    Store store(directory.path(), secrets(), told.tell(), {.gathering = Milliseconds(1)});
    auto slow = flow(1);
    slow.complete = false;
    keep(store, slow);
    std::uint64_t last = 0;
    const auto next = [&] {
        for (;;) {
            const auto rows = store.recording().rows_after(last, 1);
            REQUIRE(rows);
            if (rows->empty()) continue;
            last = rows->front().written;
            return rows->front().id;
        }
    };
    CHECK(next() == 1);
    keep(store, flow(2));
    CHECK(next() == 2);
    keep(store, flow(1));
    CHECK(next() == 1);
}

TEST_CASE("a recording is read while a proxy writes to it") {
    const Directory directory;
    Store store(directory.path(), secrets(), say, {.gathering = Milliseconds(1)});
    keep(store, flow(1));
    const Recording reading(directory.path());
    while (reading.count() == 0) {}
    CHECK(ids(reading) == Ids{1});
    keep(store, flow(2));
    while (reading.count() == 1) {}
    CHECK(ids(reading) == Ids{2, 1});
}

TEST_CASE("50,000 flows are opened and listed in less than 2 s") {
    const Directory directory;
    constexpr std::uint64_t many = 50'000;
    keep_one(directory);
    run(directory,
        "WITH RECURSIVE numbers(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < 50000)"
        " INSERT INTO flows SELECT n, 1, n, began, json_set(row, '$.id', n) FROM numbers, flows WHERE id = 1");
    const auto begin = std::chrono::steady_clock::now();
    const Recording recording(directory.path());
    const auto rows = recording.rows({}, {}, many);
    const auto listed = std::chrono::steady_clock::now();
    REQUIRE(rows);
    CHECK(rows->size() == many);
    CHECK(recording.count() == many);
    const auto filtered = recording.rows(*inspect::Filter::parse("status:200 host:example"), {}, many);
    const auto ended = std::chrono::steady_clock::now();
    REQUIRE(filtered);
    CHECK(filtered->size() == many);
    CHECK(listed - begin < std::chrono::seconds(2));
    CHECK(ended - listed < std::chrono::seconds(10));
    const auto ms = [](auto duration) { return std::chrono::duration_cast<Milliseconds>(duration).count(); };
    std::printf("50,000 flows listed in %lld ms, filtered in %lld ms\n", static_cast<long long>(ms(listed - begin)),
                static_cast<long long>(ms(ended - listed)));
}
