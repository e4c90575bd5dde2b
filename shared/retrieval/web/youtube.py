"""What is said in a video of YouTube: its subtitles, those of people before those of a machine."""

import html
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import httpx2

from shared import guarded, json_input
from shared.addresses import parts_of
from shared.errors import Invalid, Upstream
from shared.guarded import Fetched
from shared.retrieval.settings import RetrievalSettings
from shared.segments import Segment

HOSTS = ("youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com", "www.youtube-nocookie.com")
PLAYER = "https://www.youtube.com/youtubei/v1/player"
CLIENT = {"clientName": "ANDROID", "clientVersion": "20.10.38"}
PART_SECONDS = 30.0
"""Subtitles come in pieces of a few words: so much of a video is one segment."""
_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_KEY = re.compile(r'"INNERTUBE_API_KEY":\s*"([A-Za-z0-9_-]+)"')
_LINE = re.compile(r'<text\b[^>]*?\bstart="([\d.]+)"(?:[^>]*?\bdur="([\d.]+)")?[^>]*>(.*?)</text>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Transcript:
    """What is said; the segments know their seconds."""

    title: str
    language: str
    segments: tuple[Segment, ...]


def video_of(url: str) -> str | None:
    """The id of the video that an address leads to; None for any other page."""
    parts = parts_of(url)
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https"):
        return None
    if host == "youtu.be":
        found = parts.path.strip("/").partition("/")[0]
    elif host in HOSTS:
        first, _, rest = parts.path.strip("/").partition("/")
        in_path = rest.partition("/")[0] if first in ("embed", "shorts", "live", "v") else ""
        found = parse_qs(parts.query).get("v", [""])[0] if first == "watch" else in_path
    else:
        return None
    return found if _ID.fullmatch(found) else None


async def transcript(video: str, section: RetrievalSettings, client: httpx2.AsyncClient | None = None) -> Transcript:
    """What is said in a video, in the first of the admin's languages it has; raises `Upstream`."""
    async with client or _client(section) as opened:
        watched = await guarded.fetch(opened, f"https://www.youtube.com/watch?v={video}")
        key = _KEY.search(watched.text)
        if key is None:
            raise Upstream("YouTube does not show this video to servers. Try again later, or paste its transcript.")
        player = await _player(opened, key[1], video)
        tracks, title = _tracks(player), str((player.get("videoDetails") or {}).get("title") or video)
        track = chosen(tracks, section.web.youtube_loader_language)
        if track is None:
            raise Upstream("This video has no subtitles, so there is nothing to read of it.")
        fetched = await guarded.fetch(opened, _address(track, section.web.youtube_loader_translation))
        segments = segments_of(fetched.text)
    if not segments:
        raise Upstream("YouTube gave no subtitles for this video. Try again later.")
    return Transcript(title, str(track.get("languageCode") or ""), tuple(segments))


def chosen(tracks: list[dict[str, Any]], languages: list[str]) -> dict[str, Any] | None:
    """The subtitles in the first language there are any for, English and any other after; a machine's come last."""
    wanted = [*languages, "en", *(str(track.get("languageCode")) for track in tracks)]
    for language in wanted:
        same = [track for track in tracks if str(track.get("languageCode", "")).split("-")[0] == language.split("-")[0]]
        if same:
            exact = [track for track in same if track.get("languageCode") == language] or same
            return min(exact, key=lambda track: track.get("kind") == "asr")
    return None


def segments_of(subtitles: str) -> list[Segment]:
    """Subtitles (YouTube's timed text) in parts of half a minute."""
    parts: list[Segment] = []
    texts: list[str] = []
    start = end = 0.0
    for found in _LINE.finditer(subtitles):
        # Its entities are escaped once for XML, and once for HTML.
        text = " ".join(_TAG.sub("", html.unescape(html.unescape(found[3]))).split())
        at = float(found[1])
        if texts and at - start >= PART_SECONDS:
            parts.append(Segment(" ".join(texts), start=start, end=end))
            texts = []
        start = at if not texts else start
        end = at + float(found[2] or 0)
        texts += [text] if text else []
    return [*parts, Segment(" ".join(texts), start=start, end=end)] if texts else parts


def _client(section: RetrievalSettings) -> httpx2.AsyncClient:
    proxy = section.web_secret("youtube_loader_proxy_url")
    if proxy:
        return httpx2.AsyncClient(proxy=proxy, timeout=guarded.TOTAL_SECONDS, follow_redirects=True, trust_env=False)
    return guarded.page_client()


async def _player(client: httpx2.AsyncClient, key: str, video: str) -> dict[str, Any]:
    body = {"context": {"client": CLIENT}, "videoId": video}
    fetched = await guarded.fetch(client, f"{PLAYER}?key={key}", method="POST", body=body)
    player = _object(fetched)
    status = player.get("playabilityStatus") or {}
    if status.get("status") not in (None, "OK"):
        raise Upstream(f"YouTube does not give this video: {str(status.get('reason') or 'no reason given')[:200]}")
    return player


def _object(fetched: Fetched) -> dict[str, Any]:
    try:
        found = json_input.read(fetched.text)
    except Invalid:
        found = None
    return found if isinstance(found, dict) else {}


def _tracks(player: dict[str, Any]) -> list[dict[str, Any]]:
    captions = (player.get("captions") or {}).get("playerCaptionsTracklistRenderer") or {}
    listed = captions.get("captionTracks")
    return [track for track in listed or [] if isinstance(track, dict) and track.get("baseUrl")]


def _address(track: dict[str, Any], translation: str | None) -> str:
    parts = urlsplit(str(track["baseUrl"]))
    query = {name: values[0] for name, values in parse_qs(parts.query).items() if name != "fmt"}
    if translation and track.get("isTranslatable", True) and translation != track.get("languageCode"):
        query["tlang"] = translation
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))
