#include "proxy/command/exec/name_service.h"

#include "tests/support/catch.h"

using namespace proxy;

TEST_CASE("names in an enclosure come from files and the resolver alone") {
    CHECK(names_by_resolver("passwd: files systemd\nhosts: files mymachines resolve [!UNAVAIL=return] dns\n") ==
          "passwd: files systemd\nhosts: files dns\n");
    CHECK(names_by_resolver("hosts:\tfiles mdns4_minimal [NOTFOUND=return] dns # why") == "hosts: files dns\n");
    CHECK(names_by_resolver("hosts: files\n") == "hosts: files dns\n");
    CHECK(names_by_resolver(" hosts : sss\r\nhosts: resolve\n") == "hosts: files dns\nhosts: files dns\n");
    CHECK(names_by_resolver("hosts:\n") == "hosts: files dns\n");
    CHECK(names_by_resolver("hosts: dns [NOTFOUND=return] files\n").has_value());
}

TEST_CASE("an order of names that needs no change is left as it is") {
    CHECK_FALSE(names_by_resolver("hosts: files dns\n"));
    CHECK_FALSE(names_by_resolver("hosts:  dns files myhostname # and no more\nnetworks: files resolve\n"));
    CHECK_FALSE(names_by_resolver("# hosts: resolve\n"));
    CHECK_FALSE(names_by_resolver(""));
}
