"""The book's links to other hosts: which there are, and whether they still lead somewhere.

Checking is polite: each host is asked one thing at a time, with a pause between, for the head of a page alone
where it grants that.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import requests
from bs4 import BeautifulSoup

from attacknet import __version__
from attacknet.errors import AttackNetError

_HOSTS_AT_ONCE = 8
_PAUSE_S = 1.0
_TIMEOUT_S = 20.0
_AGENT = f"attacknet-companion/{__version__} (checks the links of a book; one request a host at a time)"
# Publishers answer programs so, and people otherwise.
_REFUSALS = {401, 402, 403, 406, 418, 429, 451, 999}
_UNREACHABLE = "cannot be reached"


class Answer(StrEnum):
    """What became of a link."""

    ALIVE = "alive"
    REFUSED = "refused"
    DEAD = "dead"


@dataclass(frozen=True)
class Checked:
    """A link with what its host said."""

    address: str
    answer: Answer
    reason: str


def outside(pages: list[Path], site: Path) -> dict[str, list[str]]:
    """Return every address on another host, with the pages that link to it, relative to the site."""
    found: dict[str, list[str]] = {}
    for page in pages:
        soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        addresses = {urldefrag(str(a["href"])).url for a in soup.find_all("a", href=True)}
        for address in addresses:
            if urlsplit(address).scheme in ("http", "https"):
                found.setdefault(address, []).append(page.relative_to(site).as_posix())
    return dict(sorted(found.items()))


def check(addresses: list[str], told: Callable[[Checked], None], pause: float = _PAUSE_S) -> list[Checked]:
    """Ask for each address; `told` hears what hosts say, as they say it. The result is in the order of hosts.

    Raises
    ------
    AttackNetError
        If no host at all can be reached.
    """
    lock = threading.Lock()

    def ask_host(of_one_host: list[str]) -> list[Checked]:
        answers = []
        for number, address in enumerate(of_one_host):
            if number:
                time.sleep(pause)
            answers.append(_ask(address))
            if answers[-1].reason != _UNREACHABLE:
                with lock:
                    told(answers[-1])
        return answers

    with ThreadPoolExecutor(_HOSTS_AT_ONCE) as pool:
        checked = [one for answers in pool.map(ask_host, _by_host(addresses)) for one in answers]
    if checked and all(one.reason == _UNREACHABLE for one in checked):
        raise AttackNetError(f"no host answers, not one of {len(checked)} links: is there a network?")
    return checked


def _by_host(addresses: list[str]) -> Iterator[list[str]]:
    def host(address: str) -> str:
        return urlsplit(address).netloc

    for _, of_one_host in groupby(sorted(addresses, key=lambda address: (host(address), address)), key=host):
        yield list(of_one_host)


def _ask(address: str) -> Checked:
    """Ask for the head of a page, and for the page where that is not granted."""
    try:
        for ask in (requests.head, requests.get):
            agent = {"User-Agent": _AGENT}
            with ask(address, timeout=_TIMEOUT_S, headers=agent, allow_redirects=True, stream=True) as got:
                status = got.status_code
            if status < 400:
                return Checked(address, Answer.ALIVE, str(status))
    except requests.Timeout:
        return Checked(address, Answer.DEAD, f"no answer within {_TIMEOUT_S:.0f} s")
    except requests.ConnectionError:
        return Checked(address, Answer.DEAD, _UNREACHABLE)
    except requests.RequestException as error:
        return Checked(address, Answer.DEAD, type(error).__name__)
    answer = Answer.REFUSED if status in _REFUSALS else Answer.DEAD
    return Checked(address, answer, f"status {status}")
