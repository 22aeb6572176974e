#include "certs/policy.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace certs {

namespace {

using Policy = std::string_view;  // an OID's content octets, comparable
Policy key(Oid oid) { return as_text(oid.content); }
const Policy any = as_text(Oid(oid::any_policy).content);

// RFC 9618 §3.2: a node of one depth. Its policy is its key.
struct Node {
    std::set<Policy> expected;
    std::set<Policy> parents;  // policies of the depth above
};
using Level = std::map<Policy, Node>;

// One pass over a path from the anchor down. The names are RFC 5280's.
class PolicyCheck {
public:
    PolicyCheck(std::span<const Certificate* const> path, bool anchor_judged, const PolicyInput& input)
        : path_(path), input_(input) {
        const std::size_t count = path.size() - 1;  // the anchor is not one of RFC 5280's n
        explicit_policy_ = input.require_explicit ? 0 : count + 1;
        policy_mapping_ = input.inhibit_mapping ? 0 : count + 1;
        inhibit_any_ = input.inhibit_any ? 0 : count + 1;
        levels_.push_back({{any, {{any}, {}}}});
        judge_anchor_ = anchor_judged;
    }

    std::optional<Finding> run() {
        // An anchor without policies says nothing about them; one with policies is the first that
        // limits them.
        if (judge_anchor_ && path_.size() > 1) {
            const Certificate& anchor = *path_.back();
            if (anchor.extensions().policies) add_level(anchor, true);
            if (!prepare(anchor, false)) return failure(path_.size() - 1);
        }
        for (std::size_t depth = path_.size() - 1; depth-- > 0;) {
            const Certificate& certificate = *path_[depth];
            if (certificate.extensions().policies)
                add_level(certificate, depth > 0);
            else
                levels_.clear();
            if (explicit_policy_ == 0 && levels_.empty()) return failure(depth);
            if (depth > 0) {
                if (!prepare(certificate)) return failure(depth);
            } else if (!wrap_up(certificate)) {
                return failure(depth);
            }
        }
        return std::nullopt;
    }

private:
    // The policies run out at this depth; the evidence is the certificate's own policies.
    std::optional<Finding> failure(std::size_t depth) const {
        PurposeEvidence evidence{"a policy that every certificate above allows", {}};
        if (const auto& policies = path_[depth]->extensions().policies) {
            for (const PolicyInformation& policy : *policies) {
                if (evidence.allowed.size() < 20) evidence.allowed.push_back(printable_name(policy.policy));
            }
        }
        return Finding{Code::certificate_policy, Severity::error, depth, std::move(evidence), "RFC 9618 §5"};
    }

    // §6.1.3(d).
    void add_level(const Certificate& certificate, bool is_intermediate) {
        if (levels_.empty()) return;
        const Level& above = levels_.back();
        std::map<Policy, std::set<Policy>> expecting;  // expected policy -> the nodes above that expect it
        for (const auto& [policy, node] : above) {
            for (const Policy expected : node.expected) expecting[expected].insert(policy);
        }
        Level level;
        bool has_any = false;
        for (const PolicyInformation& information : *certificate.extensions().policies) {
            const Policy policy = key(information.policy);
            if (policy == any)
                has_any = true;
            else if (const auto found = expecting.find(policy); found != expecting.end())
                level[policy] = {{policy}, found->second};
            else if (above.contains(any))
                level[policy] = {{policy}, {any}};
        }
        if (has_any && (inhibit_any_ > 0 || (is_intermediate && certificate.is_self_issued()))) {
            for (const auto& [policy, parents] : expecting) level.try_emplace(policy, Node{{policy}, parents});
        }
        levels_.push_back(std::move(level));
        prune();
    }

