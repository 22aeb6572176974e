
# The command that the words before the cursor lead to: "whytls ca show"; "COMMAND", and a line for each of its
# words, where they are the command of `whytls exec`.
function __whytls_place
    set -l words (commandline -opc)
    set -l path whytls
    set -l skip 0
    for index in (seq 2 (count $words))
        set -l word $words[$index]
        set -l before $words[(math $index - 1)]
        if test $skip = 1
            set skip 0
        else if __whytls_is_optional_value "$path $before $word"
            continue
        else if test "$path" = 'whytls exec'; and not string match -q -- '-?*' $word
            printf '%s\n' COMMAND $words[$index..]
            return
        else if test "$path" = 'whytls exec' -a "$word" = --
            printf '%s\n' COMMAND $words[(math $index + 1)..]
            return
        else if __whytls_needs_value "$path $word"
            set skip 1
        else if __whytls_is_command "$path $word"
            set path "$path $word"
        end
    end
    echo $path
end

function __whytls_at
    set -l place (__whytls_place)
    test "$place[1]" = "$argv"
end

# Whether the word before the cursor is $argv.
function __whytls_after
    set -l words (commandline -opc)
    test "$words[-1]" = "$argv"
end

# What fish would complete for the command of `whytls exec`.
function __whytls_other
    set -l place (__whytls_place)
    set -l words
    test "$place[1]" = COMMAND; and set words $place[2..]
    set -l line (string join ' ' -- (string escape -- $words) (commandline -ct))
    complete --do-complete="$line"
end

complete -c whytls -f
complete -c whytls -n '__whytls_at whytls exec' -a '(__whytls_other)'
complete -c whytls -n '__whytls_at COMMAND' -a '(__whytls_other)'
