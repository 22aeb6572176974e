// A recording that cannot be used, is damaged, cut off, or on a full disk.
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "inspect/report/flow_document.h"
#include "proxy/settings/settings.h"
#include "tests/proxy/recorded.h"

using namespace recorded;

namespace {

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

}  // namespace

TEST_CASE("a second proxy on a recording is refused with the first one's process id") {
    const Directory directory;
    const Store first(directory.path(), secrets());
    CHECK(refusal<StartError>(directory.path()) == "--record " + directory.path().string() + ": the process " +
                                                       std::to_string(::getpid()) +
                                                       " records there already: stop it, or give another directory");
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
