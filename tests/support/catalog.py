"""The English catalogue: collect sentences from the code (`update`), or say what is missing (no argument).

Chinese sentences are the source language, so they need no catalogue of their own.
"""

import re
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
ENGLISH = ROOT / "webapp/translations/en/LC_MESSAGES/messages.po"
PLACEHOLDER = re.compile(r"%\((\w+)\)")
# Babel's own header carries the time of every run, which two people's changes would then always disagree about.
HEADER = """msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
HAN = re.compile(r"[\u3400-\u9fff]")


def _pybabel(*words: object) -> None:
    CommandLineInterface().run(["pybabel", "--quiet", *map(str, words)])


def extract(template: Path) -> None:
    """Write every marked sentence of the code and the templates to `template`."""
    options: list[object] = ["--mapping-file", ROOT / "pyproject.toml", "--keywords", "_l lazy_gettext"]
    options += ["--ignore-dirs", ".*"]  # the default would pass over templates/_macros
    options += ["--no-location", "--sort-output", "--omit-header", "--output-file", template]
    _pybabel("extract", *options, ROOT / "webapp", ROOT / "templates")


def update() -> None:
    """Bring the catalogue's list of sentences up to the code; new ones stay empty until someone translates them."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        extract(template)
        wanted = _read(template)
    catalogue = _read(ENGLISH)
    catalogue.update(wanted, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    with ENGLISH.open("wb") as file:
        file.write(HEADER.encode())
        write_po(file, catalogue, sort_output=True, omit_header=True, no_location=True, width=120)


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="en")


def _forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def problems() -> list[str]:
    """What keeps the catalogue from being complete and true to the code, one sentence each."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        extract(template)
        wanted = _read(template)
    catalogue = _read(ENGLISH)
    found = []
    for message in wanted:
        if not message.id:
            continue
        name, known = _forms(message.id)[0], catalogue.get(message.id)
        if known is None:
            found.append(f"not in the catalogue: {name}")
        elif known.fuzzy or not all(_forms(known.string)):
            found.append(f"not translated: {name}")
        elif any(HAN.search(text) for text in _forms(known.string)):
            found.append(f"Chinese in the English: {name}")
        else:
            allowed = {key for text in _forms(message.id) for key in PLACEHOLDER.findall(text)}
            if any(set(PLACEHOLDER.findall(text)) - allowed for text in _forms(known.string)):
                found.append(f"a placeholder that the source does not have: {name}")
    used = {_forms(message.id)[0] for message in wanted}
    found += [f"no longer used: {_forms(m.id)[0]}" for m in catalogue if m.id and _forms(m.id)[0] not in used]
    return found


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        update()
    elif lines := problems():
        print(*lines, sep="\n")
        sys.exit(
            f"{len(lines)} sentences want work in {ENGLISH.relative_to(ROOT)} (`make translations` collects)."
        )
