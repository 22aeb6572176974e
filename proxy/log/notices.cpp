#include "proxy/log/notices.h"

#include <fmt/format.h>

#include "inspect/report/render.h"
#include "proxy/io/clock.h"

namespace proxy {

void Notices::say(std::string line) const {
    if (standard_error_ != nullptr)
        standard_error_->line(std::move(line));
    else
        proxy::say(std::move(line));
}

void Notices::tell(const inspect::diagnosis::Diagnosis& diagnosis) {
    // Without its port, which is another each time.
    const std::string client = diagnosis.client.substr(0, diagnosis.client.rfind(':'));
    // The next step is another for each program of that client.
    tell(fmt::format("{} {}:{} {} {}", client, diagnosis.host, diagnosis.port, name(diagnosis.code),
                     diagnosis.next_step),
         inspect::report::sentence(diagnosis));
}

bool Notices::tell(const std::string& key, const std::string& line, std::int64_t pause) {
    const auto admitted = (pause > Repeats::minute ? remarks_ : failures_).admit(key, line, io::now(), pause);
    if (admitted) say(*admitted);
    return admitted.has_value();
}

}  // namespace proxy
