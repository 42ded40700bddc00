//! Completion in bash, which breaks words at colons: accounts are full of them.

use clap::Command;
use clap_complete::env::{Bash as Answers, EnvCompleter};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

/// The answers are those of the library; the script puts the words together again.
#[derive(Debug)]
pub(crate) struct Bash;

/// `VARIABLE`, `COMPLETER` and `BIN` are filled in. Words are taken from the line up to the cursor;
/// one that follows a colon or an equals sign without a space belongs to the word before it. What
/// bash keeps of the word, up to its last break, is left out of what is answered.
const SCRIPT: &str = r#"_did_session_complete() {
    local IFS=$'\013' line=${COMP_LINE:0:COMP_POINT}
    local words=() replies=() word before reply i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        if ((i < COMP_CWORD)); then
            word=${COMP_WORDS[i]}
            before=${line%%"$word"*}
            line=${line#*"$word"}
        else
            before=${line%%[![:space:]]*}
            word=${line#"$before"}
        fi
        if ((i > 0)) && [[ -z $before && ($word == [:=]* || ${COMP_WORDS[i - 1]} == *[:=]) ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
    done
    local last=$((${#words[@]} - 1))
    local current=${words[last]} quote='' breaks='' kept=''
    case $current in
        [\'\"]*) quote=${current:0:1} current=${current:1} ;;
        *)
            current=${current//\\/}
            [[ $COMP_WORDBREAKS == *:* ]] && breaks+=:
            [[ $COMP_WORDBREAKS == *=* ]] && breaks+='='
            [[ $breaks ]] && kept=${current%"${current##*[$breaks]}"}
            ;;
    esac
    words[last]=$current
    read -r -d '' -a replies < <(
        _CLAP_IFS="$IFS" _CLAP_COMPLETE_INDEX="$last" VARIABLE=bash \
            COMPLETER -- "${words[@]}" 2>/dev/null
    )
    COMPREPLY=()
    for reply in "${replies[@]}"; do
        reply=${reply#"$kept"}
        [[ $quote ]] || printf -v reply %q "$reply"
        COMPREPLY+=("$reply")
    done
    if [[ ${COMPREPLY-} == *[=/] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o bashdefault -F _did_session_complete BIN
"#;

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        Answers.name()
    }

    fn is(&self, name: &str) -> bool {
        Answers.is(name)
    }

    fn write_registration(
        &self,
        var: &str,
        _name: &str,
        bin: &str,
        completer: &str,
        buf: &mut dyn Write,
    ) -> io::Result<()> {
        let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
        let script = SCRIPT
            .replace("VARIABLE", var)
            .replace("COMPLETER", &quoted(completer))
            .replace("BIN", &quoted(bin));
        buf.write_all(script.as_bytes())
    }

    fn write_complete(
        &self,
        cmd: &mut Command,
        args: Vec<OsString>,
        current_dir: Option<&Path>,
        buf: &mut dyn Write,
    ) -> io::Result<()> {
        Answers.write_complete(cmd, args, current_dir, buf)
    }
}
