// The exchanges of one event loop that the book does not know yet. Most are over before anyone
// could have looked: only one that goes on is shown before its end. Used by one thread.
#pragma once

#include <vector>

#include "proxy/io/loop.h"

namespace proxy {

class Tap;

class UnderWay {
public:
    explicit UnderWay(io::Loop& loop) : timer_(loop) {}

    // Shows the tap a moment later, a tenth of a second or two, unless it leaves before.
    void add(Tap& tap);
    void remove(const Tap& tap);

private:
    struct Waiting {
        Tap* tap;
        double since_ms;
    };

    void look_later();
    void look();

    std::vector<Waiting> waiting_;  // each tap knows its place
    bool looking_ = false;
    io::Timer timer_;
};

}  // namespace proxy
