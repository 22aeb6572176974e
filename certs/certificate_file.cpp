#include "certs/certificate_file.h"

#include <utility>

#include "certs/der.h"
#include "certs/oid.h"
#include "certs/pem.h"

namespace certs {

namespace {

// The largest bundle of a bridge CA has about thirty.
constexpr std::size_t most_certificates = 64;

void add(Bytes der, std::vector<Certificate>& found) {
    if (found.size() == most_certificates) return;
    if (auto certificate = Certificate::parse(der)) found.push_back(*std::move(certificate));
}

void read_signed_data(Bytes file, std::vector<Certificate>& found) {
    for (const ByteVector& der : signed_data_certificates(file)) add(der, found);
}

}  // namespace

std::vector<ByteVector> signed_data_certificates(Bytes file) {
    std::vector<ByteVector> found;
    DerContext context(file);
    DerReader document(file, context);
    DerReader info = document.sequence();
    if (!(info.object_identifier() == oid::signed_data)) return found;
    DerReader content = info.enter(tag::context_constructed(0));
    DerReader signed_data = content.sequence();
    signed_data.integer();
    signed_data.element(tag::set);
    signed_data.element(tag::sequence);
    if (!signed_data.next_is(tag::context_constructed(0))) return found;
    DerReader certificates = signed_data.enter(tag::context_constructed(0));
    while (!certificates.at_end()) {
        // §10.2.2: other choices have tags of their own.
        const DerElement one = certificates.element();
        if (one.tag == tag::sequence) found.emplace_back(one.whole.begin(), one.whole.end());
    }
    return found;
}

std::vector<Certificate> read_certificates(Bytes file) {
    std::vector<Certificate> found;
    if (!file.empty() && file.front() == tag::sequence) {
        add(file, found);
        if (found.empty()) read_signed_data(file, found);
    } else if (const auto blocks = read_pem(as_text(file))) {
        for (const PemBlock& block : *blocks) {
            if (block.label == "CERTIFICATE") add(block.content, found);
            if (block.label == "PKCS7" || block.label == "CMS") read_signed_data(block.content, found);
        }
    }
    return found;
}

}  // namespace certs
