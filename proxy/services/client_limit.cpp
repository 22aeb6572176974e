#include "proxy/services/client_limit.h"

#include <utility>

namespace proxy {

ClientLimit::Seat::Seat(ClientLimit& limit, std::string ip) : limit_(limit), ip_(std::move(ip)) {
    const std::lock_guard lock(limit_.mutex_);
    number_ = ++limit_.open_[ip_];
}

ClientLimit::Seat::~Seat() {
    const std::lock_guard lock(limit_.mutex_);
    const auto entry = limit_.open_.find(ip_);
    if (--entry->second == 0) limit_.open_.erase(entry);
}

std::size_t ClientLimit::total() const {
    const std::lock_guard lock(mutex_);
    std::size_t number = 0;
    for (const auto& [ip, open] : open_) number += open;
    return number;
}

}  // namespace proxy
