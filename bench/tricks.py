"""Tricks with addresses against the fetcher: how many connections reach what must not be reached."""

import time
from collections import Counter
from collections.abc import Sequence

from bench.ground import Ground
from bench.report import Table, verdict
from bench.web import PUBLIC, Internet, Request, small_internet

# Addresses that lead inside, or somewhere odd, each written in another way.
_WRITTEN = """
http://127.0.0.1/ http://127.0.0.1:80/ https://127.0.0.1/ http://127.1/ http://127.0.1/ http://0/
http://0.0.0.0/ http://2130706433/ http://017700000001/ http://0177.0.0.1/ http://0x7f000001/ http://0x7f.0.0.1/
http://0x7f.1/ http://127.0.0.1./ http://127.0.0.1.:80/ http://127.000.000.001/ http://0300.0250.0.1/
http://0x7F000001/ http://3232235521/ http://127.0x0.0.1/ http://00000177.1/ http://127.255.255.254/
http://127.127.127.127/ http://10.0.0.1/ http://10.255.255.255/ http://172.16.0.1/ http://172.31.255.255/
http://192.168.0.1/ http://169.254.169.254/latest/meta-data/ http://169.254.0.1/ http://100.64.0.1/
http://100.100.100.200/ http://168.63.129.16/ http://192.0.0.192/ http://198.18.0.1/ http://224.0.0.1/
http://239.255.255.250/ http://240.0.0.1/ http://255.255.255.255/ http://192.0.2.1/ http://203.0.113.9/
http://198.51.100.7/ http://2852039166/ http://0xa9fea9fe/ http://0251.0376.0251.0376/ http://169.254.43518/
http://[::1]/ http://[::]/ http://[0:0:0:0:0:0:0:1]/ http://[::ffff:127.0.0.1]/ http://[::ffff:7f00:1]/
http://[::127.0.0.1]/ http://[fe80::1]/ http://[fe80::1%25eth0]/ http://[fc00::1]/ http://[fd00:ec2::254]/
http://[ff02::1]/ http://[64:ff9b::7f00:1]/ http://[64:ff9b:1::1]/ http://[2002:7f00:1::]/ http://[2001::1]/
http://[2001:db8::1]/ http://[::ffff:a9fe:a9fe]/ http://[100::1]/ http://[3fff::1]/ http://[::ffff:0:127.0.0.1]/
http://localhost/ http://localhost./ http://LOCALHOST/ http://foo.localhost/ http://localhost.localdomain/
http://printer.local/ http://metadata.google.internal/ http://db.internal/ http://nas.lan/
http://router.home.arpa/ http://metadata/ http://intranet/ http://abc.onion/ http://１２７.０.０.１/ http://①②⑦.⓪.⓪.①/
http://127。0。0。1/ http://ｌｏｃａｌｈｏｓｔ/ http://loc\u00adalhost/ http://127.0.0.1@open.example/
http://open.example@127.0.0.1/ http://open.example%40127.0.0.1/ http://user:secret@open.example/
http://open.example:secret@127.0.0.1:80/ http://127.0.0.1%00.open.example/ http://open.example:22/
http://open.example:8080/ http://open.example:0/ http://127.0.0.1:6379/ http://open.example:99999/
https://open.example:80/ http://open.example:443/ http://127.0.0.1\\@open.example/ http:\\\\127.0.0.1/
http:///127.0.0.1/ http:127.0.0.1/ //127.0.0.1/ 127.0.0.1 file:///etc/passwd gopher://127.0.0.1:6379/_INFO
ftp://127.0.0.1/ dict://127.0.0.1:11211/ data:text/html,hi javascript:alert(1) unix:/var/run/docker.sock
http+unix://%2fvar%2frun%2fdocker.sock/ ws://127.0.0.1/ http://open.example\u202e/ http://[127.0.0.1]/
http://[::1 http://[v1.7f]/ http://-open.example/ http://./
"""
WRITTEN = _WRITTEN.split()
# Public looking names that resolve to somewhere else.
NAMES = {
    "inside.example": ["127.0.0.1"],
    "inside-six.example": ["::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "cloud.example": ["169.254.169.254"],
    "ten.example": ["10.1.2.3"],
    "mixed.example": [PUBLIC, "127.0.0.1"],
    "mixed-again.example": ["127.0.0.1", PUBLIC],
    "mixed-six.example": [PUBLIC, "fd00::1"],
    "zero.example": ["0.0.0.0"],
    "shared.example": ["100.64.3.4"],
    "nat64.example": ["64:ff9b::a00:1"],
    "sixtofour.example": ["2002:a00:1::"],
    "many.example": ["224.0.0.251"],
    "azure.example": ["168.63.129.16"],
    "link.example": ["fe80::1%eth0"],
}
# Where a public site sends its reader.
_LOCATIONS = """
http://127.0.0.1/ https://127.0.0.1/ //127.0.0.1/ http://[::1]/ http://0x7f.1/ http://2130706433/
http://inside.example/ http://169.254.169.254/latest/meta-data/iam/ http://localhost/
http://open.example@127.0.0.1/ file:///etc/passwd http://open.example:6379/ gopher://127.0.0.1/
http://cloud.example/ http:\\\\127.0.0.1/ http://mixed.example/
"""
LOCATIONS = _LOCATIONS.split()


def every_trick() -> list[str]:
    """Each trick as the address that is asked for."""
    redirects = [f"http://open.example/{number}" for number in range(len(LOCATIONS))]
    return [*WRITTEN, *(f"http://{name}/" for name in NAMES), *redirects]


def prepare(net: Internet) -> None:
    """The names of the tricks, and the public site that sends its readers inside."""
    net.names.update(NAMES)

    def send_inside(request: Request) -> None:
        request.answer(status=302, location=LOCATIONS[int(request.path[1:])])

    net.add("open.example", send_inside)


def try_all() -> tuple[Counter[str], list[str], list[str]]:
    """Ask for each trick: how each ended, which gave a page, and which connections were made that must not be."""
    from agents.fetch import FetchError, Forbidden, fetch, forget_sites

    ended: Counter[str] = Counter()
    pages: list[str] = []
    with small_internet() as net:
        prepare(net)
        for trick in every_trick():
            forget_sites()
            try:
                fetch(trick, deadline=5)
                pages.append(trick)
            except Forbidden:
                ended["forbidden"] += 1
            except FetchError as error:
                ended[type(error).__name__.lower()] += 1
        return ended, pages, list(net.forbidden)


def measure(ground: Ground) -> list[Table]:
    """Every trick once."""
    begun = time.perf_counter()
    ended, pages, reached = try_all()
    seconds = time.perf_counter() - begun
    rows: list[Sequence[object]] = [
        ["tricks tried", len(every_trick()), "", ""],
        ["connections to forbidden addresses", len(reached), 0, verdict(len(reached), 0, at_most=True)],
        ["pages that came of it", len(pages), 0, verdict(len(pages), 0, at_most=True)],
        ["refused by name as forbidden", ended["forbidden"], "", ""],
        ["seconds for all", f"{seconds:.2f}", "", ""],
    ]
    note = (
        "Counted on real sockets: listeners on 127.0.0.1 and ::1, ports 80 and 443, and every connect of the process."
    )
    return [Table(["address tricks", "count", "aim", ""], rows, [note])]
