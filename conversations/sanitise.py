"""Hostile HTML, file names and bytes made harmless to look at."""

import html as html_entities
import re
import unicodedata
from collections.abc import Callable
from urllib.parse import urlsplit

import nh3
from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig

HTML_LIMIT = 2 * 1024 * 1024
"""Characters of HTML we look at; what lies beyond is not shown."""
TAG_LIMIT = 20_000
DEPTH_LIMIT = 400
NAME_LIMIT = 120

_TAGS = frozenset(
    re.findall(
        r"\w+",
        "a abbr address b bdi blockquote br caption center cite code col colgroup dd del details dfn div dl dt em"
        " figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp section small span strike"
        " strong sub summary sup table tbody td tfoot th thead time tr tt u ul var",
    )
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
}
_DROPPED_WHOLE = frozenset(
    {"script", "style", "title", "head", "svg", "math", "noscript", "template", "iframe", "object"}
)
_IMAGE = re.compile(r'<img((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*/?>')
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
# Joiners shape Persian, Indic and emoji text; next to white space or in rows they only hide or pad.
_STRAY_JOINERS = re.compile(r"(?<!\S)[\u200c\u200d]+|[\u200c\u200d]+(?!\S)|[\u200c\u200d]{2,}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")


def clean_text(text: str) -> str:
    """The text with line breaks as ``\\n`` and without NUL, control, zero-width and direction characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = _CONTROL.sub("", text)
    if text.isascii():
        return text
    text = text.encode("utf-8", "replace").decode("utf-8")  # lone surrogates cannot be stored
    return _STRAY_JOINERS.sub("", _INVISIBLE.sub("", text))


def clean_html(html: str, *, show_images: bool = False, cid_url: Callable[[str], str | None] | None = None) -> str:
    """HTML that may stand in our page: known tags, no style, no script, no form, nothing loaded unasked.

    Remote images become ``<span class="blocked-image" data-host="…">`` unless ``show_images``. ``cid_url`` maps a
    Content-ID (without angle brackets) to one of our own URLs; without an answer the image's words are shown. As no
    style survives, text hidden by style or colour is shown; invisible characters are removed.
    """
    html = html[:HTML_LIMIT].replace("\x00", "")
    if _is_monstrous(html):
        return f"<pre>{html_entities.escape(clean_text(strip_tags(html)))}</pre>"
    cleaned = nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED_WHOLE),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=_keep_attribute,
        url_schemes={"http", "https", "mailto", "cid"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return clean_text(_IMAGE.sub(lambda match: _show_image(match[1], show_images, cid_url), cleaned))


_ANY_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_VOID = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "col", "area", "base", "wbr", "p", "li", "td", "tr", "th"}
)


def _is_monstrous(html: str) -> bool:
    """Whether the HTML has so many or so deeply nested tags that a tree of it would cost seconds."""
    if html.count("<") > TAG_LIMIT:
        return True
    depth = 0
    for closing, tag in _ANY_TAG.findall(html):
        if tag.lower() not in _VOID:
            depth = max(depth - 1, 0) if closing else depth + 1
            if depth > DEPTH_LIMIT:
                return True
    return False


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    """Only absolute links and images: a relative address would point into our own site."""
    if name == "href":
        return value if value.strip().lower().startswith(("http://", "https://", "mailto:")) else None
    if name == "src":
        return value if value.strip().lower().startswith(("http://", "https://", "cid:")) else None
    if name in ("width", "height", "colspan", "rowspan", "start"):
        return value if re.fullmatch(r"\d{1,4}", value.strip()) else None
    return value


def _show_image(attributes: str, show_images: bool, cid_url: Callable[[str], str | None] | None) -> str:
    """The image tag as it may be shown: ours, the sender's when asked for, else a placeholder with its host."""
    found = dict(_ATTRIBUTE.findall(attributes))
    source, alt = html_entities.unescape(found.get("src", "")).strip(), found.get("alt", "")
    if source.lower().startswith("cid:"):
        own = cid_url(source[4:].strip("<>")) if cid_url else None
        return _image(html_entities.escape(own), alt, found) if own else _escape_angles(alt)
    host = _host(source)
    if show_images and host:
        return _image(html_entities.escape(source), alt, found)
    words = " · ".join(part for part in (_escape_angles(alt), html_entities.escape(host)) if part)
    return f'<span class="blocked-image" data-host="{html_entities.escape(host)}">{words}</span>' if host else words


