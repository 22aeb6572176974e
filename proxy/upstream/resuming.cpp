#include "proxy/upstream/resuming.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "proxy/io/clock.h"

namespace proxy {

namespace diagnosis = inspect::diagnosis;

namespace {

// Everything that connections must have in common to share a session; "" where none is resumed. A
// session belongs to the client certificate that it was agreed on with, so none is set here.
std::string place_of(const UpstreamContext& context, const Upstream& upstream, bool accept_any) {
    const Destination& to = upstream.destination;
    const bool may_show = upstream.keyring->find_client_certificate(to.name) != nullptr;
    if (!context.services.settings.resumption || upstream.way.empty() || !upstream.address || may_show) return "";
    return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}", upstream.way, upstream.address->to_string(), upstream.is_near,
                       to.server(), to.name, fmt::join(upstream.attempt.alpn, ","), to.strict,
                       to.at ? to.at->to_string() : "", accept_any);
}

// A server may send a MiB of certificates, under as many names as it likes.
bool is_small(const certs::Verdict& verdict) {
    constexpr std::size_t most = 32'768;
    std::size_t size = 0;
    for (const certs::Served& each : verdict.served) size += each.der.size();
    return size <= most;
}

std::shared_ptr<const FoundGood> found_good(const UpstreamServices& services, const Inquiry& inquiry,
                                            const diagnosis::Attempt& attempt) {
    const certs::Time now = io::now();
    const std::int64_t left = seconds_left(*attempt.verdict, inquiry.responses, services.verification_time());
    return std::make_shared<const FoundGood>(
        FoundGood{.judged = {*attempt.verdict, inquiry.stapling, inquiry.staple, inquiry.responses},
                  .handshake = *attempt.handshake,
                  .keyring = inquiry.keyring,
                  .from = now,
                  .until = {now.seconds + left}});
}

}  // namespace

Resuming::Resuming(UpstreamContext& context, Upstream& upstream, bool accept_any)
    : context_(context), upstream_(upstream), place_(place_of(context, upstream, accept_any)) {
    if (!place_.empty()) before_ = context.resumptions.take(place_, upstream.keyring, io::now());
}

std::shared_ptr<const tls::ResumableSession> Resuming::session() const { return before_ ? before_->session : nullptr; }

// Our verdict on a certificate has nothing to do with it. Anything else may be the server's way to
// resume nothing, which is no fault that another client would see.
bool Resuming::gives_up() {
    const auto* failure = std::get_if<tls::HandshakeFailure>(&upstream_.attempt.failure);
    if (!before_ || !failure || failure->kind == tls::FailureKind::certificate) return false;
    context_.resumptions.forget(place_);
    upstream_.way.clear();
    return true;
}

void Resuming::adopt(Inquiry& inquiry) {
    diagnosis::Attempt& attempt = upstream_.attempt;
    if (before_ && attempt.handshake->resumed) {
        found_ = before_->found;
        attempt.verdict = inquiry.take_over(found_->judged);
        // What a server says beside its certificate, it does not say again.
        const tls::Handshake& whole = found_->handshake;
        attempt.handshake->stapled = whole.stapled;
        attempt.handshake->certificate_requested = whole.certificate_requested;
        attempt.handshake->certificate_request = whole.certificate_request;
    } else if (!place_.empty() && attempt.verdict->accepted() && is_small(*attempt.verdict)) {
        found_ = found_good(context_.services, inquiry, attempt);
    }
}

void Resuming::leave() {
    if (found_) upstream_.to_resume = std::make_unique<ToResume>(place_, std::move(found_));
}

void note_resumable(UpstreamContext& context, Upstream& upstream, bool answered) {
    const std::unique_ptr<ToResume> resumable = std::move(upstream.to_resume);
    if (!resumable) return;
    if (!answered) {
        if (upstream.attempt.handshake->resumed) context.resumptions.forget(resumable->place);
        return;
    }
    if (auto session = upstream.channel->session().resumable())
        context.resumptions.keep(resumable->place, {std::move(session), resumable->found});
}

}  // namespace proxy
