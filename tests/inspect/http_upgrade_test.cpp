#include "inspect/http/upgrade.h"

#include "tests/support/catch.h"

using namespace inspect::http;

namespace {

Fields upgrade(const std::vector<std::string>& lines, std::string_view connection = "Upgrade") {
    Fields fields;
    if (!connection.empty()) fields.add("Connection", connection);
    for (const std::string& line : lines) fields.add("upgrade", line);
    return fields;
}

}  // namespace

TEST_CASE("what a request offers is the list of all its Upgrade lines without h2c, where Connection names the field") {
    CHECK(offered_protocols(upgrade({"websocket"})) == "websocket");
    CHECK(offered_protocols(upgrade({"h2c, websocket"}, "keep-alive, UPGRADE")) == "websocket");
    CHECK(offered_protocols(upgrade({"websocket, H2C ,tcp", ",x/1,"})) == "websocket, tcp, x/1");
    CHECK(offered_protocols(upgrade({"h2c"})).empty());
    CHECK(offered_protocols(upgrade({"websocket"}, "")).empty());
    CHECK(offered_protocols(upgrade({})).empty());
}

TEST_CASE("a 101 may choose of what is offered, whatever the case and on whatever lines") {
    const Fields request = upgrade({"websocket, x/2"});
    for (const auto& chosen : {upgrade({"WebSocket"}), upgrade({"X/2"}), upgrade({"x/2, websocket"}),
                               upgrade({"websocket", "x/2"}), upgrade({"websocket, "}), upgrade({})})
        CHECK(offers_chosen(request, chosen));
    for (const auto& chosen :
         {upgrade({"h2c"}), upgrade({"websocket", "h2c"}), upgrade({"websocket, y"}), upgrade({"x/1"}), upgrade({"x"})})
        CHECK_FALSE(offers_chosen(request, chosen));
    CHECK(chosen_protocols(upgrade({"WebSocket,", "x/2"})) == "WebSocket, x/2");
}

TEST_CASE("a 101 to a request that offers nothing is one that nobody asked for") {
    CHECK_FALSE(offers_chosen(upgrade({}, ""), upgrade({"websocket"})));
    CHECK_FALSE(offers_chosen(upgrade({}, ""), upgrade({})));
    CHECK_FALSE(offers_chosen(upgrade({", "}), upgrade({})));
}
