"""debian_changelog.py CHANGELOG.md VERSION MAINTAINER FILE: writes CHANGELOG.md into FILE in the form of deb-changelog(5).

Its newest entry must be of VERSION. An entry is a heading `## VERSION (YYYY-MM-DD)` and a list of changes."""
import datetime
import email.utils
import re
import sys
import textwrap

source, version, maintainer, target = sys.argv[1:]
with open(source, encoding="utf-8") as file:
    entries = re.findall(r"^## (\S+) \((\d{4}-\d\d-\d\d)\)\n(.*?)(?=^## |\Z)", file.read(), re.MULTILINE | re.DOTALL)
if not entries or entries[0][0] != version:
    sys.exit(f"{source}: begins with {entries[0][0] if entries else 'no version'}, and the version is {version}")

with open(target, "w", encoding="utf-8") as file:
    for number, day, text in entries:
        date = email.utils.format_datetime(datetime.datetime.fromisoformat(day).replace(tzinfo=datetime.timezone.utc))
        file.write(f"whytls ({number}) unstable; urgency=medium\n\n")
        for change in re.findall(r"^\* (.*?)(?=^\* |\Z)", text, re.MULTILINE | re.DOTALL):
            # Links and code are for who reads Markdown.
            plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", " ".join(change.split())).replace("`", "").replace("**", "")
            file.write(textwrap.fill(plain, 78, initial_indent="  * ", subsequent_indent="    ") + "\n")
        file.write(f"\n -- {maintainer}  {date}\n\n")
