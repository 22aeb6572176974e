// What whytls tells its user on stderr while it serves: each notice once in a while, however often it comes up. The log keeps every event.
// Shared between threads.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "certs/time.h"
#include "inspect/diagnosis/diagnosis.h"
#include "proxy/log/log_writer.h"
#include "proxy/log/repeats.h"

namespace proxy {

class Notices {
public:
    // `standard_error` outlives this; without one each line is written at once, as a command does that serves nobody.
    explicit Notices(LogWriter* standard_error = nullptr) : standard_error_(standard_error) {}

    // A line, at once or through the writer's queue, which a proxy never waits for.
    void say(std::string line) const;
    // The diagnosis in a sentence, once a minute for each host, cause and client that is at fault.
    void tell(const inspect::diagnosis::Diagnosis& diagnosis);
    // A line, once within the pause (seconds) for each key; whether it was said.
    bool tell(const std::string& key, const std::string& line, std::int64_t pause = Repeats::minute);
    // What was kept back of late and is to be told now (Repeats::due).
    std::vector<std::string> due(certs::Time at) { return failures_.due(at); }

private:
    LogWriter* standard_error_;
    Repeats failures_;
    Repeats remarks_;  // with a pause of a day: whoever provokes them keeps no failure from being told
};

}  // namespace proxy
