"""User agents of simulated browsers, apps and bots."""

from __future__ import annotations

from typing import NamedTuple

DEVICES = ("mobile", "desktop", "tablet")


class UserAgent(NamedTuple):
    """A user agent text, its device and platform, and its share of the visitors in thousandths."""

    text: str
    device: str
    platform: str
    share: int


_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)"

PEOPLE = (
    UserAgent(
        f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {_WEBKIT} Chrome/124.0.0.0 Mobile Safari/537.36",
        "mobile",
        "web",
        190,
    ),
    UserAgent(
        f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) {_SAFARI} Version/17.4 Mobile/15E148 Safari/604.1",
        "mobile",
        "web",
        180,
    ),
    UserAgent("ZenithShop/5.2 (iPhone; iOS 17.4; Scale/3.00)", "mobile", "ios", 100),
    UserAgent("ZenithShop/5.2 (Android 14; SM-S921B)", "mobile", "android", 90),
    UserAgent(
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/124.0.0.0 Safari/537.36", "desktop", "web", 200
    ),
    UserAgent(
        f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_SAFARI} Version/17.4 Safari/605.1.15", "desktop", "web", 110
    ),
    UserAgent("Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0", "desktop", "web", 60),
    UserAgent(
        f"Mozilla/5.0 (iPad; CPU OS 17_4 like Mac OS X) {_SAFARI} Version/17.4 Mobile/15E148 Safari/604.1",
        "tablet",
        "web",
        40,
    ),
    UserAgent(
        f"Mozilla/5.0 (Linux; Android 13; SM-X700) {_WEBKIT} Chrome/124.0.0.0 Safari/537.36", "tablet", "web", 20
    ),
    UserAgent("ZenithShop/5.2 (iPad; iOS 17.4; Scale/2.00)", "tablet", "ios", 10),
)
BOTS = (
    UserAgent("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "desktop", "web", 450),
    UserAgent("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "desktop", "web", 300),
    UserAgent("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", "desktop", "web", 250),
)
USER_AGENTS = PEOPLE + BOTS
