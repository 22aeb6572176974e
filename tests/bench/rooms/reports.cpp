// A failure's diagnosis, and its renderings: CloudFront's default certificate for another host.
#include <benchmark/benchmark.h>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/report/render.h"
#include "tests/inspect/diagnosis_cases.h"

namespace {

using namespace inspect;

void explain_failure(benchmark::State& state) {
    const diagnosis::Attempt attempt = tests::cloudfront();
    while (state.KeepRunning()) benchmark::DoNotOptimize(diagnosis::explain(attempt));
}
BENCHMARK(explain_failure);

template <typename Render>
void render_report(benchmark::State& state, Render rendered) {
    const diagnosis::Diagnosis found = diagnosis::explain(tests::cloudfront());
    std::size_t size = 0;
    while (state.KeepRunning()) benchmark::DoNotOptimize(size = rendered(found).size());
    state.counters["bytes"] = static_cast<double>(size);
}
BENCHMARK_CAPTURE(render_report, text, [](const auto& found) { return report::text(found); });
BENCHMARK_CAPTURE(render_report, JSON, [](const auto& found) { return report::json(found); });
BENCHMARK_CAPTURE(render_report, HTML, [](const auto& found) { return report::html(found); });

}  // namespace
