// bench-certs: verifications per second, ours beside OpenSSL's, and how long the system's roots
// take to load.
//
// Both sides start from DER, as in a handshake: they parse three certificates, build the path, and
// check name and purpose. What a client prepares once (the trust store, OpenSSL's parameters) is
// prepared once. Processor time is measured. The sides take turns within one run, so that other
// load on the machine affects both; the medians of their rounds are compared.
#include <fmt/format.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "certs/verify.h"
#include "tests/support/forge.h"

namespace {

using tests::Forge, tests::Forged, tests::KeyType;

constexpr const char* host = "www.example.com";
constexpr int rounds = 15;
constexpr double seconds_a_round = 0.1;

void require(bool condition, const char* what) {
    if (condition) return;
    fmt::print(stderr, "bench-certs: {}\n", what);
    std::exit(1);
}

struct Example {
    Forged root, ca, leaf;

    explicit Example(KeyType type)
        : root(Forge::root("Bench Root").key(type).self_signed()),
          ca(Forge::intermediate("Bench CA").key(type).signed_by(root)),
          leaf(Forge::leaf(host).key(type).signed_by(ca)) {}
};

class Ours {
public:
    explicit Ours(const Example& example) : served_{example.leaf.der, example.ca.der} {
        trust_.add(example.root.certificate());
    }
    void operator()() const {
        require(certs::verify({served_, trust_, host, tests::forge_time}).accepted(), "we refuse the chain");
    }

private:
    std::vector<certs::Bytes> served_;
    certs::TrustStore trust_;
};

template <auto free_function>
struct Free {
    template <typename Value>
    void operator()(Value* value) const {
        free_function(value);
    }
};
void free_stack(STACK_OF(X509) * stack) { sk_X509_free(stack); }
using X509Ptr = std::unique_ptr<X509, Free<X509_free>>;
using StorePtr = std::unique_ptr<X509_STORE, Free<X509_STORE_free>>;
using ContextPtr = std::unique_ptr<X509_STORE_CTX, Free<X509_STORE_CTX_free>>;
using StackPtr = std::unique_ptr<STACK_OF(X509), Free<free_stack>>;

X509Ptr decoded(const certs::ByteVector& der) {
    const unsigned char* bytes = der.data();
    return X509Ptr(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
}

class OpenSsl {
public:
    explicit OpenSsl(const Example& example)
        : example_(example), leaf_(decoded(example.leaf.der)), ca_(decoded(example.ca.der)) {
        X509_STORE_add_cert(store_.get(), decoded(example.root.der).get());
        X509_VERIFY_PARAM* const parameters = X509_STORE_get0_param(store_.get());
        X509_VERIFY_PARAM_set_time(parameters, tests::forge_time.seconds);
        X509_VERIFY_PARAM_set1_host(parameters, host, 0);
        X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER);
    }
    void from_bytes() const { verify(decoded(example_.leaf.der).get(), decoded(example_.ca.der).get()); }
    void parsed() const { verify(leaf_.get(), ca_.get()); }

private:
    void verify(X509* leaf, X509* ca) const {
        const StackPtr served(sk_X509_new_null());
        sk_X509_push(served.get(), ca);
        const ContextPtr context(X509_STORE_CTX_new());
        X509_STORE_CTX_init(context.get(), store_.get(), leaf, served.get());
        require(X509_verify_cert(context.get()) == 1, "OpenSSL refuses the chain");
    }

    const Example& example_;
    X509Ptr leaf_, ca_;
    StorePtr store_{X509_STORE_new()};
};

// Processor seconds of this thread so far.
double now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

// Calls per second of each side, from rounds that alternate.
std::vector<double> compared(const std::vector<std::function<void()>>& sides) {
    std::vector<std::vector<double>> rates(sides.size());
    for (int round = 0; round < rounds; ++round) {
        for (std::size_t side = 0; side < sides.size(); ++side) {
            const double start = now();
            std::size_t calls = 0;
            double elapsed = 0;
            while (elapsed < seconds_a_round) {
                for (int i = 0; i < 16; ++i, ++calls) sides[side]();
                elapsed = now() - start;
            }
            rates[side].push_back(static_cast<double>(calls) / elapsed);
        }
    }
    std::vector<double> medians;
    for (std::vector<double>& side : rates) medians.push_back(median(std::move(side)));
    return medians;
}

void compare_chains(const char* name, KeyType type) {
    const Example example(type);
    const Ours ours(example);
    const OpenSsl theirs(example);
    const auto rates = compared({[&] { ours(); }, [&] { theirs.from_bytes(); }, [&] { theirs.parsed(); }});
    fmt::print("{:<12}ours {:7.0f}/s   OpenSSL {:7.0f}/s (parsed beforehand {:7.0f}/s)   ratio {:.2f}\n", name,
               rates[0], rates[1], rates[2], rates[0] / rates[1]);
}

void load_roots() {
    const std::filesystem::path bundle = "/etc/ssl/certs/ca-certificates.crt";
    if (!std::filesystem::exists(bundle)) return fmt::print("roots       {} is not there\n", bundle.string());
    std::vector<double> milliseconds;
    std::size_t count = 0;
    for (int round = 0; round < rounds; ++round) {
        const double start = now();
        certs::TrustStore store;
        require(store.add_file(bundle).has_value(), "the system's bundle cannot be read");
        count = store.size();
        milliseconds.push_back((now() - start) * 1000);
    }
    fmt::print("roots       {} loaded in {:.2f} ms\n", count, median(milliseconds));
}

}  // namespace

int main() {
    compare_chains("ECDSA P-256", KeyType::p256);
    compare_chains("RSA 2048", KeyType::rsa2048);
    load_roots();
    return 0;
}
