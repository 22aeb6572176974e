// The chain as a picture to be drawn: the host asked for, the certificates from the server's own up to the anchor (or to the issuer that nobody
// knows), and between them what one says of the next; with the places marked where it breaks. Words and states; no lines and no colours.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inspect/diagnosis/diagnosis.h"

namespace inspect::diagnosis {

enum class Mark { good, bad, open };  // open: not asked, or without an answer

struct PictureNode {
    enum class Kind { host, certificate, absent, unknown } kind = Kind::certificate;  // absent: not sent by the server, known all the same
    std::string name;                                                                 // bounded
    std::string about;                                                                // "intermediate, sent by the server"
    Mark mark = Mark::open;
    std::string fails;  // "fails validity, key_usage"; "" when it does not
};

// Between a node and the next.
struct PictureLink {
    std::string_view words;  // "is signed by"
    Mark mark = Mark::open;
};

struct ChainPicture {
    std::vector<PictureNode> nodes;  // empty when there is no certificate
    std::vector<PictureLink> links;  // one less
};

ChainPicture picture_of(const Diagnosis& diagnosis);

// The same in words, for who cannot see it: one sentence a link.
std::string described(const ChainPicture& picture);

}  // namespace inspect::diagnosis
