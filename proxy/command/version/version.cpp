#include "proxy/command/version/version.h"

#include <fmt/format.h>

#include <string_view>

#include "certs/hostname.h"
#include "embedded/commit.h"  // made by cmake/commit.cmake; included here only, since each commit changes it
#include "inspect/content/coding.h"
#include "inspect/http/http1/parser.h"
#include "inspect/http/http2/session.h"
#include "inspect/report/page/qr_code.h"
#include "proxy/flows/sqlite.h"
#include "proxy/io/loop.h"
#include "tls/context.h"

namespace proxy {

std::string version_text() {
    std::string text = "whytls " WHYTLS_VERSION "\n";
    if (constexpr std::string_view commit = WHYTLS_COMMIT; !commit.empty()) text += fmt::format("commit {}\n", commit);
    const auto library = [&](std::string_view name, std::string_view version) {
        text += fmt::format("{} {}\n", name, version);
    };
    library("wolfSSL", tls::version_of_wolfssl());
    library("libidn2", certs::version_of_idn2());
    library("llhttp", inspect::http::version_of_llhttp());
    library("nghttp2", inspect::http2::version_of_nghttp2());
    library("zlib", inspect::content::version_of_zlib());
    library("brotli", inspect::content::version_of_brotli());
    library("zstd", inspect::content::version_of_zstd());
    library("libuv", io::version_of_libuv());
    library("libqrencode", inspect::page::version_of_qrencode());
    library("SQLite", sqlite::version_of_sqlite());
    return text;
}

}  // namespace proxy
