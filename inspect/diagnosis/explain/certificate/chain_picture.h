// The chain as a picture to be drawn: the host asked for, the certificates from the server's own up
// to the anchor (or to the issuer that no one knows), and between them what one says of the next.
// The places where it breaks are marked. Words and states; no lines and no colours.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inspect/diagnosis/diagnosis.h"

namespace inspect::diagnosis {

enum class Mark { good, bad, open };  // open: not asked, or without an answer

struct PictureNode {
    // absent: not sent by the server, but known.
    enum class Kind { host, certificate, absent, unknown } kind = Kind::certificate;
    std::string name;   // bounded
    std::string about;  // "intermediate, sent by the server"
    Mark mark = Mark::open;
    std::string fails;  // "fails validity, key_usage"; "" when it fails nothing
};

// Between a node and the next.
struct PictureLink {
    std::string_view words;  // "is signed by"
    Mark mark = Mark::open;
};

struct ChainPicture {
    std::vector<PictureNode> nodes;  // empty when there is no certificate
    std::vector<PictureLink> links;  // one fewer than nodes
};

ChainPicture picture_of(const Diagnosis& diagnosis);

// The same in words, for those who cannot see it: one sentence for each link.
std::string described(const ChainPicture& picture);

}  // namespace inspect::diagnosis
