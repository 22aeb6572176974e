#include "proxy/upstream/lookup.h"

#include "tests/proxy/worker_of_tests.h"
#include "tests/support/forge_crl.h"
#include "tests/support/forge_ocsp.h"

using namespace proxy;
using namespace proxy_test;
using namespace tests;

namespace {

constexpr certs::Time start{1'000'000};
constexpr certs::Time later(std::int64_t seconds) { return {start.seconds + seconds}; }

const Forged& root() {
    static const Forged forged = Forge::root("Root").self_signed();
    return forged;
}
Document issuer() { return std::vector{root().certificate()}; }
bool is_nothing(const Document& document) { return std::holds_alternative<NoDocument>(document); }

io::Task<> store_look_ups(UpstreamContext& context, std::vector<certs::Want> wants, Site& site,
                          std::vector<Document>& documents) {
    for (certs::Want& want : wants)
        documents.push_back(co_await look_up(context, std::move(want), io::Reach::loopback, 5));
    site.close();
}

struct LookedUp {
    WorkerOfTests home;
    Site site;
    std::vector<Document> documents;

    // Looks the same document up this many times, from a site with this answer.
    LookedUp(certs::Want::Kind kind, std::string_view body, std::size_t times = 1)
        : site(home.worker,
               {"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body)}) {
        const certs::Want want{kind, 0, site.url(),
                               kind == certs::Want::Kind::ocsp ? certs::ByteVector{1} : certs::ByteVector{}};
        run(store_look_ups(home.worker.clients.upstream, std::vector(times, want), site, documents));
        home.worker.loop.run();
    }
};

// The last of `all` lets the loop end.
io::Task<> store_look_up(UpstreamContext& context, certs::Want want, std::vector<Document>& documents, std::size_t all,
                         Site& site) {
    documents.push_back(co_await look_up(context, std::move(want), io::Reach::loopback, 5));
    if (documents.size() == all) site.close();
}

}  // namespace

TEST_CASE("what is under way is waited for and not asked twice") {
    WorkerOfTests home;
    Site site(home.worker, {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"});
    const certs::Want want{certs::Want::Kind::ocsp, 0, site.url(), {1}};
    std::vector<Document> documents;
    for (int i = 0; i < 100; ++i) run(store_look_up(home.worker.clients.upstream, want, documents, 100, site));
    CHECK(home.worker.clients.upstream.lookups.keys.size() == 1);
    home.worker.clients.upstream.lookups.ended.notify();  // notified without cause, they go on waiting
    CHECK(documents.empty());
    home.worker.loop.run();
    CHECK(documents.size() == 100);
    CHECK(home.worker.clients.upstream.lookups.keys.empty());
}

TEST_CASE(
    "a look-up waits for its turn where too many are under way, in all or at its site, and not for those of other sites") {
    WorkerOfTests home;
    Site site(home.worker, {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"});
    std::vector<Document> documents;
    std::vector<std::string>& under_way = home.worker.clients.upstream.lookups.keys;
    const std::string same_site = "i 3 " + site.url("/other") + " ";
    SECTION("too many in all, of each kind") {
        for (int i = 0; i < 64; ++i)
            under_way.push_back(i % 2 == 0 ? "i 0 http://hanging.test/" + std::to_string(i) : "i");
        for (int i = 0; i < 64; ++i) under_way.push_back("o");
    }
    SECTION("too many at its site") {
        for (int i = 0; i < 8; ++i) under_way.push_back(same_site + std::to_string(i));
        for (int i = 0; i < 64; ++i) under_way.push_back("o");
    }
    const std::size_t before = under_way.size();
    run(store_look_up(home.worker.clients.upstream, {certs::Want::Kind::issuer, 0, site.url(), {}}, documents, 2,
                      site));
    run(store_look_up(home.worker.clients.upstream, {certs::Want::Kind::ocsp, 0, site.url(), {1}}, documents, 2, site));
    CHECK(under_way.size() == before);
    under_way.clear();
    home.worker.clients.upstream.lookups.ended.notify();
    CHECK(under_way.size() == 2);
    home.worker.loop.run();
    CHECK(documents.size() == 2);
}

TEST_CASE("sites that do not answer keep no other from being asked") {
    WorkerOfTests home;
    Site site(home.worker, {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"});
    std::vector<Document> documents;
    for (int i = 0; i < 8; ++i)
        home.worker.clients.upstream.lookups.keys.push_back("i 3 http://hanging.test/" + std::to_string(i) + " ");
    run(store_look_up(home.worker.clients.upstream, {certs::Want::Kind::issuer, 0, site.url(), {}}, documents, 1,
                      site));
    CHECK(home.worker.clients.upstream.lookups.keys.size() == 9);
    home.worker.clients.upstream.lookups.keys.clear();
    home.worker.loop.run();
    CHECK(documents.size() == 1);
}

TEST_CASE("a document is found until its time is over") {
    Documents documents;
    CHECK_FALSE(documents.find("a", start));
    documents.keep("a", issuer(), 100, later(60));
    REQUIRE(documents.find("a", later(59)));
    CHECK_FALSE(documents.find("b", start));
    CHECK_FALSE(documents.find("a", later(60)));
    CHECK_FALSE(documents.find("a", start));
    documents.keep("a", {}, 100, later(60));
    documents.keep("a", issuer(), 100, later(60));
    REQUIRE(documents.find("a", start));
    CHECK_FALSE(is_nothing(*documents.find("a", start)));
}

TEST_CASE("of too many documents, or too large ones, those that were not used for longest go") {
    Documents documents;
    documents.keep("first", {}, 100, later(60));
    documents.keep("second", {}, 100, later(60));
    for (int i = 0; i < 998; ++i) documents.keep(std::to_string(i), {}, 100, later(60));
    CHECK(documents.find("first", start));
    documents.keep("one more", {}, 100, later(60));
    CHECK(documents.find("first", start));
    CHECK_FALSE(documents.find("second", start));
    documents.keep("large", {}, 40 << 20, later(60));
    documents.keep("larger", {}, 50 << 20, later(60));
    CHECK_FALSE(documents.find("large", start));
    CHECK_FALSE(documents.find("first", start));
    CHECK(documents.find("larger", start));
}

TEST_CASE("an issuer, a response and a list are what was wanted of their URLs, and asked for once") {
    const Forged leaf = Forge::leaf("a.test").signed_by(root());
    const LookedUp issuers(certs::Want::Kind::issuer, certs::as_text(root().der), 2);
    CHECK(std::get<std::vector<certs::Certificate>>(issuers.documents.at(1)) == std::vector{root().certificate()});
    CHECK(issuers.site.asked.size() == 1);
    const LookedUp responses(certs::Want::Kind::ocsp, certs::as_text(ResponseForge{}.about(leaf, root())), 2);
    CHECK(std::get<certs::OcspResponse>(responses.documents.at(1)).source() == responses.site.url());
    CHECK(responses.site.asked.size() == 1);
    const LookedUp lists(certs::Want::Kind::crl, certs::as_text(ListForge{}.signed_by(root())), 2);
    CHECK(std::get<certs::Crl>(lists.documents.at(1)).source() == lists.site.url());
    CHECK(lists.site.asked.size() == 1);
}

TEST_CASE("what is nothing of the kind is nothing, and not asked for again at once") {
    for (const auto kind : {certs::Want::Kind::issuer, certs::Want::Kind::ocsp, certs::Want::Kind::crl}) {
        const LookedUp garbage(kind, "<!doctype html>", 3);
        for (const Document& document : garbage.documents) CHECK(is_nothing(document));
        CHECK(garbage.site.asked.size() == 1);
    }
}
