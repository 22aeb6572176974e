#include "inspect/http/http2/header_list.h"

namespace inspect::http2 {

void HeaderList::add(std::string_view name, std::string_view value) {
    places_.emplace_back(text_.size(), name.size(), value.size());
    text_ += name;
    text_ += value;
}

void HeaderList::add_lowered(std::string_view name, std::string_view value) {
    places_.emplace_back(text_.size(), name.size(), value.size());
    for (const char c : name) text_ += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    text_ += value;
}

void HeaderList::clear() {
    text_.clear();
    places_.clear();
}

HeaderList::Line HeaderList::operator[](std::size_t index) const {
    const Place& place = places_[index];
    const std::string_view text = text_;
    return {text.substr(place.begin, place.name_size), text.substr(place.begin + place.name_size, place.value_size)};
}

}  // namespace inspect::http2
