"""The gateway's GraphQL: the part of Arweave's schema that clients of ao use (spec: units, gateway).

A query is bounded before it is looked into: its text, its tokens, how deep it goes, what its fragments come to, and how
many lists it asks for. Looking into the schema itself is refused: it multiplies without end.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from .answers import Refusal
from .headers import header_of
from .hub import Hub
from .nodes import owner_of
from .transactions import Transaction, Wanted

__all__ = ["answer_query"]

#: Characters and tokens of a query, levels of it, fields in all, and lists that it asks for.
_TEXT, _TOKENS, _DEPTH, _FIELDS, _LISTS = 50_000, 2_000, 12, 500, 5
#: Transactions of a page.
_MOST = 1000
_SCHEMA = build_schema(
    """
    type Query {
      transaction(id: ID!): Transaction
      transactions(
        ids: [ID!], owners: [String!], recipients: [String!], tags: [TagFilter!], bundledIn: [ID!],
        block: BlockFilter, first: Int = 10, after: String, sort: SortOrder = HEIGHT_DESC
      ): TransactionConnection!
      block(id: String, height: Int): Block
      blocks(ids: [ID!], height: BlockFilter, first: Int = 10, after: String, sort: SortOrder = HEIGHT_DESC):
        BlockConnection!
    }
    enum SortOrder { HEIGHT_ASC HEIGHT_DESC INGESTED_AT_ASC INGESTED_AT_DESC }
    enum TagOperator { EQ NEQ }
    enum TagMatch { EXACT WILDCARD FUZZY_AND FUZZY_OR }
    input TagFilter { name: String!, values: [String!], op: TagOperator = EQ, match: TagMatch = EXACT }
    input BlockFilter { min: Int, max: Int }
    type PageInfo { hasNextPage: Boolean! }
    type TransactionConnection { count: String, pageInfo: PageInfo!, edges: [TransactionEdge!]! }
    type TransactionEdge { cursor: String!, node: Transaction! }
    type Transaction {
      id: ID!, anchor: String!, signature: String!, recipient: String!, ingested_at: Int, owner: Owner!, fee: Amount!,
      quantity: Amount!, data: MetaData!, tags: [Tag!]!, block: Block, parent: Parent, bundledIn: Bundle
    }
    type Owner { address: String!, key: String! }
    type Amount { winston: String!, ar: String! }
    type MetaData { size: String!, type: String }
    type Tag { name: String!, value: String! }
    type Parent { id: ID! }
    type Bundle { id: ID! }
    type BlockConnection { pageInfo: PageInfo!, edges: [BlockEdge!]! }
    type BlockEdge { cursor: String!, node: Block! }
    type Block { id: ID!, timestamp: Int!, height: Int!, previous: ID! }
    """
)


def answer_query(hub: Hub, body: Any) -> dict[str, Any]:
    """The answer to `{"query", "variables"?, "operationName"?}`: `data`, and `errors` if there were any.

    Not to be called in the network's thread: it asks there. Raises a `Refusal` (400) for what is no query, and for one
    that is too large.
    """
    query, variables, operation = _parts(body)
    try:
        document = parse(query, no_location=True, max_tokens=_TOKENS)
    except GraphQLError as error:
        raise Refusal(400, f"the query cannot be read: {error.message[:300]}") from None
    except RecursionError:
        raise Refusal(400, "the query is nested too deeply") from None
    _bound(document)
    problems = validate(_SCHEMA, document, max_errors=5)
    if problems:
        raise Refusal(400, f"the query does not fit: {problems[0].message[:300]}")
    root = _Root(hub)
    found = execute_sync(
        _SCHEMA,
        document,
        {
            "transaction": root.transaction,
            "transactions": root.transactions,
            "block": root.block,
            "blocks": root.blocks,
        },
        variable_values=variables,
        operation_name=operation,
    )
    told: dict[str, Any] = {"data": found.data}
    if found.errors:
        told["errors"] = [{"message": error.message[:300]} for error in found.errors[:5]]
    return told


def _parts(body: Any) -> tuple[str, dict[str, Any], str | None]:
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        raise Refusal(400, 'the body must be {"query": …, "variables": …}')
    variables, operation = body.get("variables") or {}, body.get("operationName")
    if not isinstance(variables, dict) or not (operation is None or isinstance(operation, str)):
        raise Refusal(400, "variables must be an object, and operationName text")
    if len(body["query"]) > _TEXT:
        raise Refusal(400, f"the query has more than {_TEXT} characters")
    return body["query"], variables, operation


# ── bounds ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _bound(document: DocumentNode) -> None:
    """Raises a `Refusal` (400) for a query that would take too long."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    counts: dict[str, tuple[int, int, int]] = {}

    def of_fragment(name: str, within: tuple[str, ...]) -> tuple[int, int, int]:
        if name in within:
            raise Refusal(400, f"the fragment {name} holds itself")
        known = counts.get(name)
        if known is None and name in fragments:
            known = counts[name] = of(fragments[name].selection_set, (*within, name))
        return known or (0, 0, 0)

    def of(selections: SelectionSetNode | None, within: tuple[str, ...]) -> tuple[int, int, int]:
        """Levels, fields, and lists."""
        depth = fields = lists = 0
        for one in () if selections is None else selections.selections:
            if isinstance(one, FieldNode):
                if one.name.value.startswith("__") and one.name.value != "__typename":
                    raise Refusal(400, "the schema itself cannot be asked for")
                inner = of(one.selection_set, within)
                inner = inner[0] + 1, inner[1] + 1, inner[2] + (one.name.value in ("transactions", "blocks"))
            elif isinstance(one, FragmentSpreadNode):
                inner = of_fragment(one.name.value, within)
            else:
                assert isinstance(one, InlineFragmentNode)
                inner = of(one.selection_set, within)
            depth, fields, lists = max(depth, inner[0]), fields + inner[1], lists + inner[2]
            if depth > _DEPTH or fields > _FIELDS or lists > _LISTS:
                raise Refusal(
                    400, f"the query is too large: {_DEPTH} levels, {_FIELDS} fields and {_LISTS} lists at most"
                )
        return depth, fields, lists

    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode):
            of(one.selection_set, ())


