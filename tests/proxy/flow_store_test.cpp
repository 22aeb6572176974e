#include "proxy/flows/store.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "inspect/report/flow_document.h"
#include "proxy/flows/record_file.h"
#include "proxy/settings/settings.h"
#include "tests/support/catch.h"

using namespace proxy;

namespace {

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

inspect::Record flow(std::uint64_t number, std::string host = "api.example.com") {
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

void keep(Store& store, inspect::Record record) { store.keep(inspect::PackedRecord(std::move(record))); }

inspect::report::Secrets secrets() { return {.names = {"token"}, .shown = false}; }

template <class Error>
std::string refusal(const std::filesystem::path& directory) {
    try {
        const Store store(directory, secrets());
    } catch (const Error& error) { return error.what(); }
    return "";
}

std::string reading_refusal(const std::filesystem::path& directory) {
    try {
        const Recording recording(directory);
    } catch (const UsageError& error) { return error.what(); }
    return "";
}

mode_t mode(const std::filesystem::path& path) {
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

std::vector<std::uint64_t> ids(const Recording& recording, std::string_view filter = "",
                               std::optional<std::uint64_t> before = std::nullopt, std::size_t limit = 1000) {
    const auto rows = recording.rows(*inspect::Filter::parse(filter), before, limit);
    REQUIRE(rows);
    std::vector<std::uint64_t> ids;
    for (const std::string& row : *rows) ids.push_back(nlohmann::json::parse(row).at("id"));
    return ids;
}

using Ids = std::vector<std::uint64_t>;

void run(const Directory& directory, const char* statements) {
    auto file = sqlite::Connection::open(std::filesystem::canonical(directory.path()) / "flows.sqlite",
                                         sqlite::Connection::Mode::write);
    REQUIRE(file);
    REQUIRE(file->run(statements));
}

void keep_one(const Directory& directory) {
    Store store(directory.path(), secrets());
    keep(store, flow(store.highest() + 1));
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

TEST_CASE("a second proxy on a recording is refused with the first one's process id") {
    const Directory directory;
    const Store first(directory.path(), secrets());
    CHECK(refusal<StartError>(directory.path()) == "--record " + directory.path().string() + ": the process " +
                                                       std::to_string(::getpid()) +
                                                       " records there already: stop it, or give another directory");
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

TEST_CASE("what is no directory, no recording, or not to be written is refused with its name") {
    const Directory directory;
    std::filesystem::create_directory(directory.path());
    std::ofstream(directory.path() / "plain") << "x";
    const auto plain = directory.path() / "plain";
    CHECK(refusal<UsageError>(plain) ==
          "--record " + plain.string() + " is a file; it takes a directory for flows.sqlite");
    CHECK(refusal<UsageError>(plain / "below") ==
          "--record " + (plain / "below").string() + ": a part of that path is a file");
    CHECK(refusal<StartError>("/proc/whytls").starts_with("--record /proc/whytls: "));
    CHECK(refusal<StartError>("/proc").starts_with("--record /proc: the file lock there: "));
    CHECK(reading_refusal(plain) ==
          "--record " + plain.string() + " is a file; it takes the directory that flows.sqlite is in");
    CHECK(reading_refusal(directory.path() / "none") ==
          "--record " + (directory.path() / "none").string() + ": no recording is there: no flows.sqlite");

    std::ofstream(directory.file()) << "not a database, though it is long enough to be taken for the head of one "
                                       "by a program that looks at lengths alone";
    CHECK(refusal<UsageError>(directory.path())
              .contains("flows.sqlite there is no recording, or is damaged (file is not a database)"));
    CHECK(reading_refusal(directory.path()).contains("flows.sqlite there is no recording, or is damaged"));
    std::filesystem::remove(directory.file());
    std::filesystem::create_symlink(plain, directory.file());
    CHECK(refusal<StartError>(directory.path()).contains("Too many levels of symbolic links"));
    std::filesystem::remove(directory.file());
    std::filesystem::create_directory(directory.file());
    CHECK(refusal<StartError>(directory.path()).contains("Is a directory"));
    CHECK(std::ifstream(plain).get() == 'x');
}

TEST_CASE("another program's database and a newer format are refused, and left as they are") {
    const Directory directory;
    keep_one(directory);
    run(directory, "PRAGMA user_version=2");
    const std::string newer = "its format is 2, and this one knows those up to 1";
    CHECK(refusal<UsageError>(directory.path()).contains(newer));
    CHECK(reading_refusal(directory.path()).contains(newer));
    run(directory, "PRAGMA user_version=1; PRAGMA application_id=7");
    CHECK(refusal<UsageError>(directory.path()).contains("another program's database"));
    CHECK(reading_refusal(directory.path()).contains("another program's database"));
    run(directory, "PRAGMA application_id=2003335540");
    CHECK(ids(Recording(directory.path())) == Ids{1});
    run(directory, "INSERT INTO flows VALUES(9223372036854775807, 1, 9223372036854775807, 0, '')");
    CHECK_THAT(refusal<UsageError>(directory.path()),
               Catch::Matchers::EndsWith("damaged: a number in it is 9223372036854775807"));
}

TEST_CASE("a recording that is damaged inside is an error, wherever it is damaged") {
    const Directory directory;
    {
        Store store(directory.path(), secrets());
        for (std::uint64_t id = 1; id <= 200; ++id) keep(store, flow(id));
    }
    const auto size = std::filesystem::file_size(directory.file());
    const std::string sound(std::istreambuf_iterator<char>(std::ifstream(directory.file()).rdbuf()), {});
    for (std::uintmax_t at = 0; at < size; at += 9973) {
        std::string damaged = sound;
        damaged.replace(at, std::min<std::size_t>(700, size - at), std::min<std::size_t>(700, size - at), '\xa5');
        std::ofstream(directory.file(), std::ios::trunc | std::ios::binary) << damaged;
        try {
            const Recording recording(directory.path());
            for (std::uint64_t id = 1; id <= 200; ++id) (void)recording.document(id);
            (void)recording.rows(*inspect::Filter::parse("status:200"), {}, 1000);
            (void)recording.rows_after(0, 1000);
            Told told;
            Store store(directory.path(), secrets(), told.tell(),
                        {.gathering = Milliseconds(0), .pause = Milliseconds(0)});
            keep(store, flow(store.highest() + 1));
        } catch (const UsageError&) {  // said
        } catch (const StartError&) {  // said
        }
    }
    std::ofstream(directory.file(), std::ios::trunc | std::ios::binary) << sound.substr(0, size / 2);
    try {
        const Recording recording(directory.path());
        CHECK_FALSE(recording.rows({}, {}, 1000));
    } catch (const UsageError&) {  // said
    }
}

namespace {

// Keeps a flow every 10 ms, and writes its number to the pipe, until it is killed.
[[noreturn]] void record_until_killed(const Directory& directory, int pipe) {
    Store store(directory.path(), secrets());
    for (std::uint64_t number = store.highest() + 1;; ++number) {
        keep(store, flow(number));
        if (::write(pipe, &number, sizeof number) <= 0) ::_exit(0);
        ::poll(nullptr, 0, 10);
    }
}

}  // namespace

TEST_CASE("kill -9 loses at most the last second, and the recording goes on") {
    using Clock = std::chrono::steady_clock;
    const Directory directory;
    std::uint64_t before_last_second = 0;
    for (unsigned session = 0; session < 2; ++session) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) record_until_killed(directory, ends[1]);
        ::close(ends[1]);
        std::vector<std::pair<Clock::time_point, std::uint64_t>> kept;
        std::uint64_t number = 0;
        while (kept.empty() || kept.back().first - kept.front().first < Milliseconds(1400)) {
            REQUIRE(::read(ends[0], &number, sizeof number) == sizeof number);
            kept.emplace_back(Clock::now(), number);
        }
        ::kill(child, SIGKILL);
        const auto killed = Clock::now();
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(WIFSIGNALED(status));
        ::close(ends[0]);
        for (const auto& [when, each] : kept)
            if (killed - when > std::chrono::seconds(1)) before_last_second = each;
        const Recording recording(directory.path());
        const Ids found = ids(recording, "", std::nullopt, 1'000'000);
        REQUIRE_FALSE(found.empty());
        CHECK(found.front() >= before_last_second);
        CHECK(found.size() == found.front());  // without a gap
    }
    keep_one(directory);
}

TEST_CASE("a full disk is told once; the flows wait, and recording goes on when there is room") {
    const Directory directory;
    Told told;
    Store store(directory.path(), secrets(), told.tell(),
                {.bytes = 1 << 20, .gathering = Milliseconds(1), .pause = Milliseconds(1)});
    struct Restore {
        rlimit limit{};
        Restore() { ::getrlimit(RLIMIT_FSIZE, &limit); }
        ~Restore() { ::setrlimit(RLIMIT_FSIZE, &limit); }
    } const restore;
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{256 << 10, restore.limit.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    std::uint64_t number = 0;
    const auto keep_large = [&] {
        auto record = flow(++number);
        record.response_content.bytes.assign(200'000, 'x');
        keep(store, std::move(record));
    };
    keep_large();
    keep_large();
    const std::string full = told.wait("cannot be written");
    CHECK_THAT(full, Catch::Matchers::StartsWith("whytls: --record " + directory.path().string() +
                                                 " cannot be written: File too large; the proxy goes on"));
    for (unsigned i = 0; i < 20; ++i) keep_large();  // more than may wait
    CHECK(told.wait("could not be recorded").contains("could not be recorded: it cannot be written"));
    CHECK(::setrlimit(RLIMIT_FSIZE, &restore.limit) == 0);
    CHECK_FALSE(told.wait("can be written again: recording goes on").empty());
    keep_large();
    store.close();
    const Ids found = ids(Recording(directory.path()));
    REQUIRE(found.size() >= 3);
    CHECK(found.front() == number);  // the one that came when there was room
    CHECK(found.back() == 1);
    const auto lines = told.lines();
    CHECK(std::ranges::count_if(lines, [](const auto& line) { return line.contains("cannot be written:"); }) == 1);
    CHECK(lines.size() <= 4);
}

TEST_CASE("nothing waits for a disk: what does not fit into the queue is counted, and told in one line") {
    const Directory directory;
    Told told;
    {
        Store store(directory.path(), secrets(), told.tell(), {.records = 10, .gathering = std::chrono::hours(1)});
        for (std::uint64_t number = 1; number <= 5; ++number) keep(store, flow(number));
        auto large = flow(6);
        large.response_content.bytes.assign(65 << 20, 'x');
        keep(store, large);
    }
    REQUIRE(told.lines().size() == 1);
    CHECK(told.lines().front() == "whytls: --record " + directory.path().string() +
                                      ": 1 flow could not be recorded: the disk is slower than they come");
    CHECK(ids(Recording(directory.path())) == Ids{5, 4, 3, 2, 1});
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
