"""python-liquid, narrowed: the tags that exist, this product's condition grammar in them, and a cap on every expression."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TextIO

from liquid.ast import BlockNode, ConditionalBlockNode, Node
from liquid.builtin.content import Literal
from liquid.builtin.illegal import Illegal
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags import assign_tag, capture_tag, case_tag, comment_tag, cycle_tag, echo_tag, for_tag, if_tag, inline_comment_tag
from liquid.context import RenderContext
from liquid.environment import Environment
from liquid.exceptions import LiquidSyntaxError
from liquid.parser import get_parser
from liquid.stream import TokenStream
from liquid.tag import Tag
from liquid.token import TOKEN_TAG, Token

from engine.expressions.grammar import Not, parse_truth
from engine.expressions.limits import MAX_BLOCK_DEPTH, MAX_EXPRESSION_CHARS, MAX_PARENTHESES, MAX_TEXT_CHARS
from engine.expressions.values import to_text


class _Output(OutputNode):
    """Writes lists and objects as JSON."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the value."""
        return buffer.write(to_text(self.expression.evaluate(context)))


class _OutputTag(Output):
    node_class = _Output


class _EchoTag(echo_tag.EchoTag):
    node_class = _Output  # type: ignore[assignment]


class ForNode(for_tag.ForNode):
    """Pays for the expressions in its body before each run of the loop, so that long bodies are not free."""

    __slots__ = ("body_weight",)

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Run the loop."""
        _, length = self.expression.evaluate(context)
        context.charge(length * self.body_weight)  # type: ignore[attr-defined]
        return super().render_to_output(context, buffer)


class _ForTag(for_tag.ForTag):
    node_class = ForNode

    def parse(self, stream: TokenStream) -> Node:
        start = stream.pos
        node = super().parse(stream)
        node.body_weight = 1 + sum(len(token.value) for token in stream.tokens[start : stream.pos]) // 16  # type: ignore[attr-defined]
        return node


class _IfTag(Tag):
    """`if` and `unless` with this product's condition grammar."""

    name = "if"
    end = "endif"

    def parse(self, stream: TokenStream) -> Node:
        """Parse the whole block."""
        token = stream.eat(TOKEN_TAG)
        condition = parse_truth(self.env, stream.into_inner(tag=token))
        if self.name == "unless":
            condition = Not(condition.token, condition)
        parse_block = get_parser(self.env).parse_block
        stops = frozenset((self.end, "elsif", "else"))
        consequence = parse_block(stream, stops)
        alternatives: list[ConditionalBlockNode] = []
        while stream.current.is_tag("elsif"):
            tag = next(stream)
            expression = parse_truth(self.env, stream.into_inner(tag=tag))
            alternatives.append(ConditionalBlockNode(tag, expression=expression, block=parse_block(stream, stops)))
        otherwise: BlockNode | None = None
        if stream.current.is_tag("else"):
            next(stream)
            otherwise = parse_block(stream, frozenset((self.end,)))
        stream.expect(TOKEN_TAG, value=self.end)
        return if_tag.IfNode(token, condition, consequence, alternatives, otherwise)


class _UnlessTag(_IfTag):
    name = "unless"
    end = "endunless"


class _CaseNode(case_tag.CaseNode):
    """Takes the first `when` that fits, once; the library renders a block as often as it matches."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the block that fits."""
        for block in self.blocks:
            if isinstance(block, BlockNode):
                return block.render(context, buffer)
            if any(block.expression.evaluate(context)):
                return block.block.render(context, buffer)
        return 0


class _CaseTag(case_tag.CaseTag):
    node_class = _CaseNode


class _IllegalTag(Illegal):
    def parse(self, stream: TokenStream) -> Any:
        token = stream.expect(TOKEN_TAG)
        raise LiquidSyntaxError(f"there is no tag '{token.value}' here" if token.value else "the tag has no name", token=token)


TAGS: tuple[type[Tag], ...] = (
    Literal,
    _OutputTag,
    _IllegalTag,
    _IfTag,
    _UnlessTag,
    _CaseTag,
    _ForTag,
    for_tag.BreakTag,
    for_tag.ContinueTag,
    assign_tag.AssignTag,
    capture_tag.CaptureTag,
    cycle_tag.CycleTag,
    _EchoTag,
    comment_tag.CommentTag,
    inline_comment_tag.InlineCommentTag,
)


class NarrowEnvironment(Environment):
    """No loaders, no includes, no globals, strict in every respect."""

    block_nesting_limit = MAX_BLOCK_DEPTH
    context_depth_limit = MAX_BLOCK_DEPTH + 5
    output_stream_limit = MAX_TEXT_CHARS * 4  # the library counts UTF-8 bytes

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Only the listed tags; filters are looked up by the context."""
        for tag in TAGS:
            self.add_tag(tag)

    def tokenizer(self) -> Callable[[str], Iterator[Token]]:
        """The library's tokenizer behind a check of the markup."""
        return partial(_checked, super().tokenizer())


def _checked(tokenize: Callable[[str], Iterator[Token]], source: str) -> Iterator[Token]:
    check_markup(source)
    return tokenize(source)


_OPENING = re.compile(r"\{(?:\{|%-?\s{0,80}(?P<verbatim>raw|doc)?\b|%)")
_GAP = re.compile(r"\s{80}")


def check_markup(source: str) -> None:
    """Refuse, in one linear pass, what makes the library's tokenizer backtrack: markup that is long, full of gaps or never closed."""
    position = 0
    while opening := _OPENING.search(source, position):
        start = opening.start()
        token = Token(TOKEN_TAG, "", start, source)
        closing = "}}" if opening.group() == "{{" else "%}"
        end = source.find(closing, start + 2)
        if end < 0:
            raise LiquidSyntaxError(f"expected '{closing}', found end of file", token=token)
        check_expression(source[start:end], token)
        position = end + 2
        if name := opening.group("verbatim"):
            ending = re.compile(rf"\{{%-?\s{{0,80}}end{name}\b").search(source, position)
            if ending is None:
                raise LiquidSyntaxError(f"expected tag end{name}, found end of file", token=token)
            position = ending.start()


def check_expression(text: str, token: Token | None = None) -> None:
    """Refuse an expression whose parsing could be slow."""
    if len(text) > MAX_EXPRESSION_CHARS:
        raise LiquidSyntaxError(f"the expression is longer than {MAX_EXPRESSION_CHARS:,} characters", token=token)
    if text.count("(") + text.count("[") > MAX_PARENTHESES:
        raise LiquidSyntaxError(f"the expression has more than {MAX_PARENTHESES} parentheses and brackets", token=token)
    if _GAP.search(text):
        raise LiquidSyntaxError("the expression has a gap of more than 80 spaces or empty lines", token=token)


ENVIRONMENT = NarrowEnvironment()
