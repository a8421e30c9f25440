"""The site file: `read_site(path) -> Site`, and `YamlSiteBook`, which the console changes it through.

document.py  YAML as plain values that remember their lines
shape.py     its keys, as Pydantic models; the JSON Schema comes from them
reader.py    values to a Site, or every problem with its line
secrets.py   ${ENV} and !secret
book.py      read, changed and watched; edit.py changes the text, atomic.py writes it
"""
