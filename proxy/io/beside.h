// Work that takes a while, done on a helper thread while the loop goes on: reading a disk, making a
// long answer. It has to end by itself, for it cannot be cancelled.
#pragma once

#include <functional>

#include "proxy/io/loop.h"
#include "proxy/io/task.h"

namespace proxy::io {

// Runs `work` on a helper thread; the story goes on when it is done. What it throws is thrown here.
Task<> beside(Loop& loop, std::function<void()> work);

}  // namespace proxy::io
