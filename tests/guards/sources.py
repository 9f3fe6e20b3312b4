"""Guards found in the source: each function reads the syntax tree of one module, and yields (what, edit, stages)."""

import ast
from collections import defaultdict
from importlib import import_module

from tests.guards import selection
from tests.guards.guard import ROOT, Edit, Guard
from tests.guards.untyped import is_untyped
from tests.test_layers import parsed

# Invented patients are not guarded, and the definitions are covered by their uses.
LEFT_OUT = ("planning/demo/", "planning/management/")
SAFE = "__import__('django.utils.safestring').utils.safestring.mark_safe"
EVERYBODY = "Permission.LOG_IN"


class Module:
    """The text of a module, its tree, and where each node is in the text."""

    def __init__(self, path, tree):
        self.path, self.tree = path, tree
        self.text = (ROOT / path).read_text()
        self.lines = [0]
        for line in self.text.splitlines(keepends=True):
            self.lines.append(self.lines[-1] + len(line))
        self.nodes = list(ast.walk(tree))
        self.parents = {child: node for node in self.nodes for child in ast.iter_child_nodes(node)}
        self.calls_by_name = defaultdict(list)
        for node in self.nodes:
            if isinstance(node, ast.Call):
                self.calls_by_name[_name(node.func)].append(node)

    @property
    def dotted(self):
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def start(self, node):
        return self._offset(node.lineno, node.col_offset)

    def end(self, node):
        return self._offset(node.end_lineno, node.end_col_offset)

    def _offset(self, line, column):
        begin = self.lines[line - 1]
        # Columns are counted in bytes.
        return begin + len(self.text[begin : self.lines[line]].encode()[:column].decode())

    def source(self, node):
        return self.text[self.start(node) : self.end(node)]

    def replace(self, node, new):
        return Edit(self.path, self.start(node), self.end(node), new)

    def calls(self, *names):
        for name in names:
            yield from self.calls_by_name[name]

    def enclosing(self, node, kind):
        while node is not None and not isinstance(node, kind):
            node = self.parents.get(node)
        return node

    def function(self, node):
        return self.enclosing(node, ast.FunctionDef)

    def is_statement(self, node):
        """Whether nothing uses the value, nor that of a further call as in `rows.select_for_update().get(pk=1)`."""
        while isinstance(self.parents.get(node), ast.Attribute | ast.Call):
            node = self.parents[node]
        return isinstance(self.parents.get(node), ast.Expr)

    def stages(self, node):
        """The tests that name the function around a guard, those of its module, and those of its subpackage."""
        function = self.function(node)
        named = selection.mentioning(f"{function.name}(", path=self.path) if function else ()
        return (named[:4], *selection.of_module(self.path))


def guards():
    for path, tree in parsed().items():
        if path.startswith(LEFT_OUT):
            continue
        module = Module(path, tree)
        for kind, find in FINDERS.items():
            for node, what, edit, stages, *engine in find(module):
                place = f"{path}:{node.lineno}"
                yield Guard(
                    kind, place, " ".join(what.split()), tuple(filter(None, stages)), edit, engine="".join(engine)
                )


def _name(node):
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def page_permissions(module):
    """The label stays, or a test that compares the labels with the table would be enough."""
    for call in module.calls("require_permission"):
        required, function = module.source(call.args[0]), module.function(call)
        # A decorator's parent is the function that it decorates.
        view = function.name if function else ""
        stages = selection.of_page(module.dotted, view) or selection.of_module(module.path)
        labelled = f"(lambda view: setattr(view, 'required_permission', {required}) or view)"
        yield call, f"{view}: {required}", module.replace(call, labelled), stages


def api_permissions(module):
    for resource in _resources(module):
        for action, value in _permissions(module, _assigned(resource.body, "permissions")):
            if module.source(value) != EVERYBODY:
                stages = selection.of_operation(module.dotted, resource.name, action)
                what = f"{resource.name}.{action}: {module.source(value)}"
                yield value, what, module.replace(value, EVERYBODY), stages


def persons(module):
    for resource in _resources(module):
        for constant in _strings(_assigned(resource.body, "person_only")):
            stages = selection.of_operation(module.dotted, resource.name, constant.value)
            what = f"{resource.name}.{constant.value}"
            yield constant, what, module.replace(constant, "'no operation'"), stages
    for call in module.calls("require_person"):
        stages = (selection.mentioning(_text_of(module, call.args[1]))[:4], *module.stages(call))
        stages = (("tests/api/test_doses.py", "tests/clinic/accounts/test_tokens.py"), *stages)
        yield call, module.source(call), module.replace(call, "None"), stages


def _text_of(module, node):
    return node.value if isinstance(node, ast.Constant) else module.source(node)


def _resources(module):
    return [node for node in module.nodes if isinstance(node, ast.ClassDef)] if "/api" in module.path else []


