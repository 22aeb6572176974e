#include "certs/name.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace certs {

namespace {

void append_utf8(std::string& text, char32_t point) {
    if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) point = 0xFFFD;
    if (point < 0x80) {
        text += static_cast<char>(point);
    } else if (point < 0x800) {
        text += static_cast<char>(0xC0 | point >> 6);
        text += static_cast<char>(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        text += static_cast<char>(0xE0 | point >> 12);
        text += static_cast<char>(0x80 | (point >> 6 & 0x3F));
        text += static_cast<char>(0x80 | (point & 0x3F));
    } else {
        text += static_cast<char>(0xF0 | point >> 18);
        text += static_cast<char>(0x80 | (point >> 12 & 0x3F));
        text += static_cast<char>(0x80 | (point >> 6 & 0x3F));
        text += static_cast<char>(0x80 | (point & 0x3F));
    }
}

// The text of a string type as UTF-8; nullopt for any other type. T61String is read as Latin-1, as
// everyone does.
std::optional<std::string> string_text(const DerElement& value) {
    std::string text;
    switch (value.tag) {
        case tag::utf8_string:
        case tag::printable_string:
        case tag::ia5_string:
        case tag::numeric_string:
        case tag::visible_string: return std::string(as_text(value.content));
        case tag::teletex_string:
            for (const std::uint8_t byte : value.content) append_utf8(text, byte);
            return text;
        case tag::bmp_string:
            for (std::size_t i = 0; i + 1 < value.content.size(); i += 2) {
                append_utf8(text, static_cast<char32_t>(value.content[i] << 8 | value.content[i + 1]));
            }
            return text;
        case tag::universal_string:
            for (std::size_t i = 0; i + 3 < value.content.size(); i += 4) {
                append_utf8(text, static_cast<char32_t>(value.content[i]) << 24 |
                                      static_cast<char32_t>(value.content[i + 1]) << 16 |
                                      static_cast<char32_t>(value.content[i + 2]) << 8 | value.content[i + 3]);
            }
            return text;
        default: return std::nullopt;
    }
}

// Takes one code point off the front. A byte that is not UTF-8 becomes a value above Unicode, so
// that it equals only itself.
char32_t take_point(std::string_view& text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(0);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                               : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    bool sound = length > 0 && length <= text.size();
    for (std::size_t i = 1; sound && i < length; ++i) sound = (byte(i) & 0xC0) == 0x80;
    if (!sound) {
        text.remove_prefix(1);
        return 0x110000 + lead;
    }
    char32_t point = length == 1 ? lead : lead & (0xFF >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) point = point << 6 | (byte(i) & 0x3F);
    text.remove_prefix(length);
    return point;
}

// RFC 4518 §2.2's case folding for the scripts that CAs' names use.
char32_t folded(char32_t point) {
    if (point >= 'A' && point <= 'Z') return point + 32;
    if (point < 0xC0) return point;
    if (point <= 0xDE && point != 0xD7) return point + 32;  // Latin-1
    // Latin Extended-A, pairs
    if ((point >= 0x100 && point <= 0x137) || (point >= 0x14A && point <= 0x177)) return point | 1;
    if ((point >= 0x139 && point <= 0x148) || (point >= 0x179 && point <= 0x17E)) return point + (point & 1);
    if (point >= 0x391 && point <= 0x3A9 && point != 0x3A2) return point + 32;  // Greek
    if (point >= 0x410 && point <= 0x42F) return point + 32;                    // Cyrillic
    if (point >= 0x400 && point <= 0x40F) return point + 80;
    return point;
}

bool is_space(char32_t point) {
    return point == ' ' || (point >= 0x09 && point <= 0x0D) || point == 0x85 || point == 0xA0;
}

// RFC 4518 §2.6.1: white space at the ends is removed, runs of it inside become one; letters are
// folded.
std::string prepared(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    bool pending = false;
    while (!text.empty()) {
        const char32_t point = folded(take_point(text));
        if (point == 0xAD || point == 0x200B || point == 0xFEFF) continue;  // RFC 4518 §2.2: mapped to nothing
        if (is_space(point)) {
            pending = !result.empty();
            continue;
        }
        if (pending) result += ' ';
        pending = false;
        if (point < 0x110000)
            append_utf8(result, point);
        else
            result += static_cast<char>(point - 0x110000);
    }
    return result;
}

void append_sized(std::string& text, std::string_view part) {
    const auto size = static_cast<std::uint32_t>(part.size());
    for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(size >> shift & 0xFF);
    text += part;
}

std::string canonical_attribute(const NameAttribute& attribute) {
    std::string spelling;
    append_sized(spelling, as_text(attribute.type.content));
    if (const auto string = string_text(attribute.value)) {
        spelling += 's';
        append_sized(spelling, prepared(*string));
    } else {
        spelling += 'd';
        append_sized(spelling, as_text(attribute.value.whole));
    }
    return spelling;
}

// The comparable form of a name: its relative names in order, each framed, the attributes inside
// each sorted.
std::string canonical_name(const std::vector<NameAttribute>& attributes) {
    std::string spelling;
    for (std::size_t i = 0; i < attributes.size();) {
        std::vector<std::string> parts;
        const std::size_t rdn = attributes[i].rdn;
        for (; i < attributes.size() && attributes[i].rdn == rdn; ++i)
            parts.push_back(canonical_attribute(attributes[i]));
        std::ranges::sort(parts);
        std::string relative;
        for (const std::string& part : parts) relative += part;
        append_sized(spelling, relative);
    }
    return spelling;
}

void append_escaped(std::string& out, std::string_view value) {
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char character = value[i];
        const bool edge =
            (i == 0 && (character == ' ' || character == '#')) || (i + 1 == value.size() && character == ' ');
        if (edge || std::string_view("\"+,;<>\\").contains(character)) out += '\\';
        out += character;
    }
}

