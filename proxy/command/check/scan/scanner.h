// The questions of one scan, and in which order they are asked. For proxy/command/check/scan only.
#pragma once

#include <optional>
#include <vector>

#include "inspect/scan/question.h"
#include "inspect/scan/scan.h"
#include "proxy/command/check/scan/contact.h"
#include "proxy/io/task.h"

namespace proxy {

// The group that is the curve of a certificate's ECDSA key; 0 for every other certificate.
std::uint16_t curve_of(certs::Bytes certificate);

class Scanner {
public:
    // `seconds`: for all questions together.
    Scanner(UpstreamContext& context, const Examination& how, const Subject& subject, double seconds);

    io::Task<inspect::scan::Scan> run();

private:
    using Numbers = std::vector<std::uint16_t>;
    using Meaning = inspect::scan::Heard (*)(const inspect::scan::Question&, const inspect::scan::Answered&);

    // lists.cpp: what is found by asking until the server refuses.
    io::Task<> meet(inspect::scan::VersionFound& found);
    io::Task<inspect::scan::Heard> settled(inspect::scan::Heard heard);
    io::Task<inspect::scan::Heard> answer_to(inspect::scan::Question question, Meaning meaning);
    io::Task<inspect::scan::Enumeration> enumerate(inspect::scan::Question question,
                                                   Numbers inspect::scan::Question::* offered, Meaning meaning);
    io::Task<inspect::scan::Listed> list(inspect::scan::Question question, Numbers inspect::scan::Question::* offered,
                                         Meaning meaning);
    io::Task<> find_order(inspect::scan::Question question, Numbers inspect::scan::Question::* offered, Meaning meaning,
                          inspect::scan::Listed& listed);
    io::Task<> list_suites(inspect::scan::VersionFound& found);
    io::Task<> list_groups_1_3();
    io::Task<> list_groups_old();
    io::Task<bool> needs_curve(inspect::scan::Question question, std::uint16_t group);
    io::Task<> list_hidden_groups(inspect::scan::Question question, inspect::scan::Listed& listed);
    io::Task<> list_protocols();

    // facts.cpp: what one or two connections show.
    io::Task<> look_at_old();
    io::Task<> look_at_old(inspect::scan::Signing signing);
    io::Task<> look_at_dh();
    io::Task<> look_at_sha1();
    io::Task<> look_at_compression();
    io::Task<> look_at_heartbeat();
    io::Task<> look_at_fallback();
    struct Shown {
        inspect::scan::Heard heard;
        certs::ByteVector leaf;
    };
    io::Task<Shown> shown_to(std::string sni);
    io::Task<> look_without_name();
    io::Task<> look_at_1_3();
    io::Task<> resume(tls::Version version, bool ticket, inspect::scan::Known& known);

    io::Task<> beside_each_other(io::Task<> (Scanner::*story)(inspect::scan::VersionFound&));
    void settle_what_was_not_asked();
    void note(inspect::scan::Reply reply);
    void add_certificate(certs::Bytes leaf, certs::Bytes issuer, certs::Bytes staple);
    bool has_1_3() const;
    // The newest version up to TLS 1.2 that is supported; nullptr without one.
    const inspect::scan::VersionFound* old() const;
    // Offers what the server supports in that version.
    inspect::scan::Question question_of(const inspect::scan::VersionFound& version) const;

    Contacts contacts_;
    inspect::scan::Scan scan_;
    const std::vector<std::string> alpn_;             // looked for before the usual ones
    std::optional<inspect::scan::Question> control_;  // a hello that the server accepted
    bool share_key_ = false;                          // TLS 1.3: it never asks for a key share
    certs::ByteVector usual_leaf_;                    // of the usual hello
    bool gives_tickets_ = false;                      // up to TLS 1.2
};

}  // namespace proxy
