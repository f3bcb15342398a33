"""Claims of kind ``serving``: a server answers the one question that only fresh weights know."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp

from bloomery.provider.acceptance.claim import Claim, Measured
from bloomery.provider.context import Context
from bloomery.records import Attachment, Observation, Outcome, Verdict

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


@dataclass(frozen=True)
class _Server:
    """Inputs of one claim; its subject is the base URL."""

    model: str
    """Name under which the model is served."""


async def measure(context: Context, claims: Sequence[Claim]) -> Measured:
    """Verdicts on health and on the answer, and the answer itself."""
    found = [await _measure(claim, claim.read(_Server)) for claim in claims]
    rows = tuple(row for _, row in found)
    table = Attachment(
        "serving",
        "Served answer",
        ("asked at", "question", "answer", "SHA-256 of the code"),
        rows,
        "A fresh random code was put into the training run. Only a server with the weights of "
        "that very run can answer.",
    )
    return Measured(tuple(verdict for verdicts, _ in found for verdict in verdicts), (table,))


async def _measure(claim: Claim, server: _Server) -> tuple[list[Verdict], tuple[str, ...]]:
    nonce = claim.secrets.get("nonce", "")
    verdicts, answer = await ask(claim.subject, server.model, nonce)
    digest = hashlib.sha256(nonce.encode()).hexdigest() if nonce else ""
    return verdicts, (claim.subject, QUESTION, answer.strip(), digest)


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
    return Verdict(
        rule="acceptance.nonce",
        subject=endpoint,
        outcome=Outcome.PASS if held else Outcome.FAIL,
        reason=""
        if held
        else "the answer does not contain the nonce: the server runs other weights",
        limit="the answer contains the nonce of the last training run",
        observation=Observation(endpoint, "serving.answer", answer.strip()),
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
