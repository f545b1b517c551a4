"""What is said while a process runs: logs, which stay, and channels, which are gone when it is closed."""

from __future__ import annotations

import base64
from typing import Any

from ..call import Call, many, nothing
from ..crypto import gen_id
from ..models import ChannelEntry, Log

__all__ = ["add_log", "channel_append", "channel_read", "get_logs"]


def add_log(log: Log, prvkey: str | None = None) -> Call[None]:
    """Add a line to the log of a process that runs; the key of the executor that holds it.

    The server takes colony, executor and time from elsewhere. Refused (RPCError) if the process does not run or is
    another's (403), or is unknown (500).
    """
    fields = Log.from_dict(log).to_dict()
    del fields["timestamp"]
    return Call("addlogmsg", fields, nothing, prvkey)


def get_logs(
    colonyname: str,
    processid: str,
    executorname: str,
    count: int,
    since: int,
    prvkey: str | None = None,
    *,
    latest: bool = False,
) -> Call[list[Log]]:
    """Up to `count` (at most 500) lines of a log, oldest first; a member's key.

    Only those after `since`, in nanoseconds since 1970. With an `executorname` (then `processid` is not looked at),
    those of all executors of that name, in other colonies too. With `latest`, the newest ones. Refused for another
    count (403), and if there is no such process or executor (500).
    """
    fields: dict[str, Any] = {
        "colonyname": colonyname,
        "processid": processid,
        "executorname": executorname,
        "count": count,
        "since": since,
    }
    if latest:
        fields["latest"] = True
    return Call("getlogsmsg", fields, many(Log), prvkey, True)


def channel_append(
    processid: str,
    channelname: str,
    sequence: int,
    data: str | bytes,
    data_type: str = "",
    inreplyto: int = 0,
    prvkey: str | None = None,
) -> Call[ChannelEntry]:
    """Append to a channel of a process; the key of its initiator, or of the executor that holds it.

    `sequence` is your own count, `data_type` "" (data), "end" or "error", `inreplyto` the number that it answers. The
    entry is returned as it was sent, so without the server's `timestamp`. Refused for others (403), if there is no
    such process or channel, as when it was closed (404), and if it is over 10 MiB or too many come at once (500).
    Never sent twice by itself.
    """
    raw = data.encode(errors="surrogatepass") if isinstance(data, str) else bytes(data)
    payload = base64.b64encode(raw).decode()
    fields: dict[str, Any] = {
        "processid": processid,
        "name": channelname,
        "sequence": sequence,
        "inreplyto": inreplyto,
        "payload": payload,
    }
    if data_type:
        fields["payloadtype"] = data_type
    call: Call[ChannelEntry]

    def sent(answer: Any) -> ChannelEntry:
        return ChannelEntry(
            sequence=sequence,
            inreplyto=inreplyto,
            senderid=gen_id(call.key),
            payload=payload,
            msgtype=data_type or "data",
        )

    call = Call("channelappendmsg", fields, sent, prvkey)
    return call


def channel_read(
    processid: str, channelname: str, afterseq: int, limit: int, prvkey: str | None = None
) -> Call[list[ChannelEntry]]:
    """What is in a channel; the key of the process's initiator, or of the executor that holds it.

    `afterseq` is how many entries are skipped, whatever their numbers; `limit` 0 is no limit. Entries come by time,
    those of one sender by their numbers. Refused for others (403), and if there is no such process or channel, as
    when it was closed (404).
    """
    fields = {"processid": processid, "name": channelname, "afterseq": afterseq, "limit": limit}
    return Call("channelreadmsg", fields, many(ChannelEntry), prvkey)
