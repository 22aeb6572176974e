# cmake -DOUTPUT=FILE.cpp -DFOLDER=DIR -P embed.cmake: writes inspect::report::live_files() with the files of that folder.
# Raw string literals: a compiler reads them a hundred times faster than a list of bytes.
file(GLOB files RELATIVE "${FOLDER}" "${FOLDER}/*.html" "${FOLDER}/*.css" "${FOLDER}/*.js" "${FOLDER}/*.svg")
list(SORT files)
set(type_.html "text/html; charset=utf-8")
set(type_.css "text/css; charset=utf-8")
set(type_.js "text/javascript; charset=utf-8")
set(type_.svg "image/svg+xml")
set(rows "")
foreach(file IN LISTS files)
    get_filename_component(extension "${file}" LAST_EXT)
    file(READ "${FOLDER}/${file}" text)
    file(SIZE "${FOLDER}/${file}" size)
    string(FIND "${text}" ")embedded\"" delimiter)
    string(FIND "${text}" "\r" carriage_return)  # a compiler would read it as the end of a line
    if(NOT delimiter EQUAL -1 OR NOT carriage_return EQUAL -1)
        message(FATAL_ERROR "${file}: it holds )embedded\" or a carriage return, which a raw string literal cannot")
    endif()
    set(path "/${file}")
    if(file STREQUAL "index.html")
        set(path "/")
    endif()
    string(APPEND rows "    {\"${path}\", \"${type_${extension}}\", {R\"embedded(${text})embedded\", ${size}}},\n")
endforeach()
file(WRITE "${OUTPUT}" "// Made by cmake/embed.cmake.
#include \"inspect/report/page/live_files.h\"

namespace inspect::report {

namespace {
constexpr LiveFile embedded_live_files[] = {
${rows}};
}  // namespace

std::span<const LiveFile> live_files() { return embedded_live_files; }

}  // namespace inspect::report
")
