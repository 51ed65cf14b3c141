"""A name in single backticks: a link where the documentation has an object of that name, else plain code."""

from sphinx.roles import XRefRole


def resolve(app, env, node, contents):
    """Look a name up as it stands, within its class and module, and among the public names."""
    if node.get("refdomain") != "py" or node.get("reftype") != "obj" or not node.get("in_backticks"):
        return None
    name = node["reftarget"]
    module, cls = node.get("py:module"), node.get("py:class")
    places = [f"{module}.{cls}", module, "chainrule", cls]
    python = env.domains.python_domain
    candidates = [name, *(f"{place}.{name}" for place in places if place)]
    names = [full for full, entry in python.objects.items() if entry.objtype != "module"]
    found = next((candidate for candidate in candidates if candidate in names), None)
    if found is None and "." not in name and name[:1].isupper():
        homes = [full for full in names if full.endswith(f".{name}") and ".vanilla." not in full]
        found = homes[0] if len(homes) == 1 else None
    if found is None:
        return contents
    target = node.copy()
    target["reftarget"] = found
    return python.resolve_xref(env, node["refdoc"], app.builder, "obj", found, target, contents)


class Backticks(XRefRole):
    """The role of text in single backticks."""

    def run(self):
        self.refdomain, self.reftype, self.classes = "py", "obj", ["xref", "py", "py-obj"]
        return self.create_xref_node()

    def process_link(self, env, refnode, has_explicit_title, title, target):
        refnode["in_backticks"] = True
        refnode["py:module"] = env.ref_context.get("py:module")
        refnode["py:class"] = env.ref_context.get("py:class")
        return title, target


def setup(app):
    app.add_role("backticks", Backticks())
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True}
