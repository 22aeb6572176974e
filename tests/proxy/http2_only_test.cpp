// Which servers are offered h2 at once.
#include "proxy/upstream/memory/http2_only.h"

#include <string>

#include "tests/support/catch.h"

using proxy::Http2Only;

TEST_CASE("a server is remembered for h2 for ten minutes, and no other with it") {
    Http2Only servers;
    CHECK_FALSE(servers.holds("a 443 a", 0));
    servers.remember("a 443 a", 1000);
    CHECK(servers.holds("a 443 a", 600'999));
    CHECK_FALSE(servers.holds("a 443 a", 601'000));
    CHECK_FALSE(servers.holds("a 444 a", 1000));
}

TEST_CASE("a server that changed is forgotten once") {
    Http2Only servers;
    servers.remember("a", 0);
    CHECK(servers.forget("a"));
    CHECK_FALSE(servers.forget("a"));
    CHECK_FALSE(servers.holds("a", 0));
}

TEST_CASE("a thousand servers are remembered, and more when some are over") {
    Http2Only servers;
    for (int i = 0; i < 1000; ++i) servers.remember(std::to_string(i), i);
    servers.remember("more", 1000);
    CHECK_FALSE(servers.holds("more", 1000));
    servers.remember("0", 1000);
    CHECK(servers.holds("0", 600'500));
    servers.remember("more", 600'100);
    CHECK(servers.holds("more", 600'100));
}
