#include "proxy/flows/sqlite.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

namespace proxy::sqlite {

namespace {

// How long a reader waits for the moment in which another process recovers or closes the file, and
// a writer for someone who has it open in a shell.
constexpr int patience_ms = 1000;

std::string reserved_escaped(const std::string& path) {
    std::string text;
    for (const char each : path)
        text += each == '%' ? "%25" : each == '?' ? "%3f" : each == '#' ? "%23" : std::string(1, each);
    return text;
}

// `why` is errno after the call, which was 0 before it.
Failure failure_of(sqlite3* connection, int result, int why) {
    const int code = result & 0xff;
    Failure failure;
    if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT) failure.problem = Problem::not_a_database;
    if (code == SQLITE_TOOBIG) failure.problem = Problem::too_big;
    // SQLite says that the disk or a call failed, and only now and then why.
    const bool of_system = code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_CANTOPEN;
    if (const int told = connection != nullptr ? sqlite3_system_errno(connection) : 0; told != 0) why = told;
    if (of_system && why != 0)
        failure.text = std::strerror(why);
    else
        failure.text = connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(result);
    return failure;
}

}  // namespace

void Connection::Close::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

std::expected<Connection, Failure> Connection::open(const std::string& path, Mode mode) {
    const int access = mode == Mode::write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    const std::string name = "file:" + reserved_escaped(path) + (mode == Mode::immutable ? "?immutable=1" : "");
    sqlite3* opened = nullptr;
    errno = 0;
    const int result = sqlite3_open_v2(name.c_str(), &opened,
                                       access | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, nullptr);
    Connection connection(opened);
    if (result != SQLITE_OK) return std::unexpected(failure_of(opened, result, errno));
    sqlite3_extended_result_codes(opened, 1);
    sqlite3_busy_timeout(opened, patience_ms);
    // A file from elsewhere may have a schema that runs more than it says.
    sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
    return connection;
}

std::expected<void, Failure> Connection::run(const char* statements) {
    errno = 0;
    const int result = sqlite3_exec(connection_.get(), statements, nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) return std::unexpected(failure_of(connection_.get(), result, errno));
    return {};
}

std::expected<std::int64_t, Failure> Connection::number(const char* query) {
    auto statement = prepare(query);
    if (!statement) return std::unexpected(std::move(statement).error());
    const auto found = statement->next();
    if (!found) return std::unexpected(found.error());
    return *found ? statement->number(0) : 0;
}

std::expected<Statement, Failure> Connection::prepare(const char* text) {
    sqlite3_stmt* statement = nullptr;
    errno = 0;
    const int result = sqlite3_prepare_v2(connection_.get(), text, -1, &statement, nullptr);
    if (result != SQLITE_OK) return std::unexpected(failure_of(connection_.get(), result, errno));
    return Statement(statement);
}

Statement& Statement::note(int result) {
    too_big_ = too_big_ || result == SQLITE_TOOBIG;
    return *this;
}

Statement& Statement::bind(int parameter, std::int64_t value) {
    return note(sqlite3_bind_int64(statement_.get(), parameter, value));
}

// No destructor: SQLite takes the bytes for constant.
Statement& Statement::bind_text(int parameter, std::string_view value) {
    return note(sqlite3_bind_text64(statement_.get(), parameter, value.data() ? value.data() : "", value.size(),
                                    nullptr, SQLITE_UTF8));
}

Statement& Statement::bind_blob(int parameter, std::string_view value) {
    return note(
        sqlite3_bind_blob64(statement_.get(), parameter, value.data() ? value.data() : "", value.size(), nullptr));
}

std::expected<bool, Failure> Statement::next() {
    if (too_big_) return std::unexpected(Failure{Problem::too_big, sqlite3_errstr(SQLITE_TOOBIG)});
    errno = 0;
    const int result = sqlite3_step(statement_.get());
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    return std::unexpected(failure_of(sqlite3_db_handle(statement_.get()), result, errno));
}

std::expected<void, Failure> Statement::run() {
    std::expected<bool, Failure> more = next();
    while (more.value_or(false)) more = next();
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
    too_big_ = false;
    if (!more) return std::unexpected(std::move(more).error());
    return {};
}

std::int64_t Statement::number(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string_view Statement::bytes(int column) const {
    const void* data = sqlite3_column_blob(statement_.get(), column);
    if (data == nullptr) return "";
    return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::string_view version_of_sqlite() { return sqlite3_libversion(); }

}  // namespace proxy::sqlite
