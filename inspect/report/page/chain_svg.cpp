#include "inspect/report/page/chain_svg.h"

#include <fmt/format.h>

#include "inspect/report/print/escape.h"

namespace inspect::report {

namespace {

using diagnosis::Mark;
using diagnosis::PictureLink;
using diagnosis::PictureNode;

// In the picture's own units: one is 0.9 pixels on a phone and 1 pixel on a desktop.
constexpr int width = 340, box_height = 58, gap = 46, text_left = 46, icon_x = 24, line_x = 24;

std::string_view look(Mark mark) {
    switch (mark) {
        case Mark::good: return "good";
        case Mark::bad: return "bad";
        case Mark::open: return "open";
    }
    return "";
}

std::string_view look(PictureNode::Kind kind) {
    switch (kind) {
        case PictureNode::Kind::host: return "host";
        case PictureNode::Kind::certificate: return "certificate";
        case PictureNode::Kind::absent: return "absent";
        case PictureNode::Kind::unknown: return "unknown";
    }
    return "";
}

std::string cross(int x, int y, int size) {
    return fmt::format("<path class=\"sign\" d=\"M{0} {1}L{2} {3}M{2} {1}L{0} {3}\"/>", x - size, y - size, x + size,
                       y + size);
}

std::string icon(const PictureNode& node, int y) {
    if (node.kind == PictureNode::Kind::host)
        return fmt::format("<circle class=\"dot\" cx=\"{}\" cy=\"{}\" r=\"5\"/>", icon_x, y);
    std::string disc = fmt::format("<circle class=\"disc\" cx=\"{}\" cy=\"{}\" r=\"11\"/>", icon_x, y);
    if (node.kind == PictureNode::Kind::unknown)
        return disc + fmt::format("<text class=\"what\" x=\"{}\" y=\"{}\">?</text>", icon_x, y + 5);
    switch (node.mark) {
        case Mark::good: return disc + fmt::format("<path class=\"sign\" d=\"M{} {}l4 4l7 -8\"/>", icon_x - 5, y);
        case Mark::bad: return disc + cross(icon_x, y, 4);
        case Mark::open: return disc + fmt::format("<path class=\"sign\" d=\"M{} {}h8\"/>", icon_x - 4, y);
    }
    return disc;
}

std::string box(const PictureNode& node, int top) {
    std::string result = fmt::format(
        "<g class=\"{} {}\"><rect x=\"1\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"9\"/>{}<text class=\"name\" x=\"{}\" y=\"{}\">{}</text>",
        look(node.kind), look(node.mark), top, width - 2, box_height, icon(node, top + box_height / 2), text_left,
        top + 24, for_html(node.name, 200));
    const std::string& below = node.fails.empty() ? node.about : node.fails;
    if (!below.empty())
        result +=
            fmt::format("<text class=\"about\" x=\"{}\" y=\"{}\">{}</text>", text_left, top + 44, for_html(below, 200));
    return result + "</g>\n";
}

std::string arrow(const PictureLink& link, int top) {
    const int end = top + gap, middle = top + gap / 2;
    std::string result = fmt::format("<g class=\"link {}\"><path class=\"line\" d=\"M{} {}V{}\"/>", look(link.mark),
                                     line_x, top + 3, end - 4);
    result += link.mark == Mark::bad
                  ? fmt::format("<circle class=\"disc\" cx=\"{}\" cy=\"{}\" r=\"9\"/>", line_x, middle) +
                        cross(line_x, middle, 4)
                  : fmt::format("<path class=\"line\" d=\"M{} {}l4 6l4 -6\"/>", line_x - 4, end - 10);
    return result + fmt::format("<text class=\"words\" x=\"{}\" y=\"{}\">{}</text></g>\n", text_left, middle + 4,
                                for_html(link.words));
}

}  // namespace

std::string chain_svg(const diagnosis::ChainPicture& picture) {
    if (picture.nodes.empty()) return "";
    const int step = box_height + gap, height = static_cast<int>(picture.nodes.size()) * step - gap + 2;
    std::string result = fmt::format(
        "<svg class=\"picture\" viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"picture-title picture-text\">\n"
        "<title id=\"picture-title\">The chain, from the host asked for to who vouches for it</title>\n<desc "
        "id=\"picture-text\">{}</desc>\n",
        width, height, for_html(diagnosis::described(picture), 4096));
    int top = 1;
    for (std::size_t i = 0; i < picture.nodes.size(); ++i, top += step) {
        result += box(picture.nodes[i], top);
        if (i < picture.links.size()) result += arrow(picture.links[i], top + box_height);
    }
    return result + "</svg>\n";
}

}  // namespace inspect::report
