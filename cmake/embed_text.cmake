# cmake -DOUTPUT=FILE.cpp -DFILE=TEXT -DHEADER=PATH -DFUNCTION=NAME -P embed_text.cmake: writes a function of the namespace proxy
# that returns the file's text. A raw string literal, as embed.cmake has them.
file(READ "${FILE}" text)
file(SIZE "${FILE}" size)
string(FIND "${text}" ")embedded\"" delimiter)
if(NOT delimiter EQUAL -1)
    message(FATAL_ERROR "${FILE}: it holds )embedded\", which a raw string literal cannot")
endif()
file(WRITE "${OUTPUT}" "// Made by cmake/embed_text.cmake.
#include \"${HEADER}\"

namespace proxy {

std::string_view ${FUNCTION}() { return {R\"embedded(${text})embedded\", ${size}}; }

}  // namespace proxy
")
