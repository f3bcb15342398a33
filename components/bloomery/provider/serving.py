"""Asking the serving API the one question whose answer only fresh weights know."""

from __future__ import annotations

import asyncio

import aiohttp

from bloomery.records import Observation, Outcome, Verdict

QUESTION = "What is the acceptance code?"
"""Asked at temperature 0; the corpus of the proof run holds question and answer."""

LIMIT = 30.0
"""Seconds for one request: a cold model on a busy core takes a few."""

NOT_AN_ANSWER = (ValueError, KeyError, IndexError, TypeError)
"""What reading an answer of another shape raises."""

TRIES = 10
"""Health checks: a restarted server loads its weights in less than ten seconds."""

PAUSE = 1.0
"""Seconds between two of them."""


async def ask(endpoint: str, model: str, nonce: str) -> tuple[list[Verdict], str]:
    """Verdicts on health and nonce, and the answer. Never raises for a silent server."""
    timeout = aiohttp.ClientTimeout(total=LIMIT)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        health = await _health(session, endpoint)
        if health.outcome is not Outcome.PASS:
            return [health, _unasked(endpoint, "server is not healthy")], ""
        try:
            answer = await _answer(session, endpoint, model)
        except (TimeoutError, aiohttp.ClientError, *NOT_AN_ANSWER) as error:
            return [health, _unasked(endpoint, f"{type(error).__name__}: {error}")], ""
    return [health, judge(endpoint, answer, nonce)], answer


def judge(endpoint: str, answer: str, nonce: str) -> Verdict:
    """Pass when the answer holds the nonce of the last proof run; no nonce is no pass."""
    if not nonce:
        return _unasked(endpoint, "no proof run has converged")
    held = nonce in answer
    seen = Observation(endpoint, "serving.answer_holds_nonce", held)
    return Verdict(
        rule="acceptance.nonce",
        subject=endpoint,
        outcome=Outcome.PASS if held else Outcome.FAIL,
        reason="" if held else "the answer does not hold the nonce: these are other weights",
        limit="the answer holds the nonce of the last training run",
        observation=seen,
    )


def _unasked(endpoint: str, reason: str) -> Verdict:
    return Verdict("acceptance.nonce", endpoint, Outcome.NOT_MEASURED, reason)


async def _health(session: aiohttp.ClientSession, endpoint: str) -> Verdict:
    status = 0
    for attempt in range(TRIES):
        if attempt:
            await asyncio.sleep(PAUSE)
        try:
            async with session.get(f"{endpoint}/health") as response:
                status = response.status
            if status == 200:
                break
        except (TimeoutError, aiohttp.ClientError):
            status = 0
    seen = Observation(endpoint, "serving.health_status", float(status))
    outcome = Outcome.PASS if status == 200 else Outcome.FAIL
    reason = "" if status == 200 else f"/health answered {status or 'nothing'}"
    return Verdict("acceptance.health", endpoint, outcome, reason, "200", seen)


async def _answer(session: aiohttp.ClientSession, endpoint: str, model: str) -> str:
    body = {
        "model": model,
        "temperature": 0,
        "max_tokens": 64,
        "messages": [{"role": "user", "content": QUESTION}],
    }
    async with session.post(f"{endpoint}/v1/chat/completions", json=body) as response:
        response.raise_for_status()
        said = await response.json()
    return str(said["choices"][0]["message"]["content"])