bool is_ascii(Bytes bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte < 0x80; });
}

// RFC 5280 §4.2.1.10: a constraint on hosts is a name, perhaps with a leading dot, or empty. With a
// wildcard, an empty label or a blank in it, it would match no name, so that what it excludes would
// pass.
bool is_host_constraint(std::string_view text) {
    if (text.empty()) return true;
    if (text.starts_with('.')) text.remove_prefix(1);
    const auto odd = [](char character) { return character <= ' ' || character == '*' || character > '~'; };
    return !text.empty() && !text.starts_with('.') && !text.ends_with('.') && !text.contains("..") &&
           std::ranges::none_of(text, odd);
}

}  // namespace

std::string NameAttribute::text() const {
    if (auto string = string_text(value)) return *std::move(string);
    return "#" + hex(value.whole);
}

DistinguishedName DistinguishedName::read(DerReader& reader) {
    // A real name has fewer than twenty attributes; the limit is that of alternative names.
    constexpr std::size_t most_attributes = 16'384;
    DistinguishedName name;
    const DerElement whole = [&] {
        DerReader ahead = reader;
        return ahead.element(tag::sequence);
    }();
    name.der_ = whole.whole;
    DerReader relative_names = reader.sequence();
    std::size_t rdn = 0;
    while (!relative_names.at_end()) {
        DerReader relative = relative_names.enter(tag::set);
        if (relative.at_end()) relative.fail("an empty relative distinguished name");
        while (!relative.at_end()) {
            if (name.attributes_.size() == most_attributes)
                relative.fail("a name of more than 16384 attributes", ParseFault::limit);
            DerReader pair = relative.sequence();
            const Oid type = pair.object_identifier();
            const DerElement value = pair.element();
            pair.end();
            name.attributes_.push_back({type, value, rdn});
        }
        ++rdn;
    }
    name.canonical_ = canonical_name(name.attributes_);
    return name;
}

bool DistinguishedName::is_within(const DistinguishedName& base) const {
    // Each relative name is framed in the canonical form, so that a prefix always consists of whole
    // relative names.
    return canonical_.starts_with(base.canonical_);
}

std::string DistinguishedName::rfc4514() const {
    constexpr std::size_t longest = 4096;
    std::string out;
    for (std::size_t end = attributes_.size(); end > 0 && out.size() < longest;) {
        std::size_t begin = end - 1;
        while (begin > 0 && attributes_[begin - 1].rdn == attributes_[end - 1].rdn) --begin;
        if (!out.empty()) out += ',';
        for (std::size_t i = begin; i < end && out.size() < longest; ++i) {
            if (i > begin) out += '+';
            out += printable_name(attributes_[i].type) + '=';
            append_escaped(out, attributes_[i].text());
        }
        end = begin;
    }
    if (out.size() > longest) out.resize(longest);
    return out;
}

std::string DistinguishedName::common_name() const {
    for (auto attribute = attributes_.rbegin(); attribute != attributes_.rend(); ++attribute) {
        if (attribute->type == oid::common_name) return attribute->text();
    }
    return {};
}

std::vector<std::string> DistinguishedName::emails() const {
    std::vector<std::string> found;
    for (const NameAttribute& attribute : attributes_) {
        if (attribute.type == oid::email_address) found.push_back(attribute.text());
    }
    return found;
}

