#include "inspect/http/http2/header_list.h"

#include <span>

namespace inspect::http2 {

void HeaderList::add(std::string_view name, std::string_view value) {
    constexpr std::size_t usual_lines = 16, usual_text = 512;
    if (places_.empty()) {
        places_.reserve(usual_lines);
        text_.reserve(usual_text);
    }
    places_.emplace_back(text_.size(), name.size(), value.size());
    text_ += name;
    text_ += value;
}

void HeaderList::add_lowered(std::string_view name, std::string_view value) {
    const std::size_t begin = text_.size();
    add(name, value);
    for (char& c : std::span(text_).subspan(begin, name.size()))
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
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
