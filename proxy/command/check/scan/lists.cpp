// What is found by asking again with what is left, until the server refuses.
#include <algorithm>
#include <list>

#include "proxy/command/check/scan/scanner.h"

namespace proxy {

using namespace inspect::scan;

namespace {

constexpr tls::WireVersion tls_1_3 = 0x0304;

template <class T>
bool holds(const std::vector<T>& list, const T& value) {
    return std::ranges::find(list, value) != list.end();
}

// The other way round, but with no ChaCha20 in front: a server may have an order and yet give way
// to a client that has ChaCha20 first.
std::vector<std::uint16_t> backwards(std::vector<std::uint16_t> list) {
    std::ranges::reverse(list);
    const auto other =
        std::ranges::find_if(list, [](std::uint16_t suite) { return !tls::suite_name(suite).contains("CHACHA20"); });
    if (list.size() > 2 && other != list.end()) std::rotate(list.begin(), other, other + 1);
    return list;
}

}  // namespace

// The usual hello of that version.
io::Task<> Scanner::meet(VersionFound& found) {
    Question question = usual_question(found.version, scan_.sni);
    found.last = suite_chosen(question, co_await contacts_.ask(question));
    // Some servers of TLS 1.3 do not ask for a key share that is missing.
    if (found.version == tls_1_3 && (found.last.reply == Reply::refused || found.last.reply == Reply::ended)) {
        question.share_key = true;
        const Heard heard = suite_chosen(question, co_await contacts_.ask(question));
        share_key_ = heard.reply == Reply::chosen;
        if (share_key_) found.last = heard;
    }
    if (found.last.reply != Reply::chosen) co_return;
    found.supported = Known::yes;
    if (!control_) control_ = question;
}

// Whether an end without a word is a refusal: it is, when the server still accepts the hello that
// it accepted before.
io::Task<Heard> Scanner::settled(Heard heard) {
    if (heard.reply == Reply::ended && control_) {
        const Answered again = co_await contacts_.ask(*control_);
        if (suite_chosen(*control_, again).reply == Reply::chosen) heard.reply = Reply::refused;
    }
    note(heard.reply);
    co_return heard;
}

// A server that has no place for another connection ends any hello, and may accept the next one:
// what it refuses it ends each time.
io::Task<Heard> Scanner::answer_to(Question question, Meaning meaning) {
    constexpr int most_times = 4;
    Heard first = meaning(question, co_await contacts_.ask(question));
    if (first.reply <= Reply::refused) co_return first;
    const Heard heard = co_await settled(first);
    for (int time = 1; time < most_times && first.reply == Reply::ended && heard.reply == Reply::refused; ++time)
        first = meaning(question, co_await contacts_.ask(question));
    co_return first.reply == Reply::ended ? heard : first;
}

// Asks with the list `offered` of the question, less and less of it.
io::Task<Enumeration> Scanner::enumerate(Question question, Numbers Question::* offered, Meaning meaning) {
    Enumeration list(question.*offered);
    while (!list.finished()) {
        question.*offered = list.remaining();
        list.take(co_await answer_to(question, meaning));
    }
    co_return list;
}

io::Task<Listed> Scanner::list(Question question, Numbers Question::* offered, Meaning meaning) {
    const Enumeration found = co_await enumerate(question, offered, meaning);
    Listed listed{.found = found.found(), .complete = found.complete(), .last = found.last()};
    co_await find_order(std::move(question), offered, meaning, listed);
    co_return listed;
}

io::Task<> Scanner::find_order(Question question, Numbers Question::* offered, Meaning meaning, Listed& listed) {
    if (listed.found.size() < 2) co_return;
    const Numbers other_way = question.*offered = backwards(listed.found);
    const Heard reversed = co_await settled(meaning(question, co_await contacts_.ask(question)));
    const Heard ahead{.reply = Reply::chosen, .choice = listed.found.front(), .alert = {}};
    listed.order = order_of(listed.found.front(), other_way.front(), ahead, reversed);
}

io::Task<> Scanner::list_suites(VersionFound& found) {
    if (found.last.reply > Reply::refused) found.last = co_await settled(found.last);
    if (found.last.reply > Reply::refused) co_return;
    Question question = question_of(found);
    Listed all{.found = {}, .complete = true, .last = {}};
    std::size_t lists = 0;
    for (Numbers& candidates : suite_candidates(found.version)) {
        question.suites = std::move(candidates);
        const Enumeration part = co_await enumerate(question, &Question::suites, suite_chosen);
        all.found.insert(all.found.end(), part.found().begin(), part.found().end());
        all.complete = part.complete();
        if (all.last.reply == Reply::not_asked || !all.complete) all.last = part.last();
        if (!part.found().empty()) ++lists;
        if (!all.complete) break;
    }
    found.supported = !all.found.empty() ? Known::yes : all.complete ? Known::no : Known::unknown;
    found.last = all.last;
    // Suites of several lists have no common order yet.
    question.suites = all.found;
    bool ordered = true;
    if (lists > 1) {
        const Enumeration together = co_await enumerate(question, &Question::suites, suite_chosen);
        ordered = together.found().size() == all.found.size();
        if (ordered) all.found = together.found();
    }
    if (ordered) co_await find_order(question, &Question::suites, suite_chosen, all);
    found.suites = std::move(all);
}

io::Task<> Scanner::list_groups_1_3() {
    scan_.groups_1_3 = co_await list(question_of(*scan_.find(tls_1_3)), &Question::groups, group_chosen);
}

io::Task<> Scanner::list_groups_old() {
    Question question = question_of(*old());
    question.suites = with_ecdhe(question.suites);
    question.whole = true;
    scan_.groups_old.complete = question.suites.empty() && old()->suites.complete;
    scan_.groups_old.last = old()->suites.last;
    if (question.suites.empty()) co_return;
    Listed listed = co_await list(question, &Question::groups, group_chosen);
    if (listed.complete && !listed.found.empty() && co_await needs_curve(question, listed.found.back()))
        co_await list_hidden_groups(std::move(question), listed);
    scan_.groups_old = std::move(listed);
}

// A certificate with an ECDSA key is shown only to clients that have its curve (RFC 8422 §5.3), so
// that a hello without it may be refused though the server has the groups that it offers. Whether
// that may be so of the group chosen last, without which the rest was refused.
io::Task<bool> Scanner::needs_curve(Question question, std::uint16_t group) {
    question.groups = {group};
    const Answered answered = co_await contacts_.ask(question);
    if (const Heard heard = co_await settled(group_chosen(question, answered)); heard.reply != Reply::chosen)
        co_return true;
    if (curve_of(answered.flight.leaf) != group) co_return false;
    question.suites = with_ecdhe_rsa(question.suites);
    if (question.suites.empty()) co_return true;
    const Heard by_rsa = co_await settled(group_chosen(question, co_await contacts_.ask(question)));
    co_return by_rsa.reply != Reply::chosen;
}

// What a server of such a key has besides: each hello offers its curve too, last. Where the server
// has an order, what it likes less than the curve stays hidden.
io::Task<> Scanner::list_hidden_groups(Question question, Listed& listed) {
    const std::uint16_t curve = listed.found.back();
    Numbers rest = question.groups;
    std::erase_if(rest, [&](std::uint16_t group) { return holds(listed.found, group); });
    Heard heard{.reply = Reply::chosen, .choice = 0, .alert = {}};
    while (heard.reply == Reply::chosen && !rest.empty()) {
        question.groups = rest;
        question.groups.push_back(curve);
        heard = co_await settled(group_chosen(question, co_await contacts_.ask(question)));
        if (heard.reply != Reply::chosen || heard.choice == curve) break;
        listed.found.push_back(heard.choice);
        std::erase(rest, heard.choice);
    }
    co_await find_order(question, &Question::groups, group_chosen, listed);
    listed.complete = rest.empty() || (heard.reply == Reply::chosen && listed.order == Order::client);
    if (listed.complete) co_return;
    if (heard.reply == Reply::chosen) heard.reply = Reply::key_curve;
    if (heard.reply == Reply::refused) heard.reply = Reply::changeable;
    note(heard.reply);
    listed.last = heard;
}

// In TLS 1.3 the choice is encrypted, so that it takes whole handshakes.
io::Task<> Scanner::list_protocols() {
    std::vector<std::string> names = alpn_;
    for (std::string& each : alpn_candidates())
        if (!holds(names, each)) names.push_back(std::move(each));
    const bool clear = old() != nullptr;
    Heard last;
    for (last.reply = Reply::chosen; last.reply == Reply::chosen && !names.empty();) {
        if (clear) {
            Question question = question_of(*old());
            question.alpn = names;
            last = co_await settled(protocol_chosen(question, co_await contacts_.ask(question)));
        } else {
            tls::ClientParameters parameters;
            parameters.sni = scan_.sni;
            parameters.alpn = names;
            const Shaken shaken = co_await contacts_.shake_hands(tls::Version::tls_1_3, std::move(parameters), false);
            const auto chosen = std::ranges::find(names, shaken.alpn);
            last.reply = shaken.reply == Reply::chosen && chosen == names.end() ? Reply::refused : shaken.reply;
            last.choice = static_cast<std::uint16_t>(chosen - names.begin());
            last = co_await settled(last);
        }
        if (last.reply != Reply::chosen) break;
        scan_.alpn.push_back(names[last.choice]);
        names.erase(names.begin() + last.choice);
    }
    scan_.alpn_complete = names.empty() || last.reply == Reply::refused;
}

}  // namespace proxy