def _image(source: str, alt: str, found: dict[str, str]) -> str:
    size = "".join(f' {name}="{found[name]}"' for name in ("width", "height") if name in found)
    return f'<img src="{source}" alt="{_escape_angles(alt)}"{size} loading="lazy" referrerpolicy="no-referrer">'


def _escape_angles(value: str) -> str:
    return value.replace("<", "&lt;").replace(">", "&gt;")


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


_TEXT_CONFIG = ParserConfig(css=CSS_PROFILES["strict"].copy(), display_links=False, display_images=False)


def html_to_text(html: str) -> str:
    """The words of the HTML as plain text; what is hidden by ``display:none`` is left out. Never raises."""
    html = html[:HTML_LIMIT].replace("\x00", "")
    if not html.strip():
        return ""
    if _is_monstrous(html):
        return clean_text(strip_tags(html)).strip()
    try:
        text = get_text(re.sub(r"^\s*<\?xml[^>]{0,200}>", "", html), _TEXT_CONFIG)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError, AssertionError):
        text = ""
    if not text.strip():
        text = strip_tags(html)
    lines = (line.rstrip() for line in clean_text(text.replace("\u00a0", " ")).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def strip_tags(html: str) -> str:
    """The text between the tags, without any layout: for HTML too large or too broken to lay out."""
    html = re.sub(r"(?is)<(script|style|head|title)\b[^<>]{0,2000}>.*?(?:</\1\s{0,20}>|\Z)", " ", html)
    html = re.sub(r"(?i)<(?:br|/p|/div|/tr|/li|/h[1-6])\b[^<>]{0,2000}>", "\n", html)
    return html_entities.unescape(re.sub(r"<[^<>]{0,5000}>", "", html))


_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def safe_filename(name: str) -> str:
    """A file name without folders, control and direction characters or reserved words; never empty."""
    name = clean_text(unicodedata.normalize("NFC", name)).replace("\n", " ").replace("\t", " ")
    name = re.split(r"[/\\]", name)[-1]
    name = re.sub(r'[<>:"|?*%;\x00-\x1f]', "_", name).strip(" .")
    name = re.sub(r"\s+", " ", name)
    if _RESERVED.match(name):
        name = f"_{name}"
    if len(name) > NAME_LIMIT:
        stem, dot, ending = name.rpartition(".")
        keep = f".{ending}" if dot and len(ending) <= 10 else ""
        name = (stem if keep else name)[: NAME_LIMIT - len(keep)].rstrip(" .") + keep
    return name or "attachment"


_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xca\xfe\xba\xbe", "application/java-vm"),
    (b"#!", "text/x-script"),
    (b"{\\rtf", "application/rtf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"\x00\x00\x01\x00", "image/vnd.microsoft.icon"),
    (b"BEGIN:VCALENDAR", "text/calendar"),
    (b"BEGIN:VCARD", "text/vcard"),
)
_ZIPPED = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    (b"mimetypeapplication/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.spreadsheet"),
    (b"mimetypeapplication/epub+zip", "application/epub+zip"),
    (b"META-INF/MANIFEST.MF", "application/java-archive"),
)
_MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|iframe|svg|style|meta|img|a\s|div|p>|table)", re.IGNORECASE
)


def sniff_type(content: bytes) -> str:
    """The media type the bytes speak of; ``text/html`` for anything a browser might take for HTML."""
    if not content:
        return "application/x-empty"
    head = content[:4096]
    if head.startswith(b"PK\x03\x04"):
        return next((kind for mark, kind in _ZIPPED if mark in content[:65536]), "application/zip")
    if head.startswith(b"RIFF") and len(head) > 12:
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(
            head[8:12], "application/riff"
        )
    if head[4:8] == b"ftyp":
        return "image/heic" if head[8:11] in (b"hei", b"mif") else "video/mp4"
    for mark, kind in _MAGIC:
        if head.startswith(mark):
            return kind
    return _sniff_text(head)


def _sniff_text(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _MARKUP.search(start[:1024]):
        return "image/svg+xml" if re.search(rb"<svg\b", start[:1024], re.IGNORECASE) else "text/html"
    if start.startswith(b"<?xml"):
        return "application/xml"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text/plain"
    if b"\x00" in head or sum(byte < 9 or 13 < byte < 32 for byte in head) > len(head) // 50:
        return "application/octet-stream"
    return "text/plain"
