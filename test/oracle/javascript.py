"""A small part of Python in JavaScript: what the programs of autograd (autograd_programs) are written in.

Names become camelCase, keyword arguments an object in the last place, tuples arrays, `with` a call of `within`. What means another thing by the type of
its operands becomes a call as well (`a * b` is `mul(a, b)`, `x[0]` is `at(x, 0)`): test/autograd/translated.ts has these functions. A whole number
inside `tensor(…)` is a bigint, as it is an int64 there. A part of Python that has no translation here is an error when recording.
"""
import ast
import json
import re

OPERATORS = {ast.Add: 'add', ast.Sub: 'sub', ast.Mult: 'mul', ast.Div: 'div', ast.Pow: 'pow', ast.Gt: 'gt', ast.Lt: 'lt'}
SAME = {ast.Is: '===', ast.Eq: '===', ast.IsNot: '!==', ast.NotEq: '!=='}
# Methods of PyTorch that are properties in Tenzo, and keywords of another name.
PROPERTIES = {'_is_view'}
# Methods of Python that are functions.
METHODS = {'append': 'append', 'items': 'Object.entries'}
KEYWORDS = {'grad_tensors': 'gradient'}
HELPERS = {*OPERATORS.values(), 'append', 'at', 'inPlace', 'parts', 'put', 'truth', 'within'}


def camel_case(name):
    return re.sub(r'(?<=[a-z0-9])_([a-z0-9])', lambda m: m[1].upper(), name)


def indent(lines):
    return ['  ' + line for line in lines]


