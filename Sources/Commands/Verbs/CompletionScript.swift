/// The scripts that let a shell ask `reconcile complete` for what may stand at the cursor.
enum CompletionScript {
    static let bash = """
        # Completion of reconcile for bash: source <(reconcile completion bash)
        _reconcile() {
            local line=${COMP_LINE:0:COMP_POINT} current candidates
            local -a words
            read -r -a words <<< "$line"
            [[ $line == *[[:space:]] ]] && words+=("")
            current=${words[${#words[@]}-1]}
            local IFS=$'\\n'
            candidates=($("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null))
            # Bash completes from the last character that breaks words on: what stands before it is there already.
            local done=${current%"${COMP_WORDS[COMP_CWORD]}"}
            [[ $current == *[=:] ]] && done=$current
            COMPREPLY=("${candidates[@]#"$done"}")
            if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
        }
        complete -o default -F _reconcile reconcile

        """

    static let zsh = """
        #compdef reconcile
        # Completion of reconcile for zsh: reconcile completion zsh > "${fpath[1]}/_reconcile"
        _reconcile() {
            local -a candidates
            candidates=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
            if [[ -n "${candidates[*]}" ]]; then compadd -Q -S '' -q -- "${candidates[@]}"; else _files; fi
        }
        if [[ "$funcstack[1]" == _reconcile ]]; then _reconcile "$@"; else compdef _reconcile reconcile; fi

        """

    static let fish = """
        # Completion of reconcile for fish: reconcile completion fish > ~/.config/fish/completions/reconcile.fish
        function __reconcile_complete
            set -l words (commandline -opc) (commandline -ct)
            $words[1] complete -- $words[2..-1] 2>/dev/null
        end
        complete -c reconcile -a '(__reconcile_complete)'

        """
}
