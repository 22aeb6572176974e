#include "inspect/report/parts/rows.h"
#include "inspect/report/pen.h"
#include "inspect/report/print/escape.h"
#include "inspect/report/print/lines.h"
#include "inspect/report/scan/scan_report.h"
#include "inspect/scan/tables.h"

namespace inspect::report {

std::string scan_text(const scan::Scan& scan, const Paper& paper) {
    std::string result = section(for_terminal(scan::title(scan), 300), paper);
    result += "  " + scan::effort(scan) + "\n";
    if (const std::string open = scan::unknowns(scan); !open.empty())
        result += filled("  ", for_terminal(open, 300), 2, paper.width);
    if (!scan.spoke()) return result;
    for (const scan::Table& table : scan::tables(scan)) result += section(table.title, paper) + rows(table.rows, paper);
    return result;
}

}  // namespace inspect::report
