#include "proxy/upstream/memory/intermediates.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <span>
#include <utility>

#include "certs/file.h"
#include "certs/pem.h"

namespace proxy {

namespace {

// The web's CAs have some two thousand intermediates in all; one user's servers have a few dozen.
constexpr std::size_t most_certificates = 500, most_bytes = 1 << 20;  // DER; as PEM a third more
constexpr std::size_t largest_file = 2 << 20;
constexpr std::size_t most_above = 16;
constexpr auto pause = std::chrono::seconds(10);  // between two writes

}  // namespace

std::filesystem::path intermediates_file(const std::filesystem::path& ca_directory) {
    const bool has_name = ca_directory.has_filename();  // false when it ends with a slash
    return (has_name ? ca_directory : ca_directory.parent_path()).parent_path() / "whytls-intermediates.pem";
}

Intermediates::Intermediates(std::filesystem::path file, Tell tell)
    : file_(std::move(file)), tell_(std::move(tell)), remembers_(!file_.empty()) {
    if (!remembers_) return;
    read();
    if (writes_) thread_ = std::thread([this] { write_changes(); });
}

void Intermediates::read() {
    const auto unusable = [&](std::string_view why) {
        tell_(fmt::format("whytls: {}: {}; intermediates seen before are not known, nor kept", file_.string(), why));
    };
    std::error_code ignored;
    if (!std::filesystem::exists(file_.parent_path(), ignored)) return;
    const auto kind = std::filesystem::status(file_, ignored).type();
    if (kind != std::filesystem::file_type::regular && kind != std::filesystem::file_type::not_found)
        return unusable("no regular file");
    const auto text = certs::read_file(file_.string(), largest_file);
    if (!text && text.error() == EFBIG) return unusable("larger than 2 MiB");
    if (!text && text.error() != ENOENT) return unusable(std::strerror(text.error()));
    const auto blocks = certs::read_pem(text.value_or(""));
    if (!blocks) return unusable(fmt::format("line {}: {}", blocks.error().line, blocks.error().reason));
    std::vector<certs::Certificate> found;
    for (const certs::PemBlock& block : *blocks) {
        auto certificate = certs::Certificate::parse(block.content);
        if (block.label != "CERTIFICATE" || !certificate)
            return unusable(fmt::format("line {}: no certificate", block.line));
        found.push_back(*std::move(certificate));
    }
    if (text && !text->empty() && found.empty()) return unusable("no certificates");
    for (const certs::Certificate& certificate : found) add(certificate);
    // A file of root's in a user's folder would lock the user out.
    struct stat status{};
    writes_ = ::stat(file_.parent_path().c_str(), &status) == 0 && status.st_uid == ::geteuid();
}

void Intermediates::remember(const certs::Path& path) {
    if (!remembers_ || !path.anchored || path.certificates.size() < 3) return;
    const std::span between(path.certificates.begin() + 1, path.certificates.end() - 1);
    const auto is_known = [&](const certs::PathCertificate& each) {
        return known_.contains(each.certificate.sha256());
    };
    {
        const std::shared_lock lock(mutex_);
        if (std::ranges::all_of(between, is_known)) return;
    }
    {
        const std::lock_guard lock(mutex_);
        for (const certs::PathCertificate& each : between) {
            if (!is_known(each)) add(each.certificate);
        }
    }
    const std::lock_guard lock(writing_);
    changed_ = true;
    wake_.notify_one();
}

void Intermediates::add(const certs::Certificate& certificate) {
    known_.insert(certificate.sha256());
    oldest_first_.push_back(certificate);
    bytes_ += certificate.der().size();
    while (oldest_first_.size() > most_certificates || bytes_ > most_bytes) {
        bytes_ -= oldest_first_.front().der().size();
        known_.erase(oldest_first_.front().sha256());
        oldest_first_.pop_front();
    }
}

std::vector<certs::Certificate> Intermediates::above(const certs::Certificate& certificate) const {
    const std::shared_lock lock(mutex_);
    std::vector<certs::Certificate> found;
    const auto add_issuers = [&](const certs::Certificate& child) {
        for (const certs::Certificate& each : oldest_first_) {
            if (found.size() < most_above && each.subject() == child.issuer() &&
                std::ranges::find(found, each) == found.end())
                found.push_back(each);
        }
    };
    add_issuers(certificate);
    for (std::size_t i = 0; i < found.size(); ++i) add_issuers(certs::Certificate(found[i]));
    return found;
}

std::size_t Intermediates::count() const {
    const std::shared_lock lock(mutex_);
    return oldest_first_.size();
}

std::string Intermediates::text() const {
    const std::shared_lock lock(mutex_);
    std::string text;
    for (const certs::Certificate& each : oldest_first_) text += certs::to_pem(each.der());
    return text;
}

void Intermediates::write_changes() {
    std::unique_lock lock(writing_);
    while (true) {
        wake_.wait(lock, [this] { return changed_ || stopping_; });
        if (!changed_) return;
        changed_ = false;
        lock.unlock();
        write();
        lock.lock();
        wake_.wait_for(lock, pause, [this] { return stopping_; });
    }
}

void Intermediates::write() {
    if (!writes_) return;
    certs::FileDraft draft(file_.string(), text(), 0600);
    if (draft.complete() && draft.publish()) return;
    tell_(fmt::format("whytls: {}: {}; intermediates are remembered until whytls ends", file_.string(),
                      std::strerror(errno)));
    writes_ = false;
}

void Intermediates::finish() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(writing_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

}  // namespace proxy