GeneralName read_general_name(DerReader& reader, DerContext& context, bool constraint) {
    const DerElement element = reader.element();
    if (context.failed()) return {};
    const std::uint8_t number = element.tag & 0x1F;
    // x400Address, directoryName (explicit: Name is a CHOICE), ediPartyName and otherName are
    // constructed, the others primitive.
    const bool constructed = number == 0 || number == 3 || number == 4 || number == 5;
    if (number > 8 || element.tag != (constructed ? tag::context_constructed(number) : tag::context(number))) {
        context.fail(element.whole.data(), "a GeneralName was expected");
        return {};
    }
    const GeneralName name{static_cast<GeneralNameKind>(number), element.content};
    switch (name.kind) {
        case GeneralNameKind::email:
        case GeneralNameKind::uri:
        case GeneralNameKind::dns:
            // A dNSName that is not ASCII matches no host, and the near miss reports why; as a
            // constraint it cannot be obeyed.
            if (!is_ascii(name.value) && (constraint || name.kind != GeneralNameKind::dns))
                context.fail(element.whole.data(), "ASCII text was expected (IA5String)");
            else if (constraint && name.kind != GeneralNameKind::email && !is_host_constraint(as_text(name.value)))
                context.fail(element.whole.data(), "a host name without wildcard or final dot was expected");
            break;
        case GeneralNameKind::address: {
            const std::size_t factor = constraint ? 2 : 1;
            if (name.value.size() != 4 * factor && name.value.size() != 16 * factor) {
                context.fail(element.whole.data(), constraint ? "an address range of 8 or 32 bytes was expected"
                                                              : "an address of 4 or 16 bytes was expected");
            }
            break;
        }
        case GeneralNameKind::directory: {
            DerReader inside(element.content, context);
            DistinguishedName::read(inside);
            inside.end();
            break;
        }
        case GeneralNameKind::other: {
            DerReader inside(element.content, context);
            inside.object_identifier();
            inside.enter(tag::context_constructed(0));
            inside.end();
            break;
        }
        default: break;
    }
    return name;
}

std::vector<GeneralName> read_general_names(DerReader reader, DerContext& context) {
    constexpr std::size_t most_names = 16'384;
    std::vector<GeneralName> names;
    while (!reader.at_end()) {
        if (names.size() == most_names) reader.fail("more than 16384 names", ParseFault::limit);
        names.push_back(read_general_name(reader, context));
    }
    if (context.failed()) names.clear();
    return names;
}

std::expected<DistinguishedName, ParseError> directory_name(const GeneralName& name) {
    DerContext context(name.value);
    context.field("directoryName");
    DerReader reader(name.value, context);
    DistinguishedName result = DistinguishedName::read(reader);
    reader.end();
    if (context.failed()) return std::unexpected(*context.error());
    return result;
}

std::string address_text(Bytes address) {
    if (address.size() == 4) return fmt::format("{}.{}.{}.{}", address[0], address[1], address[2], address[3]);
    if (address.size() != 16) return hex(address);
    std::array<unsigned, 8> groups{};
    for (std::size_t i = 0; i < 8; ++i) groups[i] = static_cast<unsigned>(address[2 * i] << 8 | address[2 * i + 1]);
    // RFC 5952 §4.2: the longest run of two or more zero groups, the first of equals, becomes "::".
    std::size_t best = 8;
    std::size_t best_length = 1;
    for (std::size_t i = 0; i < 8;) {
        std::size_t length = 0;
        while (i + length < 8 && groups[i + length] == 0) ++length;
        if (length > best_length) best = i, best_length = length;
        i += length + 1;
    }
    std::string text;
    for (std::size_t i = 0; i < 8; ++i) {
        if (i == best) {
            text += "::";
            i += best_length - 1;
            continue;
        }
        if (!text.empty() && !text.ends_with(':')) text += ':';
        text += fmt::format("{:x}", groups[i]);
    }
    return text;
}

std::string text(const GeneralName& name) {
    switch (name.kind) {
        case GeneralNameKind::email: return "email:" + std::string(as_text(name.value));
        case GeneralNameKind::dns: return "DNS:" + std::string(as_text(name.value));
        case GeneralNameKind::uri: return "URI:" + std::string(as_text(name.value));
        case GeneralNameKind::address: return "IP:" + address_text(name.value);
        case GeneralNameKind::registered_id: return "RID:" + dotted({name.value});
        case GeneralNameKind::x400: return "x400Address";
        case GeneralNameKind::edi_party: return "ediPartyName";
        case GeneralNameKind::directory: {
            const auto directory = directory_name(name);
            return "dirName:" + (directory ? directory->rfc4514() : std::string());
        }
        case GeneralNameKind::other: break;
    }
    DerContext context(name.value);
    DerReader reader(name.value, context);
    return "otherName:" + dotted(reader.object_identifier());
}

}  // namespace certs
