# SPDX-License-Identifier: MIT
"""Manual pages, in the language of man(7)."""


def plain(text):
    """Text as it is to be read: nothing in it is a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    text = "".join(c if ord(c) < 128 else f"\\[u{ord(c):04X}]" for c in text)
    return "\n".join("\\&" + line if line.startswith((".", "\\(aq")) else line
                     for line in text.split("\n"))


def heading(name, section, version, what):
    return [f'.TH {plain(name).upper()} {section} "" "Oyez {version}" "{what}"']


def paragraph(text):
    return [plain(" ".join(text.split()))]


def option_lines(options):
    lines = []
    for option in options:
        value = f" \\fI{plain(option.value)}\\fR" if option.value else ""
        lines += [".TP", f"\\fB{plain(option.flag)}\\fR{value}"] + paragraph(option.help)
    return lines


def see_also(*pages):
    return [".SH SEE ALSO",
            ",\n".join(f".BR {plain(name)} ({section})" for name, section in pages)
            .replace(",\n.BR", " ,\n.BR")]


def command_page(command, version):
    name = f"oyez-{command.name}"
    lines = heading(name, 1, version, "Oyez")
    lines += [".SH NAME", f"{plain(name)} \\- {plain(command.summary)}", ".SH SYNOPSIS"]
    for i, form in enumerate(command.usage):
        lines += ([".br"] if i > 0 else []) + [f".B oyez {command.name}", plain(form)]
    if command.notes:
        lines += [".SH DESCRIPTION"] + paragraph(command.notes)
    lines += [".SH OPTIONS"] + option_lines(command.options)
    return "\n".join(lines + see_also(("oyez", 1), ("oyez.ini", 5))) + "\n"


def main_page(commands, exits, version):
    lines = heading("oyez", 1, version, "Oyez")
    lines += [".SH NAME", "oyez \\- emit domain events, listen to them, and ask what was recorded",
              ".SH SYNOPSIS", ".B oyez", ".I COMMAND", "[\\fIARGUMENT\\fR | \\fIOPTION\\fR]...",
              ".SH DESCRIPTION",
              "Data goes to standard output, messages to standard error. Options may stand before or",
              "after arguments, as \\fB\\-\\-flag\\fR \\fIVALUE\\fR or \\fB\\-\\-flag=\\fIVALUE\\fR.",
              ".SH COMMANDS"]
    for command in commands:
        page = f"oyez\\-{command.name}"
        lines += [".TP", f".BR {page} (1)"] + paragraph(command.summary)
    lines += [".SH EXIT STATUS"] + paragraph(exits)
    lines += [".SH ENVIRONMENT",
              "Each setting of", ".BR oyez.ini (5)", "has a variable, which goes before the file.",
              ".TP", ".B NO_COLOR", "If it is there and not empty, nothing is coloured."]
    lines += see_also(("oyez.ini", 5), ("oyez-broker", 1), ("oyez-recorder", 1))
    return "\n".join(lines) + "\n"


def program_page(program, summary, version):
    lines = heading(program.name, 1, version, "Oyez")
    lines += [".SH NAME", f"{plain(program.name)} \\- {plain(summary)}",
              ".SH SYNOPSIS", f".B {plain(program.name)}", "[\\fIOPTION\\fR]...",
              ".SH DESCRIPTION"] + paragraph(program.purpose)
    lines += [".SH OPTIONS"] + option_lines(program.options)
    lines += [".SH EXIT STATUS"] + paragraph(program.exits)
    lines += [".SH SIGNALS", ".TP", ".B SIGHUP",
              "Reads environment and configuration file again."]
    return "\n".join(lines + see_also(("oyez", 1), ("oyez.ini", 5))) + "\n"


def configuration_page(settings, version):
    lines = heading("oyez.ini", 5, version, "Oyez")
    lines += [".SH NAME", "oyez.ini \\- the configuration of the programs of Oyez",
              ".SH DESCRIPTION",
              "Sections in brackets, and in each of them \\fINAME\\fR = \\fIVALUE\\fR. The file is that of",
              "\\fB\\-\\-config\\fR, else of the variable \\fBOYEZ_CONFIG\\fR, else ./oyez.ini. What stands on a",
              "command line goes before the environment, that before the file, and that before the",
              "default.",
              ".PP",
              "The section [views] has names for sets of patterns; it is no setting."]
    section = None
    for setting in settings:
        if setting.section != section:
            section = setting.section
            lines.append(f".SH [{plain(section).upper()}]")
        lines += [".TP", f".B {plain(setting.name)}"] + paragraph(setting.help + ".")
        default = f"{setting.default} {setting.unit}".strip() or "none"
        lines += [".br"] + paragraph(f"Values: {setting.values}. Default: {default}. Variable: "
                                     f"{setting.environment}."
                                     + (" SIGHUP can change it." if setting.reloads else ""))
    return "\n".join(lines + see_also(("oyez", 1), ("oyez-broker", 1), ("oyez-recorder", 1))) + "\n"
