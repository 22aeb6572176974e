#include "proxy/log/key_log_writer.h"

#include <utility>

namespace proxy {

KeyLogWriter::KeyLogWriter(const KeyLogFile& file, Tell tell)
    : writer_(file.path, Rotation{.max_size = 0}, std::move(tell), LogWords{file.option, "the key log"}) {}

}  // namespace proxy
