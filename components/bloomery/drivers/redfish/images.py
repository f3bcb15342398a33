"""What a BMC tells of an inserted image, compared with the URL it was given."""

from __future__ import annotations

from urllib.parse import urlsplit


def shows(said: str, url: str) -> bool:
    """Whether what a BMC tells of an image can be ``url``: whole, without host, or its name.

    Nothing told is no contradiction: that the medium is in counts.
    """
    if not said or said == url:
        return True
    path, told = urlsplit(url).path, urlsplit(said).path
    named = told.strip("/")
    return told == path or ("/" not in named and named == path.rpartition("/")[2])
