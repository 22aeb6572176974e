#include "proxy/io/listener.h"

#include "tests/support/catch.h"

TEST_CASE("a listener is recognised by every address that leads to it, and by none that does not") {
    const auto is_own = [](std::string_view listener, std::string_view asked) {
        return proxy::io::leads_to({*proxy::io::Address::parse(listener, 8080)},
                                   *proxy::io::Address::parse(asked, 8080));
    };
    for (const char* asked : {"127.0.0.1", "0.0.0.0", "::ffff:0:0", "::ffff:127.0.0.1", "::ffff:7f00:1", "::1", "::"}) {
        INFO(asked);
        CHECK(is_own("127.0.0.1", asked));
        CHECK(is_own("0.0.0.0", asked));
        CHECK(is_own("::", asked));
        CHECK(is_own("::ffff:0.0.0.0", asked));
        CHECK_FALSE(is_own("192.0.2.1", asked));
    }
    CHECK(is_own("192.0.2.1", "::ffff:192.0.2.1"));
    CHECK(is_own("::ffff:192.0.2.1", "192.0.2.1"));
    CHECK_FALSE(is_own("127.0.0.1", "192.0.2.1"));
    CHECK_FALSE(is_own("0.0.0.0", "192.0.2.1"));
}