    // §6.1.3(d)(3): a node without a child leads nowhere. An empty deepest level empties the graph.
    void prune() {
        for (std::size_t depth = levels_.size() - 1; depth-- > 0;) {
            std::set<Policy> with_child;
            for (const auto& [policy, node] : levels_[depth + 1])
                with_child.insert(node.parents.begin(), node.parents.end());
            // If nothing is erased, every parent above keeps a child.
            if (std::erase_if(levels_[depth], [&](const auto& entry) { return !with_child.contains(entry.first); }) ==
                0)
                break;
        }
        if (levels_.back().empty()) levels_.clear();
    }

    void count_down() {
        for (std::size_t* const counter : {&explicit_policy_, &policy_mapping_, &inhibit_any_})
            *counter -= *counter > 0 ? 1 : 0;
    }

    // §6.1.4(a), (b), (h), (i), (j), in that order. False when a mapping is to or from anyPolicy.
    bool prepare(const Certificate& certificate, bool counts = true) {
        const Extensions& extensions = certificate.extensions();
        if (extensions.policy_mappings && !map(*extensions.policy_mappings)) return false;
        if (counts && !certificate.is_self_issued()) count_down();
        if (const auto& constraints = extensions.policy_constraints) {
            if (constraints->require_explicit)
                explicit_policy_ = std::min<std::size_t>(explicit_policy_, *constraints->require_explicit);
            if (constraints->inhibit_mapping)
                policy_mapping_ = std::min<std::size_t>(policy_mapping_, *constraints->inhibit_mapping);
        }
        if (extensions.inhibit_any_policy)
            inhibit_any_ = std::min<std::size_t>(inhibit_any_, *extensions.inhibit_any_policy);
        return true;
    }

    bool map(const std::vector<PolicyMapping>& mappings) {
        std::map<Policy, std::set<Policy>> mapped;
        for (const PolicyMapping& mapping : mappings) {
            if (key(mapping.issuer) == any || key(mapping.subject) == any) return false;
            mapped[key(mapping.issuer)].insert(key(mapping.subject));
        }
        if (levels_.empty()) return true;
        Level& level = levels_.back();
        for (auto& [issuer, subjects] : mapped) {
            const auto found = level.find(issuer);
            if (policy_mapping_ > 0) {
                if (found != level.end())
                    found->second.expected = std::move(subjects);
                else if (level.contains(any))
                    level[issuer] = {std::move(subjects), {any}};
            } else if (found != level.end()) {
                level.erase(found);
            }
        }
        prune();
        return true;
    }

    // §6.1.5(a), (b), (g).
    bool wrap_up(const Certificate& leaf) {
        if (explicit_policy_ > 0) --explicit_policy_;
        const auto& constraints = leaf.extensions().policy_constraints;
        if (constraints && constraints->require_explicit == 0U) explicit_policy_ = 0;
        return explicit_policy_ > 0 || user_constrained();
    }

    // Whether the user constrained policy set is not empty: RFC 9618 §5.6.
    bool user_constrained() const {
        if (levels_.empty()) return false;
        if (input_.initial.empty() || levels_.back().contains(any)) return true;
        const auto wanted = [&](Policy policy) {
            return std::ranges::any_of(input_.initial, [&](Oid oid) { return key(oid) == policy; });
        };
        // The authority constrained set: nodes whose parent is anyPolicy, that is, the policy's
        // name at the topmost CA.
        for (const Level& level : levels_) {
            for (const auto& [policy, node] : level) {
                if (policy != any && node.parents.contains(any) && wanted(policy)) return true;
            }
        }
        return false;
    }

    std::span<const Certificate* const> path_;
    const PolicyInput& input_;
    bool judge_anchor_ = false;
    std::size_t explicit_policy_ = 0, policy_mapping_ = 0, inhibit_any_ = 0;
    std::vector<Level> levels_;  // the valid policy graph; empty: NULL
};

}  // namespace

std::optional<Finding> check_policies(std::span<const Certificate* const> path, bool anchor_judged,
                                      const PolicyInput& input) {
    return PolicyCheck(path, anchor_judged, input).run();
}

}  // namespace certs
