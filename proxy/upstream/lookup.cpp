#include "proxy/upstream/lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "certs/certificate_file.h"
#include "proxy/io/clock.h"
#include "proxy/upstream/context.h"
#include "proxy/upstream/fetch.h"

namespace proxy {

namespace {

using inspect::diagnosis::NotFetched;

// Chromium's limit for issuers (cert_net_fetcher_url_request.cc). An OCSP response with its
// responder's certificate has some 2 KiB.
constexpr std::size_t largest_small_document = 65'536;
// The largest public lists have some 20 MB.
constexpr std::size_t largest_list = 24 << 20;

// The first letter of the key of what is wanted.
char letter_of(certs::Want::Kind kind) {
    return kind == certs::Want::Kind::issuer ? 'i' : kind == certs::Want::Kind::ocsp ? 'o' : 'c';
}

constexpr double longest_fetch = 3;        // seconds; a list may take as long as the caller waits
constexpr std::int64_t kept_briefly = 60;  // seconds: for an issuer, and for what failed
// Seconds: here it is not yet known whether an answer is genuine, or the latest.
constexpr std::int64_t kept_longest = 600;
constexpr std::size_t size_of_keeping = 512;  // bytes, about, for the administration of one document

// How many look-ups a loop makes at once, so that what they hold stays bounded. Each kind has its
// own limit, so that servers whose issuers do not answer cannot keep others from learning of a
// revocation.
std::size_t most_at_once(certs::Want::Kind kind) { return kind == certs::Want::Kind::crl ? 4 : 64; }

// At one site at once: a site that does not answer must not keep others from being asked.
constexpr std::ptrdiff_t most_of_one_site = 8;

// The key up to the end of its URL's authority.
std::string_view site_of(std::string_view key) {
    const std::size_t scheme = key.find("://");
    return scheme == std::string_view::npos ? key : key.substr(0, key.find_first_of("/?# ", scheme + 3));
}

FetchRequest request_for(const certs::Want& want, io::Reach upstream, double seconds) {
    FetchRequest request{.url = want.url,
                         .accept = "",
                         .body = want.ocsp_request,
                         .largest = largest_small_document,
                         .upstream = upstream,
                         .seconds = std::min(longest_fetch, seconds)};
    switch (want.kind) {
        case certs::Want::Kind::issuer:
            request.accept = "application/pkix-cert, application/pkcs7-mime, */*;q=0.5";
            break;
        case certs::Want::Kind::ocsp: request.accept = "application/ocsp-response"; break;
        case certs::Want::Kind::crl:
            request.accept = "application/pkix-crl, */*;q=0.5";
            request.largest = largest_list;
            request.seconds = seconds;
            break;
    }
    return request;
}

Document parse(const certs::Want& want, certs::Bytes body) {
    switch (want.kind) {
        case certs::Want::Kind::issuer:
            if (auto certificates = certs::read_certificates(body); !certificates.empty()) return certificates;
            break;
        case certs::Want::Kind::ocsp:
            if (auto response = certs::OcspResponse::parse(body, want.url)) return *std::move(response);
            break;
        case certs::Want::Kind::crl:
            if (auto list = certs::Crl::parse(body, want.url)) return *std::move(list);
            break;
    }
    return NoDocument{NotFetched::useless};
}

NotFetched reason(FetchError error) {
    switch (error) {
        case FetchError::forbidden: return NotFetched::forbidden;
        case FetchError::not_found:
        case FetchError::unreachable:
        case FetchError::closed: return NotFetched::unreachable;
        case FetchError::timed_out: return NotFetched::timed_out;
        case FetchError::bad_url:
        case FetchError::not_http:
        case FetchError::status:
        case FetchError::redirects:
        case FetchError::too_large: break;
    }
    return NotFetched::useless;
}

// Until when a revocation answer says it is good; nullopt for other documents.
std::optional<certs::Time> next_update(const Document& document) {
    if (const auto* list = std::get_if<certs::Crl>(&document)) return list->next_update();
    const auto* response = std::get_if<certs::OcspResponse>(&document);
    if (response == nullptr || response->responses().empty()) return std::nullopt;
    return response->responses().front().next_update;
}

certs::Time fresh_until(const Document& document, certs::Time now) {
    const std::int64_t until = next_update(document).value_or(now).seconds;
    return {std::clamp(until, now.seconds + kept_briefly, now.seconds + kept_longest)};
}

}  // namespace

std::optional<Document> Documents::find(std::string_view key, certs::Time now) {
    const std::lock_guard lock(mutex_);
    const auto known = by_key_.find(key);
    if (known == by_key_.end()) return std::nullopt;
    const auto entry = known->second;
    if (entry->until <= now) {
        drop(entry);
        return std::nullopt;
    }
    recent_.splice(recent_.begin(), recent_, entry);
    return entry->document;
}

void Documents::keep(std::string key, Document document, std::size_t size, certs::Time until) {
    const std::lock_guard lock(mutex_);
    if (const auto known = by_key_.find(key); known != by_key_.end()) drop(known->second);
    bytes_ += size;
    recent_.push_front({std::move(key), std::move(document), size, until});
    by_key_.emplace(recent_.front().key, recent_.begin());
    while (recent_.size() > 1 && (recent_.size() > most || bytes_ > most_bytes)) drop(std::prev(recent_.end()));
}

void Documents::drop(std::list<Entry>::iterator entry) {
    bytes_ -= entry->size;
    by_key_.erase(entry->key);
    recent_.erase(entry);
}

std::size_t LookupsUnderWay::count(certs::Want::Kind kind) const {
    const auto is_of_kind = [&](const std::string& key) { return key.front() == letter_of(kind); };
    return static_cast<std::size_t>(std::ranges::count_if(keys, is_of_kind));
}

io::Task<Document> look_up(UpstreamContext& context, certs::Want want, io::Reach upstream, double seconds) {
    std::string key = fmt::format("{} {} {} ", letter_of(want.kind), static_cast<int>(upstream), want.url);
    key += certs::as_text(want.ocsp_request);
    const double end = io::clock_ms() + seconds * 1000;
    std::vector<std::string>& under_way = context.lookups.keys;
    for (;;) {
        if (auto known = context.services.documents.find(key, io::now())) co_return *std::move(known);
        seconds = (end - io::clock_ms()) / 1000;
        if (seconds <= 0 || context.stopping) co_return NoDocument{NotFetched::not_asked};
        const auto same_site = [&](const std::string& other) { return site_of(other) == site_of(key); };
        const bool full = context.lookups.count(want.kind) >= most_at_once(want.kind) ||
                          std::ranges::count_if(under_way, same_site) >= most_of_one_site;
        if (!full && std::ranges::find(under_way, key) == under_way.end()) break;
        co_await context.lookups.ended.wait();  // each ends by itself after some seconds
    }

    under_way.push_back(key);
    const auto body = co_await fetch(context, request_for(want, upstream, seconds));
    Document document = body ? parse(want, *body) : NoDocument{reason(body.error())};
    // When the client had no more time, that says nothing about the URL.
    const bool hurried = !body && body.error() == FetchError::timed_out && seconds < longest_fetch;
    const std::size_t size = size_of_keeping + key.size() + (body ? body->size() : 0);
    std::erase(under_way, key);
    if (!hurried) context.services.documents.keep(std::move(key), document, size, fresh_until(document, io::now()));
    context.lookups.ended.notify();
    co_return document;
}

}  // namespace proxy
