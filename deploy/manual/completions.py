# SPDX-License-Identifier: MIT
"""What a shell offers behind `oyez`: commands, their flags, the words and files of a flag."""

FILES = ("FILE", "DIR", "OUTDIR", "TO", "FROM", "VKEY")


def words(value):
    """The words of a choice; nothing else has any."""
    return value.split("|") if value and "|" in value and value.islower() else []


def takes_file(option):
    return option.value in FILES


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


BASH = """\
# bash completion of oyez; generated
_oyez()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command= i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} != -* ]]; then
            command=${COMP_WORDS[i]}
            break
        fi
    done
    if [[ -z $command ]]; then
        mapfile -t COMPREPLY < <(compgen -W '%(names)s' -- "$cur")
        return
    fi
    case $command:$prev in
%(values)s
    esac
    if [[ $cur != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return
    fi
    case $command in
%(flags)s
    esac
}
complete -o filenames -F _oyez oyez
"""


def bash(commands):
    flags, values = [], []
    for command in commands:
        names = " ".join(option.flag for option in command.options)
        if names:
            flags.append(f"    {command.name})\n        mapfile -t COMPREPLY < "
                         f"<(compgen -W '{names}' -- \"$cur\") ;;")
        for option in command.options:
            if words(option.value):
                values.append(f"    {command.name}:{option.flag})\n        mapfile -t COMPREPLY < "
                              f"<(compgen -W '{' '.join(words(option.value))}' -- \"$cur\")\n"
                              "        return ;;")
    return BASH % {"names": " ".join(c.name for c in commands), "flags": "\n".join(flags),
                   "values": "\n".join(values)}


def zsh_text(text):
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")


def zsh_option(option):
    spec = f"{option.flag}[{zsh_text(option.help)}]"
    if option.value:
        offered = f"({' '.join(words(option.value))})" if words(option.value) else \
            "_files" if takes_file(option) else " "
        spec += f":{zsh_text(option.value)}:{offered}"
    return quoted("*" + spec)


def zsh(commands):
    lines = ["#compdef oyez", "# generated", "local line state", "_arguments -C \\",
             "    '1:command:->command' \\", "    '*::argument:->argument'", "case $state in",
             "command)", "    local -a commands=("]
    lines += [f"        {quoted(c.name + ':' + c.summary)}" for c in commands]
    lines += ["    )", "    _describe command commands ;;", "argument)", "    case $line[1] in"]
    for command in commands:
        lines += [f"    {command.name})", "        _arguments \\"]
        lines += [f"            {zsh_option(option)} \\" for option in command.options]
        lines += ["            '*:file:_files' ;;"]
    return "\n".join(lines + ["    esac ;;", "esac"]) + "\n"


def fish(commands):
    lines = ["# fish completion of oyez; generated"]
    for command in commands:
        lines.append(f"complete -c oyez -f -n __fish_use_subcommand -a {command.name} "
                     f"-d {quoted(command.summary)}")
    for command in commands:
        for option in command.options:
            line = (f"complete -c oyez -n '__fish_seen_subcommand_from {command.name}' "
                    f"-l {option.flag[2:]} -d {quoted(option.help)}")
            if words(option.value):
                line += f" -x -a {quoted(' '.join(words(option.value)))}"
            elif option.value:
                line += " -r -F" if takes_file(option) else " -x"
            lines.append(line)
    return "\n".join(lines) + "\n"