def _assigned(statements, name):
    for statement in statements:
        if isinstance(statement, ast.Assign) and _name(statement.targets[0]) == name:
            return statement.value
    return None


def _permissions(module, node):
    """(action, permission) of a dictionary, also of those of the module that it includes."""
    if isinstance(node, ast.Name):
        yield from _permissions(module, _assigned(module.tree.body, node.id))
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant):
                yield key.value, value
            elif key is None:
                yield from _permissions(module, value)
    elif isinstance(node, ast.Call) and _name(node.func) == "fromkeys":
        yield _first_of(module, node.args[0]), node.args[1]


def _first_of(module, node):
    """Of the actions that share a permission. Their name can be imported from another module."""
    if isinstance(node, ast.Name):
        return next(iter(getattr(import_module(module.dotted), node.id)))
    return node.elts[0].value


def _strings(node):
    """The names of operations in a dictionary, or in the keys of dict.fromkeys()."""
    if isinstance(node, ast.Dict):
        yield from (key for key in node.keys if isinstance(key, ast.Constant))
    elif isinstance(node, ast.Call):
        yield from node.args[0].elts


def locks(module):
    for call in module.calls("locked"):
        if not isinstance(call.func, ast.Attribute):
            continue
        edit = Edit(
            module.path, module.end(call.func.value), module.end(call), f".get(pk={module.source(call.args[0])})"
        )
        # Nothing of this row is changed, so only another transaction that waits shows the lock.
        engine = "postgresql" if module.is_statement(call) else ""
        yield call, module.source(call), edit, ((selection.LOCKS,), *module.stages(call)), engine
    for call in module.calls("select_for_update"):
        edit = Edit(module.path, module.end(call.func.value), module.end(call), "")
        engine = "postgresql" if module.is_statement(call) else ""
        yield call, module.source(call), edit, ((selection.LOCKS,), *module.stages(call)), engine
    for call in module.calls("advisory_lock"):
        yield call, module.source(call), module.replace(call, "None"), selection.of_module(module.path), "postgresql"


def versions(module):
    first = ((selection.STALE_PAGES,), (selection.STALE_REQUESTS, selection.VERSIONS))
    for call in module.calls("require_version"):
        yield call, module.source(call), module.replace(call, "None"), (*first, *module.stages(call))
    for call in module.calls("is_repeat", "_is_repeat"):
        for keyword in call.keywords:
            new = f"{module.source(call.args[0])}.version"
            yield call, module.source(call), module.replace(keyword.value, new), (*first, *module.stages(call))
    for test, raised in _conditions(module, "Conflict"):
        what = f"if {module.source(test)}: {module.source(raised)[:60]}"
        yield test, what, module.replace(test, "False"), (*first, *module.stages(test))


def _conditions(module, exception):
    for node in module.nodes:
        if isinstance(node, ast.If) and isinstance(node.body[-1], ast.Raise):
            raised = node.body[-1].exc
            if isinstance(raised, ast.Call) and _name(raised.func) == exception:
                yield node.test, node.body[-1]


def escapes(module):
    for call, what, edit in _escaping(module):
        if not is_untyped(module.path, module.source(call)):
            yield call, what, edit, _of_html(module)


def _escaping(module):
    for call in module.calls("escape", "conditional_escape"):
        yield call, module.source(call), module.replace(call, f"str({module.source(call.args[0])})")
    for call in module.calls("format_html"):
        text, *values = call.args
        if all(isinstance(value, ast.Constant) for value in values) and not call.keywords:
            continue
        given = ", ".join(module.source(node) for node in [*values, *call.keywords])
        new = f"{SAFE}(({module.source(text)}).format({given}))"
        yield call, module.source(call)[:100], module.replace(call, new)


def _of_html(module):
    return ((selection.MARKUP,), *selection.of_module(module.path))


def entries(module):
    for call in _audited(module, "record"):
        written = module.source(call.args[0])
        stages = ((selection.ENTRIES,), selection.mentioning(written, path=module.path), selection.READS[1:])
        yield call, written, module.replace(call, "None"), (*stages, *module.stages(call))


def reads(module):
    for call in _audited(module, "shown"):
        order = selection.READS[::-1] if "/api" in module.path else selection.READS
        stages = (*((name,) for name in order), *module.stages(call))
        yield call, module.source(call)[:100], module.replace(call, "None"), stages


def _audited(module, name):
    for call in module.calls(name):
        if isinstance(call.func, ast.Attribute) and _name(call.func.value) == "audit_log" and module.is_statement(call):
            yield call


FINDERS = {
    "page-permission": page_permissions,
    "api-permission": api_permissions,
    "person": persons,
    "lock": locks,
    "version": versions,
    "escape": escapes,
    "entry": entries,
    "read": reads,
}
