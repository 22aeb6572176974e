#include "inspect/gateway/near_gateway.h"

#include "inspect/gateway/mapping.h"
#include "tests/support/catch.h"

using inspect::http::near_gateway;

TEST_CASE("a path that nearly names a server is answered with the gateway path that was meant") {
    for (const auto& [given, meant] : {std::pair{"/api.example.com/v1?x=1", "/https://api.example.com/v1?x=1"},
                                       {"/api.example.com", "/https://api.example.com/"},
                                       {"//api.example.com/v1", "/https://api.example.com/v1"},
                                       {"/https%3A%2F%2Fapi.example.com%2Fv1%3Fx", "/https://api.example.com/v1?x"},
                                       {"/http%3a//api.example.com/v1", "/http://api.example.com/v1"},
                                       {"/htps://api.example.com/v1", "/https://api.example.com/v1"},
                                       {"/://api.example.com/v1", "/https://api.example.com/v1"},
                                       {"/https/api.example.com/v1", "/https://api.example.com/v1"},
                                       {"/http//api.example.com", "/http://api.example.com/"},
                                       {"/localhost:3000/x", "/http://localhost:3000/x"},
                                       {"/127.0.0.1:8443/x", "/http://127.0.0.1:8443/x"},
                                       {"/api.example.com:8443/x", "/https://api.example.com:8443/x"},
                                       {"/api.example.com:8080/x", "/http://api.example.com:8080/x"},
                                       {"/data.json/x", "/https://data.json/x"}}) {
        INFO(given);
        const auto found = near_gateway(given);
        REQUIRE(found);
        CHECK(*found == meant);
        CHECK(inspect::http::parse_gateway(*found));
    }
}

TEST_CASE("a path that may be a file's or a word is not taken for a server's") {
    for (const auto* given : {"/", "//", "/favicon.ico", "/robots.txt", "/nothing", "/login/form", "/.well-known/x",
                              "/a:b", "/https", "/https/", "/x%2", "/https%3A%2F%2F", "/me:s3cret@api.example.com/",
                              "/https%3A%2F%2Fme:s3cret@api.example.com/", "/%0d%0aa.b"}) {
        INFO(given);
        CHECK_FALSE(near_gateway(given));
    }
    CHECK_FALSE(near_gateway("/" + std::string(5000, 'a') + ".com/"));
}
