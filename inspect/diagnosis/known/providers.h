// Who answered: services, default certificates, local CAs and TLS inspection, recognised by the
// names that their certificates carry, each with its own fix. A data table; adding one is adding a
// row.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "certs/certificate.h"
#include "inspect/diagnosis/diagnosis.h"

namespace inspect::diagnosis {

struct Provider {
    enum class Kind {
        service,              // a hosting service or CDN; its fix mends a host name that does not match
        default_certificate,  // what a server shows for a name that it does not know
        local_ca,             // a development CA, or a test CA of a public one
        inspection,           // decrypts on purpose between here and the server
        debugging_proxy,      // another tool of our own kind
        whytls,               // this very tool: the request came back to it, or to another whytls
    };
    // What of the leaf is looked at. The last two are a common name (CN) as a whole: the issuer's,
    // and the leaf's own where it signs itself.
    enum class Where { name, subject, issuer, issuer_name, own_name };

    std::string_view title;  // "Amazon CloudFront"
    Kind kind = Kind::service;
    Where where = Where::name;
    // Of a name: itself, or any name below "*."; of a common name: all of it; otherwise a part of
    // the text, ignoring letter case.
    std::string_view pattern;
    Actor actor = Actor::server;
    std::string_view fix;      // "{host}" stands for the host asked for
    std::string_view command;  // the same; "" without
};

std::span<const Provider> providers();

// The first row that fits the leaf; nullptr when none does.
const Provider* recognise(const certs::Description& leaf);

// The service that a name in DNS belongs to, where a host's aliases (CNAME) lead; nullptr when it
// is not known.
const Provider* recognise_name(std::string_view canonical_name);

// The row's fix for a host; the host is quoted for the shell in the command.
Fix fix_of(const Provider& provider, std::string_view host);

// Whether the row's fix mends a problem of that code.
bool mends(const Provider& provider, Code code);

}  // namespace inspect::diagnosis
