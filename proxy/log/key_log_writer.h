// The file of --keylog: what sessions tell of their secrets goes there through a queue, so that no
// event loop waits for a disk. Shared between threads.
#pragma once

#include "proxy/log/log_writer.h"
#include "tls/key_log.h"

namespace proxy {

class KeyLogWriter {
public:
    // The file is appended to, made 0600. Throws UsageError, which names it. Reports trouble with it
    // through `tell`.
    explicit KeyLogWriter(const KeyLogFile& file, Tell tell = say);
    KeyLogWriter(const KeyLogWriter&) = delete;
    KeyLogWriter& operator=(const KeyLogWriter&) = delete;

    // What a session is given, valid as long as this; nullptr when no key log is kept.
    const tls::KeyLog* sink() const { return writer_.enabled() ? &sink_ : nullptr; }

    void reopen() { writer_.reopen(); }  // as LogWriter's
    void finish() { writer_.finish(); }

private:
    LogWriter writer_;
    const tls::KeyLog sink_ = [this](std::string line) { writer_.line(std::move(line)); };
};

}  // namespace proxy
