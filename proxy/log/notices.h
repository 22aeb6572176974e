// What whytls reports to its user on stderr while it serves: each notice once within a pause,
// however often it comes up. The log keeps every event. Shared between threads.
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
    // `standard_error` must outlive this. Without one, each line is written at once, as in a
    // command that serves no one.
    explicit Notices(LogWriter* standard_error = nullptr) : standard_error_(standard_error) {}

    // Writes a line, at once or through the writer's queue, which a proxy never waits for.
    void say(std::string line) const;
    // Writes the diagnosis as a sentence, once a minute for each host, cause and client at fault.
    void tell(const inspect::diagnosis::Diagnosis& diagnosis);
    // Writes a line, once within the pause (seconds) for each key. Returns whether it was written.
    bool tell(const std::string& key, const std::string& line, std::int64_t pause = Repeats::minute);
    // What was held back lately and is now due (Repeats::due).
    std::vector<std::string> due(certs::Time at) { return failures_.due(at); }

private:
    LogWriter* standard_error_;
    Repeats failures_;
    // With a pause of a day: whoever provokes remarks does not keep failures from being reported.
    Repeats remarks_;
};

}  // namespace proxy
