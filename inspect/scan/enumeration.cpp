#include "inspect/scan/enumeration.h"

#include <algorithm>

namespace inspect::scan {

std::string_view words(Reply reply) {
    switch (reply) {
        case Reply::chosen:
        case Reply::refused: return "";
        case Reply::other_offer: return "the server chose what was not offered";
        case Reply::malformed: return "the server's answer is not TLS";
        case Reply::ended: return "the server ended connections, other hellos' too";
        case Reply::silent: return "the server did not answer in time";
        case Reply::cut: return "the server did not finish its answer";
        case Reply::unreachable: return "the server took no connection";
        case Reply::key_curve: return "the server chose the curve of its ECDSA key, which every hello has to offer";
        case Reply::changeable: return "the server answered the same hello in two ways";
        case Reply::not_asked: return "the scan was given up, after too long or too many hellos without an answer";
    }
    return "";
}

void Enumeration::take(const Heard& heard) {
    last_ = heard;
    const auto chosen = std::ranges::find(remaining_, heard.choice);
    if (heard.reply == Reply::chosen && chosen != remaining_.end()) {
        found_.push_back(heard.choice);
        remaining_.erase(chosen);
        return;
    }
    if (heard.reply == Reply::chosen) last_.reply = Reply::other_offer;
    finished_ = true;
}

Order order_of(std::uint16_t first, std::uint16_t last, const Heard& ahead, const Heard& reversed) {
    if (first == last || ahead.reply != Reply::chosen || reversed.reply != Reply::chosen) return Order::unknown;
    if (ahead.choice == reversed.choice) return Order::server;
    return ahead.choice == first && reversed.choice == last ? Order::client : Order::mixed;
}

}  // namespace inspect::scan