# ── answers ────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Root:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def _ask(self, job: Callable[[], Any]) -> Any:
        future: Future[Any] = Future()
        self._hub.worker.submit(job, future)
        return future.result()

    def transaction(self, _: Any, id: str) -> dict[str, Any] | None:
        return self._ask(lambda: None if (one := self._hub.chain.find(id)) is None else self._node(one))  # type: ignore[no-any-return]

    def transactions(self, _: Any, **given: Any) -> dict[str, Any]:
        wanted = Wanted(
            _set(given.get("ids")),
            _set(given.get("owners")),
            _set(given.get("recipients")),
            tuple((one["name"], frozenset(one.get("values") or ())) for one in given.get("tags") or ()),
            _heights(given.get("block")),
            _set(given.get("bundledIn")),
        )
        unfit = [
            one for one in given.get("tags") or () if one.get("op") == "NEQ" or one.get("match", "EXACT") != "EXACT"
        ]
        if unfit:
            raise GraphQLError("tags are compared by EQ and EXACT alone")

        chain = self._hub.chain
        # What may take long is not done in the network's thread.
        self._ask(chain.update)
        indexes = chain.build(wanted)
        self._ask(lambda: chain.adopt(indexes))
        found, more = chain.list(
            wanted,
            newest_first=not str(given.get("sort") or "HEIGHT_DESC").endswith("ASC"),
            after=given.get("after") or None,
            limit=_limit(given.get("first")),
        )
        edges = [{"cursor": one.id, "node": self._node(one)} for one in found]
        return {"pageInfo": {"hasNextPage": more}, "edges": edges, "count": str(len(edges))}

    def block(self, _: Any, id: str | None = None, height: int | None = None) -> dict[str, Any] | None:
        chain = self._hub.chain
        last = chain.height
        if height is None and id is not None:
            height = chain.height_of(id)
        return None if height is None or not 0 < height <= last else chain.block(height)

    def blocks(self, _: Any, **given: Any) -> dict[str, Any]:
        chain, limit = self._hub.chain, _limit(given.get("first"))
        low, high = _heights(given.get("height"))
        low, high = max(low, 1), min(high, chain.height)
        ascending = str(given.get("sort") or "HEIGHT_DESC").endswith("ASC")
        after = given.get("after")
        if after and after.isascii() and after.isdecimal() and len(after) < 13:
            low, high = (max(low, int(after) + 1), high) if ascending else (low, min(high, int(after) - 1))
        heights = range(low, high + 1) if ascending else range(high, low - 1, -1)
        edges = [{"cursor": str(height), "node": chain.block(height)} for height in heights[:limit]]
        return {"pageInfo": {"hasNextPage": len(heights) > limit}, "edges": edges}

    def _node(self, one: Transaction) -> dict[str, Any]:
        item = one.item
        header = None if item is None else header_of(item)
        kind = next((tag["value"] for tag in one.tags if tag["name"] == "Content-Type"), None)
        bundle = None if one.bundle is None else {"id": one.bundle}

        def owner(_: Any) -> dict[str, str]:
            if item is not None:
                return owner_of(item, self._hub)
            return {"address": one.owner, "key": self._hub.key(one.owner)}

        def block(_: Any) -> dict[str, Any]:
            return {**self._hub.chain.block(one.height), "timestamp": one.timestamp // 1000}

        return {
            "id": one.id,
            "anchor": one.anchor,
            "signature": one.signature,
            "recipient": one.recipient,
            "ingested_at": one.timestamp // 1000,
            "owner": owner,
            "fee": _amount("0" if header is None else header.reward),
            "quantity": _amount("0" if header is None else header.quantity),
            "data": {"size": str(len(one.data)), "type": kind},
            "tags": lambda _: [{name: _text(tag[name]) for name in ("name", "value")} for tag in one.tags],
            "block": block,
            "parent": bundle,
            "bundledIn": bundle,
        }


def _amount(winston: str) -> dict[str, str]:
    whole, rest = divmod(int(winston), 10**12)
    return {"winston": str(int(winston)), "ar": f"{whole}.{rest:012}"}


def _set(given: list[str] | None) -> frozenset[str] | None:
    return None if given is None else frozenset(given)


def _heights(given: dict[str, int | None] | None) -> tuple[int, int]:
    given = given or {}
    low, high = given.get("min"), given.get("max")
    return 0 if low is None else low, 10**12 if high is None else high


def _limit(first: int | None) -> int:
    return 10 if first is None else min(max(first, 1), _MOST)


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
