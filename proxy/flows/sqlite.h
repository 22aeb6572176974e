// SQLite's connection and statement as values that own what they opened. Errors are values too, and
// their words are SQLite's or the system's. One thread at a time uses a connection.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace proxy::sqlite {

enum class Problem : std::uint8_t {
    not_a_database,  // or one that is damaged
    too_big,         // a value is larger than SQLite takes
    other,
};

struct Failure {
    Problem problem = Problem::other;
    std::string text;  // "No space left on device", "database disk image is malformed"
};

class Statement;

class Connection {
public:
    enum class Mode : std::uint8_t {
        write,      // the file may be empty, but exists
        read,       // others may be writing; needs to write DIR/…-shm beside the file
        immutable,  // no one can be writing
    };

    // A path through no symbolic link.
    static std::expected<Connection, Failure> open(const std::string& path, Mode mode);

    // Runs statements that have no result.
    std::expected<void, Failure> run(const char* statements);
    // The first value of the first row; 0 when there is none.
    std::expected<std::int64_t, Failure> number(const char* query);
    // The statement must not outlive the connection.
    std::expected<Statement, Failure> prepare(const char* text);

    // Closes the file now. Nothing else may be asked of it then.
    void close() { connection_.reset(); }

private:
    struct Close {
        void operator()(sqlite3* connection) const;
    };
    explicit Connection(sqlite3* connection) : connection_(connection) {}
    std::unique_ptr<sqlite3, Close> connection_;
};

class Statement {
public:
    // Parameters are counted from 1. A text or a blob is not copied: it must live until the run is over.
    Statement& bind(int parameter, std::int64_t value);
    Statement& bind_text(int parameter, std::string_view value);
    Statement& bind_blob(int parameter, std::string_view value);

    // Whether there is another row.
    std::expected<bool, Failure> next();
    // Runs it to its end, and leaves it ready to be bound anew.
    std::expected<void, Failure> run();

    // Of the row; columns are counted from 0. A view is good until the next row.
    std::int64_t number(int column) const;
    std::string_view bytes(int column) const;  // of a text or a blob; "" for NULL

private:
    friend class Connection;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
    Statement& note(int result);

    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
    bool too_big_ = false;  // a value was not bound
};

// Of SQLite, as it runs: "3.40.1".
std::string_view version_of_sqlite();

}  // namespace proxy::sqlite