class Translator:
    def __init__(self):
        self.whole = ''

    def modules(self, texts):
        """The statements of modules, in one scope, which end by returning the programs: the functions of one argument, `log`."""
        lines, names = [], []
        for node in (node for text in texts for node in ast.parse(text).body):
            if isinstance(node, ast.FunctionDef) and [a.arg for a in node.args.args] == ['log']:
                names.append(camel_case(node.name))
            first, *rest = self.statement(node) or ['']
            lines += ['const ' + first, *rest] if first else []
        return '\n'.join([*lines, 'return { %s };' % ', '.join(names), ''])

    # ---- statements

    def block(self, body, known):
        """The lines of a body, its variables declared first; `known` are the parameters."""
        names = [n for n in dict.fromkeys(assigned(body)) if n not in known]
        if HELPERS.intersection(names):
            raise NotImplementedError(f'line {body[0].lineno}: a variable of the name of a helper')
        lines = [line for node in body for line in self.statement(node)]
        return ['let ' + ', '.join(map(camel_case, names)) + ';', *lines] if names else lines

    def inner(self, body):
        return indent(line for node in body for line in self.statement(node))

    def statement(self, node):
        kind = type(node).__name__
        if kind in ('Pass', 'Import', 'ImportFrom') or kind == 'Expr' and isinstance(node.value, ast.Constant):
            return []
        if kind == 'Expr':
            return [self.value(node.value) + ';']
        if kind == 'Return':
            return [f"return {self.value(node.value) if node.value else 'null'};"]
        if kind == 'Raise':
            return [f'throw new OnPurpose({self.value(node.exc.args[0])});']
        if kind == 'Assign':
            target, value = node.targets[0], self.value(node.value)
            if isinstance(target, ast.Subscript):
                return [f'put({self.value(target.value)}, {self.value(target.slice)}, {value});']
            return [f"{self.target(target)} = {f'parts({value})' if isinstance(target, ast.Tuple) else value};"]
        if kind == 'AugAssign':
            return [f"{self.target(node.target)} = inPlace('{OPERATORS[type(node.op)]}', {self.value(node.target)}, {self.value(node.value)});"]
        if kind == 'If':
            rest = ['} else {', *self.inner(node.orelse)] if node.orelse else []
            return [f'if ({self.test(node.test)}) {{', *self.inner(node.body), *rest, '}']
        if kind == 'While':
            return [f'while ({self.test(node.test)}) {{', *self.inner(node.body), '}']
        if kind == 'For':
            return [f'for (const {self.target(node.target)} of {self.value(node.iter)}) {{', *self.inner(node.body), '}']
        if kind == 'With':
            (item,) = node.items
            call = item.context_expr
            return [f'within({self.value(call.func)}, [{self.arguments(call)}], () => {{', *self.inner(node.body), '});']
        if kind == 'FunctionDef':
            parameters, body = self.function(node)
            return [f'{camel_case(node.name)} = ({parameters}) => {{', *body, '};']
        if kind == 'ClassDef':
            (base,) = node.bases
            members = [line for member in node.body for line in self.member(member)]
            return [f'{node.name} = class {node.name} extends {self.value(base)} {{', *indent(members), '};']
        raise NotImplementedError(f'line {node.lineno}: {kind}')

    def member(self, node):
        if isinstance(node, ast.FunctionDef):
            parameters, body = self.function(node)
            name = camel_case(node.name)
            if node.decorator_list:
                (decorator,) = node.decorator_list
                return [f'static {name} = {self.value(decorator)}(({parameters}) => {{', *body, '});']
            return [f'static {name}({parameters}) {{', *body, '}']
        if isinstance(node, ast.Assign):
            return [f'static {self.target(node.targets[0])} = {self.value(node.value)};']
        return self.statement(node)

    def function(self, node):
        return self.parameters(node.args), indent(self.block(node.body, {a.arg for a in node.args.args}))

    def parameters(self, args):
        # A default `k=k` holds the loop's variable fast, which JavaScript does by itself.
        kept = args.args[:len(args.args) - len(args.defaults)]
        return ', '.join([camel_case(a.arg) for a in kept] + (['...' + camel_case(args.vararg.arg)] if args.vararg else []))

    def target(self, node):
        if isinstance(node, ast.Tuple):
            return '[' + ', '.join(self.target(t) for t in node.elts) + ']'
        return self.value(node)

    # ---- expressions

    def test(self, node):
        return self.value(node) if isinstance(node, (ast.Compare, ast.BoolOp)) else f'truth({self.value(node)})'

    def arguments(self, call):
        keywords = [f'{camel_case(KEYWORDS.get(k.arg, k.arg))}: {self.value(k.value)}' for k in call.keywords]
        return ', '.join([self.value(a) for a in call.args] + (['{ %s }' % ', '.join(keywords)] if keywords else []))

    def value(self, node):
        kind = type(node).__name__
        if kind == 'Name':
            return camel_case(node.id)
        if kind == 'Constant':
            v = node.value
            if isinstance(v, int) and not isinstance(v, bool):
                return f'{v}{self.whole}'
            return repr(v) if isinstance(v, float) else json.dumps(v)
        if kind == 'Attribute':
            return f'{self.value(node.value)}.{camel_case(node.attr)}'
        if kind in ('Tuple', 'List'):
            return '[' + ', '.join(map(self.value, node.elts)) + ']'
        if kind == 'Starred':
            return '...' + self.value(node.value)
        if kind == 'Dict':
            return '{ ' + ', '.join(f'{self.value(k)}: {self.value(v)}' for k, v in zip(node.keys, node.values)) + ' }'
        if kind == 'Lambda':
            body = self.value(node.body)
            return f'({self.parameters(node.args)}) => ' + (f'({body})' if body.startswith('{') else body)
        if kind == 'Call':
            return self.call(node)
        if kind == 'Subscript':
            return f'at({self.value(node.value)}, {self.value(node.slice)})'
        if kind == 'Slice':
            return 'slice(%s)' % ', '.join(self.value(v) if v else 'null' for v in (node.lower, node.upper, node.step))
        if kind == 'BinOp':
            return f'{OPERATORS[type(node.op)]}({self.value(node.left)}, {self.value(node.right)})'
        if kind == 'UnaryOp' and isinstance(node.op, ast.USub):
            return '-' + self.value(node.operand)
        if kind == 'UnaryOp' and isinstance(node.op, ast.Not):
            return f'!{self.test(node.operand)}'
        if kind == 'BoolOp':
            return '(' + {ast.And: ' && ', ast.Or: ' || '}[type(node.op)].join(map(self.test, node.values)) + ')'
        if kind == 'Compare':
            (op,), left, right = node.ops, self.value(node.left), self.value(node.comparators[0])
            if isinstance(op, (ast.In, ast.NotIn)):
                return f'({right}.includes({left}) === {json.dumps(isinstance(op, ast.In))})'
            return f'({left} {SAME[type(op)]} {right})' if type(op) in SAME else f'{OPERATORS[type(op)]}({left}, {right})'
        if kind == 'IfExp':
            return f'({self.test(node.test)} ? {self.value(node.body)} : {self.value(node.orelse)})'
        if kind in ('ListComp', 'GeneratorExp'):
            (loop,) = node.generators
            return f'{self.value(loop.iter)}.map(({self.target(loop.target)}) => {self.value(node.elt)})'
        raise NotImplementedError(f'line {node.lineno}: {kind}')

    def call(self, node):
        f = node.func
        if isinstance(f, ast.Attribute) and f.attr in PROPERTIES:
            return self.value(f)
        if isinstance(f, ast.Attribute) and f.attr in METHODS:
            return f"{METHODS[f.attr]}({', '.join(map(self.value, [f.value, *node.args]))})"
        outer = self.whole
        self.whole = 'n' if isinstance(f, ast.Name) and f.id == 'tensor' else ''
        arguments = self.arguments(node)
        self.whole = outer
        make = 'new ' if isinstance(f, ast.Attribute) and f.attr[0].isupper() else ''
        return f'{make}{self.value(f)}({arguments})'


def assigned(body):
    """The names that statements assign, in order; loops declare their own."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
            continue
        if isinstance(node, (ast.Assign, ast.AugAssign)):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                yield from (n.id for n in (target.elts if isinstance(target, ast.Tuple) else [target]) if isinstance(n, ast.Name))
        for field in ('body', 'orelse'):
            yield from assigned(getattr(node, field, []))
