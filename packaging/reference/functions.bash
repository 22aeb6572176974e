
# Offers the values of $1: words, files or directories that continue $current.
_whytls_offer() {
    local kind=${1-}
    shift
    case $kind in
        words) mapfile -t COMPREPLY < <(compgen -W "$*" -- "$current") ;;
        files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
        directories) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    esac
}

# The command that `whytls exec` runs; it begins at $1 of COMP_WORDS.
_whytls_other() {
    if declare -F _comp_command_offset >/dev/null; then _comp_command_offset "$1"
    elif declare -F _command_offset >/dev/null; then _command_offset "$1"
    elif ((COMP_CWORD == $1)); then mapfile -t COMPREPLY < <(compgen -c -- "$current")
    else _whytls_offer files
    fi
}

_whytls() {
    COMPREPLY=()
    # bash cuts words at = and : too. Here a word ends at a blank; where each begins is remembered.
    local -a words=() begins=()
    local rest=${COMP_LINE:0:COMP_POINT} word index
    for ((index = 0; index <= COMP_CWORD; index++)); do
        word=${COMP_WORDS[index]}
        if [[ ${#words[@]} -gt 0 && $rest != [[:blank:]]* ]]; then
            words[-1]+=$word
        else
            while [[ $rest == [[:blank:]]* ]]; do rest=${rest#?}; done
            words+=("$word") begins+=("$index")
        fi
        rest=${rest#"$word"}
    done

    local -a value=()
    local path=whytls last=$((${#words[@]} - 1))
    local current=${words[last]}
    for ((index = 1; index < last; index++)); do
        word=${words[index]}
        if [[ $path == 'whytls exec' && ($word == -- || $word != -*) ]]; then
            [[ $word != -- ]] || ((index++))
            _whytls_other "${begins[index]}"
            return
        fi
        _whytls_value "$path" "$word"
        case ${value[0]-} in
            needed) ((index++)) ;;
            optional) [[ $((index + 1)) != "$last" && " ${value[*]:2} " != *" ${words[index + 1]} "* ]] || ((index++)) ;;
            *) ! _whytls_is_command "$path $word" || path+=" $word" ;;
        esac
    done

    # What bash replaces is the part of the word after the last place where it cuts.
    local option=${current%%=*} whole=$current
    if ((index > last)); then
        current=${current##*[=:]}
        _whytls_offer "${value[@]:1}"
    elif [[ $whole == -*=* ]]; then
        current=${current##*[=:]}
        _whytls_value "$path" "$option"
        _whytls_offer "${value[@]:1}"
    elif [[ $whole == -* ]]; then
        _whytls_options "$path"
        _whytls_offer words "${value[@]}"
    elif [[ $path == 'whytls exec' ]]; then
        _whytls_other "${begins[last]}"
    else
        _whytls_arguments "$path"
        _whytls_offer "${value[@]}"
    fi
}

complete -F _whytls whytls
