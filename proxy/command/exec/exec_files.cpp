#include "proxy/command/exec/exec_files.h"

#include <fmt/format.h>

#include "certs/java_key_store.h"

namespace proxy {

namespace {

std::string with_line_end(std::string_view text) {
    return text.empty() || text.ends_with('\n') ? std::string(text) : fmt::format("{}\n", text);
}

}  // namespace

std::vector<ExecFile> exec_files(const ExecPlace& place, const certs::TrustStore& trust,
                                 const certs::Certificate& authority, std::string_view wgetrc, certs::Time now) {
    std::vector<certs::Certificate> trusted{authority};
    trusted.insert(trusted.end(), trust.anchors().begin(), trust.anchors().end());
    std::string bundle;
    for (const certs::Certificate& each : trusted) bundle += certs::to_pem(each.der());
    const std::string file = place.file(exec_file::bundle);
    return {
        {exec_file::bundle, bundle},
        {exec_file::authority, certs::to_pem(authority.der())},
        {exec_file::java, std::string(certs::as_text(certs::java_trust_store(trusted, exec_file::java_password, now)))},
        // Of two lines for the same thing wget takes the last.
        {exec_file::wget,
         fmt::format("{0}ca_certificate = {1}\nuse_proxy = on\nhttp_proxy = {2}\nhttps_proxy = {2}\nno_proxy =\n",
                     with_line_end(wgetrc), file, place.url())},
        {exec_file::php, fmt::format("curl.cainfo = \"{0}\"\nopenssl.cafile = \"{0}\"\n", file)},
        {exec_file::node, std::string(node_preload())},
    };
}

}  // namespace proxy
