"""How Sphinx makes the documentation."""

import re
import sys
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))

from chainrule import __version__  # noqa: E402

project = "chainrule"
author = "the authors of chainrule"
copyright = "the authors of chainrule, MIT licence"
version = release = __version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "matplotlib.sphinxext.plot_directive",
    "backticks",
    "catalogues",
    "modules",
]
exclude_patterns = ["_build"]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_typehints = "none"  # the docstrings say the types, in words and with shapes
autodoc_preserve_defaults = True
autodoc_member_order = "bysource"
autodoc_inherit_docstrings = False  # a method that overrides says nothing that its base has not said
autodoc_default_options = {"members": True}
autosummary_generate = False
numpydoc_show_class_members = False
default_role = "backticks"
add_module_names = False
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"

nitpick_ignore_regex = [("py:(class|exc)", r"(|Value|Type|Arithmetic|Import|FileNotFound|OS)(Error|Exception)")]

plot_formats = ["svg"]
plot_html_show_formats = plot_html_show_source_link = plot_include_source = False

html_theme = "furo"
html_title = "chainrule"
html_favicon = "_static/icon.svg"
html_static_path = ["_static", "_build/static"]
html_css_files = ["chainrule.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#1a56b8",
        "color-brand-content": "#1a56b8",
        "code-block": "#f8f9fb",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7aa7ff",
        "color-brand-content": "#7aa7ff",
        "code-block": "#1c1f26",
    },
}
pygments_dark_style = "github-dark"

# A copy of MathJax goes with the pages, put there by the Makefile. Speech is off, for which it would load rules; screen
# readers get MathML. Fonts beyond those inside it are looked for beside it, so that no page ever asks another server.
mathjax_path = "mathjax/tex-mml-svg.js"
mathjax4_config = {
    "loader": {"paths": {"fonts": "[mathjax]/fonts"}},
    "options": {
        "enableMenu": False,
        "menuOptions": {"settings": {"enrich": False, "speech": False, "braille": False, "assistiveMml": True}},
    },
}


BEYOND_THE_FONT = re.compile(r"\\(ell|Re|Im|math(bb|cal|frak|scr|sf|tt)|boldsymbol|color|cancel)\b")
"""Commands whose glyphs or code are not in the copy of MathJax: one of them would leave a page without any formula."""


def check_math(app, doctree):
    """Warn of formulas that the copy of MathJax cannot draw."""
    for node in (*doctree.findall(nodes.math), *doctree.findall(nodes.math_block)):
        if command := BEYOND_THE_FONT.search(node.astext()):
            logging.getLogger(__name__).warning("the copy of MathJax cannot draw %s", command[0], location=node)


def include_changelog(app, docname, source):
    """Put the project's CHANGELOG.md in the place of the page."""
    changelog = HERE.parent / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8") if docname == "changelog" and changelog.exists() else ""
    if text.strip():
        app.env.note_dependency(str(changelog))
        source[0] = text


def keep_bars(app, what, name, obj, options, lines):
    """Let a docstring write |w|, which in reST would be a substitution."""
    lines[:] = ["``".join(escaped_outside_code(line.split("``"))) for line in lines]


def escaped_outside_code(parts):
    return (part if i % 2 else part.replace("|", r"\|") for i, part in enumerate(parts))


def skip_numbers_of_fields(app, what, name, obj, skip, options):
    """Leave the fields of named tuples out: what Python says of them is their number."""
    return True if str(getattr(obj, "__doc__", "")).startswith("Alias for field number") else None


def no_signature_of_protocols(app, what, name, obj, options, signature, returned):
    """Leave the signature of a protocol out: nobody makes one."""
    return ("", "") if what == "class" and getattr(obj, "_is_protocol", False) else None


def plain_values_alone(app, domain, objtype, content):
    """Show the value of a constant where it is a number or text, not where Python shows an object or a union."""
    for note in [*content.parent.findall(addnodes.desc_annotation)] if objtype in ("data", "attribute") else []:
        if "<" in note.astext() or "|" in note.astext():
            note.parent.remove(note)


def setup(app):
    app.connect("doctree-read", check_math)
    app.connect("source-read", include_changelog)
    app.connect("autodoc-process-signature", no_signature_of_protocols, priority=400)
    app.connect("object-description-transform", plain_values_alone)
    app.connect("autodoc-skip-member", skip_numbers_of_fields)
    app.connect("autodoc-process-docstring", keep_bars, priority=400)
