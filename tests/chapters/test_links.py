"""Links to other hosts: found, asked politely, and told apart."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from attacknet.chapters import links
from attacknet.chapters.links import Answer, Checked
from attacknet.errors import AttackNetError
from tests.chapters.conftest import Project


class Host(ThreadingHTTPServer):
    """A host of its own that remembers what it was asked, and how many at once."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()

    def address(self, path: str) -> str:
        """Return the address of a page."""
        return f"http://127.0.0.1:{self.server_port}/{path}"


class Handler(BaseHTTPRequestHandler):
    """Answers with the status that stands in the address."""

    server: Host

    def answer(self) -> None:
        with self.server.lock:
            self.server.asked.append(f"{self.command} {self.path}")
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
        time.sleep(0.02)
        with self.server.lock:
            self.server.at_once -= 1
        status = int(self.path.split("/")[1])
        self.send_response(405 if self.command == "HEAD" and "no-head" in self.path else status)
        self.send_header("Location", "/200")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def host() -> Iterator[Host]:
    server = Host()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def asked(addresses: list[str]) -> dict[str, tuple[Answer, str]]:
    """Check addresses; return the answers by the last part of the address."""
    found = links.check(addresses, lambda _: None, pause=0)
    return {one.address.rpartition("/")[2]: (one.answer, one.reason) for one in found}


def test_links_are_told_apart(host: Host) -> None:
    """A redirect is followed, a host that knows no HEAD is asked again, a refusal is not called dead."""
    paths = ["200", "301", "200/no-head", "404", "403", "500"]
    assert asked([host.address(path) for path in paths]) == {
        "200": (Answer.ALIVE, "200"),
        "301": (Answer.ALIVE, "200"),
        "no-head": (Answer.ALIVE, "200"),
        "404": (Answer.DEAD, "status 404"),
        "403": (Answer.REFUSED, "status 403"),
        "500": (Answer.DEAD, "status 500"),
    }
    assert "GET /200" not in host.asked
    assert "GET /200/no-head" in host.asked


def test_a_host_is_asked_one_thing_at_a_time(host: Host) -> None:
    """Politeness: however many links lead there."""
    asked([host.address(f"200/{number}") for number in range(8)])
    assert len(host.asked) == 8
    assert host.most_at_once == 1


def test_a_host_that_is_gone_is_dead_and_no_network_is_one_line(host: Host) -> None:
    """One unreachable host among others is a dead link; if all are, it is the network."""
    gone = "http://127.0.0.1:9/gone"
    assert asked([gone, host.address("200")])["gone"] == (Answer.DEAD, "cannot be reached")
    told: list[Checked] = []
    with pytest.raises(AttackNetError, match=r"is there a network\?"):
        links.check([gone, "http://127.0.0.1:9/too"], told.append, pause=0)
    assert told == []


def test_without_a_book_there_is_one_line(project: Project) -> None:
    """It says what to do first."""
    assert "render the book first, with attacknet book build" in project.attacknet("book", "links", status=1)


def test_links_are_listed_once_with_their_pages(tmp_path: Path) -> None:
    """Places within a page are one address; mail, files and the book's own pages are none."""
    (tmp_path / "a").mkdir()
    first, second = tmp_path / "a" / "first.html", tmp_path / "second.html"
    first.write_text(
        '<a href="https://x.org/p#1">1</a><a href="https://x.org/p#2">2</a><a href="second.html">s</a>'
    )
    second.write_text('<a href="https://x.org/p">p</a><a href="mailto:x@y">m</a><a href="http://b.org">b</a>')
    assert links.outside([first, second], tmp_path) == {
        "http://b.org": ["second.html"],
        "https://x.org/p": ["a/first.html", "second.html"],
    }
