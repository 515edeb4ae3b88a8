"""Does something of the step wait on the lab's own standard input? Seen from inside, as the process's own user."""

from __future__ import annotations

from dataclasses import dataclass

from pipelinelab.engines.base import Step

# Blocked means: in read(0, …), or in epoll_wait on a set that holds descriptor 0 (node). Only a descriptor 0 that is
# the lab's own fifo counts: in ``x | cat`` cat reads a pipe too. System call numbers: x86-64 and arm64.
LOOK = r"""
fifo=/tmp/.pipelinelab/stdin
for p in /proc/[0-9]*; do
  call='?'
  if [ "$p/fd/0" -ef "$fifo" ]; then read -r call <"$p/syscall"
  elif [ -e "$p/fd/0" ]; then continue; fi
  uid=0; while read -r key value _; do [ "$key" = Uid: ] && uid=$value; done <"$p/status"
  name=; read -r name <"$p/comm"
  case $call in
    '0 0x0 '* | '63 0x0 '*) state=read ;;
    '232 '* | '281 '* | '22 '*)
      state=other
      for f in "$p"/fdinfo/*; do while read -r key fd _; do
        [ "$key" = tfd: ] && [ "$fd" = 0 ] && state=read; done <"$f"; done ;;
    '?') state=unseen ;;
    *) state=other ;;
  esac
  printf '%s\t%s\t%s\t%s\t%s\n' "${p#/proc/}" "$uid" "$state" "$call" "$name"
done 2>/dev/null
"""


@dataclass(frozen=True)
class Blocked:
    """A process that waits for input nobody will give."""

    pid: int
    uid: str
    name: str
    call: str


def blocked(step: Step, user: str = "") -> Blocked | None:
    """The process of this step that waits on the lab's stdin, or None."""
    unseen: set[str] = set()
    for line in step.ask(["sh", "-c", LOOK], user=user, timeout=5.0).text.splitlines():
        pid, uid, state, call, name = (line.split("\t") + [""] * 5)[:5]
        if state == "read":
            return Blocked(int(pid), uid, name, call)
        if state == "unseen":
            unseen.add(uid)
    for uid in sorted(unseen) if not user else ():
        # The kernel tells a process's system call only to its own user (or a tracer, which the lab is not).
        if found := blocked(step, uid):
            return found
    return None
