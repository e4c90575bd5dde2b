"""What is said in videos, on recorded answers of YouTube."""

import json
from collections.abc import Callable

import pytest

from shared.errors import Upstream
from shared.retrieval.settings import RetrievalSettings
from shared.retrieval.web.youtube import chosen, segments_of, transcript, video_of
from tests.support.recorded import Player, Recording

WATCH = b'<html><script>ytcfg.set({"INNERTUBE_API_KEY": "AIzaSyTest_1-2","X":1});</script></html>'
TRACK = "https://www.youtube.com/api/timedtext?v=dQw4w9WgXcQ&lang={}&fmt=srv3&signature=ab"
PLAYER = {
    "playabilityStatus": {"status": "OK"},
    "videoDetails": {"videoId": "dQw4w9WgXcQ", "title": "How tides work"},
    "captions": {
        "playerCaptionsTracklistRenderer": {
            "captionTracks": [
                {"baseUrl": TRACK.format("en"), "languageCode": "en", "kind": "asr", "isTranslatable": True},
                {"baseUrl": TRACK.format("de"), "languageCode": "de", "isTranslatable": True},
                {"baseUrl": TRACK.format("en-GB"), "languageCode": "en-GB", "isTranslatable": True},
            ]
        }
    },
}
SUBTITLES = (
    '<?xml version="1.0" encoding="utf-8" ?><transcript><text start="0.5" dur="2.5">The Moon&amp;#39;s pull</text>'
    '<text start="3" dur="2">makes &lt;i&gt;tides&lt;/i&gt;.</text><text start="40.2" dur="3">Twice a day.</text>'
    "</transcript>"
)


@pytest.mark.parametrize(
    ("url", "video"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=10s", "dQw4w9WgXcQ"),
        ("https://youtu.be/dQw4w9WgXcQ?si=x", "dQw4w9WgXcQ"),
        ("https://m.youtube.com/shorts/dQw4w9WgXcQ", "dQw4w9WgXcQ"),
        ("https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", "dQw4w9WgXcQ"),
        ("https://www.youtube.com/live/dQw4w9WgXcQ", "dQw4w9WgXcQ"),
        ("https://www.youtube.com/@channel/videos", None),
        ("https://www.youtube.com/watch?v=short", None),
        ("https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ", None),
        ("ftp://youtu.be/dQw4w9WgXcQ", None),
    ],
)
def test_an_address_of_a_video(url: str, video: str | None) -> None:
    assert video_of(url) == video


async def test_what_is_said_comes_with_its_seconds(web: Callable[..., RetrievalSettings]) -> None:
    player = Player([Recording(WATCH), Recording(json.dumps(PLAYER).encode()), Recording(SUBTITLES.encode())])
    said = await transcript("dQw4w9WgXcQ", web(youtube_loader_language=["de"]), player.client)
    assert (said.title, said.language) == ("How tides work", "de")
    assert [(each.text, each.start, each.end) for each in said.segments] == [
        ("The Moon's pull makes tides.", 0.5, 5.0),
        ("Twice a day.", 40.2, 43.2),
    ]
    assert player.body(1)["videoId"] == "dQw4w9WgXcQ"
    asked = player.requests[2].url
    assert (asked.params["lang"], "fmt" in asked.params, asked.params["signature"]) == ("de", False, "ab")


async def test_a_translation_is_asked_for(web: Callable[..., RetrievalSettings]) -> None:
    player = Player([Recording(WATCH), Recording(json.dumps(PLAYER).encode()), Recording(SUBTITLES.encode())])
    await transcript("dQw4w9WgXcQ", web(youtube_loader_translation="fr"), player.client)
    assert player.requests[2].url.params["tlang"] == "fr"


def test_subtitles_of_people_come_before_those_of_a_machine() -> None:
    tracks = PLAYER["captions"]["playerCaptionsTracklistRenderer"]["captionTracks"]  # type: ignore[index]
    picked = [chosen(tracks, wanted) for wanted in (["fr", "de"], ["en-GB"], ["fr"])]
    assert [track["languageCode"] for track in picked if track] == ["de", "en-GB", "en"]
    both = [{"languageCode": "en", "kind": "asr"}, {"languageCode": "en"}]
    assert chosen(both, ["en"]) == {"languageCode": "en"}
    assert chosen([], ["en"]) is None


async def test_a_video_that_cannot_be_read_is_told_in_words(web: Callable[..., RetrievalSettings]) -> None:
    silent = {**PLAYER, "captions": {}}
    private = {"playabilityStatus": {"status": "LOGIN_REQUIRED", "reason": "This video is private"}}
    for answer, said in ((silent, "no subtitles"), (private, "This video is private")):
        player = Player([Recording(WATCH), Recording(json.dumps(answer).encode())])
        with pytest.raises(Upstream, match=said):
            await transcript("dQw4w9WgXcQ", web(), player.client)
    with pytest.raises(Upstream, match="to servers"):
        await transcript("dQw4w9WgXcQ", web(), Player([Recording(b"<html>consent</html>")]).client)
    assert segments_of("<transcript></transcript>") == []
