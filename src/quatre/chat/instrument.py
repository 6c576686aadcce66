"""Rewrites a parsed template so that the sandbox sees what Jinja would do without asking.

- Constants become reads of ``constants``, where they are :class:`Traced`.
- Loops, macros, comparisons, slices, keys, ``~`` and written-down lists go through a hook that charges for them.
- What reaches other files or switches escaping is refused.
"""

from __future__ import annotations

from typing import Any

from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.visitor import NodeTransformer

from quatre.chat.sandbox import Sandbox
from quatre.chat.traced import own

MOST_NODES = 2**14  # the longest templates in use have a tenth; compiling takes 50 µs for each
REFUSED = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport, nodes.EvalContextModifier)


def instrumented(tree: nodes.Template, sandbox: Sandbox) -> nodes.Template:
    """The same template with the hooks of ``sandbox``. SecurityError for statements that are refused."""
    sandbox.size_of_template = _count(tree)
    if sandbox.size_of_template > MOST_NODES:
        raise SecurityError(f"having {sandbox.size_of_template} parts, more than {MOST_NODES}")
    tree = _Instrument(sandbox).visit(tree)
    return tree.set_environment(sandbox)  # type: ignore[return-value]


def _count(*trees: nodes.Node) -> int:
    """How many nodes there are, as a measure of the work of going through them once."""
    return sum(1 + _count(*tree.iter_child_nodes()) for tree in trees)


class _Instrument(NodeTransformer):
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def generic_visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> nodes.Node:
        if isinstance(node, REFUSED):
            raise SecurityError(f"the statement {type(node).__name__.lower()!r}")
        return super().generic_visit(node, *args, **kwargs)

    # -- Constants ---------------------------------------------------------------------------------------------

    def visit_TemplateData(self, node: nodes.TemplateData) -> nodes.Node:
        return self.constant(node.data, node)

    def visit_Const(self, node: nodes.Const) -> nodes.Node:
        return self.constant(node.value, node) if isinstance(node.value, str) else node

    def constant(self, text: str, node: nodes.Node) -> nodes.Node:
        self.sandbox.constants.append(own(text))
        return nodes.EnvironmentAttribute(f"constants[{len(self.sandbox.constants) - 1}]", lineno=node.lineno)

    # -- Hooks -------------------------------------------------------------------------------------------------

    def hook(self, name: str, *args: Any, at: nodes.Node) -> nodes.Call:
        function = nodes.EnvironmentAttribute(name, lineno=at.lineno)
        return nodes.Call(function, list(args), [], None, None, lineno=at.lineno)

    def visit_For(self, node: nodes.For) -> nodes.Node:
        body = nodes.Const(2 + _count(*node.body, *([node.test] if node.test else [])))
        self.generic_visit(node)
        node.iter = self.hook("iterate", node.iter, body, at=node)
        return node

    def visit_Macro(self, node: nodes.Macro | nodes.CallBlock) -> nodes.Node:
        body = nodes.Const(1 + _count(node))
        self.generic_visit(node)
        node.body.insert(0, nodes.ExprStmt(self.hook("spent", body, at=node), lineno=node.lineno))
        return node

    visit_CallBlock = visit_Macro

    def visit_List(self, node: nodes.List | nodes.Dict) -> nodes.Node:
        self.generic_visit(node)
        return self.hook("made", node, at=node)

    visit_Dict = visit_List

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:
        self.generic_visit(node)
        return self.hook("made", node, at=node) if node.ctx == "load" else node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return self.hook("concat", nodes.List(node.nodes, lineno=node.lineno), at=node)

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:
        node.expr = self.operand(node.expr)
        for operand in node.ops:
            operand.expr = self.operand(operand.expr)
        return node

    def operand(self, node: nodes.Expr) -> nodes.Expr:
        return node if isinstance(node, nodes.Const) else self.hook("compared", self.visit(node), at=node)

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:
        node.node = self.visit(node.node)
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:
        node.node = self.visit(node.node)
        if isinstance(node.arg, nodes.Slice):
            self.generic_visit(node.arg)
            bounds = (bound or nodes.Const(None) for bound in (node.arg.start, node.arg.stop, node.arg.step))
            return self.hook("sliced", node.node, *bounds, at=node)
        if not isinstance(node.arg, nodes.Const):
            node.arg = self.hook("key", self.visit(node.arg), at=node)
        return node
