"""The modules of a package, each with what it defines; public names are on a page of their own."""

import importlib
import inspect
import pkgutil
import types

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

import chainrule

PUBLIC = {id(getattr(chainrule, name)): name for name in chainrule.__all__ if not name.startswith("_")}


def modules_of(package):
    """The package and the modules below it; those that only re-export names are left out."""
    module = importlib.import_module(package)
    found = [package, *(info.name for info in pkgutil.walk_packages(getattr(module, "__path__", []), f"{package}."))]
    return [name for name in found if name == package or own_names(importlib.import_module(name))[0]]


def own_names(module):
    """The names that a module defines, and those among them that are public."""
    names = [name for name in getattr(module, "__all__", ()) if is_from(module, getattr(module, name))]
    public = [name for name in names if id(getattr(module, name)) in PUBLIC]
    return names, public


def is_from(module, value):
    if isinstance(value, types.GenericAlias):
        return False  # the type of an array, whose docstring is NumPy's
    described = inspect.isclass(value) or inspect.isfunction(value)
    return not described or value.__module__ == module.__name__


class ModulesOf(SphinxDirective):
    """Documents the package that is given, without those below it that have a page of their own."""

    required_arguments = 1
    option_spec = {"without": directives.unchanged}

    def run(self):
        lines = []
        elsewhere = tuple(self.options.get("without", "").split())
        for name in modules_of(self.arguments[0]):
            if not any(f"{name}.".startswith(f"{package}.") for package in elsewhere):
                lines += self.module(name)
        section = nodes.section()
        section.document = self.state.document
        self.state.nested_parse(
            StringList(lines, self.get_source_info()[0]), self.content_offset, section, match_titles=1
        )
        return section.children

    def module(self, name):
        module = importlib.import_module(name)
        names, public = own_names(module)
        elsewhere = [other for other in getattr(module, "__all__", ()) if other not in names]
        if name != self.arguments[0]:
            title = name.removeprefix("chainrule.")
            yield from (f"``{title}``", "-" * (len(title) + 4), "")
        yield f".. automodule:: {name}"
        if excluded := [*public, *elsewhere]:
            yield f"   :exclude-members: {', '.join(excluded)}"
        yield ""
        if public:
            links = ", ".join(f":py:obj:`~chainrule.{other}`" for other in public)
            yield f"On the page of :doc:`public names <public>`: {links}."
            yield ""


class PublicOf(SphinxDirective):
    """Documents the public names that come from the modules that are given."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        lines = []
        for module in self.arguments[0].split():
            for name in chainrule._HOMES[module]:
                kind = "autoclass" if inspect.isclass(getattr(chainrule, name)) else "autofunction"
                lines += [f".. {kind}:: chainrule.{name}", ""]
        found = nodes.Element()
        self.state.nested_parse(StringList(lines, self.get_source_info()[0]), self.content_offset, found)
        return found.children


def without_requests(app, what, name, value, skip, options):
    """Leave out the methods that scikit-learn gives every estimator, whose docstrings point into its own pages."""
    return True if name.startswith("set_") and name.endswith("_request") else None


def setup(app):
    app.connect("autodoc-skip-member", without_requests)
    app.add_directive("modules-of", ModulesOf)
    app.add_directive("public-of", PublicOf)
    return {"parallel_read_safe": True}
