// The raw lines of a head or a trailer section, up to its blank line. Looks at every byte, because
// request smuggling depends on parsers of which one is more lenient than the other. A line ends in
// CRLF and nothing else (except in responses), and contains no control byte but the tab. Knows no
// field's meaning.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "certs/bytes.h"

namespace inspect::http {

class Section {
public:
    enum class State {
        more,      // all input used
        line,      // line() is complete
        blank,     // the blank line that ends the section
        bad_byte,  // a control byte, a bare CR, or a bare LF where a line may not end in it
        too_large,
    };

    // `takes_line_feeds`: a line may end in LF only (RFC 9112 §2.2); in text() it then ends in
    // CRLF.
    explicit Section(std::size_t limit, bool takes_line_feeds = false)
        : limit_(limit), takes_line_feeds_(takes_line_feeds) {}
    // Forgets all lines, keeps their memory.
    void clear();

    // Uses input from its front up to the end of a line. `used` grows by the bytes taken; a faulty
    // byte is not taken.
    State take(certs::Bytes input, std::size_t& used);

    // Joins the line just completed with the field line before it. Every byte of the fold becomes a
    // space (RFC 9112 §5.2); line() then returns both. False when there is no field line before it,
    // or when a hundred were joined: each costs as much as the text before it.
    bool unfold();

    // Moves the white space before the line's colon to after it, where it is not part of the value
    // (RFC 9112 §5.1, §5.5).
    void move_blanks_behind_colon();

    // Turns the white space at the line's end, which is not part of the value (RFC 9112 §5), into
    // spaces: llhttp refuses a tab after a length.
    void end_in_spaces();

    // The line just completed, or as much of it as has come; without its CRLF.
    std::string_view line() const;
    bool in_first_line() const { return line_ == 0; }
    const std::string& text() const { return text_; }        // every line so far, unchanged except for its end
    int folds() const { return folds_; }                     // lines that unfold() joined with those before them
    bool after_cr() const { return after_cr_; }              // a CR has come, and nothing after it
    bool had_line_feeds() const { return had_line_feeds_; }  // lines that ended in LF only
    std::size_t limit() const { return limit_; }

private:
    State take_byte(std::uint8_t byte);

    std::size_t limit_;
    bool takes_line_feeds_, had_line_feeds_ = false;
    std::string text_;
    std::size_t line_ = 0;  // where the current line begins in text_
    int folds_ = 0;
    bool after_cr_ = false;
    bool complete_ = false;  // the current line has had its LF
};

// Whether the line continues the one before it (obs-fold, RFC 9112 §5.2).
bool is_folded(std::string_view line);

// RFC 9112 §5: name ":" value, with no white space before the colon, nor before the name (a folded
// line, §5.2).
bool is_field_line(std::string_view line);

// The first line of a head, without its CRLF; removed from the head.
std::string_view take_line(std::string_view& head);

}  // namespace inspect::http
