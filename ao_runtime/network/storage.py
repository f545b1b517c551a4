"""What lies in a network's storage: data that processes read by id, and items that are addressed to no process."""

from __future__ import annotations

from collections.abc import Callable

from .item import Item

__all__ = ["Storage"]


class Storage:
    """Data by id, as a gateway has it: what was stored, all messages to wallets, and what `beyond` knows.

    beyond
        Where else data is looked for: a function from ids to bytes or None, which is told what process wants them, if
        one does.
    """

    def __init__(self, beyond: Callable[[str, str | None], bytes | None] | None = None) -> None:
        self.beyond = beyond
        self._items: dict[str, Item] = {}
        #: Told of what is stored, where that is kept.
        self.kept: Callable[[Item], None] | None = None
        #: The items that were addressed to no process, in the order in which they came.
        self.mail: list[Item] = []

    def put(self, item: Item) -> None:
        """Keep an item."""
        if self.kept is not None:
            self.kept(item)
        self._items[item.id] = item

    def send(self, item: Item) -> None:
        """Keep an item, and note that it was sent to whom it names."""
        self._items[item.id] = item
        self.mail.append(item)

    def item(self, id: str) -> Item | None:
        """The item of that id."""
        return self._items.get(id)

    def items(self) -> list[Item]:
        """All items, in the order in which they came."""
        return [*self._items.values()]

    def find(self, id: str, process: str | None = None) -> bytes | None:
        """The data of that id: what a process reads as `/data/<id>`, and starts with by `On-Boot=<id>`."""
        item = self._items.get(id)
        if item is not None:
            return item.data
        return None if self.beyond is None else self.beyond(id, process)

    def source(self, process: str) -> Callable[[str], bytes | None]:
        """What that process reads from: `find`."""
        return lambda id: self.find(id, process)

    def cut(self, items: int, mail: int) -> None:
        """Forget what came after so many items and so many of them sent."""
        for id in [*self._items][items:]:
            del self._items[id]
        del self.mail[mail:]

    def __len__(self) -> int:
        return len(self._items)
