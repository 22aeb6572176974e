// Ctrl-C while servers are checked: what is known by then is still printed.
#pragma once

#include <pthread.h>

#include <csignal>
#include <functional>
#include <thread>

#include "proxy/io/loop.h"

namespace proxy {

// While it lives, the first SIGINT or SIGTERM runs `last_words` on the loop's thread, then ends the
// process as that signal does by itself; the second ends it at once. A signal that was ignored when
// it was made stays ignored. Must be made before other threads are, and destroyed after the loop's
// last round.
class Interruption {
public:
    // `last_words` outlives it, may be set later, and gets the signal's name, "SIGINT".
    Interruption(io::Loop& loop, const std::function<void(const char*)>& last_words);
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;
    ~Interruption();

private:
    void wait();

    io::Loop& loop_;
    const std::function<void(const char*)>& last_words_;
    sigset_t signals_ = {}, before_ = {};
    std::thread waiting_;
};

}  // namespace proxy
